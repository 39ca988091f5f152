"""Exact amounts: how they are written, read and stored. Pure Python.

Amounts are `Decimal` end to end; the database keeps ``numeric(38, 18)``; JSON and the wire carry
plain strings, never exponents.
"""

from decimal import Decimal, InvalidOperation
from typing import Final, TypedDict


class Digits(TypedDict):
    """The size of a stored amount, as Django's ``DecimalField`` takes it."""

    max_digits: int
    decimal_places: int


AMOUNT: Final[Digits] = {"max_digits": 38, "decimal_places": 18}
ZERO: Final = Decimal(0)


def plain(value: Decimal) -> str:
    """``value`` without exponent and without trailing zeros: ``1E-7`` becomes ``0.0000001``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def amount(text: str) -> Decimal:
    """The exact amount that ``text`` writes in ASCII digits; raises ValueError for anything else.

    Refuses what `Decimal` alone would take: NaN, infinities, exponents, underscores, other scripts'
    digits and more than 18 decimal places, since the store would have to round them.
    """
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 38:
        raise ValueError(f"not a plain decimal amount: {text[:64]!r}")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"not a plain decimal amount: {text[:64]!r}") from error
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -AMOUNT["decimal_places"]:
        raise ValueError(f"more than {AMOUNT['decimal_places']} decimal places: {text[:64]!r}")
    return value
