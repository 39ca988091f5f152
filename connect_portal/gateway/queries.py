"""Reads of this room: what was done with a grant."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet

from connect_portal.gateway.models import Budget, Decision, TestCall
from connect_portal.kit.clock import now
from connect_portal.kit.databases import AsyncDatabase

SHOWN: Final = 50
WHICH: Final[dict[str, tuple[str, Q]]] = {
    "all": ("All", Q()),
    "refused": ("Refused here", Q(allowed=False)),
    "accepted": ("Accepted", Q(outcome__code="0")),
    "not-accepted": ("Not accepted", Q(outcome__isnull=False) & ~Q(outcome__code="0")),
    "unknown": ("No answer", Q(allowed=True, outcome__isnull=True)),
}
"""What an institution may ask for, by its word in addresses, with its label."""
_USED: Final = "SELECT used FROM gateway_budget WHERE grant_id = %(grant)s AND day = %(day)s"
_HELD: Final = """
SELECT coalesce(sum(held), 0) FROM gateway_reservation
WHERE grant_id = %(grant)s AND settled_at IS NULL AND order_id = %(order_id)s
"""


def decisions_of(grant_id: int, limit: int = SHOWN) -> QuerySet[Decision]:
    """The latest decisions about a grant's orders, newest first, each with its outcome if noted."""
    return (
        Decision.objects.filter(grant_id=grant_id).select_related("outcome").order_by("-pk")[:limit]
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Some decisions, and the key from which the next page goes on (None at the end)."""

    rows: list[Decision]
    goes_on: int | None


def decisions_for(institution_id: int, which: str = "all", before: int | None = None) -> Page:
    """Decisions about an institution's orders, newest first, those before the key ``before``.

    Raises KeyError for a word that is not in `WHICH`.
    """
    rows = Decision.objects.filter(WHICH[which][1], institution_id=institution_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    rows = rows.select_related("outcome", "grant__venue_account").order_by("-pk")
    found = list(rows[: SHOWN + 1])
    return Page(found[:SHOWN], found[SHOWN - 1].pk if len(found) > SHOWN else None)


def test_calls(institution_id: int, *, since_grant: int, after: int) -> list[TestCall]:
    """What an institution's test client asked with grants later than one, the oldest first: calls
    with a greater number than ``after``, a thousand at most."""
    rows = TestCall.objects.filter(
        grant__institution_id=institution_id, grant_id__gt=since_grant, pk__gt=after
    )
    return list(rows.order_by("pk")[:1000])


async def used_today(database: AsyncDatabase, grant_id: int) -> Decimal:
    """What a grant's orders hold of today's budget, in USD."""
    rows = await database.rows(_USED, {"grant": grant_id, "day": now().date()})
    return rows[0][0] if rows else Decimal(0)


def budget_used(grant_id: int) -> Decimal:
    """The same for a page."""
    today = Budget.objects.filter(grant_id=grant_id, day=now().date())
    return today.values_list("used", flat=True).first() or Decimal(0)


async def held_for(database: AsyncDatabase, grant_id: int, order_id: str) -> Decimal:
    """What an open order of a grant holds by now, in USD."""
    ((held,),) = await database.rows(_HELD, {"grant": grant_id, "order_id": order_id})
    return Decimal(held)
