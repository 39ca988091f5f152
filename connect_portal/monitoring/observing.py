"""The observation after an institution went live: what has to hold before it is complete.

The window begins with the first live fill, or anew when the observation was extended; how long
it is says `institutions.moves.OBSERVATION`. Everything is counted over the fills of connected
users, from the window's first minute until now.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from connect_portal.authorizations.enums import RebateType
from connect_portal.authorizations.queries import rebate_answer
from connect_portal.institutions.enums import Step
from connect_portal.institutions.queries import code_of, own_key
from connect_portal.kit.clock import iso
from connect_portal.trades.queries import Totals, lost_tags, totals

if TYPE_CHECKING:
    from connect_portal.authorizations.models import RebateAnswer
    from connect_portal.institutions.models import Application

COVERAGE_NEEDED: Final = Decimal(95)
"""Percent of fills that have to carry the code."""
MOST_LOST: Final = 100
"""As far as lost tags are counted: one is too many."""
_SHOWN: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that has to hold, and how it stands."""

    words: str
    stands: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Observation:
    """From when to when an institution is observed, what was traded since, and how late it is."""

    since: datetime
    until: datetime
    at: datetime
    seen: Totals
    lost: int
    rebate: "RebateAnswer | None"
    can_ask: bool

    @property
    def needs(self) -> list[Need]:
        """What has to hold before the institution is complete."""
        return [self._window(), self._coverage(), self._lost_tags(), self._rebate()]

    @property
    def missing(self) -> list[Need]:
        """What does not hold yet."""
        return [need for need in self.needs if not need.is_met]

    @property
    def evidence(self) -> dict[str, Any]:
        """What the history keeps of it."""
        return {
            "since": iso(self.since),
            "coverage": str(self._shown),
            "tagged": self.seen.tagged_fills,
            "others": self.seen.other_fills,
            "lost_tags": self.lost,
            "rebate": iso(self.rebate.earned_at) if self.rebate and self.rebate.earned_at else "",
        }

    def _window(self) -> Need:
        is_over = self.until <= self.at
        ends = "ended" if is_over else "ends"
        stands = f"It {ends} at {self.until:%Y-%m-%d %H:%M} UTC."
        return Need("The observation window is over", stands, is_over)

    def _coverage(self) -> Need:
        exact = self.seen.coverage_percent
        words = f"At least {COVERAGE_NEEDED} % of fills carry the code"
        if exact is None:
            return Need(words, "Nothing was traded in the window.", is_met=False)
        tagged, others = self.seen.tagged_fills, self.seen.other_fills
        stands = f"{self._shown} %: {tagged} with the code, {others} without."
        return Need(words, stands, exact >= COVERAGE_NEEDED)

    def _lost_tags(self) -> Need:
        words = "No order that is named after the code has lost its tag"
        if not self.lost:
            return Need(words, "None was seen.", is_met=True)
        number = f"{self.lost}" if self.lost < MOST_LOST else f"{MOST_LOST} or more"
        stands = f"Fills of such orders in the window: {number}. They earn nothing."
        return Need(words, stands, is_met=False)

    def _rebate(self) -> Need:
        words = "The exchange pays for a connected user"
        if not self.can_ask:
            stands = "It was not asked: the institution gave no read-only key of its account."
            return Need(words, stands, is_met=True)
        if self.rebate is None:
            return Need(words, "It is asked within some minutes.", is_met=False)
        is_met = self.rebate.earned_at is not None and self.rebate.earned_at >= self.since
        at = self.rebate.earned_at if is_met else self.rebate.asked_at
        said = RebateType.EARNS.label if is_met else self.rebate
        return Need(words, f"At {at:%Y-%m-%d %H:%M} UTC: {said}.".replace("..", "."), is_met)

    @property
    def _shown(self) -> Decimal | None:
        """Cut, not rounded: 94.999 is not 95."""
        exact = self.seen.coverage_percent
        return None if exact is None else exact.quantize(_SHOWN, ROUND_DOWN)


def observation(application: "Application", at: datetime) -> Observation | None:
    """How the observation of an institution stands ``at`` (business time); None at other steps."""
    if application.step != Step.MONITORING or application.due_at is None:
        return None
    assert application.institution_id is not None  # only institutions go live
    begun = application.moves.filter(to=Step.MONITORING).latest("pk")
    first_fill = begun.evidence.get("at")
    since = datetime.fromisoformat(first_fill) if first_fill else begun.at
    minute = since.replace(second=0, microsecond=0)
    place = application.institution_id
    seen, code = totals(place, since=minute), code_of(place, settings.VENUE_NAME)
    return Observation(
        since=since,
        until=application.due_at,
        at=at,
        seen=seen,
        lost=lost_tags(place, code, since=since, most=MOST_LOST) if code else 0,
        rebate=rebate_answer(place),
        can_ask=own_key(place) is not None,
    )
