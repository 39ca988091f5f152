"""The seeded stream of commands that every engine of the races gets. Imports nothing of ours.

What a liquid market looks like: 65 % limits, of which about 10 % cross, 5 % market orders, 30 %
cancels of orders placed before (some of which have filled meanwhile). Even accounts only buy and
odd ones only sell, so that self-trade prevention is on and nobody's fills depend on how it is done.
Spread over 300 accounts and all books, so that limits of open orders stay on and strike nobody.
"""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

LIMIT, MARKET, CANCEL = 0, 1, 2
COMMANDS, ACCOUNTS = 200_000, 300
LIMIT_SHARE, MARKET_SHARE, CROSSING_SHARE = 0.65, 0.05, 0.12
MID, DEPTH, THROUGH = 100_000, 50, 10
"""In ticks: passive prices are up to `DEPTH` off the middle, crossing ones `THROUGH` past it."""
LARGEST = 100
"""Sizes are 1 to this many times the smallest size of the book."""


PxOf = Callable[[random.Random, bool], int]


class Command(NamedTuple):
    """One command. `order` is a new order's number, or of a cancel the number it aims at."""

    kind: int
    order: int
    account: int
    book: int
    buys: bool
    px: int
    size: int


def commands(count: int = COMMANDS, *, books: int, seed: int = 11) -> Iterator[Command]:
    """`count` commands over `books` books; equal seeds give equal streams."""
    dice = random.Random(seed)
    placed: list[Command] = []
    for order in range(1, count + 1):
        roll = dice.random()
        if roll < LIMIT_SHARE or not placed:
            placed.append(_order(dice, order, books, _limit_px))
            yield placed[-1]
        elif roll < LIMIT_SHARE + MARKET_SHARE:
            yield _order(dice, order, books, _no_px)._replace(kind=MARKET)
        else:
            yield _drawn(dice, placed)._replace(kind=CANCEL, px=0, size=0)


def limits(count: int, *, books: int, seed: int = 12, crossing: bool = True) -> Iterator[Command]:
    """`count` limits alone, of which about 10 % cross, or none."""
    dice = random.Random(seed)
    px_of = _limit_px if crossing else _passive_px
    return (_order(dice, order, books, px_of) for order in range(1, count + 1))


def _order(dice: random.Random, order: int, books: int, px_of: PxOf) -> Command:
    account = dice.randrange(ACCOUNTS)
    buys = account % 2 == 0
    px = px_of(dice, buys)
    return Command(LIMIT, order, account, dice.randrange(books), buys, px, dice.randint(1, LARGEST))


def _limit_px(dice: random.Random, buys: bool) -> int:
    if dice.random() >= CROSSING_SHARE:
        return _passive_px(dice, buys)
    through = dice.randint(1, THROUGH)
    return MID + through if buys else MID - through


def _passive_px(dice: random.Random, buys: bool) -> int:
    away = dice.randint(1, DEPTH)
    return MID - away if buys else MID + away


def _no_px(dice: random.Random, buys: bool) -> int:
    return 0


def _drawn(dice: random.Random, placed: list[Command]) -> Command:
    """One of them, taken out."""
    at = dice.randrange(len(placed))
    placed[at], placed[-1] = placed[-1], placed[at]
    return placed.pop()
