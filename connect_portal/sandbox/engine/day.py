"""The last 24 hours of an instrument, added up once a minute, so that tickers cost next to nothing.

`World.days` keeps the sums of the minutes that are over; the minute that still grows is added when
somebody asks. Derived data: nothing here is remembered in a snapshot.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connect_portal.sandbox.engine.model import Candle
from connect_portal.sandbox.engine.tape import DAY_MS, MINUTE_MS

if TYPE_CHECKING:
    from connect_portal.sandbox.engine.world import World


@dataclass(frozen=True)
class Day:
    """Prices in ticks (0 where nothing was traded), `lots`, and `turnover` in units of quote."""

    open: int = 0
    high: int = 0
    low: int = 0
    lots: int = 0
    turnover: int = 0

    def with_minute(self, minute: Candle) -> "Day":
        """The same with one more minute at its end."""
        return Day(
            self.open or minute.open,
            max(self.high, minute.high),
            min(self.low or minute.low, minute.low),
            self.lots + minute.lots,
            self.turnover + minute.turnover,
        )


def last_day(world: "World", name: str) -> Day:
    """What the instrument did in the last 24 hours, the minute that still grows included."""
    candles = world.state.tapes[name].candles
    if not candles or candles[-1].minute <= world.now - DAY_MS:
        return Day()
    newest = candles[-1]
    key = (world.now // MINUTE_MS, len(candles), newest.minute)
    kept = world.days.get(name)
    if kept is None or kept[0] != key:
        begin = bisect_right(candles, world.now - DAY_MS, key=lambda candle: candle.minute)
        kept = world.days[name] = (key, _add_up(candles[begin:-1]))
    return kept[1].with_minute(newest)


def _add_up(minutes: Sequence[Candle]) -> Day:
    if not minutes:
        return Day()
    return Day(
        minutes[0].open,
        max([candle.high for candle in minutes]),
        min([candle.low for candle in minutes]),
        sum([candle.lots for candle in minutes]),
        sum([candle.turnover for candle in minutes]),
    )
