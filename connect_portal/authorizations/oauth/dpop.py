"""Proof of possession (RFC 9449): a token that is bound to a key is worth nothing without it.

The gateway and the endpoints of this room ask here; both say which address was called, since only
they know it.
"""

import hashlib
import hmac
import re
import time
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from connect_portal.authorizations.errors import ProofRefused
from connect_portal.authorizations.oauth import jws
from connect_portal.authorizations.oauth.jws import ALGORITHMS, base64url
from connect_portal.kit import memory

__all__ = ["ALGORITHMS", "THUMBPRINT", "check_proof"]

WINDOW: Final = 60
"""Seconds by which a proof's clock may differ from ours, either way (RFC 9449, 11.1)."""
LONGEST_ID: Final = 256
THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_PORTS: Final = {"http": 80, "https": 443}


def check_proof(proof: str, *, method: str, url: str, token: str = "", jkt: str = "") -> str:
    """The thumbprint of the key that made ``proof``, if it was made for this call (RFC 9449, 4.3).

    ``url`` is the address that was called, ``token`` the access token that came along, if any,
    and ``jkt`` the key it must be, if that is known. Each proof is taken once. Raises
    ProofRefused, with the reason in words.
    """
    try:
        signed = jws.read(proof)
        if str(signed.header.get("typ")).lower() != "dpop+jwt":
            raise ValueError("its type is not dpop+jwt")
        _check_call(signed.claims, method, url)
        _check_token(signed.claims, token)
        if jkt and not hmac.compare_digest(signed.thumbprint, jkt):
            raise ValueError("it was made with another key")
        _check_new(signed)
    except ValueError as error:
        raise ProofRefused(reason=str(error)) from error
    return signed.thumbprint


def _check_call(claims: dict[str, Any], method: str, url: str) -> None:
    if claims.get("htm") != method:
        raise ValueError("it was made for another method")
    if _place(claims.get("htu")) != _place(url):
        raise ValueError("it was made for another address")
    made_at = claims.get("iat")
    if isinstance(made_at, bool) or not isinstance(made_at, int | Decimal):
        raise ValueError("it does not say when it was made")
    now = int(time.time())
    if not now - WINDOW <= made_at <= now + WINDOW:
        raise ValueError("it is too old, or from the future")


def _check_token(claims: dict[str, Any], token: str) -> None:
    digest = base64url(hashlib.sha256(token.encode(errors="replace")).digest())
    if token and not hmac.compare_digest(str(claims.get("ath")).encode(), digest.encode()):
        raise ValueError("it was made for another token")


def _check_new(signed: jws.Signed) -> None:
    """Each ``jti`` of a key once, for as long as its time would be taken (RFC 9449, 11.1)."""
    number = signed.claims.get("jti")
    if not isinstance(number, str) or not 0 < len(number) <= LONGEST_ID:
        raise ValueError("it has no number of its own")
    name = hashlib.sha256(f"{signed.thumbprint}.{number}".encode(errors="replace")).hexdigest()
    if not memory.first_time(f"dpop:{name}", 2 * WINDOW):
        raise ValueError("it was used before")


def _place(url: object) -> tuple[str, str | None, int | None, str]:
    """An address without query and fragment, normalised (RFC 9449, 4.3; RFC 3986, 6.2)."""
    if not isinstance(url, str):
        raise ValueError("it names no address")
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), parts.path or "/"
