"""When the applicant's side is reminded, and of what: a table, counted in calendar days from the
moment a step was reached, or before a contract ends.

Only the newest reminder that is due is sent: a site that was away does not catch up with a heap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from connect_portal.institutions.enums import ReminderKind, Step
from connect_portal.institutions.models import Application, Move, Reminder
from connect_portal.institutions.moves import ANSWER_AWAITED, APPEAL_WITHIN, SIGN_WITHIN
from connect_portal.institutions.renewals import RENEWABLE, last_ends, outlook


@dataclass(frozen=True, slots=True)
class Plan:
    """One row of the table: ``days`` from the anchor, ascending; ``within`` from it is the end.

    The anchor is when the application came to its step, or the end of the contract.
    """

    kind: ReminderKind
    steps: tuple[Step, ...]
    days: tuple[int, ...]
    within: timedelta
    before_contract_ends: bool = False

    def newest(self, anchor: datetime, at: datetime) -> int | None:
        """Days from the anchor to the newest reminder that is due ``at``; None for none."""
        due = [days for days in self.days if anchor + timedelta(days=days) <= at]
        return due[-1] if due and at < anchor + self.within else None


PLANS: Final = (
    Plan(ReminderKind.ANSWER, (Step.INFO_REQUESTED,), (3, 7), ANSWER_AWAITED),
    Plan(ReminderKind.SIGN, (Step.CONTRACT_SENT,), (3, 7, 9), SIGN_WITHIN),
    Plan(ReminderKind.APPEAL, (Step.REJECTED,), (23,), APPEAL_WITHIN),
    Plan(
        ReminderKind.EXPIRY,
        RENEWABLE,
        tuple(-days for days in settings.CONTRACT_NOTICE_DAYS),
        timedelta(0),
        before_contract_ends=True,
    ),
)
PLAN_OF: Final = {plan.kind: plan for plan in PLANS}


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due: about which application, on which occasion, and until when."""

    application_id: int
    kind: ReminderKind
    occasion: str
    deadline: datetime


def due(at: datetime) -> Iterator[Due]:
    """Every reminder that is due ``at`` (business time), made before or not: a query for each row
    of the table."""
    for plan in PLANS:
        first, last = at - plan.within, at - timedelta(days=plan.days[0])
        waiting = _anchored(plan).filter(anchor__gt=first, anchor__lte=last)
        for pk, anchor in waiting.values_list("pk", "anchor"):
            days = plan.newest(anchor, at)
            if days is not None:
                occasion = f"{anchor:%Y-%m-%dT%H:%M:%S.%f}{days:+d}"
                yield Due(pk, plan.kind, occasion, anchor + plan.within)


def is_overtaken(reminder: Reminder) -> bool:
    """Whether it need not go out any more: what it asks for was done. What tells of something that
    has happened never is."""
    plan = PLAN_OF.get(ReminderKind(reminder.kind))
    if plan is None:
        return False
    if plan.before_contract_ends and reminder.application.institution_id is not None:
        ahead = outlook(reminder.application.institution_id, reminder.at)
        return ahead.ends_at != reminder.deadline
    return reminder.application.step not in plan.steps


def reminders_of(application_id: int) -> QuerySet[Reminder]:
    """What an applicant's side was reminded of, the newest first."""
    return Reminder.objects.filter(application_id=application_id)


def _anchored(plan: Plan) -> QuerySet[Any]:
    rows = Application.objects.filter(step__in=plan.steps).order_by("pk")
    if plan.before_contract_ends:
        return rows.annotate(anchor=last_ends())
    came = Move.objects.filter(application=OuterRef("pk"), to__in=plan.steps).order_by("-pk")
    return rows.annotate(anchor=Subquery(came.values("at")[:1]))
