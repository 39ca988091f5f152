"""The desk of the exchange's staff: what is under way by the time left, whose it is, how long it
has been there. Every read costs as many statements for ten thousand applications as for ten."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from connect_portal.institutions.editions import holidays
from connect_portal.institutions.enums import AT_REST, CLOSED_STEPS, ProposalState, Step
from connect_portal.institutions.models import (
    UNDER_WAY,
    Application,
    Assignment,
    ConnectCode,
    Finding,
    Proposal,
    SavedFilter,
)
from connect_portal.institutions.moves import Hand
from connect_portal.institutions.renewals import RENEWABLE, Stage, is_near, outlooks
from connect_portal.institutions.tracking import Clock, spelled
from connect_portal.kit.clock import from_us, to_us
from connect_portal.people.enums import StaffRole

if TYPE_CHECKING:
    from connect_portal.people.models import Person

ROWS: Final = 50
MOST_WAITING: Final = 100
"""As far as the badge counts: beyond that nobody reads the number."""
NOBODY: Final = 0
"""In place of a person's number: what nobody looks after."""
OPEN_STEPS: Final = tuple(step for step in Step if step not in AT_REST or step == Step.ACTIVE)
"""Where something can wait; at the last one only for whoever confirms a proposal."""


class Queue(models.TextChoices):
    """Which applications lie on the desk."""

    MINE = "mine", "My queue"
    CONFIRM = "confirm", "To confirm"
    ROLE = "role", "Waits for my role"
    ALL = "all", "Everybody's"


@dataclass(frozen=True, slots=True)
class Band:
    """A span of ages in calendar days: from ``since`` on, below ``until`` (None: any)."""

    label: str
    since: int
    until: int | None

    def of(self, column: str, now: datetime) -> Q:
        """What has been for so long since the moment in ``column``."""
        wanted = Q(**{f"{column}__lte": now - timedelta(days=self.since)})
        if self.until is not None:
            wanted &= Q(**{f"{column}__gt": now - timedelta(days=self.until)})
        return wanted


BANDS: Final = (
    Band("under a day", 0, 1),
    Band("1 to 2 days", 1, 2),
    Band("2 to 5 days", 2, 5),
    Band("5 days and more", 5, None),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see on the desk; it lives in the address and nowhere else."""

    queue: Queue
    q: str = ""
    stage: str = ""
    hand: str = ""
    who: int | None = None
    kind: str = ""
    channel: str = ""
    country: str = ""
    late: bool = False
    renewal: bool = False
    flagged: bool = False
    age: int | None = None
    stay: int | None = None

    def query(self, **changes: Any) -> str:
        """The query of an address that shows this, with some of it changed."""
        other = replace(self, **changes)
        told = {name: getattr(other, name) for name in self.__dataclass_fields__}
        asked = {name: value for name, value in told.items() if value not in ("", None)}
        return urlencode({name: value for name, value in asked.items() if value is not False})

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the queue is asked for."""
        return self != Wanted(self.queue)


@dataclass(frozen=True, slots=True)
class Row:
    """One application on the desk at the moment ``now`` of business time."""

    application: Application
    now: datetime
    holidays: Collection[date]
    renewal: Stage | None

    @property
    def clock(self) -> Clock:
        """Its review clock; at rest the time until its contract ends."""
        found = self.application
        return Clock(found.due_at, found.paused_at, self.now, self.holidays)

    @property
    def proposal(self) -> Proposal | None:
        """What is proposed."""
        return next(iter(self.application.proposals.all()), None)

    @property
    def code(self) -> ConnectCode | None:
        """Its Connect code."""
        return next(iter(self.application.codes.all()), None)

    @property
    def stay(self) -> str:
        """How long it has stood at its step."""
        return spelled(self.now - self.application.moved_at) if self.application.moved_at else ""

    @property
    def age(self) -> str:
        """How long ago it was submitted."""
        at = self.application.submitted_at
        return spelled(self.now - at) if at else ""

    @property
    def seen(self) -> int:
        """Who is shown to have it, for whoever takes it."""
        return self.application.assignee_id or NOBODY


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of the desk, and the key from which the next page goes on (empty at the end)."""

    rows: list[Row]
    goes_on: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lie on the desk, by queue, stage and age. ``queues`` counts each in full, the
    others what is in the queue that is looked at."""

    queues: dict[Queue, int]
    stages: dict[str, int] = field(default_factory=dict)
    late: int = 0
    soon: int = 0
    unassigned: int = 0
    ages: tuple[int, ...] = ()
    stays: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """All in the queue that is looked at."""
        return sum(self.stages.values())


def first_queue(person: "Person") -> Queue:
    """What a person sees who asks for nothing: account managers look after applications, the
    other roles take the steps that wait for them."""
    return Queue.MINE if person.staff_role == StaffRole.ACCOUNT_MANAGER else Queue.ROLE


def page(wanted: Wanted, person: "Person", now: datetime, *, after: str = "") -> Page:
    """The most urgent rows, or those that follow on the key ``after``.

    By the end of the running clock, which is the order of business time left; then what stands
    still or has no clock. Closed ones, asked for by their stage, come the latest first.
    """
    if wanted.stage in CLOSED_STEPS:
        found = Application.objects.filter(step=wanted.stage).order_by("-pk")
        found = found.filter(pk__lt=_key(after)[1]) if after else found
    else:
        found = Application.objects.filter(UNDER_WAY, in_queue(wanted.queue, person))
        found = _beyond(found, after).order_by("urgent_at", "pk")
    rows = list(_narrowed(found, wanted, now)[: ROWS + 1])
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    goes_on = f"{to_us(last.urgent_at)}.{last.pk}" if last else ""
    return Page(list(_rows(rows[:ROWS], now)), goes_on)


def _rows(applications: list[Application], now: datetime) -> Iterable[Row]:
    off = holidays(now)
    ahead = outlooks([one.institution_id for one in applications if one.institution_id], now)
    for one in applications:
        stage = ahead[one.institution_id].stage if one.institution_id else None
        yield Row(one, now, off, stage if one.step in RENEWABLE else None)


def in_queue(queue: Queue, person: "Person") -> Q:
    """What lies in a person's queue."""
    match queue:
        case Queue.MINE:
            return Q(assignee=person)
        case Queue.ROLE:
            return Q(waits_for=person.staff_role)
        case Queue.CONFIRM:
            proposed = _to_confirm(person).values("application")
            return Q(waits_for=person.staff_role, pk__in=proposed)
    return Q()


def counts(queue: Queue, person: "Person", now: datetime) -> Counts:
    """The numbers of the desk: one walk over the index of what is under way, and one over the
    open proposals."""
    here = Q() if queue == Queue.CONFIRM else in_queue(queue, person)
    wanted = {
        "here": here,
        "mine": in_queue(Queue.MINE, person),
        "role": in_queue(Queue.ROLE, person),
        "late": here & Q(urgent_at__lt=now),
        "soon": here & Q(urgent_at__range=(now, now + timedelta(days=1))),
        "unassigned": here & Q(assignee=None),
    }
    for column in ("submitted_at", "moved_at"):
        for number, band in enumerate(BANDS):
            wanted[f"{column}_{number}"] = here & band.of(column, now)
    numbers = {name: Count("step", filter=where or None) for name, where in wanted.items()}
    rows = Application.objects.filter(UNDER_WAY).order_by().values("step")
    by_step: list[Any] = [*rows.annotate(everybody=Count("step"), **numbers)]

    def total(name: str) -> int:
        return sum(row[name] for row in by_step)

    return Counts(
        queues={
            Queue.MINE: total("mine"),
            Queue.CONFIRM: _to_confirm(person).count(),
            Queue.ROLE: total("role"),
            Queue.ALL: total("everybody"),
        },
        stages={row["step"]: row["here"] for row in by_step if row["here"]},
        late=total("late"),
        soon=total("soon"),
        unassigned=total("unassigned"),
        ages=tuple(total(f"submitted_at_{number}") for number in range(len(BANDS))),
        stays=tuple(total(f"moved_at_{number}") for number in range(len(BANDS))),
    )


def waiting_for(person: "Person") -> int:
    """How many applications wait for this person's own step, counted to `MOST_WAITING`."""
    waiting = Application.objects.filter(UNDER_WAY, waits_for=person.staff_role).order_by()
    if person.staff_role == StaffRole.ACCOUNT_MANAGER:
        waiting = waiting.filter(assignee=person)
    return waiting[:MOST_WAITING].count()


def assignments(application: Application) -> Iterable[Assignment]:
    """Who looked after an application, the latest first."""
    return application.assignments.select_related("person", "by").order_by("-pk")


def saved_filters(person: "Person") -> QuerySet[SavedFilter]:
    """The views that a person keeps, by name."""
    return SavedFilter.objects.filter(person=person)


def _to_confirm(person: "Person") -> QuerySet[Proposal]:
    """Proposals of others that this person's role decides about."""
    waiting = Proposal.objects.filter(
        state=ProposalState.OPEN, application__waits_for=person.staff_role
    )
    return waiting.exclude(proposed_by=person).order_by()


def _narrowed(found: QuerySet[Application], wanted: Wanted, now: datetime) -> QuerySet[Application]:
    """With the filters, and what a row shows."""
    exact = {
        "step": wanted.stage,
        "waits_for": wanted.hand,
        "kind": wanted.kind,
        "country": wanted.country,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.channel:
        found = found.filter(channels__contains=[wanted.channel])
    if wanted.who is not None:
        found = found.filter(assignee=wanted.who or None)
    if wanted.q:
        words = Q(company__icontains=wanted.q) | Q(contact_email__icontains=wanted.q)
        code = ConnectCode.objects.filter(code=wanted.q).values("application")
        found = found.filter(words | Q(pk__in=code))
    if wanted.late:
        found = found.filter(urgent_at__lt=now)
    if wanted.renewal:
        found = found.filter(is_near(now))
    if wanted.age is not None:
        found = found.filter(BANDS[wanted.age].of("submitted_at", now))
    if wanted.stay is not None:
        found = found.filter(BANDS[wanted.stay].of("moved_at", now))
    flagged = Exists(Finding.objects.filter(application=OuterRef("pk"), cleared_at=None))
    found = found.annotate(flagged=flagged)
    if wanted.flagged:
        found = found.filter(flagged=True)
    open_ones = Proposal.objects.filter(state=ProposalState.OPEN).select_related("proposed_by")
    codes = ConnectCode.objects.filter(venue=settings.VENUE_NAME).order_by("-pk")
    return found.select_related("assignee").prefetch_related(
        Prefetch("proposals", open_ones), Prefetch("codes", codes)
    )


def _beyond(found: QuerySet[Application], after: str) -> QuerySet[Application]:
    if not after:
        return found
    moment, pk = _key(after)
    at = from_us(moment)
    # The first condition is what the index is entered by.
    return found.filter(urgent_at__gte=at).filter(Q(urgent_at__gt=at) | Q(pk__gt=pk))


def _key(after: str) -> tuple[int, int]:
    moment, _, pk = after.partition(".")
    return int(moment), int(pk)


HANDS: Final = tuple((hand.value, hand.label) for hand in Hand)
"""Whose turn it can be, for those who choose."""
