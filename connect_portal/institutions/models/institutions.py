"""The companies of the programme."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from connect_portal.institutions.enums import BusinessKind, Channel

NAME_LENGTH: Final = 120
SLUG_LENGTH: Final = 60


class Institution(models.Model):
    """A company that joined Connect."""

    name = models.CharField(max_length=NAME_LENGTH)
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    kind = models.CharField(max_length=24, choices=BusinessKind.choices)
    channels = ArrayField(models.CharField(max_length=8, choices=Channel.choices))
    venue_account_uid = models.CharField(
        max_length=32, blank=True, help_text="Its own account at the venue, where it is paid."
    )
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["name", "id"], name="institutions_by_name"),
            models.Index(fields=["-opened_at", "-id"], name="institutions_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def channel_names(self) -> str:
        """The channels as people read them: ``API, OAuth``."""
        return ", ".join(Channel(channel).label for channel in self.channels)
