"""Fees by the US schedule, charged in the currency received.

Rule: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-fee-rates (negative = charged).
"""

from decimal import Decimal

from connect_portal import facts

BILLION = 10**9
LEVEL = "Regular"


def rate(group: str, liquidity: str) -> Decimal:
    """The rate of a fee group for "M"aker or "T"aker at the Regular level, with the wire's sign."""
    row = facts.us_fee_table()[LEVEL, group]
    return row.maker if liquidity == "M" else row.taker


def charge(amount: int, fee_rate: Decimal) -> int:
    """The fee on `amount` units, rounded up to a whole unit so that no trade is free."""
    billionths = int(-fee_rate * BILLION)
    return -(-amount * billionths // BILLION)
