"""One order book: price levels in order, orders in time order inside each level.

Knows prices, time and whose an order is, not money. A level is named by its rank: the price in
ticks for bids, minus the price for asks, so that the best of either side is the largest.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from typing import Any

MAKERS_PER_TAKER = 1000
OPPOSITE = {"buy": "sell", "sell": "buy"}
CANCEL_MAKER, CANCEL_TAKER, CANCEL_BOTH = "cancel_maker", "cancel_taker", "cancel_both"
Match = tuple[int, int, int, int, Any]
"""Maker, taker (ids), price in ticks, lots, the maker's owner.

Where self-trade prevention met an order, the lots are minus what that one still wanted.
"""


class Book:
    """Resting orders of one instrument: their ids and open lots.

    An owner is any object; two orders of the same one never trade with each other.
    """

    __slots__ = ("asks", "bids", "levels", "owners", "rank_of")

    def __init__(self) -> None:
        self.bids: list[int] = []
        self.asks: list[int] = []
        self.levels: dict[int, dict[int, int]] = {}
        self.rank_of: dict[int, int] = {}
        self.owners: dict[int, object] = {}

    def place(
        self,
        order_id: int,
        buys: bool,
        px: int,
        lots: int,
        owner: object = None,
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
        self.rank_of[order_id] = rank
        if owner is not None:
            self.owners[order_id] = owner
        level = self.levels.get(rank)
        if level is None:
            self.levels[rank] = {order_id: lots}
            insort(own, rank)
        else:
            level[order_id] = lots
        return matches

    def take(
        self,
        order_id: int,
        buys: bool,
        px: int,
        lots: int,
        owner: object = None,
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
        owner: object,
        stp: str,
        most: int,
    ) -> int:
        """Meet one maker after the other; how many lots are left.

        An order of the same owner leaves the book without a trade, unless the taker alone is to
        end.
        """
        levels, rank_of, owners = self.levels, self.rank_of, self.owners
        while lots and ranks and (rank := ranks[-1]) >= worst and most:
            most -= 1
            level = levels[rank]
            maker = next(iter(level))
            px = rank if rank > 0 else -rank
            size, whose = level[maker], owners.get(maker)
            if whose is owner and owner is not None:
                matches.append((maker, order_id, px, -size, whose))
                if stp == CANCEL_TAKER:
                    break
                most = 0 if stp == CANCEL_BOTH else most
            elif size > lots:
                level[maker] = size - lots
                matches.append((maker, order_id, px, lots, whose))
                return 0
            else:
                matches.append((maker, order_id, px, size, whose))
                lots -= size
            del level[maker], rank_of[maker]
            if whose is not None:
                del owners[maker]
            if not level:
                del levels[rank]
                ranks.pop()
        return lots

    def remove(self, order_id: int) -> int:
        """Take an order out; how many lots it still wanted, 0 where it does not rest."""
        rank = self.rank_of.pop(order_id, None)
        if rank is None:
            return 0
        level = self.levels[rank]
        lots = level.pop(order_id)
        self.owners.pop(order_id, None)
        if not level:
            del self.levels[rank]
            ranks = self.bids if rank > 0 else self.asks
            del ranks[bisect_left(ranks, rank)]
        return lots

    def resize(self, order_id: int, lots: int) -> None:
        """Change how many lots an order wants; it keeps its place."""
        self.levels[self.rank_of[order_id]][order_id] = lots

    def crosses(self, buys: bool, px: int) -> bool:
        """Whether an order at this price would trade at once."""
        ranks, worst = (self.asks, -px) if buys else (self.bids, px)
        return bool(ranks) and ranks[-1] >= worst

    def best_price(self, side: str) -> int | None:
        """Highest bid ("buy") or lowest ask ("sell"), in ticks."""
        ranks = self._ranks(side)
        return abs(ranks[-1]) if ranks else None

    def side(self, side: str) -> Iterator[tuple[int, Mapping[int, int]]]:
        """Each price of a side with its orders' open lots by id, best first."""
        return ((abs(rank), self.levels[rank]) for rank in reversed(self._ranks(side)))

    def queue(self, side: str) -> Iterator[tuple[int, int, int]]:
        """(id, price, open lots) of every order of a side in the order it would trade."""
        for px, level in self.side(side):
            for order_id, lots in level.items():
                yield order_id, px, lots

    def depth(self, side: str, limit: int) -> list[tuple[int, int, int]]:
        """(price, open lots, orders) of the best `limit` levels."""
        levels, best = self.levels, self._ranks(side)[-limit:]
        return [
            (abs(rank), sum(levels[rank].values()), len(levels[rank])) for rank in reversed(best)
        ]

    def _ranks(self, side: str) -> list[int]:
        return self.bids if side == "buy" else self.asks
