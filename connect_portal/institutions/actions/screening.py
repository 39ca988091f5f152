"""Screening: the automatic look at a submitted application before people review it, and at those
under way when a watch list comes into force."""

from connect_portal.institutions.actions.findings import ACTOR, look_again
from connect_portal.institutions.actions.onboarding import move
from connect_portal.institutions.enums import CLOSED_STEPS, Step
from connect_portal.institutions.errors import NoSuchMove
from connect_portal.institutions.models import Application, WatchList
from connect_portal.institutions.moves import Event
from connect_portal.institutions.surroundings import watch_in_force
from connect_portal.venue.business_clock import business_now


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


def screen_again() -> int:
    """Compare everybody who is under way or has joined with the watch list in force, unless that
    was done; of how many a finding came or went. It may be repeated and broken off."""
    watch, number = watch_in_force()
    lists = WatchList.objects.filter(pk=number or 0, compared_at=None)
    if number is None or not lists.exists():
        return 0
    rows = Application.objects.exclude(step__in=[Step.DRAFT, *CLOSED_STEPS]).order_by("pk")
    changed = sum(look_again(pk, watch, number) for pk in rows.values_list("pk", flat=True))
    lists.update(compared_at=business_now())
    return changed
