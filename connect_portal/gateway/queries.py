"""Reads of this room: what was done with a grant."""

from decimal import Decimal
from typing import Final

from django.db.models import QuerySet

from connect_portal.gateway.models import Budget, Decision
from connect_portal.kit.clock import now
from connect_portal.kit.databases import AsyncDatabase

SHOWN: Final = 50
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
