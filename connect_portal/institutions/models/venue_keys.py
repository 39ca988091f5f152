"""The read-only key of a company's own account at the venue, sealed."""

import json
from uuid import uuid4

from django.db import models
from django.db.models.functions import Now

from connect_portal.institutions.models.applications import Application
from connect_portal.kit import secrets
from connect_portal.kit.sealed import Sealed
from connect_portal.venue.types import Credentials


class VenueKey(models.Model):
    """A key that reads the company's own account and can do nothing else; never shown again."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="venue_key")
    uid = models.CharField(max_length=32, help_text="The account it opens, as the venue said.")
    hint = models.CharField(max_length=12, help_text="The first characters of the key.")
    sealed_credentials = models.BinaryField()
    place = models.UUIDField(default=uuid4, help_text="What the sealed key is bound to.")
    probed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"key {self.hint}… of {self.uid}"

    def keep(self, credentials: Credentials) -> None:
        """Seal a key for this row alone; the row is saved by its action."""
        texts = [credentials.api_key, credentials.secret, credentials.passphrase]
        written = json.dumps(texts).encode()
        self.sealed_credentials = secrets.seal(written, bound_to=self._bound_to)
        self.hint = credentials.api_key[:8]

    def credentials(self) -> Credentials:
        """The key; raises kit.secrets.SealBroken if the row was tampered with."""
        text = secrets.unseal(self.sealed_credentials, bound_to=self._bound_to)
        return Credentials(*json.loads(text))

    @property
    def _bound_to(self) -> str:
        return f"{self._meta.db_table}|{self.place}|sealed_credentials"

    @classmethod
    def sealed(cls) -> Sealed:
        """Where the keys lie, for the rotation of the vault's keys."""
        return Sealed(cls, "sealed_credentials", lambda row: row._bound_to, __name__)
