"""Moves of onboarding that rest on what was traded, made by the site itself."""

from connect_portal.institutions.actions import move
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import NoSuchMove
from connect_portal.institutions.moves import Event
from connect_portal.institutions.tracking import applications_at
from connect_portal.monitoring.queries import proof

ACTOR = "system:monitoring"


def notice_first_fills() -> int:
    """Note the first fill with its code of every institution that just went live; how many."""
    noted = 0
    for application in applications_at(Step.ONLINE_TEST):
        evidence = proof(application).evidence
        if evidence:
            noted += _note(application.pk, evidence)
    return noted


def _note(application_id: int, evidence: dict[str, object]) -> bool:
    try:
        move(application_id, Event.FIRST_FILL, person=None, actor=ACTOR, evidence=evidence)
    except NoSuchMove:  # it was suspended in the meantime, or another worker was first
        return False
    return True
