"""How each pair behaves: how far it strays, how dense its quotes are, how much is traded."""

from dataclasses import dataclass

from connect_portal import facts
from connect_portal.sandbox.engine.units import ONE, Instrument, to_units

BUSY_PAIRS = ("BTC-USDT", "ETH-USDT", "SOL-USDT", "BTC-USDC")
BUSY_LEVEL, QUIET_LEVEL = 120_000, 40_000  # what one level of quotes is worth, in quote
TRADE_VALUE = 400  # what a small trade is worth, in quote
BUSY_MINUTE, QUIET_MINUTE = 25_000, 1_000  # what is traded in a minute, in quote
STABLE = (0.0002, 0.0001)
USUAL, WILD = (0.045, 0.0004), (0.07, 0.0006)
TEMPERS = {
    **dict.fromkeys(facts.DOLLARS, STABLE),
    "BTC": (0.022, 0.0001),
    "ETH": (0.032, 0.00015),
    "SOL": (0.04, 0.0002),
    **dict.fromkeys(("DOGE", "PENGU", "PEPE", "PUMP", "SHIB"), WILD),
}
"""The usual move of a day and the gap between two quotes, both as shares of the price."""


@dataclass(frozen=True)
class Manners:
    """One pair's: `home` (the price it is pulled back to) and `gap` in ticks, sizes in lots.

    `daily` is the standard deviation of a day's move, as a share of the price.
    """

    pair: Instrument
    home: float
    daily: float
    gap: int
    level_lots: int
    trade_lots: int
    minute_lots: int


def manners_of(pair: Instrument) -> Manners:
    """What the tables above and `facts` say of a pair."""
    home = to_units(facts.pairs()[pair.inst_id].start_price) // pair.tick
    busy = pair.inst_id in BUSY_PAIRS
    daily, gap = TEMPERS.get(pair.base, USUAL)

    def lots(value: int) -> int:
        return max(pair.min_lots, value * ONE // (home * pair.lot_value))

    return Manners(
        pair=pair,
        home=home,
        daily=daily,
        gap=max(1, round(home * gap)),
        level_lots=lots(BUSY_LEVEL if busy else QUIET_LEVEL),
        trade_lots=lots(TRADE_VALUE),
        minute_lots=lots(BUSY_MINUTE if busy else QUIET_MINUTE),
    )
