"""Letters to the applicant's side: one for each move, sent at least once."""

from connect_portal.institutions.actions import posting
from connect_portal.institutions.letters import letter_of, readers_of
from connect_portal.institutions.models import SUBJECT_LENGTH, Letter


def send_letter(letter_id: int) -> bool:
    """Send a letter unless it was sent or somebody is sending it; whether this call did."""
    if not posting.claim(Letter.objects.all(), letter_id):
        return False
    letter = _write(letter_id)
    return posting.deliver(letter, message_id=f"move-{letter.move_id}")


def unsent() -> list[int]:
    """Letters that wait, the oldest first, at most a hundred."""
    return posting.waiting(Letter.objects.all())


def _write(letter_id: int) -> Letter:
    """The letter with its words, kept from the first attempt on: every later one sends the same."""
    rows = Letter.objects.select_related("move__application__institution")
    letter = rows.select_related("move__application__applicant").get(pk=letter_id)
    if letter.text:
        return letter
    words = letter_of(letter)
    letter.edition, letter.subject = words.edition, words.subject[:SUBJECT_LENGTH]
    letter.text, letter.html = words.text, words.html
    letter.readers = readers_of(letter.move.application)
    letter.save(update_fields=["edition", "subject", "text", "html", "readers"])
    return letter
