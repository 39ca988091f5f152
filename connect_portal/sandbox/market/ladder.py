"""Which quotes stand around a price.

Prices are cut into cells, and each cell has one place for a quote, the same every time: while a
price moves, quotes appear at one end and disappear at the other, as in a book of many people.
"""

import itertools
import zlib
from collections.abc import Iterable

from connect_portal.sandbox.market.manners import Manners

LEVELS, DIGITS = 10, 3
QUOTES_PER_SIZE = 16  # after so many quotes of its pair, a cell shows another size
Quotes = list[tuple[int, int]]


def bids(its: Manners, below: float, count: int) -> Quotes:
    """`(ticks, lots)` under a price, best first; `count` is how often the pair was quoted."""
    cells = range(int(below // its.gap), -1, -1)
    return _quotes(its, (cell for cell in cells if 0 < _price(its, cell) < below), count)


def asks(its: Manners, above: float, count: int) -> Quotes:
    """`(ticks, lots)` over a price, best first."""
    cells = itertools.count(int(above // its.gap))
    return _quotes(its, (cell for cell in cells if _price(its, cell) > above), count)


def _quotes(its: Manners, cells: Iterable[int], count: int) -> Quotes:
    return [
        (_price(its, cell), _size(its, cell, count)) for cell in itertools.islice(cells, LEVELS)
    ]


def _price(its: Manners, cell: int) -> int:
    return cell * its.gap + _roll(its, cell) % its.gap


def _size(its: Manners, cell: int, count: int) -> int:
    """Between half and three halves of the usual size."""
    percent = 50 + _roll(its, cell, (count + cell) // QUOTES_PER_SIZE) % 101
    return max(its.pair.min_lots, rough(its.level_lots * percent // 100))


def changes(standing: dict[int, int], wanted: Quotes) -> Quotes:
    """What to quote so that what stands (lots by ticks) becomes what is wanted; 0 lots withdraw."""
    there = dict(wanted)
    gone = [(px, 0) for px in standing if px not in there]
    return gone + [(px, lots) for px, lots in wanted if standing.get(px) != lots]


def rough(lots: int) -> int:
    """A size as people write it, with few digits that are not 0."""
    unit = 10 ** max(0, len(str(lots)) - DIGITS)
    return lots // unit * unit


def _roll(its: Manners, *numbers: int) -> int:
    return zlib.crc32(f"{its.pair.inst_id} {numbers}".encode())
