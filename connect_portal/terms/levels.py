"""The levels of a plan as people write them, and what makes them sound. Pure Python.

A line a level: ``level volume traders share share-with-another-inviter``, the shares in per cent.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from connect_portal.kit.money import AMOUNT, plain
from connect_portal.terms.rates import RATE

FEWEST: Final = 2
MOST: Final = 20
"""A plan has its entry, level 0, and at least one level that a contract can begin at."""
SHARE_PLACES: Final = RATE["decimal_places"] - 2
"""Decimal places of a share in per cent."""
_WHOLE_VOLUME: Final = Decimal(10) ** (AMOUNT["max_digits"] - AMOUNT["decimal_places"])
_MOST_TRADERS: Final = 2**31 - 1
_LINE: Final = re.compile(r"(\d{1,2}) ([\d.]+) (\d{1,10}) ([\d.]+) ([\d.]+)", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,20}(?:\.\d{1,18})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Level:
    """What a level takes (volume in USDT and traders, a calendar month), and its two shares."""

    level: int
    min_volume: Decimal
    min_traders: int
    rate: Decimal
    affiliated_rate: Decimal

    @property
    def share(self) -> str:
        """The share in per cent, as people read it."""
        return plain(self.rate * 100)

    @property
    def affiliated_share(self) -> str:
        """The share with another inviter, likewise."""
        return plain(self.affiliated_rate * 100)


def written(levels: Iterable[Level]) -> str:
    """The lines of a plan."""
    return "".join(
        f"{one.level} {plain(one.min_volume)} {one.min_traders} "
        f"{one.share} {one.affiliated_share}\n"
        for one in levels
    )


def read(body: str) -> list[Level]:
    """The levels of lines that `problems` found nothing wrong with."""
    return [_level(line) for line in body.splitlines()]


def problems(body: str) -> list[str]:
    """What is wrong with the lines of a plan, a sentence each; empty when nothing is."""
    levels = []
    for number, line in enumerate(body.splitlines(), 1):
        try:
            levels.append(_level(line))
        except ValueError:
            return [f"Line {number} is no level: write level, volume, traders and two shares."]
    return [*_out_of_bounds(levels), *_not_rising(levels)]


def _level(line: str) -> Level:
    found = _LINE.fullmatch(line.strip())
    if not found or not all(_NUMBER.fullmatch(part) for part in found.groups()):
        raise ValueError(line)
    level, volume, traders, share, affiliated = found.groups()
    shares = [Decimal(part) / 100 for part in (share, affiliated)]
    return Level(int(level), Decimal(volume), int(traders), *shares)


def _out_of_bounds(levels: list[Level]) -> Iterable[str]:
    if [one.level for one in levels] != list(range(len(levels))):
        yield "The levels count from 0 upwards, without a gap."
    if not FEWEST <= len(levels) <= MOST:
        yield f"A plan has {FEWEST} to {MOST} levels; here are {len(levels)}."
    for one in levels:
        if one.rate > 1:
            yield f"Level {one.level}: a share is at most 100 % of the fee."
        if one.affiliated_rate > one.rate:
            yield f"Level {one.level}: the share with another inviter is above the share itself."
        if one.min_volume >= _WHOLE_VOLUME or one.min_traders > _MOST_TRADERS:
            yield f"Level {one.level}: what it takes is beyond all bounds."
        if max(map(_places, (one.rate, one.affiliated_rate))) > RATE["decimal_places"]:
            yield f"Level {one.level}: a share has at most {SHARE_PLACES} decimal places."


def _not_rising(levels: list[Level]) -> Iterable[str]:
    """A higher level takes as much or more, and pays as much or more."""
    for low, high in pairwise(levels):
        if high.min_volume < low.min_volume or high.min_traders < low.min_traders:
            yield f"Level {high.level} takes less than the level below it."
        if high.rate < low.rate or high.affiliated_rate < low.affiliated_rate:
            yield f"Level {high.level} pays less than the level below it."


def _places(share: Decimal) -> int:
    """How many decimal places a share has, without trailing zeros."""
    exponent = share.normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # a number that was read is finite
    return -exponent
