"""Market data: tickers, books, candles, trades, indices. Never authenticated.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data and #public-data-rest-api
"""

from typing import Any

from connect_portal.sandbox.wire import bars, params, prices
from connect_portal.sandbox.wire.bars import BARS, SECOND, Bar
from connect_portal.sandbox.wire.endpoints import Call, endpoint
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import Limit
from connect_portal.sandbox.wire.rest.public import INST_ID, INST_TYPE

BOOK_LEVELS, FULL_BOOK_LEVELS = 400, 5000
NEWEST_BARS = 1440
BY_TRADE_ID, BY_TIME = "1", "2"
CANDLE_PARAMS = (
    INST_ID,
    params.choice("bar", *BARS, default="1m"),
    params.whole("after"),
    params.whole("before"),
    params.limit(300),
)


@endpoint("GET", "market/tickers", INST_TYPE, limit=Limit(20))
async def tickers(call: Call) -> list[Any]:
    """Every pair's ticker."""
    if call["instType"] != "SPOT":
        return []
    return [prices.ticker_row(call.world, pair) for pair in call.world.instruments.values()]


@endpoint("GET", "market/ticker", INST_ID, limit=Limit(20))
async def ticker(call: Call) -> list[Any]:
    """One pair's ticker."""
    return [prices.ticker_row(call.world, call.instrument())]


@endpoint("GET", "market/books", INST_ID, params.whole("sz", default=1), limit=Limit(40))
async def books(call: Call) -> list[Any]:
    """The best levels of both sides, at most 400."""
    levels = min(call["sz"] or 1, BOOK_LEVELS)
    return [_book(call, levels) | {"seqId": call.world.versions[call["instId"]]}]


@endpoint("GET", "market/books-full", INST_ID, params.whole("sz", default=1), limit=Limit(10))
async def full_books(call: Call) -> list[Any]:
    """The best levels of both sides, at most 5000, as price, size and number of orders."""
    book = _book(call, min(call["sz"] or 1, FULL_BOOK_LEVELS))
    for side in ("asks", "bids"):
        book[side] = [[px, sz, orders] for px, sz, _, orders in book[side]]
    return [book]


@endpoint("GET", "market/candles", *CANDLE_PARAMS, limit=Limit(40))
async def candles(call: Call) -> list[Any]:
    """Bars newest first, at most the newest 1440; `after` and `before` are exclusive times."""
    bar = BARS[call["bar"]]
    if bar is SECOND:
        raise WireError("51000", "bar")
    oldest = bar.start(call.world.now) - (NEWEST_BARS - 1) * bar.span if bar.span else 0
    return _candle_rows(call, bar, oldest)


@endpoint("GET", "market/history-candles", *CANDLE_PARAMS, limit=Limit(20))
async def history_candles(call: Call) -> list[Any]:
    """The same as far back as the tape goes, seconds too."""
    return _candle_rows(call, BARS[call["bar"]], 0)


@endpoint("GET", "market/trades", INST_ID, params.limit(500), limit=Limit(100))
async def trades(call: Call) -> list[Any]:
    """The newest prints, newest first."""
    pair = call.instrument()
    newest = call.world.state.tapes[pair.inst_id].trades[-call["limit"] :]
    return [prices.trade_row(pair, trade) for trade in reversed(newest)]


@endpoint(
    "GET",
    "market/history-trades",
    INST_ID,
    params.choice("type", BY_TRADE_ID, BY_TIME, default=BY_TRADE_ID),
    params.whole("after"),
    params.whole("before"),
    params.limit(),
    limit=Limit(20),
)
async def history_trades(call: Call) -> list[Any]:
    """Prints newest first, paged by tradeId, or by time with `after` alone."""
    pair, by_time = call.instrument(), call["type"] == BY_TIME
    if by_time and call["before"]:
        raise WireError("50039")
    after, before = call["after"], call["before"]
    found = [
        trade
        for trade in reversed(call.world.state.tapes[pair.inst_id].trades)
        if (not after or (trade.ts if by_time else trade.trade_id) < after)
        and trade.trade_id > before
    ]
    return [prices.trade_row(pair, trade) for trade in found[: call["limit"]]]


@endpoint(
    "GET",
    "market/index-tickers",
    params.word("quoteCcy"),
    params.word("instId"),
    limit=Limit(20),
)
async def index_tickers(call: Call) -> list[Any]:
    """Indices, by name or by quote currency: the venue is its own only source of prices."""
    if not call["quoteCcy"] and not call["instId"]:
        raise WireError("50015", "quoteCcy", "instId")
    found = [
        pair
        for name, pair in call.world.instruments.items()
        if call["instId"] in ("", name) and call["quoteCcy"] in ("", pair.quote)
    ]
    if not found:
        raise WireError("51014")
    return [prices.index_row(call.world, pair) for pair in found]


@endpoint("GET", "market/exchange-rate", limit=Limit(1))
async def exchange_rate(call: Call) -> list[Any]:
    """Dollars in renminbi, a fixed example."""
    return [{"usdCny": prices.USD_CNY}]


def _book(call: Call, levels: int) -> dict[str, Any]:
    pair = call.instrument()
    return {
        "asks": prices.book_rows(call.world, pair, "sell", levels),
        "bids": prices.book_rows(call.world, pair, "buy", levels),
        "ts": str(call.store.business_ms()),
    }


def _candle_rows(call: Call, bar: Bar, oldest: int) -> list[Any]:
    pair, now = call.instrument(), call.store.business_ms()
    tape = call.world.state.tapes[pair.inst_id]
    found = bars.newest(
        bars.of_tape(tape, pair, bar),
        bar,
        until=min(now, call["after"] - 1) if call["after"] else now,
        oldest=oldest,
        before=call["before"],
        limit=call["limit"],
    )
    return [prices.candle_row(pair, candle, bar, now) for candle in found]
