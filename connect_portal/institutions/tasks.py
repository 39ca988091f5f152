"""Jobs of this room: ids in, one action call each."""

from celery import shared_task

from connect_portal.institutions.actions import (
    documents,
    letters,
    reminding,
    renewing,
    screening,
    timers,
)
from connect_portal.kit.jobs import enqueue_on_commit


@shared_task(name="institutions.send_letter")
def send_letter(letter_id: int) -> None:
    """Send one letter."""
    letters.send_letter(letter_id)


@shared_task(name="institutions.send_waiting_letters")
def send_waiting_letters() -> None:
    """Find the letters that a lost job or an absent mail server left."""
    for letter_id in letters.unsent():
        enqueue_on_commit("institutions.send_letter", letter_id=letter_id)
    for reminder_id in reminding.unsent_reminders():
        enqueue_on_commit("institutions.send_reminder", reminder_id=reminder_id)


@shared_task(name="institutions.send_reminder")
def send_reminder(reminder_id: int) -> None:
    """Send one reminder."""
    reminding.send_reminder(reminder_id)


@shared_task(name="institutions.screen")
def screen(application_id: int) -> None:
    """Screen a submitted application."""
    screening.screen(application_id)


@shared_task(name="institutions.screen_again")
def screen_again() -> None:
    """Compare everybody with a watch list that came into force."""
    screening.screen_again()


@shared_task(name="institutions.sweep")
def sweep() -> None:
    """Screen what lost jobs left, make the moves whose date has come, and tell of what is due."""
    for application_id in screening.unscreened():
        screening.screen(application_id)
    screening.screen_again()
    timers.run_timers()
    renewing.announce_due()
    reminding.remind()


@shared_task(name="institutions.sweep_documents")
def sweep_documents() -> None:
    """Delete files that were kept and whose row was never written."""
    documents.sweep_documents()
