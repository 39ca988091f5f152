"""Reads of the trail, and the proof that nobody rewrote it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from connect_portal.audit import codes
from connect_portal.audit.models import Event


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found: `problem` is empty when it is whole.

    `count` events were whole, up to the hash `head`; `broken_id` is the first that is not.
    """

    count: int
    head: str
    broken_id: int | None = None
    problem: str = ""

    @property
    def intact(self) -> bool:
        """Whether every event is the one that was recorded."""
        return not self.problem


def events_about(subject: str) -> QuerySet[Event]:
    """Return what was recorded about one thing (`binding:7`), oldest first."""
    return Event.objects.filter(subject=subject).order_by("id")


def events_tagged(*tags: str) -> QuerySet[Event]:
    """Return everything that was recorded under these tags, oldest first."""
    return Event.objects.filter(tag__in=tags).order_by("id")


def events_about_any(subjects: Collection[str]) -> QuerySet[Event]:
    """Return what was recorded about any of some things."""
    return Event.objects.filter(subject__in=subjects)


def verify(*, expected_head: str = "") -> Verdict:
    """Walk the whole chain, a thousand rows at a time, to the first event that is not whole.

    A chain cut off at its end looks whole from inside; `expected_head`, a hash noted earlier
    somewhere else, proves that everything up to it is still here.
    """
    count, head, seen = 0, codes.ORIGIN, not expected_head
    for event in _in_order():
        problem = _problem(event, expected_id=count + 1, previous_hash=head)
        if problem:
            broken_id = event.id if event.id <= count + 1 else count + 1
            return Verdict(count, head, broken_id, problem)
        count, head = event.id, event.hash
        seen = seen or head == expected_head
    if not seen:
        return Verdict(count, head, count + 1, f"the chain never reaches {expected_head}: cut off")
    return Verdict(count, head)


def _in_order() -> Iterator[Event]:
    return Event.objects.order_by("id").iterator(chunk_size=1000)


def _problem(event: Event, *, expected_id: int, previous_hash: str) -> str:
    """Say what is wrong with an event that should follow `previous_hash`, or nothing."""
    if event.id > expected_id:
        return "removed: the event is missing"
    if event.id < expected_id:
        return "added: the event was put before the beginning"
    if event.hash != event.computed_hash():
        return "edited: its content does not match its hash"
    if event.previous_hash != previous_hash:
        return "moved: it does not follow the event before it"
    return ""
