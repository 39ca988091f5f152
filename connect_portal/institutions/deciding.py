"""What the partial ``institutions/console/_decide.html`` shows: an application's buttons for one
member of staff. Pages of rooms above include it too; it posts to the review page."""

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from connect_portal.institutions.forms.decision import DecisionForm
from connect_portal.institutions.moves import Event
from connect_portal.institutions.tracking import Tracker, choices

if TYPE_CHECKING:
    from connect_portal.people.models import Person


def decision(person: "Person", tracker: Tracker) -> dict[str, Any]:
    """The context of that partial."""
    application, proposal = tracker.application, tracker.proposal
    offered = choices(person, application, proposal)
    return {
        "application": application,
        "tracker": tracker,
        "form": DecisionForm(),
        "choices": offered,
        "may_reject": any(one.value == f"propose:{Event.REJECT}" for one in offered),
        "own_proposal": proposal is not None and proposal.proposed_by_id == person.pk,
        "decide_url": reverse("institutions_console:application", args=[application.pk]),
    }
