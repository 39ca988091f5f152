"""Screening: the automatic look at a submitted application before people review it."""

from connect_portal.institutions.actions.onboarding import move
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import NoSuchMove
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event

ACTOR = "system:screening"


def screen(application_id: int) -> bool:
    """Screen a submitted application and hand it to the reviewers; whether this call did."""
    try:
        move(application_id, Event.SCREEN, person=None, actor=ACTOR)
    except NoSuchMove:
        return False
    return True


def unscreened() -> list[int]:
    """Submitted applications that wait for their screening, the oldest first."""
    waiting = Application.objects.filter(step=Step.SUBMITTED).order_by("submitted_at", "pk")
    return list(waiting.values_list("pk", flat=True))
