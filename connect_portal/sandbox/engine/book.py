"""One order book: price levels in order, orders in time order inside each level.

Knows prices, time and whose an order is, not money. A level is named by its rank: the price in
ticks for bids, minus the price for asks, so that the best of either side is the largest.
"""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator

from msgspec import Struct

MAKERS_PER_TAKER = 1000
NOBODY = 0
"""The owner of an order that may trade with any other."""
OPPOSITE = {"buy": "sell", "sell": "buy"}
CANCEL_MAKER, CANCEL_TAKER, CANCEL_BOTH = "cancel_maker", "cancel_taker", "cancel_both"
Match = tuple[int, int, int, int, int]
"""Maker, taker (ids), price in ticks, lots, the maker's owner.

Where self-trade prevention met an order, the lots are minus what that one still wanted.
"""


class Resting(Struct, gc=False):
    """An order in the book: what it still wants, with whom it queues, and whose it is."""

    lots: int
    rank: int
    level: dict[int, "Resting"]
    owner: int = NOBODY


class Book:
    """Resting orders of one instrument, by id.

    Two orders of the same owner never trade with each other.
    """

    __slots__ = ("asks", "bids", "levels", "resting")

    def __init__(self) -> None:
        self.bids: list[int] = []
        self.asks: list[int] = []
        self.levels: dict[int, dict[int, Resting]] = {}
        self.resting: dict[int, Resting] = {}

    def place(
        self,
        order_id: int,
        buys: bool,
        px: int,
        lots: int,
        owner: int = NOBODY,
        stp: str = CANCEL_MAKER,
    ) -> list[Match]:
        """Match an order with what it crosses, then rest what is left behind all at its price.

        What self-trade prevention ends, or what has met too many makers, does not rest.
        """
        matches: list[Match] = []
        if buys:
            own, rank, there = self.bids, px, self.asks
        else:
            own, rank, there = self.asks, -px, self.bids
        if there and there[-1] >= -rank:
            lots = self._match(order_id, there, -rank, lots, matches, owner, stp, MAKERS_PER_TAKER)
            if not lots or len(matches) == MAKERS_PER_TAKER:
                return matches
            if stp != CANCEL_MAKER and matches[-1][3] < 0:
                return matches
        level = self.levels.get(rank)
        if level is None:
            level = self.levels[rank] = {}
            insort(own, rank)
        level[order_id] = self.resting[order_id] = Resting(lots, rank, level, owner)
        return matches

    def take(
        self,
        order_id: int,
        buys: bool,
        px: int,
        lots: int,
        owner: int = NOBODY,
        stp: str = CANCEL_MAKER,
        most: int = MAKERS_PER_TAKER,
    ) -> list[Match]:
        """Match an order, by price and then time, with what it crosses; nothing of it rests."""
        matches: list[Match] = []
        there, worst = (self.asks, -px) if buys else (self.bids, px)
        self._match(order_id, there, worst, lots, matches, owner, stp, most)
        return matches

    def _match(
        self,
        order_id: int,
        ranks: list[int],
        worst: int,
        lots: int,
        matches: list[Match],
        owner: int,
        stp: str,
        most: int,
    ) -> int:
        """Meet one maker after the other; how many lots are left.

        An order of the same owner leaves the book without a trade, unless the taker alone is to
        end.
        """
        levels, resting = self.levels, self.resting
        while lots and ranks and most:
            rank = ranks[-1]
            if rank < worst:
                break
            most -= 1
            level = levels[rank]
            number, maker = next(iter(level.items()))
            px = rank if rank > 0 else -rank
            size, whose = maker.lots, maker.owner
            if owner and whose == owner:
                matches.append((number, order_id, px, -size, whose))
                if stp == CANCEL_TAKER:
                    break
                most = 0 if stp == CANCEL_BOTH else most
            elif size > lots:
                maker.lots = size - lots
                matches.append((number, order_id, px, lots, whose))
                return 0
            else:
                matches.append((number, order_id, px, size, whose))
                lots -= size
            del level[number], resting[number]
            if not level:
                del levels[rank]
                ranks.pop()
        return lots

    def remove(self, order_id: int) -> Resting | None:
        """Take an order out, if it rests here."""
        order = self.resting.pop(order_id, None)
        if order is None:
            return None
        del order.level[order_id]
        if not order.level:
            rank = order.rank
            del self.levels[rank]
            ranks = self.bids if rank > 0 else self.asks
            del ranks[bisect_left(ranks, rank)]
        return order

    def resize(self, order_id: int, lots: int) -> None:
        """Change how many lots an order wants; it keeps its place."""
        self.resting[order_id].lots = lots

    def crosses(self, buys: bool, px: int) -> bool:
        """Whether an order at this price would trade at once."""
        ranks, worst = (self.asks, -px) if buys else (self.bids, px)
        return bool(ranks) and ranks[-1] >= worst

    def best_price(self, side: str) -> int | None:
        """Highest bid ("buy") or lowest ask ("sell"), in ticks."""
        ranks = self._ranks(side)
        return abs(ranks[-1]) if ranks else None

    def side(self, side: str) -> Iterator[tuple[int, Collection[int]]]:
        """Each price of a side with the ids of its orders, best first."""
        return ((abs(rank), self.levels[rank]) for rank in reversed(self._ranks(side)))

    def queue(self, side: str) -> Iterator[tuple[int, int, int]]:
        """(id, price, open lots) of every order of a side in the order it would trade."""
        for px, level in self.side(side):
            for order_id in level:
                yield order_id, px, self.resting[order_id].lots

    def depth(self, side: str, limit: int) -> list[tuple[int, int, int]]:
        """(price, open lots, orders) of the best `limit` levels."""
        best = self._ranks(side)[-limit:]
        return [(abs(rank), *self._size(rank)) for rank in reversed(best)]

    def _size(self, rank: int) -> tuple[int, int]:
        """Open lots and orders of a level."""
        level = self.levels[rank].values()
        return sum([order.lots for order in level]), len(level)

    def _ranks(self, side: str) -> list[int]:
        return self.bids if side == "buy" else self.asks
