"""The programs of institutions that may ask for a grant: how they show who they are, and where
they may be answered."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from oauth2_provider.models import AbstractApplication
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import MissingRedirectURIError

from connect_portal.authorizations.enums import RedirectState
from connect_portal.authorizations.models.accounts import ENVIRONMENTS
from connect_portal.institutions.enums import Channel
from connect_portal.institutions.queries import is_open
from connect_portal.venue.types import Environment

_BY_TWO: Final = ~models.Q(proposed_by=models.F("approved_by"))


class Client(AbstractApplication):
    """An institution's OAuth client: authorization code only, one per environment.

    A confidential client shows a secret; a public one (an app on somebody's phone) has none and
    is held by PKCE alone. What the library would also allow (an owner of its own, free redirect
    URIs, a skipped consent, registration by strangers) has no column here.
    """

    user = None
    redirect_uris = None  # type: ignore[assignment]
    post_logout_redirect_uris = None  # type: ignore[assignment]
    allowed_origins = ""
    skip_authorization = None  # type: ignore[assignment]
    client_secret = None  # type: ignore[assignment]
    hash_client_secret = None  # type: ignore[assignment]
    registration_source = None  # type: ignore[assignment]
    cimd_expires_at = None

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="oauth_clients"
    )
    environment = models.CharField(
        max_length=4,
        choices=ENVIRONMENTS,
        default=Environment.LIVE.value,
        help_text="The accounts it asks for: the live client's, or the test client's demo ones.",
    )
    name = models.CharField(
        max_length=60, blank=True, help_text="What end users read; empty: the institution's name."
    )
    addresses = ArrayField(
        models.CharField(max_length=43),
        default=list,
        blank=True,
        help_text="Servers that may use its tokens, in CIDR notation; empty means any.",
    )
    par_required = models.BooleanField(
        default=False, help_text="Takes pushed authorization requests only (RFC 9126)."
    )
    dpop_required = models.BooleanField(
        default=False, help_text="Gets tokens that are bound to its key only (RFC 9449)."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    authorization_grant_type=AbstractApplication.GRANT_AUTHORIZATION_CODE,
                    client_type__in=[
                        AbstractApplication.CLIENT_CONFIDENTIAL,
                        AbstractApplication.CLIENT_PUBLIC,
                    ],
                ),
                name="authorizations_client_code_only",
            ),
            models.UniqueConstraint(
                fields=["institution", "environment"], name="authorizations_client_per_environment"
            ),
        ]

    def __str__(self) -> str:
        return self.client_id

    @property
    def public_name(self) -> str:
        """Who asks, as end users read it."""
        return self.name or self.institution.name

    @property
    def is_public(self) -> bool:
        """Whether it can keep no secret (RFC 6749, 2.1)."""
        return self.client_type == self.CLIENT_PUBLIC

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


class ClientSecret(models.Model):
    """One of a confidential client's secrets. It is 128 random characters, so its SHA-256 is kept
    and no slow password hash is needed. Two or three live at a time: the next is made and put
    into every server before the last is revoked."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="secrets")
    checksum = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4, help_text="Its last characters, to tell it by.")
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.CharField(max_length=120)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"…{self.hint}"


class ClientLogo(models.Model):
    """The picture that end users see beside the name; apart, since no token needs it."""

    client = models.OneToOneField(Client, models.CASCADE, related_name="logo")
    content = models.BinaryField()
    media_type = models.CharField(max_length=16)
    checksum = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.media_type} of {self.client_id}"


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
            models.CheckConstraint(condition=_BY_TWO, name="authorizations_redirect_by_two"),
        ]

    def __str__(self) -> str:
        return self.uri


class RedirectProposal(models.Model):
    """An address that an institution would like to be answered at. Somebody technical of the
    exchange looks at it and proposes it, an account manager approves it; then it is a RedirectURI.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="redirect_proposals")
    uri = models.CharField(max_length=500)
    state = models.CharField(
        max_length=12, choices=RedirectState.choices, default=RedirectState.ASKED
    )
    asked_by = models.CharField(max_length=120, help_text="The actor of the institution.")
    asked_at = models.DateTimeField(db_default=Now())
    proposed_by = models.CharField(max_length=120, blank=True, help_text="Technical.")
    approved_by = models.CharField(max_length=120, blank=True, help_text="Account manager.")
    refused_by = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was refused.")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "uri"],
                condition=models.Q(state__in=[RedirectState.ASKED, RedirectState.PROPOSED]),
                name="authorizations_redirect_asked_once",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by="")
                | (
                    _BY_TWO
                    & ~models.Q(proposed_by="")
                    & ~models.Q(asked_by=models.F("proposed_by"))
                    & ~models.Q(asked_by=models.F("approved_by"))
                ),
                name="authorizations_redirect_approved_by_two",
            ),
        ]

    def __str__(self) -> str:
        return self.uri
