"""Public prices as the wire shows them: instruments, tickers, books, candles, trades."""

from bisect import bisect_left

from connect_portal import facts
from connect_portal.sandbox.engine import sizing
from connect_portal.sandbox.engine.day import Day, last_day
from connect_portal.sandbox.engine.fees import rate
from connect_portal.sandbox.engine.model import Candle, Trade
from connect_portal.sandbox.engine.units import Instrument, instrument, parse, plain
from connect_portal.sandbox.engine.world import World
from connect_portal.sandbox.wire.bars import BARS, Bar
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.objects import Row, blanks, price, size

LISTED_MS = "1735689600000"
USD_CNY = "7.1"
BAND = 10  # one digit too many: a buy at ten times the last price, a sale at a tenth of it
INSTRUMENT_BLANKS = blanks(
    "alias ctMult ctType ctVal ctValCcy instFamily lever optType settleCcy stk uly expTime"
    " auctionEndTime preMktSwTime contTdSwTime openType rpiMinLevel rpiMinPxBand"
)
LIMIT_VALUE, MARKET_VALUE = plain(sizing.LIMIT_VALUE), plain(sizing.MARKET_VALUE)


def instrument_row(pair: facts.Pair) -> Row:
    """The instrument object of public/instruments; its limits are those the engine holds to."""
    whole = instrument(pair)
    most = plain(whole.max_lots * whole.lot)
    return {
        **INSTRUMENT_BLANKS,
        **dict.fromkeys(("maxLmtSz", "maxTwapSz", "maxIcebergSz", "maxTriggerSz"), most),
        **dict.fromkeys(("maxMktSz", "maxStopSz", "maxMktAmt"), MARKET_VALUE),
        "maxLmtAmt": LIMIT_VALUE,
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
    day = last_day(world, pair.inst_id)
    last = tape.trades[-1] if tape.trades else None
    asks, bids = book.depth("sell", 1), book.depth("buy", 1)
    return {
        "instType": "SPOT",
        "instId": pair.inst_id,
        "last": price(pair, last.px) if last else "",
        "lastSz": size(pair, last.lots) if last else "",
        "askPx": price(pair, asks[0][0]) if asks else "",
        "askSz": size(pair, asks[0][1]) if asks else "",
        "bidPx": price(pair, bids[0][0]) if bids else "",
        "bidSz": size(pair, bids[0][1]) if bids else "",
        **_day_prices(world, pair, day),
        "volCcy24h": plain(day.turnover),
        "vol24h": size(pair, day.lots),
        "ts": str(world.now),
    }


def index_row(world: World, pair: Instrument) -> Row:
    """The index ticker object; the index of a pair is its own last price."""
    tape = world.state.tapes[pair.inst_id]
    return {
        "instId": pair.inst_id,
        "idxPx": price(pair, tape.last_px),
        **_day_prices(world, pair, last_day(world, pair.inst_id)),
        "ts": str(tape.trades[-1].ts if tape.trades else world.now),
    }


def band(world: World, pair: Instrument) -> tuple[int, int]:
    """The highest price of a buy and the lowest of a sale, in ticks; (0, 0) before any trade."""
    last = world.state.tapes[pair.inst_id].last_px
    return last * BAND, -(-last // BAND)


def within_band(world: World, inst: str, px: str, *, buys: bool, clamp: bool) -> str:
    """A price text that the band allows; with `clamp` the band's edge instead of a refusal.

    Raises 51137 (a buy too high) and 51138 (a sale too low).
    """
    pair, units = world.instruments.get(inst), parse(px)
    if pair is None or units is None:
        return px  # the engine says what is wrong with these
    highest, lowest = band(world, pair)
    edge = highest if buys else lowest
    if not edge or (units <= edge * pair.tick if buys else units >= edge * pair.tick):
        return px
    if clamp:
        return price(pair, edge)
    raise WireError("51137" if buys else "51138", price(pair, edge))


def limit_row(world: World, pair: Instrument) -> Row:
    """The price-limit object; without any trade there is no limit."""
    highest, lowest = band(world, pair)
    return {
        "instType": "SPOT",
        "instId": pair.inst_id,
        "buyLmt": price(pair, highest),
        "sellLmt": price(pair, lowest),
        "ts": str(world.now),
        "enabled": bool(highest),
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


def candle_row(pair: Instrument, candle: Candle, bar: Bar, now: int) -> list[str]:
    """`[ts, open, high, low, close, base, quote, quote, confirm]`."""
    prices = (candle.open, candle.high, candle.low, candle.close)
    return [
        str(candle.minute),
        *(price(pair, px) for px in prices),
        size(pair, candle.lots),
        plain(candle.turnover),
        plain(candle.turnover),
        "1" if now >= bar.end(candle.minute) else "0",
    ]


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


def _day_prices(world: World, pair: Instrument, day: Day) -> Row:
    last = world.state.tapes[pair.inst_id].last_px
    return {
        "open24h": price(pair, day.open or last),
        "high24h": price(pair, day.high or last),
        "low24h": price(pair, day.low or last),
        "sodUtc0": price(pair, _open_of(world, pair, BARS["1Dutc"])),
        "sodUtc8": price(pair, _open_of(world, pair, BARS["1D"])),
    }


def _open_of(world: World, pair: Instrument, bar: Bar) -> int:
    """The first price of the bar that runs now; the last price where it has none yet."""
    tape = world.state.tapes[pair.inst_id]
    first = bisect_left(tape.candles, bar.start(world.now), key=lambda candle: candle.minute)
    return tape.candles[first].open if first < len(tape.candles) else tape.last_px
