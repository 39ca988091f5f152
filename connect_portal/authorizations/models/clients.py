"""The programs of institutions that may ask for a grant, and where they may be answered."""

from django.db import models
from django.db.models.functions import Now
from oauth2_provider.models import AbstractApplication
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import MissingRedirectURIError

from connect_portal.institutions.enums import Channel
from connect_portal.institutions.queries import is_open


class Client(AbstractApplication):
    """An institution's OAuth client: confidential, authorization code only.

    What the library would also allow (an owner of its own, free redirect URIs, a skipped
    consent, registration by strangers) has no column here. The secret is 128 random characters,
    so its SHA-256 is kept and no slow password hash is needed.
    """

    user = None
    redirect_uris = None  # type: ignore[assignment]
    post_logout_redirect_uris = None  # type: ignore[assignment]
    allowed_origins = ""
    skip_authorization = None  # type: ignore[assignment]
    hash_client_secret = None  # type: ignore[assignment]
    registration_source = None  # type: ignore[assignment]
    cimd_expires_at = None

    institution = models.OneToOneField(
        "institutions.Institution", models.PROTECT, related_name="oauth_client"
    )
    client_secret = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the secret; empty until one was made."
    )
    secret_made_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    client_type=AbstractApplication.CLIENT_CONFIDENTIAL,
                    authorization_grant_type=AbstractApplication.GRANT_AUTHORIZATION_CODE,
                ),
                name="authorizations_client_confidential_code",
            )
        ]

    def __str__(self) -> str:
        return self.client_id

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Whether ``uri`` is, character for character, one that was approved (RFC 9700, 2.1)."""
        standing = self.redirects.filter(withdrawn_at=None)
        return uri in standing.values_list("uri", flat=True)

    @property
    def default_redirect_uri(self) -> str:
        """There is none: a client always says where it wants to be answered."""
        raise MissingRedirectURIError()

    def is_usable(self, request: Request | None) -> bool:
        """Whether its institution is on the OAuth channel and not suspended."""
        return Channel.OAUTH in self.institution.channels and is_open(self.institution_id)


class RedirectURI(models.Model):
    """An address that a client may be answered at; named by one, approved by another."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="redirects")
    uri = models.CharField(max_length=500)
    proposed_by = models.CharField(max_length=120, help_text="The actor who named it.")
    approved_by = models.CharField(max_length=120, help_text="The actor who approved it.")
    approved_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "uri"],
                condition=models.Q(withdrawn_at=None),
                name="authorizations_redirect_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(proposed_by=models.F("approved_by")),
                name="authorizations_redirect_by_two",
            ),
        ]

    def __str__(self) -> str:
        return self.uri
