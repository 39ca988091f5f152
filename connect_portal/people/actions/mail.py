"""Write and send the letters of this room; what is due is a row, so a failure only waits."""

import logging
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

log = logging.getLogger(__name__)


def send(letter: str, context: dict[str, Any], *, to: str, number: int) -> bool:
    """Send the letter of that folder, in text and HTML; whether the mail server took it.

    ``number`` is its row's, so that the same letter is the same message however often it is sent.
    """
    folder = f"emails/people/{letter}"
    subject = render_to_string(f"{folder}/subject.txt", context)
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"{folder}/body.txt", context),
        to=[to],
        headers={"Message-ID": f"<{letter}-{number}@{settings.ALLOWED_HOSTS[0]}>"},
    )
    message.attach_alternative(render_to_string(f"{folder}/body.html", context), "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("%s %s is not sent, it will be tried again: %s", letter, number, error)
        return False
    return True
