"""What pages show of a review: open requests, findings, checklists, notes, and what changed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connect_portal.institutions.answers import answers_of, fingerprint
from connect_portal.institutions.checklists import Item, items_of
from connect_portal.institutions.models import (
    Application,
    ChangeRequest,
    Finding,
    Move,
    Note,
    Tick,
)
from connect_portal.institutions.moves import Hand


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


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a checklist as it stands: the last row about it, whether it still holds, and the
    fingerprint of the answers that it is about."""

    item: Item
    last: Tick | None
    is_done: bool
    over: str

    @property
    def is_outdated(self) -> bool:
        """Whether it was ticked, and the answers that it is about have changed since."""
        return self.last is not None and self.last.is_done and not self.is_done


def checklist(application: Application) -> list[Line]:
    """Every item that is to be checked, in the order of the roles."""
    ticks = Tick.objects.filter(application=application).select_related("by").order_by("number")
    last = {tick.item: tick for tick in ticks}
    answers = answers_of(application)
    return [_line(item, last.get(item.key), answers) for item in items_of(application)]


def unchecked(application: Application, hand: Hand) -> list[Line]:
    """What a role still has to check."""
    return [line for line in checklist(application) if line.item.hand == hand and not line.is_done]


def over(item: Item, answers: Mapping[str, Any]) -> str:
    """The fingerprint of the answers that an item is about."""
    about = tuple(item.fields)
    return fingerprint({name: answers[name] for name in answers if _is_about(name, about)})


def _line(item: Item, last: Tick | None, answers: Mapping[str, Any]) -> Line:
    now = over(item, answers)
    holds = last is not None and last.is_done and last.over == now
    return Line(item, last, holds, now)


def _is_about(name: str, fields: tuple[str, ...]) -> bool:
    return name in fields or any(name.startswith(one) for one in fields if one.endswith(":"))
