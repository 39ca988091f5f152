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
from connect_portal.authorizations.models.grants import Grant


class AuthorizationCode(AbstractGrant):
    """A code that the client redeems once; ``code`` holds its SHA-256."""

    user = None  # type: ignore[assignment]
    nonce = ""
    claims = None  # type: ignore[assignment]

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="authorization_codes")
    dialect = models.CharField(
        max_length=8, choices=Dialect.choices, default=Dialect.STANDARD, db_default="standard"
    )
    used_at = models.DateTimeField(null=True)


class AccessToken(AbstractAccessToken):
    """What a request carries for an hour; a newer one of the same grant revokes it."""

    user = None
    id_token = None
    source_refresh_token = None

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="access_tokens")
    revoked_at = models.DateTimeField(null=True)


class RefreshToken(AbstractRefreshToken):
    """What gets the next pair, once."""

    user = None  # type: ignore[assignment]

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="refresh_tokens")


class IDToken(AbstractIDToken):
    """The library wants this table; nobody is signed in elsewhere by us, so it stays empty."""
