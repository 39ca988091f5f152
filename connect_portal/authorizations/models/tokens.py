"""Codes and tokens of a grant: SHA-256 only, never the thing itself.

The tables are the OAuth library's, swapped so that each row hangs on a grant. Nothing is deleted
when a grant ends: whoever presents a token asks its grant.
"""

from django.db import models
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from connect_portal.authorizations.enums import Dialect
from connect_portal.authorizations.models.clients import Client
from connect_portal.authorizations.models.grants import Grant


def _thumbprint() -> "models.CharField[str, str]":
    """Which key the row is bound to; only its holder may use it (RFC 9449)."""
    return models.CharField(
        max_length=43, blank=True, help_text="The key's SHA-256 thumbprint (RFC 7638)."
    )


class PushedRequest(models.Model):
    """An authorization request that a client left with us (RFC 9126); its reference is for one
    use within a minute and a half, and is known by its SHA-256."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="pushed_requests")
    checksum = models.CharField(max_length=64, unique=True)
    query = models.TextField(help_text="The request's parameters, as in a query string.")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"of {self.client_id}"


class AuthorizationCode(AbstractGrant):
    """A code that the client redeems once; ``code`` holds its SHA-256."""

    user = None  # type: ignore[assignment]
    nonce = ""
    claims = None  # type: ignore[assignment]
    never_shown = ("code",)

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="authorization_codes")
    dialect = models.CharField(
        max_length=8, choices=Dialect.choices, default=Dialect.STANDARD, db_default="standard"
    )
    used_at = models.DateTimeField(null=True)
    jkt = _thumbprint()


class AccessToken(AbstractAccessToken):
    """What a request carries for an hour; a newer one of the same grant revokes it."""

    user = None
    id_token = None
    source_refresh_token = None

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="access_tokens")
    revoked_at = models.DateTimeField(null=True)
    jkt = _thumbprint()


class RefreshToken(AbstractRefreshToken):
    """What gets the next pair, once. Only a public client's is bound to a key (RFC 9449, 5)."""

    user = None  # type: ignore[assignment]

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="refresh_tokens")
    jkt = _thumbprint()


class IDToken(AbstractIDToken):
    """The library wants this table; nobody is signed in elsewhere by us, so it stays empty."""
