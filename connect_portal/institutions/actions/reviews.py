"""What a move means for the review: requests sent with it or answered by it, versions kept,
the screening that looks at what was handed in.

`onboarding` alone calls, under the row lock of the application.
"""

from connect_portal.institutions.actions.change_requests import asked, close_answered
from connect_portal.institutions.actions.findings import look
from connect_portal.institutions.answers import answers_of, fingerprint
from connect_portal.institutions.models import Application, Move
from connect_portal.institutions.moves import Event, Way

_HANDED_IN = (Event.SUBMIT, Event.RESUBMIT, Event.APPEAL)
_SCREENED = (Event.SCREEN, Event.RESUBMIT, Event.SUBMIT_TECH)


def begin_move(application: Application, way: Way, row: Move) -> None:
    """Complete the row of a move before it is written. Raises NothingAsked."""
    if way.event == Event.REQUEST_INFO:
        row.evidence = row.evidence | {"requests": asked(application, row)}


def follow_move(application: Application, way: Way, row: Move) -> None:
    """Bring the review up to what the move just made of the application."""
    if way.event in _HANDED_IN:
        _keep_version(application, row)
    if way.event == Event.RESUBMIT:
        close_answered(application, person=row.person, at=row.at)
    if way.event in _SCREENED:
        look(application, actor=row.actor, at=row.at)


def _keep_version(application: Application, row: Move) -> None:
    """Keep what was handed in, as it is now."""
    content = answers_of(application)
    application.submissions.create(
        number=application.submissions.count() + 1,
        at=row.at,
        content=content,
        sha256=fingerprint(content),
    )
