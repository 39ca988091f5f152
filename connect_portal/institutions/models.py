"""Tables of this room: institutions and their Connect codes."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from connect_portal.institutions.enums import BusinessKind, Channel, CodeState

NAME_LENGTH: Final = 120
SLUG_LENGTH: Final = 60
ONE_IN_USE: Final = "institutions_code_one_in_use"


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

    def __str__(self) -> str:
        return self.name

    @property
    def channel_names(self) -> str:
        """The channels as people read them: ``API, OAuth``."""
        return ", ".join(Channel(channel).label for channel in self.channels)


class ConnectCode(models.Model):
    """The identifier that an institution's orders carry in their tag."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="codes")
    venue = models.CharField(max_length=24)
    code = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=CodeState.choices)
    issued_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["venue", "code"], name="institutions_code_unique_at_venue"
            ),
            models.UniqueConstraint(
                fields=["institution", "venue"],
                condition=~models.Q(state=CodeState.RETIRED),
                name=ONE_IN_USE,
            ),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Za-z0-9]{1,16}$"),
                name="institutions_code_grammar",
            ),
        ]

    def __str__(self) -> str:
        return self.code
