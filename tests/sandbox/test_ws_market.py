"""Public news: tickers, trades, candles, instruments, price limits, indices."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from connect_portal.sandbox.wire.bars import BARS
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order
from tests.sandbox.sockets import Socket, opened

Make = Callable[..., Trader]


@pytest.fixture(scope="module")
def sandbox(fresh_sandbox: Sandbox) -> Sandbox:
    """Books of these tests alone."""
    return fresh_sandbox


@pytest.fixture
def trade(sandbox: Sandbox, make_trader: Make) -> Callable[..., None]:
    """Alice sells at these prices, Bob takes it all with one order."""

    def trade(inst: str, *prices: str, sz: str = "1") -> None:
        base, quote = inst.split("-")
        alice = make_trader("Alice", **{base: "1000"})
        bob = make_trader("Bob", **{quote: "1000000"})
        for px in prices:
            assert order(sandbox, alice, "sell", sz, px, instId=inst)["sCode"] == "0"
        whole = str(int(sz) * len(prices))
        assert order(sandbox, bob, "buy", whole, prices[-1], instId=inst)["sCode"] == "0"

    return trade


def started(socket: Socket, channel: str, inst: str) -> Any:
    """Subscribe; the rows of the first push."""
    socket.subscribe({"channel": channel, "instId": inst})
    return socket.next_push(channel)["data"]


def test_ticker_starts_at_once_and_follows_the_market(
    sandbox: Sandbox, trade: Callable[..., None]
) -> None:
    with opened(sandbox, "public") as socket:
        (first,) = started(socket, "tickers", "ATOM-USDT")
        assert (first["last"], first["askPx"]) == ("", "")
        trade("ATOM-USDT", "5", "5.1")
        while (row := socket.next_row("tickers"))["last"] != "5.1":
            pass
        assert row == sandbox.public("market/ticker?instId=ATOM-USDT")["data"][0]


def test_trades_are_summed_by_taker_and_price(sandbox: Sandbox, trade: Callable[..., None]) -> None:
    with opened(sandbox, "public") as socket:
        socket.subscribe({"channel": "trades", "instId": "AVAX-USDT"})
        trade("AVAX-USDT", "20", "20", "21")
        rows: list[Any] = []
        while len(rows) < 2:
            rows += socket.next_push("trades")["data"]
        assert [(row["px"], row["sz"], row["count"], row["side"]) for row in rows] == [
            ("20", "2", "2", "buy"),
            ("21", "1", "1", "buy"),
        ]
        prints = sandbox.public("market/trades?instId=AVAX-USDT")["data"]
        assert [row["tradeId"] for row in rows] == [prints[1]["tradeId"], prints[0]["tradeId"]]
        assert all(isinstance(row["seqId"], int) and row["source"] == "0" for row in rows)


def test_trades_all_tells_each_match_by_itself(
    sandbox: Sandbox, trade: Callable[..., None]
) -> None:
    with opened(sandbox, "business") as socket:
        socket.subscribe({"channel": "trades-all", "instId": "BCH-USDT"})
        trade("BCH-USDT", "500", "500")
        rows = [socket.next_row("trades-all") for _ in range(2)]
        assert [(row["px"], row["sz"], "count" in row) for row in rows] == [("500", "1", False)] * 2
        assert int(rows[1]["tradeId"]) == int(rows[0]["tradeId"]) + 1


@pytest.mark.parametrize("bar", sorted(BARS))
def test_candle_starts_with_the_running_bar(
    sandbox: Sandbox, trade: Callable[..., None], bar: str
) -> None:
    trade("NEAR-USDT", "3")
    with opened(sandbox, "business") as socket:
        (row,) = started(socket, f"candle{bar}", "NEAR-USDT")
        path = f"market/history-candles?instId=NEAR-USDT&bar={bar}&limit=2"
        starts = [each[0] for each in sandbox.public(path)["data"]]
        assert (len(row), row[4]) == (9, "3")
        assert row[0] in starts or bar == "1s"


def test_candle_of_a_pair_that_never_traded_is_silent_until_it_does(
    sandbox: Sandbox, trade: Callable[..., None]
) -> None:
    with opened(sandbox, "business") as socket:
        socket.subscribe({"channel": "candle1Dutc", "instId": "CRV-USDT"})
        trade("CRV-USDT", "1.5", "1.6", "1.7")
        (row,) = socket.next_push("candle1Dutc")["data"]
        assert row[1:7] == ["1.5", "1.7", "1.5", "1.7", "3", "4.8"]
        assert row[8] == "0"


def test_candle_that_is_over_is_confirmed_and_the_next_one_begins(
    sandbox: Sandbox, trade: Callable[..., None]
) -> None:
    trade("TRX-USDT", "0.3")
    with opened(sandbox, "business") as socket:
        started(socket, "candle1s", "TRX-USDT")
        trade("TRX-USDT", "0.31")
        rows = []
        while not any(row[8] == "1" and row[2] == "0.31" for row in rows):
            rows += socket.next_push("candle1s")["data"]
        (after,) = socket.next_push("candle1s")["data"]
        assert int(after[0]) > int(rows[-1][0])
        assert (after[1], after[5]) == ("0.31", "0")


def test_candle_counts_what_was_traded_before_and_after_the_subscription_once(
    sandbox: Sandbox, trade: Callable[..., None]
) -> None:
    with opened(sandbox, "public") as other, opened(sandbox, "business") as socket:
        other.subscribe({"channel": "tickers", "instId": "ALGO-USDT"})
        trade("ALGO-USDT", "0.5")
        (first,) = started(socket, "candle1Dutc", "ALGO-USDT")
        assert first[5] == "1"
        trade("ALGO-USDT", "0.6")
        while (row := socket.next_push("candle1Dutc")["data"][0])[4] != "0.6":
            pass
        assert row[5] == "2"


def test_instruments_are_told_as_rest_lists_them(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        for kind in ("SPOT", "SWAP"):
            socket.subscribe({"channel": "instruments", "instType": kind})
            listed = sandbox.public(f"public/instruments?instType={kind}")["data"]
            assert socket.next_push("instruments")["data"] == listed


@pytest.mark.parametrize(
    ("channel", "path", "name"),
    [
        ("price-limit", "public/price-limit", "buyLmt"),
        ("index-tickers", "market/index-tickers", "idxPx"),
    ],
)
def test_prices_beside_the_ticker_start_at_once_and_follow_trades(
    sandbox: Sandbox, trade: Callable[..., None], channel: str, path: str, name: str
) -> None:
    inst = {"price-limit": "XLM-USDT", "index-tickers": "DOGE-USDT"}[channel]
    sz = {"price-limit": "1", "index-tickers": "10"}[channel]
    with opened(sandbox, "public") as socket:
        (first,) = started(socket, channel, inst)
        assert first[name] == ""
        trade(inst, "0.25", sz=sz)
        row = socket.next_row(channel)
        assert row[name] == sandbox.public(f"{path}?instId={inst}")["data"][0][name] != ""


def test_status_is_silent_while_no_maintenance_is_planned(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        socket.subscribe({"channel": "status"})
        socket.raw.send("ping")
        assert socket.raw.recv(timeout=10) == "pong"


def test_a_listener_of_a_moving_market_hears_of_it_all_the_time(moving_sandbox: Sandbox) -> None:
    channels = ("tickers", "trades", "books", "books5", "bbo-tbt")
    with opened(moving_sandbox, "public") as socket:
        socket.subscribe(*({"channel": name, "instId": "BTC-USDT"} for name in channels))
        heard = dict.fromkeys(channels, 0)
        while min(heard.values()) < 2:
            heard[socket.next_push()["arg"]["channel"]] += 1
        seconds = [int(row["ts"]) / 1000 for row in socket.next_push("tickers")["data"]]
        assert abs(seconds[0] - time.time()) < 60
