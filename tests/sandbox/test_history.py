"""The history file: all that was acknowledged is read, by an index, whatever the disk does."""

import asyncio
import logging
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from connect_portal.sandbox.engine.algo import AT_MARKET, Algo, Trigger
from connect_portal.sandbox.engine.events import AlgoChanged, Billed, OrderChanged, Outcome
from connect_portal.sandbox.engine.model import Bill, Fill, Key, Order
from connect_portal.sandbox.engine.world import HOUSE
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.history import History, question
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire import rest
from connect_portal.sandbox.wire.endpoints import ENDPOINTS, Call
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import Limiter
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order as place
from tests.sandbox.signing import signed
from tests.sandbox.test_store import nothing, trade_a_little, with_store

ALICE = "780000000000000001"
FILE = "history.sqlite3"
SPAN = {"after": "9", "before": "1", "begin": "1700000000000", "end": "1700000000001"}
FILTERS = {"instType": "SPOT", "instId": "BTC-USDT", "ordType": "limit", "state": "filled"}
IDS = {"ordId": "7", "subType": "1"}
assert rest  # registers the endpoints
HISTORIES: list[tuple[str, dict[str, str]]] = [
    ("trade/order", {"instId": "BTC-USDT", "ordId": "7"}),
    ("trade/order", {"instId": "BTC-USDT", "clOrdId": "mine"}),
    ("trade/orders-history", {"instType": "SPOT"}),
    ("trade/orders-history", FILTERS | SPAN),
    ("trade/orders-history-archive", {"instType": "SPOT"}),
    ("trade/orders-history-archive", FILTERS | SPAN),
    ("trade/fills", {}),
    ("trade/fills", {"instId": "BTC-USDT"} | SPAN),
    ("trade/fills", IDS | SPAN),
    ("trade/fills-history", {"instType": "SPOT"} | IDS | SPAN),
    ("account/bills", {}),
    ("account/bills", {"ccy": "BTC", "type": "2", "subType": "1"} | SPAN),
    ("trade/order-algo", {"algoId": "7"}),
    ("trade/order-algo", {"algoClOrdId": "mine"}),
    ("trade/orders-algo-history", {"ordType": "oco", "state": "canceled"} | SPAN),
    ("trade/orders-algo-history", {"ordType": "oco", "algoId": "7", "instId": "BTC-USDT"}),
]


def order(number: int, **more: Any) -> Order:
    facts = {"inst": "BTC-USDT", "lots": 5, "state": "filled", "filled": 5} | more
    return Order(number, ALICE, 1, buys=True, px=100, **facts)


def fill(number: int) -> Fill:
    return Fill(
        inst="BTC-USDT",
        trade_id=number,
        order_id=number,
        bill_id=number,
        uid=ALICE,
        cl="",
        tag="",
        side="buy",
        px=100,
        lots=5,
        liquidity="T",
        fee=-(10**30) - number,
        fee_ccy="BTC",
        fee_rate="-0.001",
        ts=number,
    )


def algo(number: int) -> Algo:
    return Algo(
        algo_id=number,
        uid=ALICE,
        inst="BTC-USDT",
        kind="trigger",
        side="buy",
        sz="1",
        terms=Trigger(px=500_000, order_px=AT_MARKET, rises=True),
        cl=f"mine{number}",
        tag="ABCD",
        created=number,
        state="canceled",
    )


def trade(number: int) -> Outcome:
    """An order that ends with one fill and its bill."""
    filled = fill(number)
    bill = Bill(number, ALICE, "BTC", 10**30, 10**31, "2", "1", number, fill=filled)
    return Outcome(events=[Billed(bill), OrderChanged(order(number), filled)])


def test_a_record_comes_back_as_it_was_newest_first(tmp_path: Path) -> None:
    history = History(tmp_path / FILE)
    texts = {"cl": "mine", "tag": "ABCD", "sz": '"\\\u2028é', "kind": "post_only"}
    orders = [order(1), order(2, turnover=10**40, last_fill=fill(2), **texts)]
    events = [OrderChanged(each) for each in orders]
    history.follow(Outcome(events=[*events, AlgoChanged(algo(3))]), 1)
    assert history.find(Order, "uid = ?", (ALICE,), 9) == orders[::-1]
    assert history.find(Order, "uid = ? AND kind = ?", (ALICE, "limit"), 9) == orders[:1]
    assert history.find(Order, "uid = ? AND cl = ?", (ALICE, "mine"), 9) == orders[1:]
    assert history.find(Algo, "uid = ? AND cl = ?", (ALICE, "mine3"), 9) == [algo(3)]
    history.close()


def test_what_was_followed_is_there_after_a_restart_and_not_followed_again(tmp_path: Path) -> None:
    history = History(tmp_path / FILE)
    history.follow(trade(1), 1)
    history.close()
    again = History(tmp_path / FILE)
    assert again.position == 1
    again.follow(trade(7), 1)
    assert again.find(Fill, "uid = ?", (ALICE,), 9) == [fill(1)]
    again.close()


def test_what_is_written_bit_by_bit_counts_as_seen_when_all_of_it_is(tmp_path: Path) -> None:
    history = History(tmp_path / FILE)
    for number in range(1, 401):
        history.follow(trade(number), number)
    assert history.flush_some()
    with closing(sqlite3.connect(tmp_path / FILE)) as base:
        assert base.execute("SELECT count(*) FROM orders").fetchone() == (250,)
        assert base.execute("SELECT commands FROM position").fetchone() == (0,)
        while history.flush_some():
            pass
        for table in ("orders", "fills", "bills"):
            assert base.execute(f"SELECT count(*) FROM {table}").fetchone() == (400,)
        assert base.execute("SELECT commands FROM position").fetchone() == (400,)
    assert not history.waiting
    history.close()


def test_a_read_sees_all_that_was_followed_while_another_thread_writes(tmp_path: Path) -> None:
    history = History(tmp_path / FILE)
    done = threading.Event()

    def flush_on() -> None:
        while not done.is_set():
            history.flush()

    writer = threading.Thread(target=flush_on)
    writer.start()
    for number in range(1, 400):
        history.follow(trade(number), number)
        for kind in (Order, Fill, Bill):
            assert len(history.find(kind, "uid = ?", (ALICE,), 1000)) == number
    done.set()
    writer.join()
    history.close()


def test_a_position_is_never_written_ahead_of_its_records(tmp_path: Path) -> None:
    history = History(tmp_path / FILE)
    reader = sqlite3.connect(tmp_path / FILE)
    done = threading.Event()

    def follow_on() -> None:
        for number in range(1, 4000):
            history.follow(trade(number), number)
        done.set()

    exchange = threading.Thread(target=follow_on)
    exchange.start()
    while not done.is_set():
        history.flush()
        sql = "SELECT commands, (SELECT count(*) FROM fills), (SELECT count(*) FROM bills)"
        position, fills, bills = reader.execute(f"{sql} FROM position").fetchone()
        assert position <= min(fills, bills)
    exchange.join()
    reader.close()
    history.close()


@contextmanager
def no_room(history: History) -> Iterator[None]:
    """Let the file not grow by a single page."""
    pages = history._base.execute("PRAGMA page_count").fetchone()[0]
    history._base.execute(f"PRAGMA max_page_count = {pages}")
    yield
    history._base.execute("PRAGMA max_page_count = 1000000")


def test_a_full_disk_leaves_no_half_written_rows_and_loses_none(tmp_path: Path) -> None:
    history = History(tmp_path / FILE)
    history.follow(trade(1), 1)
    history.flush()
    for number in range(2, 500):
        history.follow(trade(number), number)
    with no_room(history):
        for _ in range(2):
            with pytest.raises(sqlite3.Error, match="full"):
                history.flush()
        assert not history._base.in_transaction
    assert len(history.find(Fill, "uid = ?", (ALICE,), 1000)) == 499
    history.close()


def test_trading_goes_on_when_the_history_cannot_be_written(tmp_path: Path) -> None:
    async def trade_without_history(store: Store) -> None:
        with no_room(store.history):
            await trade_a_little(store)
            with pytest.raises(StoreUnavailable, match="Cannot read the history"):
                await store.find(Fill, "1 = 1", (), 100)
        assert len(await store.find(Fill, "1 = 1", (), 100)) == 40

    assert with_store(tmp_path, trade_without_history) == with_store(tmp_path, nothing)


def test_unfilled_orders_are_dropped_after_their_time_and_others_are_not(tmp_path: Path) -> None:
    history = History(tmp_path / FILE)
    gone = order(1, state="canceled", filled=0, updated=1000)
    late = order(2, state="canceled", filled=0, updated=1001)
    partly = order(3, state="canceled", filled=1, updated=1000)
    history.follow(Outcome(events=[OrderChanged(each) for each in (gone, late, partly)]), 1)
    history.flush()
    history.drop_unfilled(1001)
    assert history.find(Order, "uid = ?", (ALICE,), 9) == [partly, late]
    history.close()


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def write_garbage(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def spoil_a_page(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 4096] = b"\xff" * 4096
    path.write_bytes(bytes(whole))


def make_in_another_version(path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute("PRAGMA user_version = 4711")
    base.close()


@pytest.mark.parametrize(
    "spoil", [cut_in_half, write_garbage, spoil_a_page, make_in_another_version, Path.unlink]
)
def test_a_file_of_no_use_is_begun_again(
    tmp_path: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    history = History(tmp_path / FILE)
    for number in range(1, 300):
        history.follow(trade(number), number)
    history.close()
    spoil(tmp_path / FILE)
    with caplog.at_level(logging.WARNING):
        again = History(tmp_path / FILE)
    assert again.position == 0
    assert again.find(Fill, "1 = 1", (), 1000) == []
    again.close()


def plans_of(folder: Path, path: str, given: dict[str, str]) -> list[str]:
    """How SQLite would carry out what the endpoint asks the history."""
    asked: list[tuple[type, str, int]] = []

    class Listening(Store):
        async def find(self, kind: Any, where: str, values: Any, limit: int) -> Any:
            asked.append((kind, where, len(values)))
            return []

    async def ask() -> None:
        store = Listening(folder)
        store.start()
        endpoint = ENDPOINTS[f"/api/v5/{path}"]["GET"]
        key = Key("key", HOUSE, "", "", "", "", "", 0)
        with suppress(WireError):  # one that is not found
            await endpoint.handler(Call(store, Limiter(), endpoint.params.read(given), key=key))
        await store.close()

    asyncio.run(ask())
    base = sqlite3.connect(folder / FILE)
    rows = [
        row
        for kind, where, count in asked
        for row in base.execute(f"EXPLAIN QUERY PLAN {question(kind, where)}", (1,) * (count + 1))
    ]
    base.close()
    return [row[3] for row in rows]


@pytest.mark.parametrize(("path", "given"), HISTORIES)
def test_every_page_is_read_along_an_index(
    tmp_path: Path, path: str, given: dict[str, str]
) -> None:
    (plan,) = plans_of(tmp_path, path, given)
    assert re.match(r"SEARCH \w+ USING (INDEX \w+|INTEGER PRIMARY KEY) \(", plan)


def test_the_archive_shows_orders_with_fills_and_no_others(
    sandbox: Sandbox, make_trader: Callable[..., Trader]
) -> None:
    trader, other = (make_trader(name, BTC="1", USDT="100000") for name in ("Alice", "Bob"))
    filled = place(sandbox, trader, "buy", "0.01", "61000")["ordId"]
    place(sandbox, other, "sell", "0.01", "61000", ordType="ioc")
    unfilled = place(sandbox, trader, "buy", "0.01", "60000", ordType="fok")["ordId"]

    def shown(path: str) -> list[str]:
        answer = signed(sandbox, trader, "GET", f"/api/v5/trade/{path}?instType=SPOT").json()
        return [row["ordId"] for row in answer["data"]]

    assert shown("orders-history") == [unfilled, filled]
    assert shown("orders-history-archive") == [filled]
