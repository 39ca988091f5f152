"""API-key bindings: the API channel."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from connect_portal.authorizations.enums import LIVE_STATES, BindingState, EndedBy, words_of
from connect_portal.authorizations.models.accounts import VenueAccount, VenueKey, WatchedKey
from connect_portal.authorizations.models.grants import Grant


class Binding(WatchedKey):
    """An API key of a venue account, given for an institution.

    A key is never edited: binding another key of the same account for the same institution ends
    this row and opens a new one. A key that may too much, or that two people hold, is put aside
    (quarantined): its leave stops and our copy is destroyed until its owner binds a sound one.
    """

    venue_account = models.ForeignKey(VenueAccount, models.PROTECT, related_name="bindings")
    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="bindings"
    )
    venue_key = models.OneToOneField(
        VenueKey,
        models.PROTECT,
        null=True,
        related_name="binding",
        help_text="The key at the venue where we made it; then we delete it there too.",
    )
    grant = models.ForeignKey(
        Grant,
        models.PROTECT,
        null=True,
        related_name="fast_bindings",
        help_text="The consent with which the institution had the key made, over Fast API.",
    )
    label = models.CharField(
        max_length=50, blank=True, help_text="What the institution that had it made calls it."
    )
    state = models.CharField(max_length=12, choices=BindingState.choices)
    permissions = ArrayField(models.CharField(max_length=16))
    ips = ArrayField(
        models.CharField(max_length=64),
        default=list,
        help_text="Where the key works from, as the venue says; empty means anywhere.",
    )
    trouble = models.CharField(max_length=200, blank=True)
    bound_at = models.DateTimeField(db_default=Now())
    quarantined_at = models.DateTimeField(null=True, help_text="In business time, like the end.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=12, choices=EndedBy.choices, blank=True)

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
            models.UniqueConstraint(
                fields=["key_fingerprint"],
                condition=models.Q(state__in=LIVE_STATES),
                name="authorizations_binding_key_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=LIVE_STATES,
                    quarantined_at=None,
                    ended_at=None,
                    ended_by="",
                    sealed_credentials__isnull=False,
                )
                | models.Q(
                    state=BindingState.QUARANTINED,
                    quarantined_at__isnull=False,
                    ended_at=None,
                    ended_by="",
                    sealed_credentials=None,
                )
                | models.Q(
                    state=BindingState.UNBOUND,
                    ended_at__isnull=False,
                    ended_by__in=EndedBy.values,
                    sealed_credentials=None,
                ),
                name="authorizations_binding_live_keeps_the_key",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_probe_at"],
                condition=models.Q(state__in=LIVE_STATES),
                name="authorizations_binding_probe",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key_hint}… for {self.institution_id}"

    @property
    def is_read_by_a_key_of_ours(self) -> bool:
        """Whether what is sealed is not the institution's key: one that was made for listed
        addresses does not work from here."""
        return self.grant_id is not None and bool(self.ips)

    @property
    def is_live(self) -> bool:
        """Whether the end user's leave stands."""
        return self.state in LIVE_STATES

    @property
    def is_over(self) -> bool:
        """Whether it has ended for good."""
        return self.state == BindingState.UNBOUND

    @property
    def since(self) -> datetime:
        """When it began."""
        return self.bound_at

    @property
    def over_at(self) -> datetime | None:
        """When its leave stopped; None while it stands."""
        return self.quarantined_at or self.ended_at

    @property
    def may(self) -> str:
        """What it allows, as people read it."""
        return words_of(self.permissions)
