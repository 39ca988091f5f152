"""Jobs of this room: ids in, one action call each."""

from celery import shared_task

from connect_portal.institutions.actions import letters
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
