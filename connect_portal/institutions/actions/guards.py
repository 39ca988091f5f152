"""What a review must have come to before a move is proposed, and before it is made.

`onboarding` alone calls, under the row lock of the application. Each refusal says what is missing.
"""

from connect_portal.institutions.checklists import (
    CONFIRMED_WITH,
    HELD_BY_FINDINGS,
    PROPOSED_WITH,
)
from connect_portal.institutions.enums import Severity
from connect_portal.institutions.labels import label_of
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event, Hand, Way
from connect_portal.institutions.review_errors import (
    FindingsOpen,
    RequestsOpen,
    Unchecked,
)
from connect_portal.institutions.reviewing import findings, open_requests, unchecked


def refuse_unproposable(application: Application, way: Way) -> None:
    """Refuse a move that its proposer has not prepared; asked again when it is made.

    Raises Unchecked, RequestsOpen.
    """
    if hand := PROPOSED_WITH.get(way.event):
        _refuse_unchecked(application, hand)
    if way.event == Event.APPROVE and (waiting := open_requests(application.pk)):
        raise RequestsOpen(fields=", ".join(label_of(field).lower() for field in waiting))


def refuse_unmakeable(application: Application, way: Way) -> None:
    """Refuse a move that either side has not prepared. Raises as above, and FindingsOpen."""
    refuse_unproposable(application, way)
    if hand := CONFIRMED_WITH.get(way.event):
        _refuse_unchecked(application, hand)
    if way.event in HELD_BY_FINDINGS and (blocking := _blocking(application)):
        raise FindingsOpen(findings=", ".join(blocking))


def _refuse_unchecked(application: Application, hand: Hand) -> None:
    if lines := unchecked(application, hand):
        words = "; ".join(line.item.words for line in lines)
        raise Unchecked(hand=hand.label.capitalize(), items=words)


def _blocking(application: Application) -> list[str]:
    return [
        f"{finding.get_rule_display().lower()} ({label_of(finding.field).lower()})"
        for finding in findings(application.pk)
        if finding.severity == Severity.BLOCKING and finding.cleared_at is None
    ]
