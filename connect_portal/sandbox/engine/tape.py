"""The public tape of one instrument: prints, and the minutes they add up to."""

from connect_portal.sandbox.engine.model import Candle, Tape, Trade
from connect_portal.sandbox.engine.units import Instrument

MINUTE_MS = 60_000
TRADES_KEPT = 1000
CANDLES_KEPT = 2 * 1440


def record(tape: Tape, instrument: Instrument, px: int, lots: int, buys: bool, ts: int) -> Trade:
    """Print one trade (`buys`: the taker did) and add it to its minute; old ones fall off."""
    tape.last_trade_id += 1
    trade = Trade(tape.last_trade_id, px, lots, "buy" if buys else "sell", ts)
    tape.trades.append(trade)
    _add_to_minute(tape, trade, px * lots * instrument.lot_value)
    if len(tape.trades) >= 2 * TRADES_KEPT:
        del tape.trades[:-TRADES_KEPT]
    if len(tape.candles) >= CANDLES_KEPT + 60:
        del tape.candles[:-CANDLES_KEPT]
    return trade


def _add_to_minute(tape: Tape, trade: Trade, turnover: int) -> None:
    minute = trade.ts - trade.ts % MINUTE_MS
    if not tape.candles or tape.candles[-1].minute != minute:
        px = trade.px
        tape.candles.append(Candle(minute, px, px, px, px, 0, 0))
    candle = tape.candles[-1]
    candle.high = max(candle.high, trade.px)
    candle.low = min(candle.low, trade.px)
    candle.close = trade.px
    candle.lots += trade.lots
    candle.turnover += turnover
