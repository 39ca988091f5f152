"""What pages show of one application: its tracker, its clock, the buttons it has."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from connect_portal.institutions.business_days import business_time
from connect_portal.institutions.editions import holidays
from connect_portal.institutions.enums import CLOSED_STEPS, LIVE_STEPS, ROAD, ProposalState, Step
from connect_portal.institutions.models import Application, ConnectCode, Move, Proposal
from connect_portal.institutions.moves import Hand, Way
from connect_portal.institutions.renewals import (
    RENEWABLE,
    WAITS_FOR_RENEWAL,
    Outlook,
    Stage,
    outlook,
)
from connect_portal.institutions.rules import may_begin, may_confirm, turn, way_of, ways_from
from connect_portal.institutions.words import WORDS, Words

if TYPE_CHECKING:
    from connect_portal.people.models import Person

_LEFT_THE_ROAD: Final = (Step.SUSPENDED, Step.OFFBOARDING, Step.TERMINATED)
SOON: Final = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Clock:
    """A review clock at the moment ``now`` of business time, and the days that do not count."""

    due_at: datetime | None
    paused_at: datetime | None
    now: datetime
    holidays: Collection[date]

    @property
    def left(self) -> timedelta:
        """Business time left; nothing when it has run out."""
        if self.due_at is None:
            return timedelta()
        return business_time(self.paused_at or self.now, self.due_at, self.holidays)

    @property
    def text(self) -> str:
        """The clock in words; empty when none runs."""
        if self.due_at is None:
            return ""
        if self.paused_at:
            return f"Stands still, {spelled(self.left)} left"
        if self.due_at < self.now:
            late = business_time(self.due_at, self.now, self.holidays)
            return f"Late by {spelled(late)}"
        return f"{spelled(self.left)} left"

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
    """One named step of the tracker: behind, the current one, or ahead.

    ``entered`` is the move that last led to it, ``left`` the one that led on from there.
    """

    step: Step
    words: Words
    entered: Move | None
    left: Move | None
    is_current: bool
    waits_for: str

    @property
    def is_done(self) -> bool:
        """Whether it is behind."""
        return self.left is not None

    @property
    def timing(self) -> str:
        """Whether the exchange kept its clock at this step; empty when none ran."""
        if self.left is None or self.left.due_at is None:
            return ""
        return "late" if self.left.was_late else "in time"


@dataclass(frozen=True, slots=True)
class Tracker:
    """An application as its applicant and the staff follow it."""

    application: Application
    lines: list[Line]
    history: list[Move]
    clock: Clock
    code: ConnectCode | None
    proposal: Proposal | None
    ahead: Outlook

    @property
    def words(self) -> Words:
        """The step in the applicant's words."""
        return WORDS[Step(self.application.step)]

    @property
    def renewal(self) -> Stage | None:
        """How far the renewal of its contract has come; None while none is due."""
        return self.ahead.stage if self.application.step in RENEWABLE else None

    @property
    def waits_for(self) -> Hand | None:
        """Whose turn it is; nobody's when the application is closed."""
        at_rest = self.proposal is None and self.application.step in WAITS_FOR_RENEWAL
        return (self.ahead.hand if at_rest else None) or waits_for(self.application, self.proposal)

    @property
    def question(self) -> str:
        """What was asked of the applicant, while the answer is awaited."""
        asked = self.application.step == Step.INFO_REQUESTED and self.history
        return self.history[-1].note if asked else ""

    @property
    def is_live(self) -> bool:
        """Whether the institution earns already."""
        return self.application.step in LIVE_STEPS


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a member of staff may do now; ``value`` is what the button sends."""

    value: str
    label: str
    tone: str = ""


def applications_of(person: "Person") -> QuerySet[Application]:
    """A person's own applications, the newest first."""
    return Application.objects.filter(applicant=person).select_related("institution")


def open_application(person: "Person", company: str) -> Application:
    """A person's application for a company that has not come to its end."""
    mine = applications_of(person).filter(company__iexact=company)
    return mine.exclude(step__in=CLOSED_STEPS).get()


def application_of(institution_id: int) -> Application | None:
    """The application by which an institution came."""
    return Application.objects.filter(institution_id=institution_id).first()


def application(application_id: int) -> Application | None:
    """One application."""
    found = Application.objects.select_related("applicant", "institution")
    return found.filter(pk=application_id).first()


def applications_at(step: Step) -> list[Application]:
    """Every application that stands at a step."""
    return list(Application.objects.filter(step=step).order_by("pk"))


def tracker(application: Application, now: datetime) -> Tracker:
    """How far an application has come."""
    rows = Application.objects.select_related("applicant", "institution").prefetch_related(
        Prefetch("moves", Move.objects.select_related("person", "letter")),
        Prefetch("codes", ConnectCode.objects.filter(venue=settings.VENUE_NAME).order_by("-pk")),
        Prefetch(
            "proposals",
            Proposal.objects.filter(state=ProposalState.OPEN).select_related("proposed_by"),
        ),
    )
    found = rows.get(pk=application.pk)
    moves = list(found.moves.all())
    proposal = next(iter(found.proposals.all()), None)
    if proposal is not None:
        proposal.application = found
    place = found.institution_id
    return Tracker(
        application=found,
        lines=list(_lines(found, moves, proposal)),
        history=moves,
        clock=Clock(found.due_at, found.paused_at, now, holidays(now)),
        code=next(iter(found.codes.all()), None),
        proposal=proposal,
        ahead=outlook(place, now) if place else Outlook(now),
    )


def waits_for(application: Application, proposal: Proposal | None) -> Hand | None:
    """Whose turn it is: the checker of an open proposal, else whoever makes the next move."""
    return turn(application.step, proposal.event if proposal else None)


def choices(person: "Person", application: Application, proposal: Proposal | None) -> list[Choice]:
    """The buttons that this member of staff has: decide about a proposal, or make a move."""
    if proposal is not None:
        way = way_of(proposal.event, application.step)
        if way and may_confirm(person, proposal, way):
            return [
                Choice(f"confirm:{proposal.pk}", f"Confirm: {way.verb.lower()}", "primary"),
                Choice(f"decline:{proposal.pk}", "Decline"),
            ]
    theirs = [way for way in ways_from(application.step) if may_begin(person, application, way)]
    open_ones = [
        way for way in theirs if not (way.evidence or way.signs or (way.checked_by and proposal))
    ]
    return [_choice(way, is_first=way == theirs[0]) for way in open_ones]


def _choice(way: Way, *, is_first: bool) -> Choice:
    tone = "danger" if way.danger else "primary" if is_first else ""
    if way.checked_by:
        return Choice(f"propose:{way.event}", f"Propose: {way.verb.lower()}", tone)
    return Choice(f"move:{way.event}", way.verb, tone)


def _lines(
    application: Application, moves: list[Move], proposal: Proposal | None
) -> Iterable[Line]:
    entered = {move.to: move for move in moves}
    left = {move.source: move for move in moves if move.source != move.to}
    reached = _place_on_road(application, moves)
    hand = waits_for(application, proposal)
    is_over = application.step in (*CLOSED_STEPS, *_LEFT_THE_ROAD)
    for place, step in enumerate(ROAD):
        is_current = place == reached and not is_over
        yield Line(
            step=step,
            words=WORDS[step],
            entered=entered.get(step) if place <= reached else None,
            left=left.get(step) if place < reached or is_over else None,
            is_current=is_current,
            waits_for=hand.label if is_current and hand else "",
        )


def _place_on_road(application: Application, moves: list[Move]) -> int:
    """How far along the road an application is, or was when it left it; -1 before the road."""
    steps = [application.step, *(move.source for move in reversed(moves))]
    return next((ROAD.index(Step(step)) for step in steps if step in ROAD), -1)


def spelled(span: timedelta) -> str:
    """Business time as people say it: ``1 d 4 h``, ``35 min``."""
    minutes = span // timedelta(minutes=1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
