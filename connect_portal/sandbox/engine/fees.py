"""Fees by the US schedule: charged in the currency received, a maker's rebate paid in the other.

`clearing` takes them. No tier makes a fee finer than a unit on any listed pair, so a charge is
exactly its rate. Rules:
https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-fee-rates (negative = charged)
and the fee, rebate and currency fields of
https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-order-details.
"""

from decimal import Decimal
from functools import cache

from connect_portal import facts

BILLION = 10**9
REGULAR = "Regular"
Rates = tuple[int, int]
"""What a maker and a taker are charged, in billionths; negative = a rebate."""


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
def text(billionths: int) -> str:
    """A charge in billionths as the wire's rate: plain text, negative = charged."""
    return f"{(Decimal(-billionths) / BILLION).normalize():f}" if billionths else "0"
