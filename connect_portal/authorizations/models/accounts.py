"""Venue accounts, and the keys of them that we hold sealed or have to delete at the venue."""

import hashlib
import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db import models
from django.db.models.functions import Now

from connect_portal.kit import secrets
from connect_portal.kit.clock import now
from connect_portal.kit.sealed import Sealed
from connect_portal.venue.types import AccountKey, Credentials, Environment

PROBED_EVERY: Final = timedelta(minutes=15)
"""How often the venue is asked what a key may do."""
ENVIRONMENTS = [(one.value, one.value.capitalize()) for one in Environment]


class VenueAccount(models.Model):
    """An end user's account at the venue.

    Bindings and grants are given on live accounts only; a demo account is for its owner's page.
    """

    owner = models.ForeignKey("people.Person", models.PROTECT, related_name="venue_accounts")
    venue = models.CharField(max_length=24)
    environment = models.CharField(
        max_length=4, choices=ENVIRONMENTS, default=Environment.LIVE.value
    )
    uid = models.CharField(max_length=32)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["venue", "environment", "uid"],
                name="authorizations_account_once_per_venue",
            )
        ]

    def __str__(self) -> str:
        return f"{self.venue} {self.uid}"


class HoldsKey(models.Model):
    """A row that keeps an API key sealed for itself alone, and tells keys apart without it."""

    key_hint = models.CharField(max_length=12, help_text="The first characters of the key.")
    key_fingerprint = models.CharField(max_length=64)
    sealed_credentials = models.BinaryField(null=True)
    credentials_place = models.UUIDField(
        default=uuid4, help_text="What the sealed credentials are bound to."
    )

    class Meta:
        abstract = True

    def keep(self, credentials: Credentials, *, instead: Credentials | None = None) -> None:
        """Seal ``credentials`` for this row alone, or ``instead`` a key that only we have; the row
        is saved by its action."""
        sealed = instead or credentials
        self.keep_texts([sealed.api_key, sealed.secret, sealed.passphrase])
        self.key_hint = credentials.api_key[:8]
        self.key_fingerprint = fingerprint_of(credentials)

    def credentials(self) -> Credentials:
        """The key of a live row; raises kit.secrets.SealBroken if the row was tampered with."""
        return Credentials(*self.kept_texts())

    def account_key(self) -> AccountKey:
        """What opens the account; raises SealBroken."""
        return self.credentials()

    def keep_texts(self, texts: Sequence[str]) -> None:
        """Seal ``texts`` for this row alone."""
        written = json.dumps(texts).encode()
        self.sealed_credentials = secrets.seal(written, bound_to=self._place)

    def kept_texts(self) -> list[str]:
        """What was sealed; raises SealBroken."""
        text = secrets.unseal(self.sealed_credentials or b"", bound_to=self._place)
        return list(json.loads(text))

    @property
    def _place(self) -> str:
        return f"{self._meta.db_table}|{self.credentials_place}|sealed_credentials"

    @classmethod
    def sealed(cls) -> Sealed:
        """Where a table that holds keys keeps them, for the rotation of the vault's keys."""
        return Sealed(cls, "sealed_credentials", lambda row: row._place, __name__)


def fingerprint_of(credentials: Credentials) -> str:
    """What tells a key from others without saying it (SHA-256 of the API key)."""
    return hashlib.sha256(credentials.api_key.encode()).hexdigest()


def next_probe() -> datetime:
    """When to ask about a key again that was asked about just now; never all keys at one moment."""
    return now() + PROBED_EVERY * random.randrange(80, 120) / 100


class WatchedKey(HoldsKey):
    """A kept key that the guardian asks the venue about, again and again while it is live."""

    probed_at = models.DateTimeField(
        db_default=Now(), help_text="When the venue last said what the key may do."
    )
    next_probe_at = models.DateTimeField(default=next_probe)

    class Meta:
        abstract = True


class VenueKey(models.Model):
    """A key that we made at the venue, for a grant, a binding or its owner's page, by the label it
    carries there.

    The row is written before the venue is asked and outlives its use until the venue's copy is
    gone, so that whatever fails half way leaves a row that a sweep finds.
    """

    label = models.CharField(max_length=50, unique=True)
    venue = models.CharField(max_length=24)
    environment = models.CharField(
        max_length=4, choices=ENVIRONMENTS, default=Environment.LIVE.value
    )
    uid = models.CharField(max_length=32)
    made_at = models.DateTimeField(db_default=Now())
    delete_at = models.DateTimeField(
        null=True, help_text="Not before; empty while the key is worked with."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=200, blank=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["delete_at"],
                condition=models.Q(deleted_at__isnull=True, delete_at__isnull=False),
                name="authorizations_key_to_delete",
            )
        ]

    def __str__(self) -> str:
        return self.label
