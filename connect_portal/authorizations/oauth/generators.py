"""Codes and tokens: 43 random characters (256 bits), a prefix that a secret scanner knows."""

import hashlib
import secrets

from oauthlib.common import Request


def access_token(request: Request, refresh_token: bool = False) -> str:
    """A new access token."""
    return f"cxat_{secrets.token_urlsafe(32)}"


def refresh_token(request: Request, refresh_token: bool = True) -> str:
    """A new refresh token."""
    return f"cxrt_{secrets.token_urlsafe(32)}"


def checksum(secret: str) -> str:
    """The SHA-256 by which a code, token or client secret is known; 64 hex digits."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
