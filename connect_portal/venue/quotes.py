"""Public prices in our words: pairs, tickers, books, prints, candles. Exact decimals, UTC times.

Like the rows of `types`; nothing here belongs to anybody's account.
"""

from datetime import datetime
from decimal import Decimal

import msgspec

from connect_portal.venue.types import Side


class Pair(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A spot pair as it is listed. `tick` is the step of prices, `lot` that of sizes in base,
    `minimum` the smallest size."""

    instrument: str
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    minimum: Decimal

    @property
    def price_places(self) -> int:
        """How many fraction digits a price of this pair has."""
        return places_of(self.tick)

    @property
    def size_places(self) -> int:
        """How many fraction digits a size of this pair has."""
        return places_of(self.lot)


class Ticker(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A pair at a glance; a price is None where there is none yet. `volume` counts base."""

    instrument: str
    last: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    open_24h: Decimal | None
    high_24h: Decimal | None
    low_24h: Decimal | None
    volume_24h: Decimal
    at: datetime

    @property
    def change_percent(self) -> Decimal | None:
        """The last price against that of 24 hours ago, in per cent."""
        if self.last is None or not self.open_24h:
            return None
        return (self.last - self.open_24h) * 100 / self.open_24h


class Level(msgspec.Struct, frozen=True, gc=False):
    """One price of a book, what waits there in base, and in how many orders."""

    price: Decimal
    size: Decimal
    orders: int


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """The best levels of both sides, the best first."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    at: datetime


class Print(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One public trade; `side` is the taker's."""

    trade_id: str
    price: Decimal
    size: Decimal
    side: Side
    at: datetime


class Candle(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A bar from `at` on: four prices and what was traded in base."""

    at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


def places_of(step: Decimal) -> int:
    """Fraction digits of a step: 0.10 has one, 5 and 1E+1 have none."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
