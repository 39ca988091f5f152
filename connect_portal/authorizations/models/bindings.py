"""API-key bindings: the API channel."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from connect_portal.authorizations.enums import LIVE_STATES, BindingState, words_of
from connect_portal.authorizations.models.accounts import HoldsKey, VenueAccount


class Binding(HoldsKey):
    """An API key of a venue account, given for an institution.

    A key is never edited: binding another key of the same account for the same institution ends
    this row and opens a new one.
    """

    venue_account = models.ForeignKey(VenueAccount, models.PROTECT, related_name="bindings")
    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="bindings"
    )
    state = models.CharField(max_length=12, choices=BindingState.choices)
    permissions = ArrayField(models.CharField(max_length=16))
    probed_at = models.DateTimeField()
    trouble = models.CharField(max_length=200, blank=True)
    bound_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    last_used_at: datetime | None = None
    """A key signs straight to the venue: nobody tells us."""

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

    @property
    def since(self) -> datetime:
        """When it began."""
        return self.bound_at

    @property
    def over_at(self) -> datetime | None:
        """When it ended; None while it stands."""
        return self.ended_at

    @property
    def may(self) -> str:
        """What it allows, as people read it."""
        return words_of(self.permissions)
