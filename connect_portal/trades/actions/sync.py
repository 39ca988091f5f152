"""Reading venue accounts: the worker's catch-up and the stream's quick look are the same walk.

Invariants, whatever crashes where:
1. A cursor moves only past what was read and committed.
2. A page may be read any number of times; ingest makes that harmless.
3. The network is never inside a transaction, and no connection is held while waiting for it.
4. One account's trouble never stops another's.
"""

import asyncio
import logging
import random
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, transaction
from django.utils.timezone import now

from connect_portal.authorizations.actions import degrade
from connect_portal.authorizations.queries import Access, accesses, working_account_ids
from connect_portal.kit.databases import in_database
from connect_portal.trades.actions.ingest import quarantine, record_fills, record_orders
from connect_portal.trades.enums import OrderState
from connect_portal.trades.models import Cursor, Order
from connect_portal.trades.queries import open_orders
from connect_portal.venue.errors import KeyRefused, VenueError
from connect_portal.venue.port import Reader
from connect_portal.venue.registry import venue
from connect_portal.venue.types import MalformedRow, Page, VenueFill, VenueOrder

log = logging.getLogger(__name__)

EVERY: Final = timedelta(seconds=15)
"""How often an account is read although nothing rang."""
LEASE: Final = timedelta(seconds=60)
"""How long a reading may take before another worker may start anew."""
REREAD_EVERY: Final = timedelta(minutes=10)
"""How often the newest page is read again from the top, for rows that a page left out."""
RECENT_FILLS: Final = timedelta(days=2)
"""How far back the venue's quick listing of fills is trusted (it keeps three days)."""
SETTLING: Final = timedelta(seconds=60)
"""An order younger than this does not move the cursor: it may have been placed and finished
between the two readings of open and finished orders, so the next walk reads it again."""
AT_ONCE: Final = 16
MOST_DETAILS: Final = 50
LONGEST_PAUSE: Final = timedelta(minutes=5)


def lease_due(limit: int = 2_000) -> list[int]:
    """Claim the accounts that are due, so that no two workers read one account at a time.

    A claim lasts `LEASE`; an account whose worker died is due again by itself.
    """
    with transaction.atomic():
        working = working_account_ids()
        Cursor.objects.bulk_create(
            [Cursor(venue_account_id=pk, due_at=now()) for pk in working], ignore_conflicts=True
        )
        due = Cursor.objects.select_for_update(skip_locked=True).filter(
            pk__in=working, due_at__lte=now()
        )
        claimed = list(due.order_by("due_at").values_list("pk", flat=True)[:limit])
        Cursor.objects.filter(pk__in=claimed).update(due_at=now() + LEASE)
    return claimed


def catch_up(account_ids: Collection[int]) -> None:
    """Read everything new of these accounts (about a hundred), several at a time."""
    asyncio.run(_catch_up(accesses(account_ids)))


async def _catch_up(wanted: Collection[Access]) -> None:
    lanes = asyncio.Semaphore(AT_ONCE)

    async def read(access: Access) -> None:
        async with lanes:
            await look(reader, access)

    async with venue().reader() as reader:
        await asyncio.gather(*(read(access) for access in wanted))


async def look(reader: Reader, access: Access) -> frozenset[str]:
    """Read one account once; the trade ids that were new to its cursor.

    Never raises for the venue's or the database's trouble: that is noted on the cursor, a refused
    key on its binding, and the account is due again after a growing pause.
    """
    try:
        trades = await _read(reader, access)
        await in_database(_note_success)(access.account_id)
        return trades
    except VenueError as error:
        log.warning("account %s: %s", access.account_id, error)
        await in_database(_note_trouble)(access, error)
    except DatabaseError:
        log.exception("account %s: the database is away, the lease runs out", access.account_id)
    return frozenset()


async def _read(reader: Reader, access: Access) -> frozenset[str]:
    started = now()
    cursor = await in_database(_cursor)(access.account_id)
    trades = await _read_fills(reader, access, cursor, started)
    await _read_orders(reader, access, cursor, started)
    return trades


async def _read_fills(
    reader: Reader, access: Access, cursor: Cursor, started: datetime
) -> frozenset[str]:
    """Walk from the newest fill back to the last known one; move the cursor at the end."""
    known = cursor.newest_bill_id
    from_the_top = not known or _reread_is_due(cursor.read_at, started)
    archive = (cursor.read_at or access.since) < started - RECENT_FILLS
    page = await reader.fills_page(
        access.credentials, newer_than=None if from_the_top else known, archive=archive
    )
    newest, trades = known, set[str]()
    while True:
        fills = [fill for fill in page.rows if fill.filled_at >= access.since]
        newest = max([newest, *(fill.bill_id for fill in fills)], key=_age)
        trades.update(fill.trade_id for fill in fills if _age(fill.bill_id) > _age(known))
        arrived = (
            page.is_last
            or page.oldest is None
            or _age(page.oldest) <= _age(known)
            or len(fills) < len(page.rows)
        )
        if fills or page.malformed:
            await in_database(_keep_fills)(
                access.account_id, page, fills, newest if arrived else ""
            )
        if arrived:
            return frozenset(trades)
        page = await reader.fills_page(access.credentials, older_than=page.oldest, archive=archive)


async def _read_orders(reader: Reader, access: Access, cursor: Cursor, started: datetime) -> None:
    """Bring the mirror of orders up to date: open ones, newly finished ones, and those we hold
    for open that are in neither list."""
    orders = await _open_orders(reader, access)
    orders += await _finished_orders(reader, access, cursor.newest_order_id)
    held = await in_database(open_orders)(
        access.account_id, besides=[order.order_id for order in orders]
    )
    gone = []
    for instrument, order_id in held[:MOST_DETAILS]:
        order = await reader.order(access.credentials, instrument, order_id)
        if order is None:
            gone.append(order_id)
        else:
            orders.append(order)
    settled = [order.order_id for order in orders if order.created_at < started - SETTLING]
    newest = max([cursor.newest_order_id, *settled], key=_age)
    await in_database(_keep_orders)(access.account_id, orders, gone, newest)


async def _open_orders(reader: Reader, access: Access) -> list[VenueOrder]:
    orders: list[VenueOrder] = []
    older_than: str | None = None
    while True:
        page = await reader.pending_orders_page(access.credentials, older_than=older_than)
        orders += page.rows
        await _set_aside(access, page.malformed)
        if page.is_last or page.oldest is None:
            return orders
        older_than = page.oldest


async def _finished_orders(reader: Reader, access: Access, known: str) -> list[VenueOrder]:
    orders: list[VenueOrder] = []
    page = await reader.finished_orders_page(access.credentials, newer_than=known or None)
    while True:
        mine = [order for order in page.rows if order.updated_at >= access.since]
        orders += mine
        await _set_aside(access, page.malformed)
        arrived = page.is_last or page.oldest is None or _age(page.oldest) <= _age(known)
        if arrived or len(mine) < len(page.rows):
            return orders
        page = await reader.finished_orders_page(access.credentials, older_than=page.oldest)


async def _set_aside(access: Access, malformed: Collection[MalformedRow]) -> None:
    if malformed:
        await in_database(quarantine)(access.account_id, malformed)


def _keep_fills(account_id: int, read: Page[VenueFill], fills: list[VenueFill], to: str) -> None:
    quarantine(account_id, read.malformed)
    record_fills(account_id, fills, read_up_to=to or None)


def _keep_orders(
    account_id: int, orders: Collection[VenueOrder], gone: Collection[str], newest: str
) -> None:
    with transaction.atomic():
        record_orders(account_id, list(orders), read_up_to=newest)
        # The venue forgets orders that were canceled without a fill.
        Order.objects.filter(venue_account_id=account_id, order_id__in=gone).update(
            state=OrderState.CANCELED
        )


def _cursor(account_id: int) -> Cursor:
    cursors = [Cursor(venue_account_id=account_id, due_at=now())]
    Cursor.objects.bulk_create(cursors, ignore_conflicts=True)
    return Cursor.objects.get(pk=account_id)


def _note_success(account_id: int) -> None:
    Cursor.objects.filter(pk=account_id).update(
        read_at=now(), due_at=now() + EVERY, failures=0, trouble=""
    )


def _note_trouble(access: Access, error: VenueError) -> None:
    if isinstance(error, KeyRefused):
        degrade(access.binding_id, trouble=error.message, actor="system:sync")
    cursor = _cursor(access.account_id)
    pause = min(EVERY * 2 ** min(cursor.failures, 10), LONGEST_PAUSE) * random.uniform(0.8, 1.2)
    asked = timedelta(seconds=error.retry_after or 0)
    Cursor.objects.filter(pk=access.account_id).update(
        due_at=now() + max(pause, asked), failures=cursor.failures + 1, trouble=str(error)[:200]
    )


def _reread_is_due(read_at: datetime | None, started: datetime) -> bool:
    """Whether a boundary of `REREAD_EVERY` lies between the last reading and this one."""
    seconds = REREAD_EVERY.total_seconds()
    return read_at is None or read_at.timestamp() // seconds < started.timestamp() // seconds


def _age(venue_id: str) -> tuple[int, str]:
    """Sorts the venue's rising decimal ids, and "" before all of them."""
    return len(venue_id), venue_id
