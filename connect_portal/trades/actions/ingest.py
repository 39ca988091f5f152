"""The one idempotent way in: what was read at the venue becomes our mirror.

A page of fills costs one statement, whatever its size; the page travels in it as JSON, which is
cheaper than COPY into a temporary table before. The statement inserts the fills that are new,
decides nothing twice, numbers the news of each institution and adds to its minute sums; a page
seen before therefore changes nothing. Sums and numbers move only under the row lock of the
institution's feed head, so they stay exact and in the order of commits however many processes
write.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from connect_portal.authorizations.queries import standings
from connect_portal.facts import sdk_default_tags
from connect_portal.institutions.queries import code_holders
from connect_portal.kit import feed
from connect_portal.trades.attribution import decide
from connect_portal.trades.models import Cursor, Quarantine
from connect_portal.venue.types import MalformedRow, VenueFill, VenueOrder

_RECORD = """
WITH fresh AS (
    INSERT INTO trades_fill (
        venue_account_id, bill_id, trade_id, order_id, client_order_id, instrument, side,
        liquidity, price, size, fee, fee_currency, quote_currency, tag, filled_at)
    SELECT %(account)s, page.*
    FROM json_to_recordset(%(fills)s) AS page(
        bill_id text, trade_id text, order_id text, client_order_id text, instrument text,
        side text, liquidity text, price numeric, size numeric, fee numeric, fee_currency text,
        quote_currency text, tag text, filled_at timestamptz)
    ORDER BY filled_at, length(bill_id), bill_id
    ON CONFLICT (venue_account_id, bill_id) DO NOTHING
    RETURNING id, bill_id, instrument, quote_currency, fee_currency, price * size AS volume,
        fee, filled_at
), decided AS (
    SELECT fresh.*, institution_id, attributed, reason, detail,
        row_number() OVER (PARTITION BY institution_id ORDER BY fresh.id) AS place,
        count(*) OVER (PARTITION BY institution_id) AS places
    FROM fresh JOIN json_to_recordset(%(decisions)s) AS decision(
        bill_id text, institution_id bigint, attributed boolean, reason text, detail text)
    USING (bill_id)
), head AS (
    INSERT INTO trades_feedhead AS head (institution_id, sequence)
    SELECT institution_id, count(*) FROM decided GROUP BY 1 ORDER BY 1
    ON CONFLICT (institution_id) DO UPDATE SET sequence = head.sequence + EXCLUDED.sequence
    RETURNING institution_id, sequence
), attribution AS (
    INSERT INTO trades_attribution (institution_id, sequence, fill_id, attributed, reason, detail)
    SELECT institution_id, head.sequence - places + place, id, attributed, reason, detail
    FROM decided JOIN head USING (institution_id)
), rollup AS (
    INSERT INTO trades_minuterollup AS old (
        institution_id, minute, instrument, quote_currency, fee_currency, reason,
        fills, volume, fee)
    SELECT institution_id, date_trunc('minute', filled_at, 'UTC'), instrument, quote_currency,
        fee_currency, reason, count(*), sum(volume), sum(fee)
    FROM decided JOIN head USING (institution_id) GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (institution_id, minute, instrument, fee_currency, reason) DO UPDATE SET
        fills = old.fills + EXCLUDED.fills,
        volume = old.volume + EXCLUDED.volume,
        fee = old.fee + EXCLUDED.fee
)
SELECT institution_id, sequence FROM head ORDER BY 1
"""
_ORDERS = """
INSERT INTO trades_order AS old (
    venue_account_id, order_id, client_order_id, instrument, side, kind, tag, state, price, size,
    size_unit, filled_size, placed_at, updated_at)
SELECT %s, * FROM unnest(
    %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::numeric[], %s::numeric[], %s::text[], %s::numeric[], %s::timestamptz[], %s::timestamptz[])
ON CONFLICT (venue_account_id, order_id) DO UPDATE SET
    state = EXCLUDED.state, price = EXCLUDED.price, size = EXCLUDED.size,
    filled_size = EXCLUDED.filled_size, updated_at = EXCLUDED.updated_at
WHERE (EXCLUDED.updated_at, EXCLUDED.filled_size) >= (old.updated_at, old.filled_size)
"""


@transaction.atomic
def record_fills(
    account_id: int, fills: Sequence[VenueFill], *, read_up_to: str | None = None
) -> dict[int, int]:
    """Record one page of fills of an account; move its cursor to ``read_up_to`` if given.

    Returns the newest sequence number by institution, for institutions that have news. Their feeds
    are rung after commit. Replaying a page, whole or in part, in any order, changes nothing.
    """
    news: dict[int, int] = {}
    with connection.cursor() as cursor:
        if fills:
            cursor.execute(_RECORD, {"account": account_id, **_documents(account_id, fills)})
            news = dict(cursor.fetchall())
        if read_up_to is not None:
            Cursor.objects.filter(pk=account_id).update(newest_bill_id=read_up_to)
    for institution_id, sequence in news.items():
        feed.ring_on_commit(f"institution:{institution_id}", sequence)
    return news


@transaction.atomic
def record_orders(
    account_id: int, orders: Sequence[VenueOrder], *, read_up_to: str | None = None
) -> None:
    """Record orders as the venue describes them now; an older description never wins."""
    if orders:
        latest = {order.order_id: order for order in orders}
        columns = zip(*(_order_row(order) for order in latest.values()), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_ORDERS, [account_id, *(list(column) for column in columns)])
    if read_up_to is not None:
        Cursor.objects.filter(pk=account_id).update(newest_order_id=read_up_to)


def quarantine(account_id: int, malformed: Iterable[MalformedRow]) -> None:
    """Keep rows that could not be read, each once."""
    Quarantine.objects.bulk_create(
        [
            Quarantine(
                venue_account_id=account_id,
                why=row.reason[:200],
                raw=row.raw[:10_000].replace("\x00", ""),
                fingerprint=hashlib.sha256(f"{account_id}|{row.raw}".encode()).hexdigest(),
            )
            for row in malformed
        ],
        ignore_conflicts=True,
    )


def _documents(account_id: int, fills: Sequence[VenueFill]) -> dict[str, str]:
    """The page as the statement reads it: each bill once, and the decisions on it, as JSON."""
    bills = {fill.bill_id: fill for fill in fills}
    spans = standings(account_id)
    holders = code_holders(settings.VENUE_NAME, {fill.tag for fill in fills if fill.tag})
    sdk_tags = sdk_default_tags()
    decisions = [
        {
            "bill_id": fill.bill_id,
            "institution_id": decision.institution_id,
            "attributed": decision.attributed,
            "reason": decision.reason,
            "detail": decision.detail,
        }
        for fill in bills.values()
        for decision in decide(fill.tag, fill.filled_at, spans, holders, sdk_tags)
    ]
    return {"fills": _json(list(bills.values())), "decisions": _json(decisions)}


def _json(rows: Sequence[object]) -> str:
    """Amounts become strings, so they reach the database to the last digit."""
    return msgspec.json.encode(rows).decode()


def _order_row(order: VenueOrder) -> tuple[Any, ...]:
    return (
        order.order_id, order.client_order_id, order.instrument, order.side, order.kind, order.tag,
        order.state, order.price, order.size, order.size_unit, order.filled_size,
        order.created_at, order.updated_at,
    )  # fmt: skip
