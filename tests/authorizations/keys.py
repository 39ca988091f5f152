"""A client's key and the proofs that it makes (RFC 9449), signed by a foreign library."""

import base64
import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from joserfc import jwk, jws


def _new_key(algorithm: str) -> Any:
    if algorithm == "ES256":
        return jwk.ECKey.generate_key("P-256")
    if algorithm in ("EdDSA", "Ed25519"):
        return jwk.OKPKey.generate_key("Ed25519")
    return jwk.RSAKey.generate_key(2048)


@dataclass
class Holder:
    """Who holds a key."""

    algorithm: str = "ES256"
    key: Any = field(init=False)

    def __post_init__(self) -> None:
        self.key = _new_key(self.algorithm)

    @property
    def jkt(self) -> str:
        """The key's thumbprint (RFC 7638)."""
        return str(self.key.thumbprint())

    def proof(
        self,
        method: str,
        url: str,
        token: str = "",
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A right proof for a call, changed; None leaves a claim or a header out."""
        said = {"jti": str(uuid4()), "htm": method, "htu": url, "iat": int(time.time())}
        if token:
            said["ath"] = _base64url(hashlib.sha256(token.encode()).digest())
        public = self.key.as_dict(private=False)
        head = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": public} | (header or {})
        return signed(self.key, _without_none(head), _without_none(said | claims))


def signed(key: Any, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A compact JWS (RFC 7515, 7.1)."""
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, [header["alg"]])


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
