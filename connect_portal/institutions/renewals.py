"""The renewal of contracts: from when on one is due, how far it has come, and whose turn it is.

A contract has a term, and one that renews it has the next. `actions.renewing` brings a renewal
along; this says how things stand.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from connect_portal.institutions.enums import LIVE_STEPS, ProposalState, Step
from connect_portal.institutions.models import Application, Contract, Renewal
from connect_portal.institutions.moves import Hand

RENEWABLE: Final = (
    *(Step.TECH_SETUP, Step.TECH_REVIEW, Step.SANDBOX_TEST, Step.GO_LIVE_REVIEW),
    *LIVE_STEPS,
    Step.SUSPENDED,
)
"""Steps at which an institution has a contract to renew."""
WAITS_FOR_RENEWAL: Final = (Step.ACTIVE, Step.SUSPENDED)
"""Steps at which nothing presses more than a renewal, so that it decides whose turn it is."""


class Stage(models.TextChoices):
    """How far a renewal has come."""

    DUE = "due", "Renewal due"
    PROPOSED = "proposed", "Renewal proposed"
    SENT = "sent", "Renewal sent"
    SIGNED = "signed", "Renewal signed"


HANDS: Final = {
    Stage.DUE: Hand.ACCOUNT_MANAGER,
    Stage.PROPOSED: Hand.FINANCE,
    Stage.SENT: Hand.APPLICANT,
    Stage.SIGNED: Hand.COMPLIANCE,
}
"""Whose turn it is at each stage; the same hands as with a first contract."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The contracts of an institution at a moment ``at`` of business time.

    ``newest`` is the one with the latest term, in force, ended or yet to begin; ``in_hand`` what
    was sent and not countersigned yet; ``proposal`` a renewal that finance has not decided about.
    """

    at: datetime
    newest: Contract | None = None
    in_hand: Contract | None = None
    proposal: Renewal | None = None

    @property
    def ends_at(self) -> datetime | None:
        """The end of the last term there is."""
        return self.newest.valid_to if self.newest else None

    @property
    def is_over(self) -> bool:
        """Whether the last term has ended."""
        return self.ends_at is not None and self.ends_at <= self.at

    @property
    def due_from(self) -> datetime | None:
        """From when a renewal of the last term is due."""
        return self.ends_at - due_within() if self.ends_at else None

    @property
    def renews(self) -> bool:
        """Whether what is in hand is to renew a contract, rather than the first one."""
        return self.in_hand is not None and self.newest is not None

    @property
    def stage(self) -> Stage | None:
        """How far the renewal has come; None while none is due."""
        if self.due_from is None:
            return None
        if self.in_hand is not None:
            return Stage.SIGNED if self.in_hand.accepted_at else Stage.SENT
        if self.proposal is not None:
            return Stage.PROPOSED
        return Stage.DUE if self.due_from <= self.at else None

    @property
    def hand(self) -> Hand | None:
        """Who goes on with the renewal; nobody while none is due."""
        return HANDS[self.stage] if self.stage else None


def due_within() -> timedelta:
    """How long before the end of a contract its renewal is due."""
    return timedelta(days=max(settings.CONTRACT_NOTICE_DAYS))


def outlook(institution_id: int, at: datetime) -> Outlook:
    """How the contracts of an institution stand at ``at`` (business time)."""
    return outlooks([institution_id], at)[institution_id]


def outlooks(institution_ids: Collection[int], at: datetime) -> dict[int, Outlook]:
    """The same of several, in two queries. The texts of contracts are read when they are asked
    for."""
    rows = Contract.objects.filter(institution_id__in=institution_ids, declined_at=None)
    agreed: dict[int, Contract] = {}
    in_hand: dict[int, Contract] = {}
    for row in rows.defer("text").order_by("pk"):
        (agreed if row.countersigned_at else in_hand)[row.institution_id] = row
    open_ones = Renewal.objects.filter(before__in=agreed.values(), state=ProposalState.OPEN)
    proposals = {row.before.institution_id: row for row in _with_people(open_ones)}
    return {
        pk: Outlook(at, agreed.get(pk), in_hand.get(pk), proposals.get(pk))
        for pk in institution_ids
    }


def is_near(at: datetime) -> Q:
    """Applications whose contract ends soon or has ended, so that a renewal is due."""
    there = _agreed()
    lasting = there.filter(valid_to__gt=at + due_within())
    return Q(Exists(there), ~Exists(lasting), step__in=RENEWABLE)


def is_over(at: datetime) -> Q:
    """Applications whose contract has ended and was not renewed."""
    there = _agreed()
    return Q(Exists(there), ~Exists(there.filter(valid_to__gt=at)))


def unannounced(at: datetime) -> QuerySet[Application]:
    """Applications whose renewal is due and was put on nobody's desk yet."""
    new = Exists(_agreed().filter(renewal_due_since=None))
    return Application.objects.filter(is_near(at), new).order_by("pk")


def last_ends() -> Subquery:
    """The end of the last term, of the institution of each application."""
    rows = _agreed().order_by().values("institution").annotate(last=Max("valid_to"))
    return Subquery(rows.values("last"))


def _agreed() -> QuerySet[Contract]:
    """What both sides signed, of the institution of an application in the query around it."""
    return Contract.objects.filter(
        institution=OuterRef("institution"), countersigned_at__isnull=False
    )


def _with_people(rows: QuerySet[Renewal]) -> QuerySet[Renewal]:
    return rows.select_related("proposed_by", "before")
