"""Seals: each minute the hash of the new decisions enters the audit trail.

Decisions have no line of their own there, since there are as many as orders. `manage.py
verify_decisions` computes every hash anew and compares it with the trail.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec
from django.db import transaction
from django.db.models import Max

from connect_portal.audit.actions import record
from connect_portal.audit.queries import events_about
from connect_portal.gateway.models import Decision, Seal
from connect_portal.kit.clock import iso, now

SETTLED: Final = timedelta(seconds=30)
"""How old a decision is when no smaller number can still be on its way into the table."""
_FACTS: Final = (
    "id", "grant_id", "institution_id", "operation", "instrument", "client_order_id", "order_id",
    "tag_sent", "tag_forwarded", "allowed", "code", "reason", "at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the seals found; ``problem`` is empty when all are whole."""

    seals: int
    decisions: int
    problem: str = ""


@transaction.atomic
def seal_decisions() -> Seal | None:
    """Seal the decisions that are new and old enough; None when there are none."""
    last = Seal.objects.select_for_update().order_by("-pk").first()
    first_id = last.last_id + 1 if last else 1
    fresh = Decision.objects.filter(pk__gte=first_id, at__lte=now() - SETTLED)
    last_id = fresh.aggregate(last=Max("pk"))["last"]
    if last_id is None:
        return None
    count, digest = _digest(first_id, last_id)
    made = Seal.objects.create(first_id=first_id, last_id=last_id, count=count, hash=digest)
    record("gateway:decisions:sealed", actor="gateway", subject=f"seal:{made.pk}", data=_told(made))
    return made


def verify() -> Verdict:
    """Compare every seal with its decisions and with the trail, up to the first broken one."""
    decisions, expected = 0, 1
    seals = list(Seal.objects.order_by("pk"))
    for number, one in enumerate(seals):
        if problem := _problem(one, expected):
            return Verdict(number, decisions, f"seal {one.pk}: {problem}")
        decisions, expected = decisions + one.count, one.last_id + 1
    return Verdict(len(seals), decisions)


def _problem(one: Seal, expected: int) -> str:
    if one.first_id != expected:
        return f"it begins at {one.first_id}, not at {expected}"
    if _digest(one.first_id, one.last_id) != (one.count, one.hash):
        return f"the decisions {one.first_id} to {one.last_id} are not those that were sealed"
    told = [event.data for event in events_about(f"seal:{one.pk}")]
    return "" if told == [_told(one)] else "the audit trail does not hold it"


def _told(one: Seal) -> dict[str, object]:
    return {"first": one.first_id, "last": one.last_id, "count": one.count, "hash": one.hash}


def _digest(first_id: int, last_id: int) -> tuple[int, str]:
    """How many decisions there are in a span, and the SHA-256 of their JSON, a line each."""
    digest, count = hashlib.sha256(), 0
    for line in _lines(first_id, last_id):
        digest.update(line)
        count += 1
    return count, digest.hexdigest()


def _lines(first_id: int, last_id: int) -> Iterator[bytes]:
    rows = Decision.objects.filter(pk__gte=first_id, pk__lte=last_id).order_by("pk")
    for *facts, at in rows.values_list(*_FACTS).iterator(chunk_size=1000):
        yield msgspec.json.encode([*facts, iso(at)]) + b"\n"
