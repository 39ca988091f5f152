"""Checklists and notes of the staff: an item ticked or taken back by its role, words kept."""

from typing import TYPE_CHECKING

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.answers import answers_of
from connect_portal.institutions.checklists import Item, items_of
from connect_portal.institutions.enums import CLOSED_STEPS, Step, Tag
from connect_portal.institutions.errors import (
    NotNow,
    NotYourPart,
    WordsMissing,
)
from connect_portal.institutions.models import NOTE_LENGTH, Application, Note, Tick
from connect_portal.institutions.moves import Hand
from connect_portal.institutions.review_errors import (
    AlreadyTicked,
    AnswersChanged,
    NotTicked,
    UnknownItem,
)
from connect_portal.institutions.reviewing import over
from connect_portal.institutions.rules import hands_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person


def tick(
    application_id: int, key: str, *, person: "Person", actor: str, seen: str | None = None
) -> Tick:
    """Tick an item as it stands now; one whose answers changed since may be ticked again.

    ``seen`` is the fingerprint (`reviewing.over`) of the answers that the person looked at.
    Raises UnknownItem, NotYourPart, NotNow, AlreadyTicked (who was first), AnswersChanged.
    """
    at = business_now()
    with transaction.atomic():
        application, item = _open(application_id, key, person)
        last = _last(application, key)
        now = over(item, answers_of(application))
        if last is not None and last.is_done and last.over == now:
            raise AlreadyTicked(name=last.by, at=last.at)
        if seen is not None and seen != now:
            raise AnswersChanged(words=item.words)
        row = Tick(application=application, item=key, is_done=True, over=now, by=person, at=at)
        return _add(row, last, actor=actor)


def take_back(application_id: int, key: str, *, person: "Person", actor: str) -> Tick:
    """Take a tick back, by anybody of the role. Raises as `tick` does, and NotTicked."""
    at = business_now()
    with transaction.atomic():
        application, _ = _open(application_id, key, person)
        last = _last(application, key)
        if last is None or not last.is_done:
            raise NotTicked()
        row = Tick(application=application, item=key, is_done=False, over="", by=person, at=at)
        return _add(row, last, actor=actor)


def write_note(application_id: int, *, text: str, person: "Person", actor: str) -> Note:
    """Keep words among the staff. Raises NotYourPart, WordsMissing."""
    at = business_now()
    with transaction.atomic():
        application = Application.objects.select_related("institution").get(pk=application_id)
        if not hands_of(person, application) - {Hand.APPLICANT}:
            raise NotYourPart(hands="the staff of the exchange")
        if not text.strip():
            raise WordsMissing()
        note = application.notes.create(text=text[:NOTE_LENGTH], by=person, at=at)
        record(
            Tag.NOTE_WRITTEN,
            actor=actor,
            subject=application.subject,
            data={"note": note.pk},
        )
    return note


def _open(application_id: int, key: str, person: "Person") -> tuple[Application, Item]:
    """An application under its row lock, and the item that this person may tick there now."""
    application = Application.objects.select_for_update().get(pk=application_id)
    item = next((one for one in items_of(application) if one.key == key), None)
    if item is None:
        raise UnknownItem()
    if item.hand not in hands_of(person, application):
        raise NotYourPart(hands=item.hand.label)
    if application.step in (Step.DRAFT, *CLOSED_STEPS):
        raise NotNow(company=application.company, step=application.get_step_display())
    return application, item


def _last(application: Application, key: str) -> Tick | None:
    return application.ticks.filter(item=key).select_related("by").order_by("number").last()


def _add(row: Tick, last: Tick | None, *, actor: str) -> Tick:
    row.number = last.number + 1 if last else 1
    row.save(force_insert=True)
    tag = Tag.ITEM_TICKED if row.is_done else Tag.ITEM_TAKEN_BACK
    record(tag, actor=actor, subject=row.application.subject, data={"item": row.item})
    return row
