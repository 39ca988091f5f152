"""Exact amounts: how they are written, read and stored. Pure Python.

Amounts are `Decimal` end to end; the database keeps ``numeric(38, 18)``; JSON and the wire carry
plain strings, never exponents.
"""

from decimal import Decimal
from typing import Final, TypedDict


class Digits(TypedDict):
    """The size of a stored amount, as Django's ``DecimalField`` takes it."""

    max_digits: int
    decimal_places: int


AMOUNT: Final[Digits] = {"max_digits": 38, "decimal_places": 18}


def plain(value: Decimal) -> str:
    """``value`` without exponent and without trailing zeros: ``1E-7`` becomes ``0.0000001``.

    Raises ValueError for NaN and the infinities, which no amount is.
    """
    if not value.is_finite():
        raise ValueError(f"not an amount: {value}")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
