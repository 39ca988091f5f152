"""What the orders behind reservations came to, as the venue says: the only proof there is.

The answer to a cancel says nothing of what was filled before it, and an order may be cancelled
past the gateway, so every way leads through a look at the order itself: after a cancel, before an
order is refused for want of budget, and by the sweep.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from typing import Any, Final, NamedTuple

import msgspec

from connect_portal.authorizations.queries import Account
from connect_portal.gateway.actions.holding import REHELD
from connect_portal.gateway.notional import CENTS
from connect_portal.gateway.queries import used_today
from connect_portal.kit.databases import AsyncDatabase
from connect_portal.venue.errors import VenueError
from connect_portal.venue.port import Forwarder
from connect_portal.venue.types import VenueOrder

log = logging.getLogger(__name__)

MOST_LOOKS: Final = 40
"""Orders of a grant that are looked at in one go; the venue allows 60 in two seconds."""
AT_ONCE: Final = 8
JUST_NOW: Final = timedelta(seconds=1)
OVER: Final = ("filled", "canceled")

_OPEN: Final = """
SELECT decision_id, instrument, order_id, usd, held,
    EXISTS (SELECT FROM gateway_unanswered WHERE decision_id = mine.decision_id)
FROM gateway_reservation AS mine
WHERE grant_id = %(grant)s AND settled_at IS NULL AND order_id <> ''
    AND (order_id = ANY(%(orders)s::text[])
        OR (%(every)s AND looked_at < now() - %(unseen)s::interval))
ORDER BY decision_id
"""
_REHOLD: Final = f"""
WITH wanted AS (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS wanted(
        decision_id bigint, held numeric, is_over boolean)
), {REHELD}
SELECT decision_id FROM old
"""


class Held(NamedTuple):
    """One open reservation; ``is_awaited`` while the answer to its decision is on its way."""

    decision_id: int
    instrument: str
    order_id: str
    usd: Decimal
    held: Decimal
    is_awaited: bool


class _Wanted(msgspec.Struct):
    decision_id: int
    held: Decimal
    is_over: bool


async def recount(
    database: AsyncDatabase, way: Forwarder, grant_id: int, account: Account
) -> Decimal:
    """What a grant's orders hold of today's budget, after a look at those that may be over."""
    await look_at_open(database, way, grant_id, account, unseen=JUST_NOW)
    return await used_today(database, grant_id)


async def look_at_open(
    database: AsyncDatabase, way: Forwarder, grant_id: int, account: Account, *, unseen: timedelta
) -> None:
    """Ask the venue for the orders behind a grant's open reservations that nobody has asked for in
    the last ``unseen``, and hold what they are worth now."""
    which = {"orders": [], "every": True, "unseen": unseen}
    await _look(database, way, grant_id, account, which)


async def look_at(
    database: AsyncDatabase, way: Forwarder, grant_id: int, account: Account, orders: Sequence[str]
) -> None:
    """The same for the orders of those ids, whenever they were looked at."""
    which = {"orders": list(orders), "every": False, "unseen": timedelta(0)}
    await _look(database, way, grant_id, account, which)


async def _look(
    database: AsyncDatabase, way: Forwarder, grant_id: int, account: Account, which: dict[str, Any]
) -> None:
    """Trouble at the venue leaves everything held as it is. An order with an answer on its way is
    left alone: what that answer changes is not to be seen yet."""
    rows = await database.rows(_OPEN, {"grant": grant_id, **which})
    orders: defaultdict[tuple[str, str], list[Held]] = defaultdict(list)
    for row in map(Held._make, rows):
        orders[row.instrument, row.order_id].append(row)
    quiet = [one for one in orders.values() if not any(row.is_awaited for row in one)]
    lanes = asyncio.Semaphore(AT_ONCE)

    async def ask(held: list[Held]) -> list[_Wanted]:
        async with lanes:
            return await _asked(way, account, held)

    wanted = await asyncio.gather(*(ask(held) for held in quiet[:MOST_LOOKS]))
    if changed := [one for some in wanted for one in some]:
        await database.rows(_REHOLD, {"rows": msgspec.json.encode(changed).decode()})


async def _asked(way: Forwarder, account: Account, held: list[Held]) -> list[_Wanted]:
    """What the reservations of one order should hold; nothing new where the venue is in trouble."""
    instrument, order_id = held[0].instrument, held[0].order_id
    try:
        order = await way.placed(
            account.credentials, instrument, order_id=order_id, environment=account.environment
        )
    except VenueError as error:
        log.warning("order %s is not looked at: %s", order_id, error)
        return [_Wanted(row.decision_id, row.held, False) for row in held]
    return _shared_out(held, _worth(order, held), order is None or order.state in OVER)


def _worth(order: VenueOrder | None, held: Sequence[Held]) -> Decimal:
    """USD: what was filled at its price, and what still rests at the order's. One that the venue
    has forgotten was cancelled without a fill."""
    if order is None:
        return Decimal(0)
    worth = order.filled_size * (order.average_price or 0)
    if order.state not in OVER:
        if order.price is None:
            return sum((row.held for row in held), Decimal(0))
        worth += (order.size - order.filled_size) * order.price
    return (worth * held[0].usd).quantize(CENTS, ROUND_UP)


def _shared_out(held: Sequence[Held], worth: Decimal, is_over: bool) -> list[_Wanted]:
    """The oldest reservation of an order keeps its own, the last one the rest."""
    wanted = []
    for row in held:
        mine = worth if row is held[-1] else min(row.held, worth)
        wanted.append(_Wanted(row.decision_id, mine, is_over))
        worth -= mine
    return wanted
