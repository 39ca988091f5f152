"""What pages show of applications: the tracker of one, the queue of all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db.models import F, Prefetch, QuerySet

from connect_portal.institutions.business_days import business_time
from connect_portal.institutions.enums import (
    CLOSED_STEPS,
    ROAD,
    Hand,
    ProposalState,
    Step,
    Way,
)
from connect_portal.institutions.models import Application, ConnectCode, Move, Proposal
from connect_portal.institutions.rules import may_begin, may_confirm, way_between, ways_from
from connect_portal.institutions.words import WORDS, Words

if TYPE_CHECKING:
    from connect_portal.people.models import Person

SIDEWAYS: Final = (Step.INFORMATION, Step.REJECTED, Step.WITHDRAWN)
SOON: Final = timedelta(hours=8)
QUEUE_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Clock:
    """A review clock at the moment ``now`` of business time."""

    due_at: datetime | None
    paused_at: datetime | None
    now: datetime

    @property
    def left(self) -> timedelta:
        """Business time left; nothing when it has run out."""
        if self.due_at is None:
            return timedelta()
        return business_time(self.paused_at or self.now, self.due_at)

    @property
    def text(self) -> str:
        """The clock in words; empty when none runs."""
        if self.due_at is None:
            return ""
        if self.paused_at:
            return f"Stands still, {_spelled(self.left)} left"
        if self.due_at < self.now:
            return f"Late by {_spelled(business_time(self.due_at, self.now))}"
        return f"{_spelled(self.left)} left"

    @property
    def tone(self) -> str:
        """How the clock looks; its words say the same."""
        if self.due_at is None or self.paused_at:
            return "neutral"
        if self.due_at < self.now:
            return "bad"
        return "warn" if self.left < SOON else "info"


@dataclass(frozen=True, slots=True)
class Line:
    """One named step of the tracker: done (by which move), the current one, or ahead."""

    step: Step
    words: Words
    move: Move | None
    is_current: bool
    waits_for: str

    @property
    def timing(self) -> str:
        """Whether the step kept its clock; empty when none ran."""
        if self.move is None or self.move.due_at is None:
            return ""
        return "late" if self.move.was_late else "in time"


@dataclass(frozen=True, slots=True)
class Tracker:
    """An application as its applicant and the staff follow it."""

    application: Application
    lines: list[Line]
    history: list[Move]
    clock: Clock
    code: ConnectCode | None
    proposal: Proposal | None

    @property
    def words(self) -> Words:
        """The step in the applicant's words."""
        return WORDS[Step(self.application.step)]

    @property
    def waits_for(self) -> Hand | None:
        """Whose turn it is; nobody's when the application is closed."""
        return waits_for(self.application, self.proposal)

    @property
    def question(self) -> str:
        """What was asked of the applicant, while the answer is awaited."""
        asked = self.application.step == Step.INFORMATION and self.history
        return self.history[-1].note if asked else ""

    @property
    def is_live(self) -> bool:
        """Whether the institution earns already."""
        return self.application.step in (Step.LIVE, Step.COMPLETE)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a member of staff may do now; ``value`` is what the button sends."""

    value: str
    label: str
    tone: str = ""


def applications_of(person: "Person") -> QuerySet[Application]:
    """A person's own applications, the newest first."""
    return Application.objects.filter(applicant=person).select_related("institution")


def application_of(institution_id: int) -> Application | None:
    """The application by which an institution came."""
    return Application.objects.filter(institution_id=institution_id).first()


def application(application_id: int) -> Application | None:
    """One application."""
    found = Application.objects.select_related("applicant", "institution")
    return found.filter(pk=application_id).first()


def queue(now: datetime) -> list[Tracker]:
    """Applications under way by the time left, those whose clock stands or that wait last."""
    under_way = Application.objects.exclude(step__in=[Step.DRAFT, *CLOSED_STEPS])
    rows = under_way.order_by(
        F("paused_at").asc(nulls_first=True), F("due_at").asc(nulls_last=True), "pk"
    )
    return _trackers(rows[:QUEUE_ROWS], now)


def closed(now: datetime) -> list[Tracker]:
    """Applications at their end, the latest first."""
    rows = Application.objects.filter(step__in=CLOSED_STEPS).order_by("-pk")
    return _trackers(rows[:20], now)


def tracker(application: Application, now: datetime) -> Tracker:
    """How far an application has come."""
    rows = Application.objects.filter(pk=application.pk)
    return _trackers(rows, now)[0]


def waits_for(application: Application, proposal: Proposal | None) -> Hand | None:
    """Whose turn it is: the checker of an open proposal, else whoever makes the next step."""
    if proposal is not None:
        way = way_between(application.step, proposal.to)
        return way.checked_by if way else None
    ahead = [way for way in ways_from(application.step) if way.to not in SIDEWAYS]
    return ahead[0].by[0] if ahead else None


def choices(person: "Person", application: Application, proposal: Proposal | None) -> list[Choice]:
    """The buttons that this member of staff has: decide about a proposal, or make a move."""
    if proposal is not None:
        way = way_between(application.step, proposal.to)
        if way and may_confirm(person, proposal, way):
            return [
                Choice(f"confirm:{proposal.pk}", f"Confirm: {way.verb.lower()}", "primary"),
                Choice(f"decline:{proposal.pk}", "Decline"),
            ]
    theirs = [way for way in ways_from(application.step) if may_begin(person, application, way)]
    return [_choice(way) for way in theirs if not (way.evidence or (way.checked_by and proposal))]


def _choice(way: Way) -> Choice:
    tone = "danger" if way.to == Step.REJECTED else ("" if way.to in SIDEWAYS else "primary")
    if way.checked_by:
        return Choice(f"propose:{way.to}", f"Propose: {way.verb.lower()}", tone)
    return Choice(f"move:{way.to}", way.verb, tone)


def _trackers(rows: QuerySet[Application], now: datetime) -> list[Tracker]:
    """The trackers of these applications, in as many queries as for one."""
    found = rows.select_related("applicant", "institution").prefetch_related(
        Prefetch("moves", Move.objects.select_related("person")),
        Prefetch("codes", ConnectCode.objects.filter(venue=settings.VENUE_NAME).order_by("-pk")),
        Prefetch(
            "proposals",
            Proposal.objects.filter(state=ProposalState.OPEN).select_related("proposed_by"),
        ),
    )
    return [_tracker(row, now) for row in found]


def _tracker(application: Application, now: datetime) -> Tracker:
    moves = list(application.moves.all())
    proposal = next(iter(application.proposals.all()), None)
    if proposal is not None:
        proposal.application = application
    return Tracker(
        application=application,
        lines=list(_lines(application, moves, proposal)),
        history=moves,
        clock=Clock(application.due_at, application.paused_at, now),
        code=next(iter(application.codes.all()), None),
        proposal=proposal,
    )


def _lines(
    application: Application, moves: list[Move], proposal: Proposal | None
) -> Iterable[Line]:
    by_step = {move.to: move for move in moves}
    ahead = [step for step in ROAD if step not in by_step]
    is_open = application.step not in (Step.REJECTED, Step.WITHDRAWN)
    hand = waits_for(application, proposal)
    for step in ROAD:
        is_current = is_open and step in ahead[:1]
        who = hand.label if is_current and hand else ""
        yield Line(step, WORDS[step], by_step.get(step), is_current, who)


def _spelled(span: timedelta) -> str:
    """Business time as people say it: ``1 d 4 h``, ``35 min``."""
    minutes = span // timedelta(minutes=1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
