"""The arithmetic of commission. Pure Python: no Django, no clock, no database.

Fees carry the venue's signs: negative = charged, positive = rebate
(https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-transaction-details-last-3-days).
"""

from decimal import Context, Decimal, Inexact
from typing import Final

from connect_portal.kit.money import AMOUNT, Digits

RATE: Final[Digits] = {"max_digits": 11, "decimal_places": 10}
COMMISSION: Final[Digits] = {"max_digits": 48, "decimal_places": 28}
"""A fee of `AMOUNT` times a `RATE`, every digit of it."""

_EXACT: Final = Context(prec=AMOUNT["max_digits"] + RATE["max_digits"], traps=[Inexact])


def commission(fee: Decimal, rate: Decimal) -> Decimal:
    """What ``fee`` earns at ``rate`` (a share, 0 to 1): unrounded, in the fee's currency.

    A fee that was not charged (zero, or a rebate to the trader) earns nothing.
    """
    return _EXACT.multiply(fee.copy_negate(), rate) if fee < 0 else Decimal(0)
