"""Writes of this room: decisions before orders leave, outcomes after the venue has answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from connect_portal.authorizations.queries import Bearer
from connect_portal.gateway.models import Decision, Outcome
from connect_portal.gateway.rules import Asked, Verdict, judge

LONGEST = 32
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdict on one order item, and the row that keeps it."""

    decision_id: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """What the venue said of one order; ``code`` as on the wire, "0" when it was taken."""

    decision_id: int
    code: str
    reason: str = ""
    order_id: str = ""


def decide(bearer: Bearer, asked: Sequence[Asked]) -> list[Decided]:
    """Judge each item by itself, in order, and commit every verdict before anything is sent.

    The one place where an order is let through: what a grant's own limits reserve is reserved in
    this transaction, beside the decision it belongs to.
    """
    with transaction.atomic():
        verdicts = [judge(one, bearer.connect_code) for one in asked]
        rows = Decision.objects.bulk_create(
            _row(bearer, one, verdict) for one, verdict in zip(asked, verdicts, strict=True)
        )
    return [Decided(row.pk, verdict) for row, verdict in zip(rows, verdicts, strict=True)]


def note_outcomes(told: Iterable[Told]) -> None:
    """Keep what became of orders that were let through; once noted it stays."""
    Outcome.objects.bulk_create(
        Outcome(
            decision_id=one.decision_id,
            code=_kept(one.code, 8),
            reason=_kept(one.reason, LONGEST_REASON),
            order_id=_kept(one.order_id),
        )
        for one in told
    )


def _row(bearer: Bearer, asked: Asked, verdict: Verdict) -> Decision:
    return Decision(
        grant_id=bearer.grant_id,
        institution_id=bearer.institution_id,
        operation=asked.operation,
        instrument=_kept(asked.instrument),
        client_order_id=_kept(asked.client_order_id),
        order_id=_kept(asked.order_id),
        tag_sent=_kept(asked.tag),
        tag_forwarded=verdict.tag,
        allowed=verdict.allowed,
        code=verdict.code,
        reason=verdict.reason,
    )


def _kept(value: object, longest: int = LONGEST) -> str:
    """A text of the wire as the database can keep it: no NUL, no half characters, not endless."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else "(not a text)"
    return text[:longest].encode("utf-8", "replace").decode().replace("\0", "\ufffd")
