"""The public tape of one instrument: prints, the minutes they add up to, and the hours of these."""

import random
from typing import TYPE_CHECKING

from connect_portal.sandbox.engine.commands import SeedTape
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Candle, Tape, Trade
from connect_portal.sandbox.engine.units import Instrument

if TYPE_CHECKING:
    from connect_portal.sandbox.engine.world import World

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
TRADES_KEPT = 1000
CANDLES_KEPT, HOURS_KEPT = 2 * 1440, 90 * 24
PRINTS_SEEDED = 50
MINUTES_HOME = 720
FINE = 1 << 32  # a walk is finer than a tick, or a calm pair would never move
COINS, NORMAL_SPREAD = 32, 2828  # the standard deviation of so many coins, in thousandths


def record(tape: Tape, instrument: Instrument, px: int, lots: int, buys: bool, ts: int) -> Trade:
    """Print one trade (`buys`: the taker did) and add it to its minute; old ones fall off."""
    tape.last_trade_id += 1
    trade = Trade(tape.last_trade_id, px, lots, "buy" if buys else "sell", ts)
    tape.trades.append(trade)
    _add_to_minute(tape, trade, px * lots * instrument.lot_value)
    if len(tape.trades) >= 2 * TRADES_KEPT:
        del tape.trades[:-TRADES_KEPT]
    if len(tape.candles) >= CANDLES_KEPT + 60:
        _fold_into_hours(tape, tape.candles[:-CANDLES_KEPT])
        del tape.candles[:-CANDLES_KEPT]
    return trade


def add(bar: Candle, shorter: Candle) -> None:
    """Let a bar take in a shorter one that follows what it already holds."""
    bar.high = max(bar.high, shorter.high)
    bar.low = min(bar.low, shorter.low)
    bar.close = shorter.close
    bar.lots += shorter.lots
    bar.turnover += shorter.turnover


def quiet(start: int, px: int) -> Candle:
    """A bar in which nothing was traded."""
    return Candle(start, px, px, px, px, 0, 0)


def _fold_into_hours(tape: Tape, minutes: list[Candle]) -> None:
    """Minutes that are too old to be kept live on in their hours."""
    for minute in minutes:
        start = minute.minute - minute.minute % HOUR_MS
        if not tape.hours or tape.hours[-1].minute != start:
            tape.hours.append(quiet(start, minute.open))
        add(tape.hours[-1], minute)
    del tape.hours[:-HOURS_KEPT]


def _add_to_minute(tape: Tape, trade: Trade, turnover: int) -> None:
    minute = trade.ts - trade.ts % MINUTE_MS
    if not tape.candles or tape.candles[-1].minute != minute:
        tape.candles.append(quiet(minute, trade.px))
    candle = tape.candles[-1]
    candle.high = max(candle.high, trade.px)
    candle.low = min(candle.low, trade.px)
    candle.close = trade.px
    candle.lots += trade.lots
    candle.turnover += turnover


def seed(world: "World", command: SeedTape) -> int:
    """Lay down invented minutes, the last prints among them; how many, 0 where there is a past.

    Public data only: no account traded, no money moves. Refuses 51000 to a senseless walk.
    """
    pair, tape = world.instrument(command.inst), world.state.tapes[command.inst]
    if command.px <= 0 or command.lots <= 0 or not 0 < command.minutes <= CANDLES_KEPT:
        raise Refused("51000")
    if tape.candles:
        return 0
    tape.candles = _walk_back(pair, command, world.now - world.now % MINUTE_MS)
    for candle in tape.candles[-PRINTS_SEEDED:]:
        tape.last_trade_id += 1
        side = "buy" if candle.close >= candle.open else "sell"
        lots, ts = max(pair.min_lots, candle.lots // 8), candle.minute + MINUTE_MS - 1
        tape.trades.append(Trade(tape.last_trade_id, candle.close, lots, side, ts))
    return len(tape.candles)


def _walk_back(pair: Instrument, command: SeedTape, end: int) -> list[Candle]:
    """Minutes up to `end`, oldest first, of a price that never strays far from where it ends."""
    dice = random.Random(command.seed)
    home = close = command.px * FINE
    unit = home * command.swing // 1_000_000 * 1000 // NORMAL_SPREAD
    candles = []
    for number in range(1, command.minutes + 1):
        stray, reach = _normal(dice), abs(_normal(dice)) // 2
        before = close + stray * unit + (home - close) // MINUTES_HOME
        high, low = max(before, close) + reach * unit, min(before, close) - reach * unit
        lots = max(pair.min_lots, command.lots * (dice.getrandbits(6) + 8 * abs(stray)) // 48)
        o, h, lo, c = (max(1, px // FINE) for px in (before, high, low, close))
        turnover = lots * ((o + h + lo + c) // 4) * pair.lot_value
        candles.append(Candle(end - number * MINUTE_MS, o, h, lo, c, lots, turnover))
        close = before
    return candles[::-1]


def _normal(dice: random.Random) -> int:
    """A whole number around 0 that is nearly normal: heads less tails of coins."""
    return dice.getrandbits(COINS).bit_count() - COINS // 2
