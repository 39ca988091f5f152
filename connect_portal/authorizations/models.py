"""Tables of this room: venue accounts and API-key bindings."""

import json
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from connect_portal.authorizations.enums import LIVE_STATES, BindingState
from connect_portal.kit import secrets
from connect_portal.venue.types import Credentials


class VenueAccount(models.Model):
    """An end user's account at the venue."""

    owner = models.ForeignKey("people.Person", models.PROTECT, related_name="venue_accounts")
    venue = models.CharField(max_length=24)
    uid = models.CharField(max_length=32)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["venue", "uid"], name="authorizations_account_once_per_venue"
            )
        ]

    def __str__(self) -> str:
        return f"{self.venue} {self.uid}"


class Binding(models.Model):
    """An API key of a venue account, given for an institution.

    A key is never edited: binding another key of the same account for the same institution ends
    this row and opens a new one.
    """

    venue_account = models.ForeignKey(VenueAccount, models.PROTECT, related_name="bindings")
    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="bindings"
    )
    state = models.CharField(max_length=12, choices=BindingState.choices)
    key_hint = models.CharField(max_length=12, help_text="The first characters of the key.")
    key_fingerprint = models.CharField(max_length=64)
    permissions = ArrayField(models.CharField(max_length=16))
    sealed_credentials = models.BinaryField(null=True)
    credentials_place = models.UUIDField(
        default=uuid4, help_text="What the sealed credentials are bound to."
    )
    probed_at = models.DateTimeField()
    trouble = models.CharField(max_length=200, blank=True)
    bound_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-bound_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["venue_account", "institution"],
                condition=models.Q(state__in=LIVE_STATES),
                name="authorizations_binding_one_live",
            ),
            models.CheckConstraint(
                condition=models.Q(state=BindingState.UNBOUND, ended_at__isnull=False)
                | models.Q(state__in=LIVE_STATES, ended_at__isnull=True),
                name="authorizations_binding_ended_when_unbound",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(sealed_credentials__isnull=True),
                name="authorizations_binding_ended_keeps_no_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key_hint}… for {self.institution_id}"

    @property
    def is_live(self) -> bool:
        """Whether the end user's leave stands."""
        return self.state in LIVE_STATES

    def keep(self, credentials: Credentials) -> None:
        """Seal ``credentials`` for this row alone; the row is saved by its action."""
        text = json.dumps([credentials.api_key, credentials.secret, credentials.passphrase])
        self.sealed_credentials = secrets.seal(text.encode(), bound_to=self._place)

    def credentials(self) -> Credentials:
        """The key of a live binding; raises kit.secrets.SealBroken if the row was tampered with."""
        text = secrets.unseal(self.sealed_credentials or b"", bound_to=self._place)
        return Credentials(*json.loads(text))

    @property
    def _place(self) -> str:
        return f"authorizations_binding|{self.credentials_place}|sealed_credentials"
