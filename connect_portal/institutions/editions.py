"""Contract templates, commission plans, letters and calendars: which edition is in force, and what
it may say.

One small query each time it is asked: no process keeps what another has replaced.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from connect_portal import facts
from connect_portal.institutions import calendars, wording
from connect_portal.institutions.enums import EditionKind, EditionState, ReminderKind
from connect_portal.institutions.models import Edition
from connect_portal.institutions.moves import Event
from connect_portal.institutions.pdf.reading import blocks
from connect_portal.terms import levels
from connect_portal.terms.queries import plans, shipped_levels

SHIPPED: Final = 0
"""The number of what this release ships; those that people wrote count from 1."""
CONTRACT: Final = "connect"
CALENDAR: Final = "review"
"""The one contract template and the one calendar there are: that of the review clocks."""

MOST_COLUMNS: Final = 8
MOST_IN_ROW: Final = 1000
"""What a row of a contract's table may hold."""

FOLDER: Final = Path(__file__).parent / "shipped"

PLACEHOLDERS: Final[dict[EditionKind, dict[str, str]]] = {
    EditionKind.CONTRACT: {
        "institution": "the company's name",
        "business": "its kind of business",
        "channels": "its channels, as in API, OAuth",
        "code": "its Connect code",
        "particulars": "who the company is, a row each",
        "plan": "the name of the commission plan",
        "plan_version": "the number of the plan's version",
        "plan_table": "the plan's levels, a line each under their heads",
        "plan_source": "where the plan comes from",
        "level": "the level at which the institution begins",
        "term": "from when on it is in force, and how long",
    },
    EditionKind.LETTER: {
        "company": "the company's name",
        "code": "its Connect code",
        "due": "when our next step is due",
        "note": "the note of the step",
        "reason": "why an application was rejected",
        "requests": "what the applicant is asked to change",
    },
    EditionKind.PLAN: {},
    EditionKind.CALENDAR: {},
}
"""What can stand in each kind, and what fills it."""


@dataclass(frozen=True, slots=True)
class InForce:
    """An edition that holds: its number, its words, and since when (None: as shipped)."""

    kind: EditionKind
    name: str
    number: int
    body: str
    effective_from: datetime | None = None


def titles(kind: EditionKind) -> dict[str, str]:
    """Everything of a kind that has editions: its name, and what people call it."""
    match kind:
        case EditionKind.CONTRACT:
            return {CONTRACT: "Connect agreement"}
        case EditionKind.CALENDAR:
            return {CALENDAR: "Holidays of the review clocks"}
        case EditionKind.PLAN:
            return {str(pk): name for pk, name in plans().items()}
        case EditionKind.LETTER:
            reminders = {f"remind_{kind}": f"Reminder: {kind.label}" for kind in ReminderKind}
            return {event.value: str(event.label) for event in Event} | reminders


def in_force(kind: EditionKind, name: str, at: datetime) -> InForce:
    """The edition of a template, plan, letter or calendar that holds at ``at`` (business time).

    The one that took effect last; where two did at one moment, the later edition. ``name`` is one
    of `titles`.
    """
    approved = Edition.objects.filter(kind=kind, name=name, state=EditionState.APPROVED)
    newest = approved.filter(effective_from__lte=at).order_by("-effective_from", "-number").first()
    if newest is None:
        return InForce(kind, name, SHIPPED, shipped(kind, name))
    return InForce(kind, name, newest.number, newest.body, newest.effective_from)


def holidays(at: datetime) -> frozenset[date]:
    """Days that do not count for the review clocks, by the calendar in force at ``at``."""
    return frozenset(calendars.days(in_force(EditionKind.CALENDAR, CALENDAR, at).body))


def shipped(kind: EditionKind, name: str) -> str:
    """What this release ships: edition 0."""
    match kind:
        case EditionKind.CALENDAR:
            return calendars.written(facts.holidays())
        case EditionKind.PLAN:
            return levels.written(shipped_levels(int(name)))
        case _:
            return _words(kind, name)


@cache
def _words(kind: EditionKind, name: str) -> str:
    return (FOLDER / kind / f"{name}.txt").read_text("utf-8")


def problems(kind: EditionKind, body: str) -> list[str]:
    """What keeps ``body`` from being an edition, a sentence each; empty when nothing does."""
    if not body.strip():
        return ["Nothing is written here."]
    match kind:
        case EditionKind.CALENDAR:
            return calendars.problems(body)
        case EditionKind.PLAN:
            return levels.problems(body)
        case _:
            return _problems_of_words(kind, body)


def _problems_of_words(kind: EditionKind, body: str) -> list[str]:
    said = wording.problems(body, PLACEHOLDERS[kind])
    if kind == EditionKind.LETTER and not _has_subject(body):
        said.append("The first line is the subject, the second is empty; then the letter begins.")
    if kind == EditionKind.CONTRACT and not _fits_pages(body):
        said.append(
            f"A line that begins with two spaces is a row of a table: {MOST_COLUMNS} columns and "
            f"{MOST_IN_ROW:,} characters at most, or it fits no page."
        )
    return said


def _fits_pages(body: str) -> bool:
    rows = [row for block in blocks(body) for row in block.rows]
    return all(len(row) <= MOST_COLUMNS and sum(map(len, row)) <= MOST_IN_ROW for row in rows)


def _has_subject(body: str) -> bool:
    subject, _, rest = body.partition("\n\n")
    return bool(subject.strip() and rest.strip()) and "\n" not in subject.strip()
