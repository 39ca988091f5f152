"""Signed texts with the signer's public key inside (RFC 7515, 7517, 7638), as DPoP proofs are.

Asymmetric algorithms only, and each with keys of its own kind alone, so that no header can talk a
signature into being checked by another rule.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_LONGEST: Final = 8_192
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MEMBERS: Final = {
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
    "RSA": ("e", "kty", "n"),
}
"""What a thumbprint is made of, in the order of the alphabet (RFC 7638, 3.2; RFC 8037, 2)."""
_RSA_BITS: Final = range(2_048, 8_193)


@dataclass(frozen=True, slots=True)
class Signed:
    """A text whose signature holds: its header, its claims, its key's thumbprint."""

    header: dict[str, Any]
    claims: dict[str, Any]
    thumbprint: str


def read(text: str) -> Signed:
    """The signed text; raises ValueError, with the reason in words, for anything else."""
    parts = text.split(".")
    if len(text) > _LONGEST or len(parts) != 3:
        raise ValueError("it is no signed JWT")
    header, claims = _object(parts[0]), _object(parts[1])
    if "crit" in header:
        raise ValueError("it carries an extension that is not understood")
    jwk = header.get("jwk")
    if not isinstance(jwk, dict) or _PRIVATE & jwk.keys():
        raise ValueError("its header has no public key")
    check = _CHECKS.get(str(header.get("alg")))
    if check is None:
        raise ValueError("its algorithm is not taken")
    try:
        check(jwk, _bytes(parts[2]), f"{parts[0]}.{parts[1]}".encode())
    except (InvalidSignature, KeyError, TypeError, ValueError) as error:
        raise ValueError("its signature does not hold") from error
    return Signed(header, claims, thumbprint(jwk))


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The SHA-256 of a public key as 43 characters (RFC 7638, 3)."""
    members = {name: jwk[name] for name in _MEMBERS[jwk["kty"]]}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(text.encode()).digest())


def base64url(data: bytes) -> str:
    """Without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is no signed JWT") from error
    if not isinstance(found, dict):
        raise ValueError("it is no signed JWT")
    return found


def _bytes(part: str) -> bytes:
    if not _BASE64URL.fullmatch(part):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _number(part: str) -> int:
    return int.from_bytes(_bytes(part))


def _check_ec(jwk: dict[str, Any], signature: bytes, text: bytes) -> None:
    if (jwk["kty"], jwk["crv"], len(signature)) != ("EC", "P-256", 64):
        raise ValueError("not a P-256 signature")
    numbers = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), ec.SECP256R1())
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    numbers.public_key().verify(encode_dss_signature(r, s), text, ec.ECDSA(SHA256()))


def _check_ed25519(jwk: dict[str, Any], signature: bytes, text: bytes) -> None:
    if (jwk["kty"], jwk["crv"]) != ("OKP", "Ed25519"):
        raise ValueError("not an Ed25519 key")
    ed25519.Ed25519PublicKey.from_public_bytes(_bytes(jwk["x"])).verify(signature, text)


def _check_rs256(jwk: dict[str, Any], signature: bytes, text: bytes) -> None:
    _rsa_key(jwk).verify(signature, text, padding.PKCS1v15(), SHA256())


def _check_ps256(jwk: dict[str, Any], signature: bytes, text: bytes) -> None:
    pss = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
    _rsa_key(jwk).verify(signature, text, pss, SHA256())


def _rsa_key(jwk: dict[str, Any]) -> rsa.RSAPublicKey:
    modulus, exponent = _number(jwk["n"]), _number(jwk["e"])
    if jwk["kty"] != "RSA" or modulus.bit_length() not in _RSA_BITS or exponent > 2**32:
        raise ValueError("not an RSA key of a safe and sane size")
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


_CHECKS: Final[dict[str, Callable[[dict[str, Any], bytes, bytes], None]]] = {
    "ES256": _check_ec,
    "PS256": _check_ps256,
    "RS256": _check_rs256,
    "EdDSA": _check_ed25519,
    "Ed25519": _check_ed25519,
}
ALGORITHMS: Final = tuple(_CHECKS)
