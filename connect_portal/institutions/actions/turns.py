"""Whose turn an application waits for, kept in its row for the desk.

At rest a renewal of the contract may decide it: then its clock is the end of the contract.
"""

from datetime import datetime

from connect_portal.institutions.enums import ProposalState
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event
from connect_portal.institutions.renewals import WAITS_FOR_RENEWAL, outlook
from connect_portal.institutions.rules import turn


def pass_turn(application: Application, *, at: datetime, proposed: Event | None = None) -> None:
    """Say whose turn it is at ``at`` (business time) where a move is ``proposed``, or none is.

    Under the caller's row lock; the caller saves ``waits_for`` and ``due_at``.
    """
    application.waits_for = turn(application.step, proposed) or ""
    if proposed is not None or application.step not in WAITS_FOR_RENEWAL:
        return
    assert application.institution_id is not None  # held by a constraint at these steps
    ahead = outlook(application.institution_id, at)
    application.waits_for = ahead.hand or application.waits_for
    application.due_at = ahead.ends_at if ahead.hand and not ahead.is_over else None


def renew_turn(application: Application, *, at: datetime) -> None:
    """Bring the row up to what became of a renewal; a move that is proposed goes on waiting for
    its second person. Under the caller's row lock."""
    waiting = application.proposals.filter(state=ProposalState.OPEN).first()
    proposed = Event(waiting.event) if waiting else None
    pass_turn(application, at=at, proposed=proposed)
    application.save(update_fields=["waits_for", "due_at"])
