"""What pages show of a review: open requests, findings, checklists, notes, and what changed."""

from collections import defaultdict

from connect_portal.institutions.models import ChangeRequest, Finding, Move, Note


def requests(application_id: int) -> list[ChangeRequest]:
    """Everything that was ever asked about an application, in order."""
    rows = ChangeRequest.objects.filter(application_id=application_id)
    return list(rows.select_related("asked_by", "answered_by", "withdrawn_by"))


def open_requests(application_id: int) -> dict[str, list[ChangeRequest]]:
    """What waits for an answer, by field (see `ChangeRequest.field`)."""
    found = defaultdict(list)
    for request in requests(application_id):
        if request.is_open:
            found[request.field].append(request)
    return dict(found)


def requests_of(move: Move) -> list[ChangeRequest]:
    """What a move asked the applicant for, and is still asked; empty for other moves."""
    rows = ChangeRequest.objects.filter(pk__in=move.evidence.get("requests", []))
    return list(rows.filter(withdrawn_at=None))


def findings(application_id: int) -> list[Finding]:
    """What the screening saw, blocking ones first."""
    rows = Finding.objects.filter(application_id=application_id)
    return list(rows.select_related("cleared_by"))


def notes(application_id: int) -> list[Note]:
    """The staff's notes, the newest first."""
    return list(Note.objects.filter(application_id=application_id).select_related("by"))
