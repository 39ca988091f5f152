"""How a letter goes out: claimed by one of many, sent outside any transaction, tried again.

The row is the truth. A job that is lost, or a mail server that is away, delays a letter until the
sweep finds it again.
"""

import logging
import smtplib
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q, QuerySet

from connect_portal.institutions.models.posts import Post
from connect_portal.kit.clock import now

log = logging.getLogger(__name__)

AGAIN_AFTER: Final = timedelta(minutes=2)
"""How long whoever claimed a letter has to send it; afterwards anybody may try again."""
AT_ONCE: Final = 100


def claim(rows: QuerySet[Any], pk: int) -> bool:
    """Of many who want to send a letter at once, one may."""
    mine = rows.filter(_free(), pk=pk)
    return bool(mine.update(claimed_at=now(), attempts=F("attempts") + 1))


def waiting(rows: QuerySet[Any]) -> list[int]:
    """The letters that wait, the oldest first, at most a hundred."""
    return list(rows.filter(_free()).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def deliver(post: Post, *, message_id: str) -> bool:
    """Send a claimed letter with its words, and note it; whether the mail server took it."""
    message = EmailMultiAlternatives(
        subject=post.subject,
        body=post.text,
        to=post.readers,
        headers={"Message-ID": f"<{message_id}@{settings.ALLOWED_HOSTS[0]}>"},
    )
    message.attach_alternative(post.html, "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("%s is not sent, it will be tried again: %s", message_id, error)
        return False
    post.sent_at = now()
    post.save(update_fields=["sent_at"])
    return True


def _free() -> Q:
    stale = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now() - AGAIN_AFTER)
    return Q(sent_at__isnull=True) & stale
