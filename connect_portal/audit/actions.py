"""The one verb of the trail: record."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from connect_portal.audit import codes
from connect_portal.audit.errors import OutsideTransaction
from connect_portal.audit.models import Event
from connect_portal.kit import clock

_ONE_WRITER = 0x617564697420  # "audit " in ASCII: the advisory lock's number


def record(tag: str, *, actor: str, subject: str, data: Mapping[str, Any] | None = None) -> Event:
    """Add an event to the end of the chain, in the transaction of the change it tells of.

    Call it last: from here to the end of the transaction nobody else can record. `tag` is
    `source:subject:action`, `actor` a word or `word:id`, `subject` a `word:id`; `data` holds what
    changed, amounts as Decimal, times aware, never a secret.
    Refuses: OutsideTransaction, BadEvent.
    """
    tag = str(tag)
    if not connection.in_atomic_block:
        raise OutsideTransaction(tag)
    codes.check_words(tag=tag, actor=actor, subject=subject)
    kept = codes.plain(data or {})

    _wait_for_turn()
    last = Event.objects.order_by("-id").first()
    event = Event(
        id=last.id + 1 if last else 1,
        at=clock.now(),
        tag=tag,
        actor=actor,
        subject=subject,
        data=kept,
        previous_hash=last.hash if last else codes.ORIGIN,
    )
    event.hash = event.computed_hash()
    event.save(force_insert=True)
    return event


def _wait_for_turn() -> None:
    """Hold the chain's lock until the transaction ends, so two events never share a place."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_WRITER])
