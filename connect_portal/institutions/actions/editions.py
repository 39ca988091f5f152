"""Editions of templates, plans, letters and calendars: proposed by one, approved by another.

All times are business time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from connect_portal.audit.actions import record
from connect_portal.institutions import editions
from connect_portal.institutions.enums import EditionKind, EditionState, Tag
from connect_portal.institutions.errors import (
    EditionDecided,
    EditionInThePast,
    EditionNoteMissing,
    EditionNotYours,
    EditionOwn,
    EditionProposed,
    EditionSame,
    EditionUnsound,
)
from connect_portal.institutions.models import EDITION_NOTE_LENGTH, Edition
from connect_portal.institutions.rules import (
    EDITION_HANDS,
    may_approve_edition,
    may_propose_edition,
)
from connect_portal.terms.actions import add_version
from connect_portal.terms.levels import read
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person


def propose_edition(
    kind: EditionKind,
    name: str,
    *,
    body: str,
    note: str,
    person: "Person",
    effective_from: datetime | None = None,
) -> Edition:
    """Propose a new edition, in force from a moment on, or from its approval on.

    Raises EditionNotYours, EditionNoteMissing, EditionUnsound, EditionSame, EditionInThePast,
    EditionProposed (another waits); KeyError for a name that does not exist.
    """
    at = business_now()
    if name not in editions.titles(kind):
        raise KeyError(name)
    if not may_propose_edition(person, kind):
        raise EditionNotYours(verb="propose", hand=EDITION_HANDS[kind][0].label)
    body = _tidy(body)
    _refuse_without_note(note)
    if said := editions.problems(kind, body):
        raise EditionUnsound(problems=" ".join(said))
    if body == editions.in_force(kind, name, at).body:
        raise EditionSame()
    _refuse_past(effective_from, at)
    row = Edition(kind=kind, name=name, body=body, note=note[:EDITION_NOTE_LENGTH])
    row.effective_from, row.proposed_by, row.proposed_at = effective_from, person, at
    with transaction.atomic():
        _add(row)
        _note(Tag.EDITION_PROPOSED, row, person, {"note": row.note})
    return row


def approve_edition(edition_id: int, *, person: "Person", note: str = "") -> Edition:
    """Let a proposed edition take effect, as the second person.

    Raises EditionDecided (who was first), EditionOwn, EditionNotYours, EditionInThePast.
    """
    at = business_now()
    with transaction.atomic():
        edition = _undecided(edition_id, person)
        _refuse_past(edition.effective_from, at)
        edition.effective_from = edition.effective_from or at
        if edition.kind == EditionKind.PLAN:
            edition.plan_version = add_version(
                int(edition.name),
                read(edition.body),
                effective_from=edition.effective_from,
                actor=person.actor,
            )
        _decide(edition, EditionState.APPROVED, person, note, at)
    return edition


def decline_edition(edition_id: int, *, person: "Person", note: str = "") -> Edition:
    """Refuse a proposed edition with a reason.

    Raises EditionDecided, EditionOwn, EditionNotYours, EditionNoteMissing.
    """
    at = business_now()
    with transaction.atomic():
        edition = _undecided(edition_id, person)
        _refuse_without_note(note)
        _decide(edition, EditionState.DECLINED, person, note, at)
    return edition


def withdraw_edition(edition_id: int, *, person: "Person", note: str = "") -> Edition:
    """Take back one's own proposal. Raises EditionDecided, EditionNotYours."""
    at = business_now()
    with transaction.atomic():
        edition = _open(edition_id)
        if edition.proposed_by_id != person.pk:
            raise EditionNotYours(verb="withdraw", hand=str(edition.proposed_by))
        _decide(edition, EditionState.WITHDRAWN, person, note, at)
    return edition


def _add(row: Edition) -> None:
    """Give the edition its number and write it; of two at once, one is first."""
    others = Edition.objects.filter(kind=row.kind, name=row.name)
    newest = others.first()
    row.number = newest.number + 1 if newest else editions.SHIPPED + 1
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        there = others.filter(state=EditionState.PROPOSED).select_related("proposed_by").first()
        if there is None:
            raise
        raise EditionProposed(
            name=there.proposed_by, number=there.number, at=there.proposed_at
        ) from error


def _open(edition_id: int) -> Edition:
    """A proposed edition under its row lock."""
    rows = Edition.objects.select_for_update(of=("self",))
    edition = rows.select_related("proposed_by", "decided_by").get(pk=edition_id)
    if edition.state != EditionState.PROPOSED:
        assert edition.decided_at is not None  # held by a constraint
        state = edition.get_state_display().lower()
        raise EditionDecided(state=state, name=edition.decided_by, at=edition.decided_at)
    return edition


def _undecided(edition_id: int, person: "Person") -> Edition:
    """A proposed edition that this person may decide."""
    edition = _open(edition_id)
    if edition.proposed_by_id == person.pk:
        raise EditionOwn()
    if not may_approve_edition(person, edition):
        hand = EDITION_HANDS[EditionKind(edition.kind)][1]
        raise EditionNotYours(verb="decide about", hand=hand.label)
    return edition


def _decide(
    edition: Edition, state: EditionState, person: "Person", note: str, at: datetime
) -> None:
    edition.state, edition.decided_by, edition.decided_at = state, person, at
    edition.answer = note[:EDITION_NOTE_LENGTH]
    edition.save()
    tag = {
        EditionState.APPROVED: Tag.EDITION_APPROVED,
        EditionState.DECLINED: Tag.EDITION_DECLINED,
        EditionState.WITHDRAWN: Tag.EDITION_WITHDRAWN,
    }[state]
    data = {"proposed_by": edition.proposed_by.actor, "note": edition.answer}
    _note(tag, edition, person, data)


def _note(tag: Tag, edition: Edition, person: "Person", data: Mapping[str, str]) -> None:
    what = {name: getattr(edition, name) for name in ("kind", "name", "number", "effective_from")}
    record(tag, actor=person.actor, subject=edition.subject, data=what | dict(data))


def _tidy(body: str) -> str:
    """The words with one kind of line end, no blanks at line ends, and one line end at the end."""
    lines = [line.rstrip() for line in body.replace("\r\n", "\n").split("\n")]
    return "\n".join(lines).strip("\n") + "\n"


def _refuse_past(moment: datetime | None, at: datetime) -> None:
    if moment is not None and moment < at:
        raise EditionInThePast(at=moment)


def _refuse_without_note(note: str) -> None:
    if not note.strip():
        raise EditionNoteMissing()
