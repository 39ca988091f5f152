"""Whole-number money: amounts count 1e-18 units, prices count ticks, sizes count lots."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from connect_portal import facts

SCALE = 18
ONE = 10**SCALE
LARGEST_VALUE = Decimal(10**10)
"""About what the largest order of a pair is worth, in quote: so many coins as a power of ten."""
PLAIN_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{0,20})?", re.ASCII)
LONGEST_NUMBER, NUMBERS_KEPT = 41, 4096


@dataclass(frozen=True)
class Instrument:
    """One pair in whole numbers: `tick` and `lot` in 1e-18 units of quote and base.

    `lot_value` is what one lot costs at one tick, in 1e-18 units of quote; `quote_ccys` are the
    currencies a caller may name as tradeQuoteCcy; `max_lots` is the largest order.
    """

    inst_id: str
    base: str
    quote: str
    tick: int
    lot: int
    min_lots: int
    max_lots: int
    lot_value: int
    group: str
    quote_ccys: tuple[str, ...]


def instrument(pair: facts.Pair) -> Instrument:
    """The pair in whole numbers. Raises ValueError where a lot times a tick is below 1e-18."""
    tick, lot = to_units(pair.tick_size), to_units(pair.lot_size)
    lot_value, rest = divmod(tick * lot, ONE)
    if rest or not lot_value:
        raise ValueError(f"{pair.inst_id}: tick x lot is finer than 1e-{SCALE}")
    return Instrument(
        inst_id=pair.inst_id,
        base=pair.base,
        quote=pair.quote,
        tick=tick,
        lot=lot,
        min_lots=to_units(pair.min_size) // lot,
        max_lots=10 ** (LARGEST_VALUE / pair.start_price).adjusted() * ONE // lot,
        lot_value=lot_value,
        group=pair.group,
        quote_ccys=pair.quote_ccy_list,
    )


def to_units(number: Decimal) -> int:
    """An exact decimal as 1e-18 units. Raises ValueError when it is finer than that."""
    units = int(number.scaleb(SCALE))
    if Decimal(units).scaleb(-SCALE) != number:
        raise ValueError(f"{number} is finer than 1e-{SCALE}")
    return units


def parse(text: str) -> int | None:
    """A plain decimal text as 1e-18 units; None when it is no such number or finer than 1e-18."""
    return _units(text) if len(text) <= LONGEST_NUMBER else None


@lru_cache(NUMBERS_KEPT)
def _units(text: str) -> int | None:
    """Remembered, because an order's price is read more than once and others ask for it too."""
    if not PLAIN_NUMBER.fullmatch(text):
        return None
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return None if len(part) > SCALE else int(whole + part.ljust(SCALE, "0"))


def plain(units: int) -> str:
    """1e-18 units as plain decimal text: no exponent, no trailing zeros, "0" for nothing."""
    whole, part = divmod(abs(units), ONE)
    text = f"{whole}.{part:018d}".rstrip("0").rstrip(".") if part else str(whole)
    return f"-{text}" if units < 0 else text
