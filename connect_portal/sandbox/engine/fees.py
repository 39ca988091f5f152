"""Fees by the US schedule: charged in the currency received, a maker's rebate paid in the other.

`clearing` takes them. No tier makes a fee of one lot at one tick finer than a unit on any listed
pair, so every charge is exactly its rate. Rules:
https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-fee-rates (negative = charged)
and the fee, rebate and currency fields of
https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-order-details.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from connect_portal import facts
from connect_portal.sandbox.engine.units import Instrument

BILLION = 10**9
REGULAR = "Regular"
Rates = tuple[int, int]
"""What a maker and a taker are charged, in billionths; negative = a rebate."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a `rate` in billionths comes to at one market, in units; negative = a rebate.

    `per_lot` is of one lot of base, `per_tick` of one lot at one tick in quote.
    """

    rate: int
    per_lot: int
    per_tick: int


Schedule = dict[str, Charge]
"""By fee tier."""


@cache
def levels() -> tuple[str, ...]:
    """The fee tiers, from Regular upwards."""
    return tuple(dict.fromkeys(tier for tier, _ in facts.us_fee_table()))


def level_name(level: str) -> str:
    """The tier as the wire names it: Lv1 for a regular user, else as people do."""
    return "Lv1" if level == REGULAR else level


def rate(level: str, group: str, liquidity: str) -> Decimal:
    """The rate of a tier and fee group for "M"aker or "T"aker, with the wire's sign."""
    row = facts.us_fee_table()[level, group]
    return row.maker if liquidity == "M" else row.taker


@cache
def rates(level: str, group: str) -> Rates:
    """Both rates of a tier and fee group, in billionths with the sign of a charge."""
    maker, taker = (int(-rate(level, group, liquidity) * BILLION) for liquidity in "MT")
    return maker, taker


@cache
def schedules(pair: Instrument) -> tuple[Schedule, Schedule]:
    """What makers and takers are charged at one market."""
    maker, taker = (
        {level: _charge(rates(level, pair.group)[at], pair) for level in levels()} for at in (0, 1)
    )
    return maker, taker


def _charge(rate: int, pair: Instrument) -> Charge:
    return Charge(rate, pair.lot * rate // BILLION, pair.lot_value * rate // BILLION)


@cache
def text(billionths: int) -> str:
    """A charge in billionths as the wire's rate: plain text, negative = charged."""
    return f"{(Decimal(-billionths) / BILLION).normalize():f}" if billionths else "0"
