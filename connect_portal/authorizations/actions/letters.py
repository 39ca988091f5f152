"""Letters about grants and bindings, to the person and to the institution: each sent at least
once, after the commit of what it tells.

The row is the truth. A job that is lost, or a mail server that is away, delays a letter until the
sweep finds it again.
"""

import logging
import smtplib
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse

from connect_portal.authorizations.enums import News
from connect_portal.authorizations.models import Binding, Grant, Letter
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit

log = logging.getLogger(__name__)

AGAIN_AFTER: Final = timedelta(minutes=2)
"""How long whoever claimed a letter has to send it; afterwards anybody may try again."""
AT_ONCE: Final = 100


def write(news: News, about: Grant | Binding, person_ids: Iterable[int]) -> None:
    """Tell each of these persons once; to be called in the transaction of what is told."""
    name = "grant_id" if isinstance(about, Grant) else "binding_id"
    keep([Letter(news=news, person_id=one, **{name: about.pk}) for one in person_ids])


def keep(letters: list[Letter]) -> None:
    """Let these be sent after the commit, each news about a connection once to a person."""
    Letter.objects.bulk_create(letters, ignore_conflicts=True)
    enqueue_on_commit("authorizations.send_letters")


def send_waiting() -> int:
    """Send the letters that wait, the oldest first, at most a hundred; how many were sent."""
    waiting = Letter.objects.filter(_free()).order_by("pk")
    return sum(
        _send(letter_id) for letter_id in list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    )


def _send(letter_id: int) -> bool:
    """Send a letter unless it was sent or somebody is sending it; whether this call did."""
    mine = Letter.objects.filter(_free(), pk=letter_id)
    if not mine.update(claimed_at=now(), attempts=F("attempts") + 1):
        return False
    rows = Letter.objects.select_related(
        "grant__institution",
        "grant__receipt",
        "grant__cancellation",
        "binding__institution",
        "person",
    )
    letter = rows.get(pk=letter_id)
    try:
        _message(letter).send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("letter %s is not sent, it will be tried again: %s", letter_id, error)
        return False
    Letter.objects.filter(pk=letter_id).update(sent_at=now())
    return True


def _free() -> Q:
    stale = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now() - AGAIN_AFTER)
    return Q(sent_at__isnull=True) & stale


def _message(letter: Letter) -> EmailMultiAlternatives:
    about = letter.about
    address = reverse("authorizations_user:connections")
    if isinstance(about, Grant):
        address = reverse("authorizations_user:grant", args=[about.pk])
    context = {
        "grant": letter.grant,
        "binding": letter.binding,
        "institution": about.institution,
        "person": letter.person,
        "address": settings.PUBLIC_URL + address,
        "bind": settings.PUBLIC_URL + reverse("authorizations_user:bind"),
    }
    folder = f"emails/authorizations/{letter.news}"
    subject = render_to_string(f"{folder}/subject.txt", context)
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"{folder}/body.txt", context),
        to=[letter.person.email],
        headers={"Message-ID": f"<authorizations-{letter.pk}@{settings.ALLOWED_HOSTS[0]}>"},
    )
    message.attach_alternative(render_to_string(f"{folder}/body.html", context), "text/html")
    return message
