"""What only a date brings about: drafts and questions nobody goes on with expire, contracts lapse.

Business time throughout; each call may be repeated.
"""

from datetime import datetime

from django.db.models import Q

from connect_portal.institutions.actions.onboarding import move
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import NoSuchMove
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import ANSWER_AWAITED, DRAFT_KEPT, Event
from connect_portal.institutions.renewal_errors import ContractStands
from connect_portal.institutions.renewals import is_over
from connect_portal.venue.business_clock import business_now

ACTOR = "system:calendar"


def run_timers() -> int:
    """Make every move whose date has come; how many."""
    at = business_now()
    due = [
        *((pk, Event.EXPIRE) for pk in _expired(at)),
        *((pk, Event.LAPSE) for pk in _lapsed(at)),
    ]
    return sum(_happens(pk, event, at) for pk, event in due)


def _expired(at: datetime) -> list[int]:
    draft = Q(step=Step.DRAFT, begun_at__lt=at - DRAFT_KEPT)
    question = Q(step=Step.INFO_REQUESTED, paused_at__lt=at - ANSWER_AWAITED)
    return list(Application.objects.filter(draft | question).values_list("pk", flat=True))


def _lapsed(at: datetime) -> list[int]:
    over = Application.objects.filter(is_over(at), step=Step.ACTIVE)
    return list(over.values_list("pk", flat=True))


def _happens(application_id: int, event: Event, at: datetime) -> bool:
    try:
        move(application_id, event, person=None, actor=ACTOR, at=at)
    except (NoSuchMove, ContractStands):  # somebody went on with it in the meantime
        return False
    return True
