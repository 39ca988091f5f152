"""Public data: instruments, prices, books, candles and prints, as any stranger reads them."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connect_portal import facts
from connect_portal.sandbox.engine.model import Candle
from connect_portal.sandbox.engine.tape import DAY_MS, HOUR_MS
from connect_portal.sandbox.wire import bars
from connect_portal.sandbox.wire.bars import BARS
from tests.sandbox.conftest import Sandbox, Trader, start_sandbox, stop_sandbox
from tests.sandbox.fields import INSTRUMENT, TICKER
from tests.sandbox.signing import order

Make = Callable[..., Trader]
PAIR = "ETH-USDT"
MONDAY_NOON = 1_764_590_400_000  # 2025-12-01 12:00 UTC


def rows(sandbox: Sandbox, path: str) -> Any:
    """The data of a public answer that is a success."""
    answer = sandbox.public(path)
    assert answer["code"] == "0", answer
    return answer["data"]


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An exchange on which ETH-USDT was traded at 3000, 3010 and 2990, with a book left over."""
    sandbox = start_sandbox(tmp_path_factory.mktemp("public"), "quiet")
    alice, bob = sandbox.trader("Alice", ETH="100"), sandbox.trader("Bob", USDT="1000000")
    for px in ("3000", "3010", "2990"):
        order(sandbox, alice, "sell", "0.5", px, instId=PAIR)
        order(sandbox, bob, "buy", "0.5", px, instId=PAIR)
    for px in ("3020", "3021", "3021"):
        order(sandbox, alice, "sell", "1", px, instId=PAIR)
    for px in ("2980", "2979"):
        order(sandbox, bob, "buy", "2", px, instId=PAIR)
    yield sandbox
    assert stop_sandbox(sandbox) == 0


def test_server_time_is_the_wall_clock_in_milliseconds(traded: Sandbox) -> None:
    (row,) = rows(traded, "public/time")
    assert abs(int(row["ts"]) - time.time() * 1000) < 60_000


def test_every_listed_pair_is_an_instrument_with_every_field(traded: Sandbox) -> None:
    listed = rows(traded, "public/instruments?instType=SPOT")
    assert [row["instId"] for row in listed] == list(facts.pairs())
    assert {tuple(sorted(row)) for row in listed} == {tuple(INSTRUMENT)}
    codes = [row["instIdCode"] for row in listed]
    assert len(set(codes)) == len(codes)
    assert {type(code) for code in codes} == {int}


def test_one_instrument_is_found_by_name_and_an_unknown_one_is_51001(traded: Sandbox) -> None:
    (row,) = rows(traded, "public/instruments?instType=SPOT&instId=BTC-USDC")
    assert (row["tradeQuoteCcyList"], row["futureSettlement"]) == (["USD", "USDC"], False)
    assert traded.public("public/instruments?instType=SPOT&instId=BTC-EUR")["code"] == "51001"


def test_cheap_coins_may_be_ordered_in_larger_numbers(traded: Sandbox) -> None:
    most = {
        row["instId"]: Decimal(row["maxLmtSz"])
        for row in rows(traded, "public/instruments?instType=SPOT")
    }
    assert most["BTC-USDT"] == 100_000
    assert most["PUMP-USDT"] == 1_000_000_000_000


def test_largest_order_is_refused_above_the_listed_limits(traded: Sandbox) -> None:
    rich = traded.trader("Rich", USDT="100000000000", ETH="100000000")

    def code(side: str, sz: str, px: str = "", **more: str) -> Any:
        return order(traded, rich, side, sz, px, instId=PAIR, **more)["sCode"]

    assert code("buy", "1000000", "1") == "0"
    assert code("buy", "1000001", "1") == "51005"
    assert code("buy", "10000", "2000.01") == "51185"
    assert code("buy", "1000001", tgtCcy="quote_ccy") == "51201"
    assert code("sell", "1000") == "51201"


def test_ticker_tells_the_day_and_the_best_of_both_sides(traded: Sandbox) -> None:
    (row,) = rows(traded, f"market/ticker?instId={PAIR}")
    assert sorted(row) == TICKER
    shown = ("last", "lastSz", "askPx", "askSz", "bidPx", "bidSz", "high24h", "low24h", "open24h")
    values = ["2990", "0.5", "3020", "1", "2980", "2", "3010", "2990", "3000"]
    assert [row[name] for name in shown] == values
    assert (row["vol24h"], row["volCcy24h"]) == ("1.5", "4500")
    assert (row["sodUtc0"], row["sodUtc8"]) == ("3000", "3000")


def test_ticker_is_as_new_as_the_best_prices_it_tells(traded: Sandbox) -> None:
    (row,) = rows(traded, f"market/ticker?instId={PAIR}")
    last, *_ = rows(traded, f"market/trades?instId={PAIR}")
    assert int(row["ts"]) > int(last["ts"])


def test_tickers_list_every_pair_also_before_its_first_trade(traded: Sandbox) -> None:
    listed = {row["instId"]: row for row in rows(traded, "market/tickers?instType=SPOT")}
    assert listed.keys() == facts.pairs().keys()
    assert listed["SOL-USDT"]["last"] == ""
    assert rows(traded, "market/tickers?instType=SWAP") == []


def test_book_shows_the_best_level_unless_asked_for_more(traded: Sandbox) -> None:
    (best,) = rows(traded, f"market/books?instId={PAIR}")
    assert (best["asks"], best["bids"]) == ([["3020", "1", "0", "1"]], [["2980", "2", "0", "1"]])
    (book,) = rows(traded, f"market/books?instId={PAIR}&sz=1000")
    assert book["asks"][1] == ["3021", "2", "0", "2"]
    assert isinstance(book["seqId"], int)


def test_full_book_has_three_columns(traded: Sandbox) -> None:
    (book,) = rows(traded, f"market/books-full?instId={PAIR}&sz=5000")
    assert book["asks"][:2] == [["3020", "1", "1"], ["3021", "2", "2"]]
    assert sorted(book) == ["asks", "bids", "ts"]


def test_prints_are_newest_first_with_the_taker_side(traded: Sandbox) -> None:
    found = rows(traded, f"market/trades?instId={PAIR}&limit=2")
    assert [(row["px"], row["sz"], row["side"]) for row in found] == [
        ("2990", "0.5", "buy"),
        ("3010", "0.5", "buy"),
    ]
    assert sorted(found[0]) == ["instId", "px", "side", "source", "sz", "tradeId", "ts"]


def test_older_prints_are_paged_by_number_or_by_time(traded: Sandbox) -> None:
    trades = f"market/history-trades?instId={PAIR}"
    newest, middle, oldest = rows(traded, trades)
    assert rows(traded, f"{trades}&after={middle['tradeId']}") == [oldest]
    assert rows(traded, f"{trades}&before={middle['tradeId']}") == [newest]
    assert rows(traded, f"{trades}&limit=1") == [newest]
    assert rows(traded, f"{trades}&type=2&after={oldest['ts']}") == []
    assert rows(traded, f"{trades}&type=2&after={int(newest['ts']) + 1}")[0] == newest
    assert traded.public(f"{trades}&type=2&before=1")["code"] == "50039"


@pytest.mark.parametrize("bar", BARS)
def test_candles_of_every_length_add_up_the_same_trades(traded: Sandbox, bar: str) -> None:
    found = rows(traded, f"market/history-candles?instId={PAIR}&bar={bar}")
    oldest = found[-1]
    assert oldest[1] == "3000"
    assert sum(Decimal(row[5]) for row in found) == Decimal("1.5")
    assert {row[4] for row in found[:1]} == {"2990"}
    assert [int(row[0]) for row in found] == sorted((int(r[0]) for r in found), reverse=True)


def test_seconds_are_in_the_history_only(traded: Sandbox) -> None:
    found = rows(traded, f"market/history-candles?instId={PAIR}&bar=1s&limit=300")
    assert sum(Decimal(row[5]) for row in found) <= Decimal("1.5")
    starts = [int(row[0]) for row in found]
    assert starts == list(range(starts[0], starts[0] - 1000 * len(starts), -1000))
    assert traded.public(f"market/candles?instId={PAIR}&bar=1s")["code"] == "51000"


def test_candles_are_paged_by_time_without_gaps(traded: Sandbox) -> None:
    minutes = f"market/candles?instId={PAIR}"
    traded.operate("POST", "/clock", {"to": str(business_ms(traded) + 5 * 60_000)})
    newest = rows(traded, minutes)
    assert len(newest) >= 5
    assert newest[0][1:7] == ["2990", "2990", "2990", "2990", "0", "0"]
    assert [row[8] for row in newest[:2]] == ["0", "1"]
    older = rows(traded, f"{minutes}&after={newest[1][0]}")
    assert older[0] == newest[2]
    newer = rows(traded, f"{minutes}&before={newest[2][0]}")
    assert [row[0] for row in newer] == [newest[0][0], newest[1][0]]
    assert len(rows(traded, f"{minutes}&limit=2")) == 2


def business_ms(sandbox: Sandbox) -> int:
    """Now on the exchange's own clock."""
    return int(sandbox.operate("GET", "/clock")["ts"])


@pytest.mark.parametrize(
    ("bar", "start", "end"),
    [
        ("1m", MONDAY_NOON, MONDAY_NOON + 60_000),
        ("4H", MONDAY_NOON, MONDAY_NOON + 4 * HOUR_MS),
        ("6H", MONDAY_NOON - 2 * HOUR_MS, MONDAY_NOON + 4 * HOUR_MS),
        ("6Hutc", MONDAY_NOON, MONDAY_NOON + 6 * HOUR_MS),
        ("1D", MONDAY_NOON - 20 * HOUR_MS, MONDAY_NOON + 4 * HOUR_MS),
        ("1Dutc", MONDAY_NOON - 12 * HOUR_MS, MONDAY_NOON + 12 * HOUR_MS),
        ("1W", MONDAY_NOON - 20 * HOUR_MS, MONDAY_NOON - 20 * HOUR_MS + 7 * DAY_MS),
        ("1Wutc", MONDAY_NOON - 12 * HOUR_MS, MONDAY_NOON - 12 * HOUR_MS + 7 * DAY_MS),
        ("1M", MONDAY_NOON - 20 * HOUR_MS, MONDAY_NOON - 20 * HOUR_MS + 31 * DAY_MS),
        ("1Mutc", MONDAY_NOON - 12 * HOUR_MS, MONDAY_NOON - 12 * HOUR_MS + 31 * DAY_MS),
        ("3Mutc", 1_759_276_800_000, 1_767_225_600_000),
    ],
)
def test_bars_begin_with_the_clock_the_day_the_monday_or_the_first(
    bar: str, start: int, end: int
) -> None:
    assert BARS[bar].start(MONDAY_NOON) == start
    assert BARS[bar].end(start) == end
    assert BARS[bar].start(end) == end
    assert BARS[bar].start(end - 1) == start


def test_bars_reach_back_to_the_first_trade_and_no_further() -> None:
    bar = BARS["1m"]
    found = [Candle(60_000, 5, 6, 4, 5, 10, 50), Candle(240_000, 7, 7, 7, 7, 1, 7)]
    page = bars.newest(found, bar, until=300_000, oldest=0, before=0, limit=100)
    assert [(candle.minute, candle.close, candle.lots) for candle in page] == [
        (300_000, 7, 0),
        (240_000, 7, 1),
        (180_000, 5, 0),
        (120_000, 5, 0),
        (60_000, 5, 10),
    ]


def test_index_of_a_pair_is_its_own_last_price(traded: Sandbox) -> None:
    (row,) = rows(traded, f"market/index-tickers?instId={PAIR}")
    assert (row["idxPx"], row["high24h"], row["low24h"]) == ("2990", "3010", "2990")
    assert len(rows(traded, "market/index-tickers?quoteCcy=USD")) == 1
    assert traded.public("market/index-tickers")["code"] == "50015"
    assert traded.public("market/index-tickers?instId=BTC-EUR")["code"] == "51014"


def test_price_limit_opens_with_the_first_trade(traded: Sandbox) -> None:
    (row,) = rows(traded, f"public/price-limit?instId={PAIR}")
    assert (row["buyLmt"], row["sellLmt"], row["enabled"]) == ("29900", "299", True)
    (quiet,) = rows(traded, "public/price-limit?instId=SOL-USDT")
    assert (quiet["buyLmt"], quiet["sellLmt"], quiet["enabled"]) == ("", "", False)


def test_what_a_spot_venue_has_none_of_is_an_empty_list(traded: Sandbox) -> None:
    assert rows(traded, "public/mark-price?instType=SWAP") == []
    assert traded.public("public/mark-price?instType=SPOT")["code"] == "51000"
    assert rows(traded, "system/status?state=scheduled") == []


def test_exchange_rate_is_one_number(traded: Sandbox) -> None:
    assert [sorted(row) for row in rows(traded, "market/exchange-rate")] == [["usdCny"]]
