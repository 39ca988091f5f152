"""Candle channels: the newest bar once a second while it moves, and its last word when it is over.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-candlesticks-channel
"""

from collections.abc import Iterable

from connect_portal.sandbox.engine.model import Candle, Tape, Trade
from connect_portal.sandbox.engine.tape import MINUTE_MS
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.wire.prices import BARS, HONG_KONG_MS, candle_row


class CandleFeed:
    """The newest bar of one length on one instrument; trades are added as they come."""

    def __init__(self, pair: Instrument, bar: str, tape: Tape, now: int) -> None:
        self._pair, self._bar = pair, bar
        self._candle = running(tape, bar, now)
        self._over: list[Candle] = []
        self._moved = False

    def first(self, now: int) -> list[list[str]]:
        """The bar as it stands; nothing where there was no trade yet."""
        self._roll(now)
        return [self._row(self._candle, now)] if self._candle.close else []

    def add(self, trades: Iterable[Trade]) -> None:
        """There were trades."""
        for trade in trades:
            self._roll(trade.ts)
            fold(self._candle, trade.px, trade.px, trade.px, trade.px)
            self._candle.lots += trade.lots
            self._candle.turnover += trade.px * trade.lots * self._pair.lot_value
            self._moved = True

    def news(self, now: int) -> list[list[str]]:
        """What to tell at `now`: bars that are over, and the newest one if it has moved."""
        self._roll(now)
        rows = [self._row(candle, now) for candle in self._over]
        if self._moved:
            rows.append(self._row(self._candle, now))
        self._over, self._moved = [], False
        return rows

    def _roll(self, now: int) -> None:
        """Begin a new bar, at the last price, when the time has come."""
        start, last = bar_start(self._bar, now), self._candle
        if start > last.minute:
            self._candle = quiet(start, last.close)
            if last.close:
                self._over.append(last)
                self._moved = True

    def _row(self, candle: Candle, now: int) -> list[str]:
        return candle_row(self._pair, candle, now, BARS[self._bar])


def bar_start(bar: str, ts: int) -> int:
    """When the bar that holds a moment began; from 6 hours upwards bars follow Hong Kong days."""
    span = BARS[bar]
    shift = HONG_KONG_MS if span > 4 * 60 * MINUTE_MS and not bar.endswith("utc") else 0
    return ts - (ts + shift) % span


def running(tape: Tape, bar: str, now: int) -> Candle:
    """The bar that is running at `now`, from the minutes of the tape."""
    start = bar_start(bar, now)
    minutes = [minute for minute in tape.candles if minute.minute >= start]
    before = tape.candles[-len(minutes) - 1].close if len(tape.candles) > len(minutes) else 0
    candle = quiet(start, before)
    for minute in minutes:
        fold(candle, minute.open, minute.high, minute.low, minute.close)
        candle.lots += minute.lots
        candle.turnover += minute.turnover
    return candle


def quiet(start: int, px: int) -> Candle:
    """A bar in which nothing was traded yet."""
    return Candle(start, px, px, px, px, 0, 0)


def fold(candle: Candle, opened: int, high: int, low: int, closed: int) -> None:
    """Let prices move a bar; the first ones make it."""
    if not candle.lots:
        candle.open, candle.high, candle.low = opened, high, low
    candle.high, candle.low = max(candle.high, high), min(candle.low, low)
    candle.close = closed
