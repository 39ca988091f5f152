"""Public prices, against a venue that answers by script."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connect_portal.venue.errors import MalformedAnswer
from connect_portal.venue.okx.market import OkxMarket
from connect_portal.venue.okx.venue import OkxVenue
from connect_portal.venue.quotes import Candle, Level, places_of
from connect_portal.venue.types import Environment
from tests.venue.scripted import Reply, ScriptedVenue

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
TS = "1795341600000"
INSTRUMENTS = "/api/v5/public/instruments"
TICKER, BOOKS = "/api/v5/market/ticker", "/api/v5/market/books"
TRADES, CANDLES = "/api/v5/market/trades", "/api/v5/market/candles"
PAIR = {
    "instId": "BTC-USDT",
    "baseCcy": "BTC",
    "quoteCcy": "USDT",
    "tickSz": "0.1",
    "lotSz": "0.00000001",
    "minSz": "0.00001",
    "state": "live",
}
QUIET = {"instId": "BTC-USDT", "last": "", "bidPx": "", "askPx": "", "open24h": ""}
QUIET |= {"high24h": "", "low24h": "", "vol24h": "0", "ts": TS}
BUSY = QUIET | {"last": "110", "open24h": "100"}


@pytest.fixture
def market(place: OkxVenue) -> OkxMarket:
    """The live prices."""
    return place.market()


def rows(*data: Any) -> Reply:
    return Reply(json.dumps({"code": "0", "msg": "", "data": data}).encode())


def test_a_pair_tells_its_steps(server: ScriptedVenue, market: OkxMarket) -> None:
    server.answers(INSTRUMENTS, rows(PAIR))
    (pair,) = market.pairs()
    assert (pair.instrument, pair.base, pair.quote) == ("BTC-USDT", "BTC", "USDT")
    assert (pair.price_places, pair.size_places, pair.minimum) == (1, 8, Decimal("0.00001"))


@pytest.mark.parametrize(
    ("step", "places"), [("0.1", 1), ("0.10", 1), ("1", 0), ("10", 0), ("0.00000001", 8)]
)
def test_a_step_tells_how_many_digits_a_figure_has(step: str, places: int) -> None:
    assert places_of(Decimal(step)) == places


def test_a_ticker_tells_the_change_of_a_day(server: ScriptedVenue, market: OkxMarket) -> None:
    server.answers(TICKER, rows(BUSY), rows(QUIET))
    busy, quiet = market.ticker("BTC-USDT"), market.ticker("BTC-USDT")
    assert (busy.last, busy.change_percent, busy.at) == (Decimal(110), Decimal(10), AT)
    assert (quiet.last, quiet.change_percent) == (None, None)


def test_a_book_has_its_best_levels_first(server: ScriptedVenue, market: OkxMarket) -> None:
    sides = {"asks": [["101", "2", "0", "3"]], "bids": [["99.5", "1", "0", "1"]], "ts": TS}
    server.answers(BOOKS, rows(sides))
    book = market.book("BTC-USDT", 10)
    assert book.asks == (Level(Decimal(101), Decimal(2), 3),)
    assert book.bids == (Level(Decimal("99.5"), Decimal(1), 1),)
    assert server.targets() == [f"{BOOKS}?instId=BTC-USDT&sz=10"]


def test_trades_and_candles_are_read(server: ScriptedVenue, market: OkxMarket) -> None:
    trade = {"tradeId": "7", "px": "100", "sz": "0.5", "side": "sell", "ts": TS}
    server.answers(TRADES, rows(trade))
    server.answers(CANDLES, rows([TS, "1", "4", "0.5", "2", "9", "18", "18", "1"]))
    (print_,) = market.prints("BTC-USDT", 20)
    assert (print_.side, print_.size, print_.at) == ("sell", Decimal("0.5"), AT)
    assert market.candles("BTC-USDT", "1H", 120) == (
        Candle(
            at=AT,
            open=Decimal(1),
            high=Decimal(4),
            low=Decimal("0.5"),
            close=Decimal(2),
            volume=Decimal(9),
        ),
    )
    assert server.targets()[1] == f"{CANDLES}?instId=BTC-USDT&bar=1H&limit=120"


def test_the_demo_environment_is_asked_for_by_its_header(
    server: ScriptedVenue, place: OkxVenue
) -> None:
    server.answers(TICKER, rows(QUIET), rows(QUIET))
    place.market(Environment.DEMO).ticker("BTC-USDT")
    place.market(Environment.LIVE).ticker("BTC-USDT")
    demo, live = server.asked
    assert demo.headers["x-simulated-trading"] == "1"
    assert "x-simulated-trading" not in live.headers


@pytest.mark.parametrize(
    ("path", "row", "ask"),
    [
        (INSTRUMENTS, PAIR | {"tickSz": ""}, lambda market: market.pairs()),
        (TICKER, BUSY | {"last": "1e5"}, lambda market: market.ticker("BTC-USDT")),
        (BOOKS, {"asks": [["1"]], "bids": [], "ts": TS}, lambda market: market.book("BTC-USDT", 1)),
        (TRADES, {"tradeId": "7"}, lambda market: market.prints("BTC-USDT", 1)),
        (CANDLES, [TS, "1", "2"], lambda market: market.candles("BTC-USDT", "1m", 1)),
    ],
    ids=["pair", "ticker", "book", "trade", "candle"],
)
def test_prices_that_are_not_understood_are_refused_whole(
    server: ScriptedVenue,
    market: OkxMarket,
    path: str,
    row: object,
    ask: Callable[[OkxMarket], object],
) -> None:
    server.answers(path, rows(row))
    with pytest.raises(MalformedAnswer):
        ask(market)
