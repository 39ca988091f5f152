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
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from django.db import DataError, InterfaceError, OperationalError, transaction
from django.utils.timezone import now

from connect_portal.authorizations.actions import degrade
from connect_portal.authorizations.queries import (
    Access,
    accesses,
    standings,
    working_account_ids,
)
from connect_portal.kit.databases import in_database
from connect_portal.trades.actions.ingest import quarantine, record_fills, record_orders
from connect_portal.trades.actions.reading import Reading, age, pages
from connect_portal.trades.enums import OrderState
from connect_portal.trades.models import Cursor, Fill, Order
from connect_portal.trades.queries import open_orders
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.errors import KeyRefused, VenueError
from connect_portal.venue.port import Reader
from connect_portal.venue.registry import venue
from connect_portal.venue.types import MalformedRow, Page, VenueFill, VenueOrder

log = logging.getLogger(__name__)

EVERY: Final = timedelta(seconds=15)
"""How often an account is read although nothing rang."""
LEASE: Final = timedelta(seconds=60)
"""How long a reading may take before another worker may start anew."""
SETTLING: Final = timedelta(seconds=60)
"""An order younger than this does not move the cursor: it may have been placed and finished
between the two readings of open and finished orders, so the next walk reads it again."""
AT_ONCE: Final = 16
MOST_DETAILS: Final = 50
LONGEST_PAUSE: Final = timedelta(minutes=5)
LONGEST_ASKED: Final = timedelta(hours=1)
"""The longest wait that a venue's Retry-After is believed."""

DATABASE_AWAY: Final = (OperationalError, InterfaceError)

Row = TypeVar("Row")
Record: TypeAlias = Callable[[int, Sequence[Row]], Any]

Trade = tuple[str, str]
"""Instrument and trade id: the venue counts trades by instrument."""


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
    asyncio.run(_catch_up(account_ids))


async def _catch_up(account_ids: Collection[int]) -> None:
    wanted = await in_database(accesses)(account_ids)
    lanes = asyncio.Semaphore(AT_ONCE)

    async def read(access: Access) -> None:
        async with lanes:
            await look(reader, access)

    async with venue().reader() as reader:
        await asyncio.gather(*(read(access) for access in wanted))


async def look(reader: Reader, access: Access) -> frozenset[Trade]:
    """Read one account once; the trades that its pages showed.

    Never raises: trouble is noted on the cursor, a refused key on its binding, and the account is
    due again after a growing pause. While the database is away, the lease runs out instead.
    """
    try:
        return await _look(reader, access)
    except DATABASE_AWAY as error:
        log.warning("account %s: no database (%s), the lease runs out", access.account_id, error)
        return frozenset()


async def _look(reader: Reader, access: Access) -> frozenset[Trade]:
    started = await asyncio.to_thread(business_now)
    try:
        trades = await _read(reader, access, started)
    except DATABASE_AWAY:
        raise
    except VenueError as error:
        log.warning("account %s: %s", access.account_id, error)
        await in_database(_note_trouble)(access, error)
    except Exception as error:
        log.exception("account %s could not be read", access.account_id)
        await in_database(_note_trouble)(access, error)
    else:
        await in_database(_note_success)(access.account_id, started)
        return trades
    return frozenset()


async def _read(reader: Reader, access: Access, started: datetime) -> frozenset[Trade]:
    reading = await in_database(_begin)(access, started)
    if not reading.is_allowed:
        return frozenset()
    trades = await _read_fills(reader, reading)
    await _read_orders(reader, reading)
    return trades


async def _read_fills(reader: Reader, reading: Reading) -> frozenset[Trade]:
    """Walk from the newest fill back to the last known one; move the cursor at the end."""
    account_id, known = reading.access.account_id, reading.known_fill
    newer_than = reading.asks_newer_than(known)
    newest, seen = known, list[VenueFill]()

    async def ask(older_than: str | None) -> Page[VenueFill]:
        page = await reader.fills_page(
            reading.access.credentials,
            older_than=older_than,
            newer_than=None if older_than else newer_than,
            archive=reading.needs_archive,
        )
        if page.is_last and (older_than or not newer_than):
            reading.refuse_gap(page.oldest or older_than)
        return page

    def far(page: Page[VenueFill]) -> bool:
        return reading.is_far_enough(page.oldest, [row.filled_at for row in page.rows], known)

    async for page in pages(ask, until=far):
        seen += page.rows
        newest = max([newest, *(fill.bill_id for fill in page.rows)], key=age)
        await _keep(reading, record_fills, page, lambda fill: fill.filled_at)
    if newest != known:
        await in_database(record_fills)(account_id, [], read_up_to=newest)
    return frozenset((fill.instrument, fill.trade_id) for fill in seen)


async def _read_orders(reader: Reader, reading: Reading) -> None:
    """Bring the mirror of orders up to date: open ones, newly finished ones, and those we hold
    for open that are in neither list."""
    account_id, credentials = reading.access.account_id, reading.access.credentials
    seen = [*await _open_orders(reader, reading), *await _finished_orders(reader, reading)]
    held = await in_database(open_orders)(account_id, besides=[order.order_id for order in seen])
    gone = []
    for instrument, order_id in held[:MOST_DETAILS]:
        order = await reader.order(credentials, instrument, order_id)
        if order is None:
            gone.append(order_id)
        else:
            await in_database(_keep_rows)(account_id, record_orders, [order])
    settled = [order.order_id for order in seen if order.created_at < reading.started - SETTLING]
    newest = max([reading.known_order, *settled], key=age)
    await in_database(_finish_orders)(account_id, gone, newest)


async def _open_orders(reader: Reader, reading: Reading) -> list[VenueOrder]:
    async def ask(older_than: str | None) -> Page[VenueOrder]:
        return await reader.pending_orders_page(reading.access.credentials, older_than=older_than)

    orders: list[VenueOrder] = []
    async for page in pages(ask, until=lambda _: False):
        orders += page.rows
        await _keep(reading, record_orders, page, lambda order: reading.started)
    return orders


async def _finished_orders(reader: Reader, reading: Reading) -> list[VenueOrder]:
    known = reading.known_order
    newer_than = reading.asks_newer_than(known)

    async def ask(older_than: str | None) -> Page[VenueOrder]:
        return await reader.finished_orders_page(
            reading.access.credentials,
            older_than=older_than,
            newer_than=None if older_than else newer_than,
            archive=reading.needs_order_archive,
        )

    def far(page: Page[VenueOrder]) -> bool:
        return reading.is_far_enough(page.oldest, [row.updated_at for row in page.rows], known)

    orders: list[VenueOrder] = []
    async for page in pages(ask, until=far):
        orders += page.rows
        await _keep(reading, record_orders, page, lambda order: order.updated_at)
    return orders


async def _keep(
    reading: Reading, record: Record[Row], page: Page[Row], moment: Callable[[Row], datetime]
) -> None:
    """Record the rows of a page that fall into a span of leave; set its unreadable ones aside."""
    account_id = reading.access.account_id
    allowed = [row for row in page.rows if reading.covers(moment(row))]
    if page.malformed:
        await in_database(quarantine)(account_id, page.malformed)
    if allowed:
        await in_database(_keep_rows)(account_id, record, allowed)


def _keep_rows(account_id: int, record: Record[Row], rows: Sequence[Row]) -> None:
    """Record rows at once; where the database cannot hold one of them, that one is set aside."""
    try:
        record(account_id, rows)
    except DataError as error:
        if len(rows) > 1:
            for row in rows:
                _keep_rows(account_id, record, [row])
        else:
            raw = msgspec.json.encode(rows[0]).decode()
            quarantine(account_id, [MalformedRow(str(error).partition("\n")[0], raw)])


def _finish_orders(account_id: int, gone: Collection[str], newest: str) -> None:
    with transaction.atomic():
        # The venue forgets orders that were canceled without a fill.
        Order.objects.filter(venue_account_id=account_id, order_id__in=gone).update(
            state=OrderState.CANCELED
        )
        record_orders(account_id, [], read_up_to=newest)


def _begin(access: Access, started: datetime) -> Reading:
    """Where to start from, at ``started`` in business time like the rows that will be read.

    The account's claim is renewed, so that waiting in line costs none.
    """
    cursors = [Cursor(venue_account_id=access.account_id, due_at=now())]
    Cursor.objects.bulk_create(cursors, ignore_conflicts=True)
    Cursor.objects.filter(pk=access.account_id).update(due_at=now() + LEASE)
    cursor = Cursor.objects.get(pk=access.account_id)
    known = Fill.objects.filter(venue_account=access.account_id, bill_id=cursor.newest_bill_id)
    return Reading(
        access=access,
        spans=tuple(standings(access.account_id)),
        started=started,
        read_at=cursor.read_at,
        known_fill=cursor.newest_bill_id,
        known_fill_at=known.values_list("filled_at", flat=True).first(),
        known_order=cursor.newest_order_id,
    )


def _note_success(account_id: int, read_at: datetime) -> None:
    Cursor.objects.filter(pk=account_id).update(
        read_at=read_at, due_at=now() + EVERY, failures=0, trouble=""
    )


def _note_trouble(access: Access, error: Exception) -> None:
    if isinstance(error, KeyRefused):
        degrade(access.source, trouble=error.message, actor="system:sync")
    cursor = Cursor.objects.get(pk=access.account_id)
    pause = min(EVERY * 2 ** min(cursor.failures, 10), LONGEST_PAUSE) * random.uniform(0.8, 1.2)
    asked = min(getattr(error, "retry_after", None) or 0, LONGEST_ASKED.total_seconds())
    Cursor.objects.filter(pk=access.account_id).update(
        due_at=now() + max(pause, timedelta(seconds=asked)),
        failures=cursor.failures + 1,
        trouble=(str(error) or type(error).__name__)[:200].replace("\x00", ""),
    )
