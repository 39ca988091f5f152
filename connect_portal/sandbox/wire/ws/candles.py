"""Candle channels: the newest bar once a second while it moves, and its last word when it is over.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-candlesticks-channel
"""

from collections.abc import Iterable

from connect_portal.sandbox.engine.model import Candle, Tape, Trade
from connect_portal.sandbox.engine.tape import quiet
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.wire import bars
from connect_portal.sandbox.wire.bars import BARS, Bar
from connect_portal.sandbox.wire.prices import candle_row


class CandleFeed:
    """The newest bar of one length on one instrument; trades are added as they come."""

    def __init__(self, pair: Instrument, bar: str, tape: Tape, now: int) -> None:
        self._pair, self._bar = pair, BARS[bar]
        self._candle = running(pair, self._bar, tape, now)
        self._last_trade_id = tape.last_trade_id
        self._over: list[Candle] = []
        self._moved = False

    def first(self, now: int) -> list[list[str]]:
        """The bar as it stands; nothing where there was no trade yet."""
        self._roll(now)
        return [self._row(self._candle, now)] if self._candle.close else []

    def add(self, trades: Iterable[Trade]) -> None:
        """There were trades; those that were on the tape at the start are in the bar already."""
        for trade in trades:
            if trade.trade_id <= self._last_trade_id:
                continue
            self._last_trade_id = trade.trade_id
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
        start, last = self._bar.start(now), self._candle
        if start > last.minute:
            self._candle = quiet(start, last.close)
            if last.close:
                self._over.append(last)
                self._moved = True

    def _row(self, candle: Candle, now: int) -> list[str]:
        return candle_row(self._pair, candle, self._bar, now)


def running(pair: Instrument, bar: Bar, tape: Tape, now: int) -> Candle:
    """The bar that is running at `now`, from what is on the tape."""
    known = bars.of_tape(tape, pair, bar)
    found = bars.newest(known, bar, until=now, oldest=0, before=0, limit=1)
    return found[0] if found else quiet(bar.start(now), 0)


def fold(candle: Candle, opened: int, high: int, low: int, closed: int) -> None:
    """Let prices move a bar; the first ones make it."""
    if not candle.lots:
        candle.open, candle.high, candle.low = opened, high, low
    candle.high, candle.low = max(candle.high, high), min(candle.low, low)
    candle.close = closed
