"""Grants: what an end user consented to on our page, for how long, and how it ended."""

from datetime import datetime
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from connect_portal.authorizations.enums import EndedBy, GrantState, Scope, words_of
from connect_portal.authorizations.limits import Limits
from connect_portal.authorizations.models.accounts import VenueAccount, VenueKey, WatchedKey
from connect_portal.authorizations.models.clients import Client
from connect_portal.kit.clock import now
from connect_portal.kit.money import AMOUNT
from connect_portal.venue.types import AccountKey, TokenPair

FOR_FAST_API: Final = models.Q(scopes=[Scope.FAST_API])
"""Grants that allow the making of a key; that scope never comes with another."""


class Grant(WatchedKey):
    """An end user's leave for an institution to act on a venue account.

    Consenting anew ends this row and opens another; only its limits change while it stands. Its
    tokens live and die with it. What opens the account behind it is ours alone: a key made for it,
    or the venue's own tokens; or it is the key that its person has bound for the institution. One
    for Fast API has none of these, since all it allows is to have a key made, which is a binding.
    """

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="grants"
    )
    client = models.ForeignKey(Client, models.PROTECT, related_name="grants")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="grants")
    venue_account = models.ForeignKey(VenueAccount, models.PROTECT, related_name="grants")
    venue_key = models.OneToOneField(VenueKey, models.PROTECT, null=True, related_name="grant")
    bound_key = models.ForeignKey(
        "authorizations.Binding",
        models.PROTECT,
        null=True,
        related_name="grants_behind",
        help_text="Whose key opens the account where none is made for the grant.",
    )
    token_expires_at = models.DateTimeField(
        null=True, help_text="When the venue's own access token runs out, where that is sealed."
    )
    token_claimed_until = models.DateTimeField(
        null=True, help_text="While somebody gets the next one."
    )
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope.choices))
    pairs = ArrayField(
        models.CharField(max_length=32),
        default=list,
        db_default=[],
        help_text="The pairs it may trade; empty for every pair.",
    )
    most_per_order = models.DecimalField(**AMOUNT, null=True, help_text="USD; empty for no limit.")
    most_per_day = models.DecimalField(**AMOUNT, null=True, help_text="USD; empty for no limit.")
    state = models.CharField(max_length=12, choices=GrantState.choices, default=GrantState.ACTIVE)
    granted_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=12, choices=EndedBy.choices, blank=True)

    class Meta:
        ordering = ["-granted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "venue_account"],
                condition=models.Q(state=GrantState.ACTIVE) & ~FOR_FAST_API,
                name="authorizations_grant_one_live",
            ),
            models.UniqueConstraint(
                fields=["client", "venue_account"],
                condition=models.Q(state=GrantState.ACTIVE) & FOR_FAST_API,
                name="authorizations_grant_one_live_fast",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(state=GrantState.ACTIVE, ended_at=None, ended_by="")
                    & (
                        models.Q(sealed_credentials__isnull=False)
                        | models.Q(bound_key__isnull=False)
                        | FOR_FAST_API
                    )
                )
                | models.Q(
                    state=GrantState.ENDED,
                    ended_at__isnull=False,
                    ended_by__in=EndedBy.values,
                    sealed_credentials=None,
                ),
                name="authorizations_grant_ended_keeps_no_key",
            ),
            models.CheckConstraint(
                condition=models.Q(most_per_order=None) | models.Q(most_per_order__gt=0),
                name="authorizations_grant_per_order_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(most_per_day=None) | models.Q(most_per_day__gt=0),
                name="authorizations_grant_per_day_positive",
            ),
        ]
        indexes = [
            models.Index(
                fields=["token_expires_at"],
                condition=models.Q(state=GrantState.ACTIVE, token_expires_at__isnull=False),
                name="authorizations_grant_token",
            ),
            models.Index(
                fields=["next_probe_at"],
                condition=models.Q(state=GrantState.ACTIVE),
                name="authorizations_grant_probe",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} for {self.institution_id}"

    def keep_pair(self, pair: TokenPair) -> None:
        """Seal the venue's own tokens for this row alone; the row is saved by its action."""
        self.keep_texts([pair.access_token, pair.refresh_token])
        self.token_expires_at, self.token_claimed_until = pair.expires_at, None

    def pair(self) -> TokenPair:
        """The venue's own tokens; raises SealBroken."""
        access, refresh = self.kept_texts()
        return TokenPair(access, refresh, self.token_expires_at or now())

    def account_key(self) -> AccountKey:
        """What opens the account; raises SealBroken."""
        if self.bound_key is not None:
            return self.bound_key.credentials()
        return self.pair().access if self.token_expires_at else self.credentials()

    @property
    def is_live(self) -> bool:
        """Whether the end user's leave stands."""
        return self.state == GrantState.ACTIVE and self.expires_at > now()

    @property
    def is_over(self) -> bool:
        """Whether it has ended for good, or run out."""
        return not self.is_live

    @property
    def over_at(self) -> datetime | None:
        """When it ended or ran out; None while it stands."""
        if self.ended_at is not None:
            return self.ended_at
        return None if self.is_live else self.expires_at

    @property
    def since(self) -> datetime:
        """When it began."""
        return self.granted_at

    @property
    def limits(self) -> Limits:
        """Which pairs it may trade, and how much at most."""
        return Limits(frozenset(self.pairs), self.most_per_order, self.most_per_day)

    @property
    def may(self) -> str:
        """What it allows, as people read it."""
        return words_of(self.scopes)
