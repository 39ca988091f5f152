"""Bars of every length the wire knows: where each begins and ends, and candles added up to them.

Up to 4 hours bars follow the clock; from 6 hours upwards they follow Hong Kong days, or with `utc`
in the name UTC days. Weeks begin on Monday, months on the first.
https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from connect_portal.sandbox.engine.model import Candle, Tape, Trade
from connect_portal.sandbox.engine.tape import DAY_MS, HOUR_MS, MINUTE_MS, add, quiet
from connect_portal.sandbox.engine.units import Instrument

SECOND_MS = 1000
WEEK_MS = 7 * DAY_MS
MONDAY_MS = 4 * DAY_MS  # 1970 began on a Thursday
HONG_KONG_MS = 8 * HOUR_MS


@dataclass(frozen=True)
class Bar:
    """One length: `span` in milliseconds, or `months`; `shift` from UTC to where it begins."""

    span: int = 0
    months: int = 0
    shift: int = 0

    def start(self, ts: int) -> int:
        """When the bar that holds a moment began."""
        if self.span:
            return ts - (ts + self.shift) % self.span
        day = datetime.fromtimestamp((ts + self.shift) // 1000, UTC)
        return self._first_of(day.year * 12 + (day.month - 1) // self.months * self.months)

    def end(self, start: int) -> int:
        """When the bar that began at `start` is over."""
        if self.span:
            return start + self.span
        day = datetime.fromtimestamp((start + self.shift) // 1000, UTC)
        return self._first_of(day.year * 12 + day.month - 1 + self.months)

    def _first_of(self, month: int) -> int:
        first = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return int(first.timestamp()) * 1000 - self.shift


def _days(suffix: str, shift: int) -> dict[str, Bar]:
    return {
        **{f"{n}H{suffix}": Bar(n * HOUR_MS, shift=shift) for n in (6, 12)},
        **{f"{n}D{suffix}": Bar(n * DAY_MS, shift=shift) for n in (1, 2, 3)},
        f"1W{suffix}": Bar(WEEK_MS, shift=shift - MONDAY_MS),
        **{f"{n}M{suffix}": Bar(months=n, shift=shift) for n in (1, 3)},
    }


SECOND = Bar(SECOND_MS)
BARS = {
    "1s": SECOND,
    **{f"{n}m": Bar(n * MINUTE_MS) for n in (1, 3, 5, 15, 30)},
    **{f"{n}H": Bar(n * HOUR_MS) for n in (1, 2, 4)},
    **_days("", HONG_KONG_MS),
    **_days("utc", 0),
}


def of_tape(tape: Tape, pair: Instrument, bar: Bar) -> list[Candle]:
    """What the tape holds as bars, oldest first; a bar without any trade is left out."""
    if bar is SECOND:
        return _seconds(pair, tape.trades)
    is_long = not bar.span or bar.span >= HOUR_MS
    return add_up(chain(tape.hours, tape.candles) if is_long else tape.candles, bar)


def _seconds(pair: Instrument, trades: Iterable[Trade]) -> list[Candle]:
    each = (
        Candle(t.ts, t.px, t.px, t.px, t.px, t.lots, t.px * t.lots * pair.lot_value) for t in trades
    )
    return add_up(each, SECOND)


def add_up(candles: Iterable[Candle], bar: Bar) -> list[Candle]:
    """Shorter candles, oldest first, as bars; a bar without any trade is left out."""
    bars: list[Candle] = []
    for candle in candles:
        start = bar.start(candle.minute)
        if not bars or bars[-1].minute != start:
            bars.append(quiet(start, candle.open))
        add(bars[-1], candle)
    return bars


def newest(
    bars: list[Candle], bar: Bar, *, until: int, oldest: int, before: int, limit: int
) -> list[Candle]:
    """Bars without gaps, newest first, from the one that holds `until` backwards.

    Ends before `oldest`, at `before` (exclusive) or at the first trade. What is missing in `bars`
    stands at the price before it.
    """
    starts = [candle.minute for candle in bars]
    page: list[Candle] = []
    start = bar.start(until)
    while bars and start >= max(starts[0], oldest) and start > before and len(page) < limit:
        last = bars[bisect_right(starts, start) - 1]
        page.append(last if last.minute == start else quiet(start, last.close))
        start = bar.start(start - 1)
    return page
