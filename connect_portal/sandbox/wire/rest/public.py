"""Public data: time, instruments, tickers, books, candles, trades, status. Never authenticated.

https://www.okx.com/docs-v5/en/#public-data-rest-api and #order-book-trading-market-data
"""

import time
from typing import Any

from connect_portal import facts
from connect_portal.sandbox.wire import params, prices
from connect_portal.sandbox.wire.endpoints import Call, endpoint
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.faults import skew_ms
from connect_portal.sandbox.wire.limits import Limit

INST_TYPES = ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS")
INST_TYPE = params.choice("instType", *INST_TYPES, required=True)
INST_ID = params.word("instId", required=True)


@endpoint("GET", "public/time", limit=Limit(10))
async def server_time(call: Call) -> list[Any]:
    """Wall time, which signatures are checked against."""
    skew = skew_ms(call.store.exchange.state, "")
    return [{"ts": str(time.time_ns() // 1_000_000 + skew)}]


@endpoint(
    "GET", "public/instruments", INST_TYPE, params.word("instId"), limit=Limit(20, per="instType")
)
async def instruments(call: Call) -> list[Any]:
    """The spot pairs; other instrument types exist but have nothing listed."""
    if call["instType"] != "SPOT":
        return []
    if call["instId"]:
        call.instrument()
    wanted = call["instId"]
    return [
        prices.instrument_row(pair)
        for name, pair in facts.pairs().items()
        if not wanted or name == wanted
    ]


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
    pair, levels = call.instrument(), min(call["sz"] or 1, 400)
    return [
        {
            "asks": prices.book_rows(call.world, pair, "sell", levels),
            "bids": prices.book_rows(call.world, pair, "buy", levels),
            "ts": str(call.world.now),
            "seqId": call.world.state.last_id % 2**53,
        }
    ]


@endpoint(
    "GET",
    "market/candles",
    INST_ID,
    params.word("bar"),
    params.whole("after"),
    params.whole("before"),
    params.limit(300),
    limit=Limit(40),
)
async def candles(call: Call) -> list[Any]:
    """Bars newest first; `after` and `before` are exclusive times."""
    pair, bar = call.instrument(), call["bar"] or "1m"
    if bar not in prices.BARS:
        raise WireError("51000", "bar")
    found = [
        candle
        for candle in prices.candles(call.world, pair, bar)
        if (not call["after"] or candle.minute < call["after"]) and candle.minute > call["before"]
    ]
    now, span = call.world.now, prices.BARS[bar]
    return [prices.candle_row(pair, c, now, span) for c in found[: -call["limit"] - 1 : -1]]


@endpoint("GET", "market/trades", INST_ID, params.limit(500), limit=Limit(100))
async def trades(call: Call) -> list[Any]:
    """The newest prints, newest first."""
    pair = call.instrument()
    newest = call.world.state.tapes[pair.inst_id].trades[-call["limit"] :]
    return [prices.trade_row(pair, trade) for trade in reversed(newest)]


@endpoint("GET", "system/status", params.word("state"), limit=Limit(1, 5))
async def status(call: Call) -> list[Any]:
    """No maintenance is planned."""
    return []
