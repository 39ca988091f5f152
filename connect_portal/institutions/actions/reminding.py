"""Reminders: made once for each occasion, sent like every other letter."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from connect_portal.audit.actions import News, record_many
from connect_portal.institutions.actions import posting
from connect_portal.institutions.enums import ReminderKind, Tag
from connect_portal.institutions.letters import readers_of, reminder_of
from connect_portal.institutions.models import (
    SUBJECT_LENGTH,
    Application,
    Contract,
    Reminder,
)
from connect_portal.institutions.reminders import due, is_overtaken
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.venue.business_clock import business_now

ACTOR = "system:calendar"


def remind() -> int:
    """Make every reminder that is due and was not made; how many. Their letters follow."""
    at = business_now()
    found = list(due(at))
    ids = {one.application_id for one in found}
    made = set(
        Reminder.objects.filter(application__in=ids).values_list(
            "application_id", "kind", "occasion"
        )
    )
    rows = [
        Reminder(
            application_id=one.application_id,
            kind=one.kind,
            occasion=one.occasion,
            at=at,
            deadline=one.deadline,
        )
        for one in found
        if (one.application_id, one.kind, one.occasion) not in made
    ]
    return sum(_make(row, actor=ACTOR) for row in rows)


def tell(
    application: Application,
    kind: ReminderKind,
    *,
    about: Contract,
    deadline: datetime,
    actor: str,
    at: datetime,
    note: str = "",
) -> None:
    """Owe the applicant's side a letter about a contract; inside the caller's transaction."""
    row = Reminder(application=application, kind=kind, occasion=f"contract:{about.pk}")
    row.at, row.deadline, row.note = at, deadline, note
    _make(row, actor=actor)


@transaction.atomic
def _make(row: Reminder, *, actor: str) -> bool:
    """Make one; whether nobody else had."""
    once = {"application_id": row.application_id, "kind": row.kind, "occasion": row.occasion}
    kept, is_new = Reminder.objects.get_or_create(
        **once, defaults={"at": row.at, "deadline": row.deadline, "note": row.note}
    )
    if is_new:
        enqueue_on_commit("institutions.send_reminder", reminder_id=kept.pk)
        data = {"kind": kept.kind, "occasion": kept.occasion}
        news = News(Tag.REMINDED, f"application:{kept.application_id}", data)
        record_many([news], actor=actor)
    return is_new


def send_reminder(reminder_id: int) -> bool:
    """Send a reminder unless it was sent, is being sent, or was overtaken by what it asks for."""
    if not posting.claim(_open(), reminder_id):
        return False
    reminder = _open().select_related("application__institution").get(pk=reminder_id)
    if is_overtaken(reminder):
        Reminder.objects.filter(pk=reminder_id).update(overtaken_at=now())
        return False
    return posting.deliver(_written(reminder), message_id=f"reminder-{reminder.pk}")


def unsent_reminders() -> list[int]:
    """Reminders that wait, the oldest first, at most a hundred."""
    return posting.waiting(_open())


def _open() -> QuerySet[Reminder]:
    return Reminder.objects.filter(overtaken_at=None)


def _written(reminder: Reminder) -> Reminder:
    if reminder.text:
        return reminder
    words = reminder_of(reminder)
    reminder.edition, reminder.subject = words.edition, words.subject[:SUBJECT_LENGTH]
    reminder.text, reminder.html = words.text, words.html
    reminder.readers = readers_of(reminder.application)
    reminder.save(update_fields=["edition", "subject", "text", "html", "readers"])
    return reminder
