"""What is found again by itself, whatever died in between: orders whose answer was never noted, and
reservations of orders that may be over. Run by the job `gateway.settle`; twice does no harm."""

import asyncio
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from connect_portal.authorizations.queries import Account, accounts_behind
from connect_portal.gateway.actions import replaying
from connect_portal.gateway.actions.noting import UNKNOWN, Told, is_ours, note_outcomes
from connect_portal.gateway.actions.settling import look_at_open
from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import NEVER_TOLD, NOT_FOUND_AFTERWARDS
from connect_portal.kit.databases import AsyncDatabase, in_database, open_async_database
from connect_portal.venue.errors import VenueError
from connect_portal.venue.port import Forwarder
from connect_portal.venue.registry import venue

UNSEEN: Final = timedelta(seconds=15)
"""How often an order behind an open reservation is looked at although nothing rang."""
NOT_THERE: Final = "51603"

# Younger ones may still be under way: the venue is waited for 15 seconds.
_UNANSWERED: Final = """
SELECT decision_id, grant_id, operation, instrument, client_order_id, tag_forwarded, at,
    since < now() - interval '60 seconds'
FROM gateway_unanswered JOIN gateway_decision ON gateway_decision.id = decision_id
WHERE since < now() - interval '20 seconds' ORDER BY decision_id LIMIT 500
"""
_DUE: Final = """
SELECT DISTINCT grant_id FROM gateway_reservation
WHERE settled_at IS NULL AND order_id <> '' AND looked_at < now() - %(unseen)s::interval LIMIT 500
"""
_OUT_OF_REACH: Final = """
UPDATE gateway_reservation SET settled_at = now()
WHERE settled_at IS NULL AND grant_id = ANY(%(grants)s::bigint[])
"""


class Lost(NamedTuple):
    """A decision whose order was sent, or not, and nobody noted what the venue said."""

    decision_id: int
    grant_id: int
    operation: str
    instrument: str
    client_order_id: str
    tag: str
    asked_at: datetime
    is_late: bool


def settle() -> None:
    """Look for every order that nobody has heard of, and at every one that may be over."""
    asyncio.run(_settle())


def forget() -> None:
    """Delete the answers that nobody may ask for again."""
    asyncio.run(_forget())


async def _forget() -> None:
    async with open_async_database(most=1) as database:
        await replaying.forget(database)


async def _settle() -> None:
    async with venue().forwarder() as way, open_async_database(most=2) as database:
        await _look_for_lost(database, way)
        await _look_at_open(database, way)


async def _look_for_lost(database: AsyncDatabase, way: Forwarder) -> None:
    lost = [Lost._make(row) for row in await database.rows(_UNANSWERED, {})]
    accounts = await in_database(accounts_behind)({one.grant_id for one in lost})
    told = [await _found(way, accounts.get(one.grant_id), one) for one in lost]
    if heard := [one for one in told if one is not None]:
        await note_outcomes(database, heard)


async def _found(way: Forwarder, account: Account | None, lost: Lost) -> Told | None:
    """What became of it; None to look again later. Only a new order with a name of its own can be
    looked for; an order not there after a minute never was, for a request lives for seconds."""
    if account is None or lost.operation != Operation.PLACE or not lost.client_order_id:
        return Told(lost.decision_id, UNKNOWN, NEVER_TOLD) if lost.is_late else None
    try:
        order = await way.placed(
            account.credentials,
            lost.instrument,
            lost.client_order_id,
            environment=account.environment,
        )
    except VenueError:
        return None
    if order is not None and is_ours(order, lost.tag, lost.asked_at):
        return Told(lost.decision_id, "0", "", order.order_id)
    return Told(lost.decision_id, NOT_THERE, NOT_FOUND_AFTERWARDS) if lost.is_late else None


async def _look_at_open(database: AsyncDatabase, way: Forwarder) -> None:
    """An account that is out of reach, its grant being over, keeps what it holds for good."""
    grants = [pk for (pk,) in await database.rows(_DUE, {"unseen": UNSEEN})]
    accounts = await in_database(accounts_behind)(grants)
    for pk, account in accounts.items():
        await look_at_open(database, way, pk, account, unseen=UNSEEN)
    if gone := [pk for pk in grants if pk not in accounts]:
        await database.rows(_OUT_OF_REACH, {"grants": gone})
