"""The one verb of the trail: record, one event or many."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from connect_portal.audit import codes
from connect_portal.audit.errors import OutsideTransaction
from connect_portal.audit.models import Event
from connect_portal.kit import clock

_ONE_WRITER = 0x617564697420  # "audit " in ASCII: the advisory lock's number


@dataclass(frozen=True, slots=True)
class News:
    """One event of many that are recorded together: about what, and what changed."""

    tag: str
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)


def record(tag: str, *, actor: str, subject: str, data: Mapping[str, Any] | None = None) -> Event:
    """Add an event to the end of the chain, in the transaction of the change it tells of.

    Call it last: from here to the end of the transaction nobody else can record. `tag` is
    `source:subject:action`, `actor` a word or `word:id`, `subject` a `word:id`; `data` holds what
    changed, amounts as Decimal, times aware, never a secret.
    Refuses: OutsideTransaction, BadEvent.
    """
    return record_many([News(tag, subject, data or {})], actor=actor)[0]


def record_many(news: Sequence[News], *, actor: str) -> list[Event]:
    """Add many events in the order given, in as many statements as one takes; like `record`."""
    if not connection.in_atomic_block:
        raise OutsideTransaction(str(news[0].tag) if news else "")
    kept = [_checked(one, actor) for one in news]

    _wait_for_turn()
    last = Event.objects.order_by("-id").first()
    events = list(_chained(kept, last, actor))
    return Event.objects.bulk_create(events)


def _checked(one: News, actor: str) -> News:
    tag = str(one.tag)
    codes.check_words(tag=tag, actor=actor, subject=one.subject)
    return News(tag, one.subject, codes.plain(one.data))


def _chained(news: Sequence[News], last: Event | None, actor: str) -> Iterator[Event]:
    """The events as they follow on ``last``, each with the hash of the one before."""
    number, previous_hash = (last.id, last.hash) if last else (0, codes.ORIGIN)
    for one in news:
        number += 1
        event = Event(
            id=number,
            at=clock.now(),
            tag=one.tag,
            actor=actor,
            subject=one.subject,
            data=one.data,
            previous_hash=previous_hash,
        )
        event.hash = previous_hash = event.computed_hash()
        yield event


def _wait_for_turn() -> None:
    """Hold the chain's lock until the transaction ends, so two events never share a place."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_WRITER])
