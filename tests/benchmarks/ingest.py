"""Race: pages of 100 fills into the database, each page one transaction.

Ours attributes, numbers and sums every fill in the transaction that stores it, and rings the feed;
the yardstick stores bare rows. Rows per second of wall time, one writer.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from connect_portal.trades.actions.ingest import record_fills
from connect_portal.venue.types import VenueFill
from tests import cast
from tests.benchmarks import bare
from tests.benchmarks.rounds import durability, in_turns, told
from tests.trades.making import NOON, bound_account, fill

ROUNDS = 15
PAGES = 16
PAGE = 100
PAIRS = ["BTC-USDT", "ETH-USDT", "BTC-USDC", "SOL-USDT"]
TAGS = ["ACMEcode1", "ZENITH2", "ACMEcode1", ""]

Page = tuple[int, Sequence[VenueFill]]


def races() -> Iterator[dict[str, Any]]:
    """Both."""
    yield fresh_pages()
    yield replayed_pages()


def fresh_pages() -> dict[str, Any]:
    """Pages never seen before."""
    return _race("ingest_100_row_pages", lambda number: number)


def replayed_pages() -> dict[str, Any]:
    """Pages stored already, as an overlapping window reads them again; no row is new."""
    return _race("ingest_100_row_pages_replayed", lambda number: 1)


def _race(name: str, round_read: Callable[[int], int]) -> dict[str, Any]:
    accounts = _accounts()

    def rate(store: Callable[[int, Sequence[VenueFill]], Any]) -> Callable[[int], float]:
        return lambda number: _rows_per_second(store, _pages(accounts, round_read(number)))

    rounds = list(in_turns(ROUNDS, rate(record_fills), rate(bare.upsert)))
    counts = {"page": PAGE, "rows_per_round": PAGE * PAGES, "accounts": len(accounts)}
    return told(name, "rows/s", "higher", rounds, **counts, database=durability())


def _rows_per_second(
    store: Callable[[int, Sequence[VenueFill]], Any], pages: Sequence[Page]
) -> float:
    started = time.perf_counter()
    for account_id, fills in pages:
        store(account_id, fills)
    return PAGE * len(pages) / (time.perf_counter() - started)


def _pages(accounts: Sequence[int], number: int) -> list[Page]:
    """The pages of round ``number``, each account in turn; rounds share no fill but do minutes."""
    first = number * PAGES * PAGE
    starts = range(first, first + PAGES * PAGE, PAGE)
    return [
        (accounts[turn % len(accounts)], [_fill(start + place) for place in range(PAGE)])
        for turn, start in enumerate(starts)
    ]


def _fill(number: int) -> VenueFill:
    return fill(
        number,
        instrument=PAIRS[number % 4],
        quote_currency=PAIRS[number % 4].partition("-")[2],
        fee_currency=PAIRS[number % 4].partition("-")[2],
        tag=TAGS[number % 7 % 4],
        price=Decimal(60_000 + number % 1000) + Decimal("0.1"),
        size=Decimal(number % 997 + 1) / 10_000,
        fee=-Decimal(number % 89 + 1) / 1_000_000,
        filled_at=NOON + timedelta(seconds=number),
    )


@cache
def _accounts() -> list[int]:
    """Eight accounts, six bound to one institution and two to both rivals; and the bare table."""
    bare.make_table()
    acme = cast.institution("Acme", code="ACMEcode1")
    zenith = cast.institution("Zenith", code="ZENITH2")
    alice = cast.person("Alice")
    rivals = [(acme,), (zenith,), (acme,), (zenith, acme)] * 2
    return [
        bound_account(alice, *bound, uid=str(7001 + place)).pk for place, bound in enumerate(rivals)
    ]
