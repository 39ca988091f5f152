"""Letters to the applicant's side: one for each move, sent at least once, never in a transaction.

The row is the truth. A job that is lost, or a mail server that is away, delays a letter until the
sweep finds it again.
"""

import logging
import smtplib
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q

from connect_portal.institutions.letters import letter_of, readers_of
from connect_portal.institutions.models import SUBJECT_LENGTH, Letter
from connect_portal.kit.clock import now

log = logging.getLogger(__name__)

AGAIN_AFTER: Final = timedelta(minutes=2)
"""How long whoever claimed a letter has to send it; afterwards anybody may try again."""
AT_ONCE: Final = 100


def send_letter(letter_id: int) -> bool:
    """Send a letter unless it was sent or somebody is sending it; whether this call did."""
    if not _claim(letter_id):
        return False
    letter = _write(letter_id)
    try:
        _message(letter).send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("letter %s is not sent, it will be tried again: %s", letter_id, error)
        return False
    Letter.objects.filter(pk=letter_id).update(sent_at=now())
    return True


def unsent() -> list[int]:
    """Letters that wait, the oldest first, at most a hundred."""
    waiting = Letter.objects.filter(_free()).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:AT_ONCE])


def _claim(letter_id: int) -> bool:
    """Of many who want to send a letter at once, one may."""
    mine = Letter.objects.filter(_free(), pk=letter_id)
    return bool(mine.update(claimed_at=now(), attempts=F("attempts") + 1))


def _write(letter_id: int) -> Letter:
    """The letter with its words, kept from the first attempt on: every later one sends the same."""
    rows = Letter.objects.select_related("move__application__institution")
    letter = rows.select_related("move__application__applicant").get(pk=letter_id)
    if letter.text:
        return letter
    words = letter_of(letter.move)
    letter.edition, letter.subject = words.edition, words.subject[:SUBJECT_LENGTH]
    letter.text, letter.html = words.text, words.html
    letter.readers = readers_of(letter.move.application)
    letter.save(update_fields=["edition", "subject", "text", "html", "readers"])
    return letter


def _free() -> Q:
    stale = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now() - AGAIN_AFTER)
    return Q(sent_at__isnull=True) & stale


def _message(letter: Letter) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=letter.readers,
        headers={"Message-ID": f"<move-{letter.move_id}@{settings.ALLOWED_HOSTS[0]}>"},
    )
    message.attach_alternative(letter.html, "text/html")
    return message
