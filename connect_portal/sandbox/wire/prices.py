"""Public prices as the wire shows them: instruments, tickers, books, candles, trades."""

from connect_portal import facts
from connect_portal.sandbox.engine.fees import rate
from connect_portal.sandbox.engine.model import Candle, Trade
from connect_portal.sandbox.engine.tape import MINUTE_MS
from connect_portal.sandbox.engine.units import Instrument, plain
from connect_portal.sandbox.engine.world import World
from connect_portal.sandbox.wire.objects import Row, blanks, price, size

DAY_MS = 86_400_000
HONG_KONG_MS = 8 * 3_600_000
LONGEST_QUIET = 300
LISTED_MS = "1735689600000"
BARS = {
    **{f"{n}m": n * MINUTE_MS for n in (1, 3, 5, 15, 30)},
    **{f"{n}H": n * 60 * MINUTE_MS for n in (1, 2, 4, 6, 12)},
    **{f"{n}D": n * DAY_MS for n in (1, 2, 3)},
    **{f"{n}Hutc": n * 60 * MINUTE_MS for n in (6, 12)},
    **{f"{n}Dutc": n * DAY_MS for n in (1, 2, 3)},
}
INSTRUMENT_BLANKS = blanks(
    "alias ctMult ctType ctVal ctValCcy instFamily lever optType settleCcy stk uly expTime"
    " auctionEndTime preMktSwTime contTdSwTime openType posLmtAmt posLmtPct maxPlatOILmt"
)
SIZE_LIMITS: Row = {
    "maxLmtSz": "99999999",
    "maxMktSz": "1000000",
    "maxLmtAmt": "20000000",
    "maxMktAmt": "1000000",
    "maxTwapSz": "99999999",
    "maxIcebergSz": "99999999",
    "maxTriggerSz": "99999999",
    "maxStopSz": "1000000",
}


def instrument_row(pair: facts.Pair) -> Row:
    """The instrument object of public/instruments."""
    return {
        **INSTRUMENT_BLANKS,
        **SIZE_LIMITS,
        "instType": "SPOT",
        "instId": pair.inst_id,
        "instIdCode": pair.inst_id_code,
        "baseCcy": pair.base,
        "quoteCcy": pair.quote,
        "tickSz": f"{pair.tick_size:f}",
        "lotSz": f"{pair.lot_size:f}",
        "minSz": f"{pair.min_size:f}",
        "state": "live",
        "tradeQuoteCcyList": list(pair.quote_ccy_list),
        "groupId": pair.group,
        "category": "1",
        "ruleType": "normal",
        "instCategory": "1",
        "listTime": LISTED_MS,
        "upcChg": [],
        "futureSettlement": False,
    }


def ticker_row(world: World, pair: Instrument) -> Row:
    """The ticker object; an instrument without a trade yet shows empty prices."""
    tape, book = world.state.tapes[pair.inst_id], world.books[pair.inst_id]
    now = world.now
    day = [candle for candle in tape.candles if candle.minute > now - DAY_MS]
    last = tape.trades[-1] if tape.trades else None
    asks, bids = book.depth("sell", 1), book.depth("buy", 1)
    quote_volume = plain(sum(candle.turnover for candle in day))
    return {
        "instType": "SPOT",
        "instId": pair.inst_id,
        "last": price(pair, last.px) if last else "",
        "lastSz": size(pair, last.lots) if last else "",
        "askPx": price(pair, asks[0][0]) if asks else "",
        "askSz": size(pair, asks[0][1]) if asks else "",
        "bidPx": price(pair, bids[0][0]) if bids else "",
        "bidSz": size(pair, bids[0][1]) if bids else "",
        "open24h": price(pair, day[0].open if day else tape.last_px),
        "high24h": price(pair, max((c.high for c in day), default=tape.last_px)),
        "low24h": price(pair, min((c.low for c in day), default=tape.last_px)),
        "volCcy24h": quote_volume,
        "vol24h": size(pair, sum(candle.lots for candle in day)),
        "sodUtc0": price(pair, _open_of_day(day, now - now % DAY_MS, tape.last_px)),
        "sodUtc8": price(pair, _open_of_day(day, _hong_kong_day(now), tape.last_px)),
        "ts": str(last.ts if last else now),
    }


def book_rows(world: World, pair: Instrument, side: str, levels: int) -> list[list[str]]:
    """`[px, sz, "0", orders]` of the best levels."""
    depth = world.books[pair.inst_id].depth(side, levels)
    return [[price(pair, px), size(pair, lots), "0", str(orders)] for px, lots, orders in depth]


def trade_row(pair: Instrument, trade: Trade) -> Row:
    """The public trade object; `side` is the taker's."""
    return {
        "instId": pair.inst_id,
        "tradeId": str(trade.trade_id),
        "px": price(pair, trade.px),
        "sz": size(pair, trade.lots),
        "side": trade.side,
        "source": "0",
        "ts": str(trade.ts),
    }


def candle_row(pair: Instrument, candle: Candle, now: int, span: int = MINUTE_MS) -> list[str]:
    """`[ts, open, high, low, close, base, quote, quote, confirm]`."""
    prices = (candle.open, candle.high, candle.low, candle.close)
    return [
        str(candle.minute),
        *(price(pair, px) for px in prices),
        size(pair, candle.lots),
        plain(candle.turnover),
        plain(candle.turnover),
        "1" if now >= candle.minute + span else "0",
    ]


def candles(world: World, pair: Instrument, bar: str) -> list[Candle]:
    """Minutes added up to bars, oldest first; bars of 6 hours and more follow Hong Kong days."""
    span = BARS[bar]
    shift = HONG_KONG_MS if span > 4 * 60 * MINUTE_MS and not bar.endswith("utc") else 0
    bars: list[Candle] = []
    for minute in world.state.tapes[pair.inst_id].candles:
        start = minute.minute - (minute.minute + shift) % span
        if not bars or bars[-1].minute != start:
            bars.extend(_quiet_bars(bars[-1] if bars else None, start, span))
            opening = minute.open
            bars.append(Candle(start, opening, opening, opening, opening, 0, 0))
        _add(bars[-1], minute)
    return bars


def fee_group_rows(level: str) -> list[Row]:
    """Maker and taker rate of each fee group at a tier, with the wire's sign."""
    groups = sorted({group for _, group in facts.us_fee_table()})
    return [
        {
            "groupId": group,
            "maker": f"{rate(level, group, 'M').normalize():f}",
            "taker": f"{rate(level, group, 'T').normalize():f}",
            "elpMaker": "",
            "rpiMaker": "",
        }
        for group in groups
    ]


def _quiet_bars(last: Candle | None, until: int, span: int) -> list[Candle]:
    if last is None:
        return []
    px = last.close
    starts = range(max(last.minute + span, until - LONGEST_QUIET * span), until, span)
    return [Candle(start, px, px, px, px, 0, 0) for start in starts]


def _add(bar: Candle, minute: Candle) -> None:
    bar.high = max(bar.high, minute.high)
    bar.low = min(bar.low, minute.low)
    bar.close = minute.close
    bar.lots += minute.lots
    bar.turnover += minute.turnover


def _open_of_day(day: list[Candle], start: int, default: int) -> int:
    return next((candle.open for candle in day if candle.minute >= start), default)


def _hong_kong_day(now: int) -> int:
    return now - (now + HONG_KONG_MS) % DAY_MS
