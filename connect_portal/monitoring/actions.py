"""Moves of onboarding that rest on what was traded, made by the site itself."""

from typing import TYPE_CHECKING

from connect_portal.institutions.actions import move
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import NoSuchMove
from connect_portal.institutions.moves import Event
from connect_portal.institutions.tracking import applications_at
from connect_portal.monitoring.errors import NotObserved
from connect_portal.monitoring.observing import observation
from connect_portal.monitoring.queries import proof
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.institutions.models import Application
    from connect_portal.people.models import Person

ACTOR = "system:monitoring"


def notice_first_fills() -> int:
    """Note the first fill with its code of every institution that just went live; how many."""
    noted = 0
    for application in applications_at(Step.ONLINE_TEST):
        evidence = proof(application).evidence
        if evidence:
            noted += _note(application.pk, evidence)
    return noted


def prove(application: "Application", event: Event, *, person: "Person") -> None:
    """Make a move that rests on what was traded, with the fills that speak for it.

    Raises NotObserved where the observation does not show enough, and the refusals of the move.
    """
    evidence = proof(application).evidence
    if event == Event.COMPLETE and (seen := observation(application, business_now())):
        if seen.missing:
            said = " ".join(f"{need.words}: {need.stands}" for need in seen.missing)
            raise NotObserved(missing=said)
        evidence |= seen.evidence
    move(application.pk, event, person=person, actor=person.actor, evidence=evidence)


def _note(application_id: int, evidence: dict[str, object]) -> bool:
    try:
        move(application_id, Event.FIRST_FILL, person=None, actor=ACTOR, evidence=evidence)
    except NoSuchMove:  # it was suspended in the meantime, or another worker was first
        return False
    return True
