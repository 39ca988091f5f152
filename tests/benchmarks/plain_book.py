"""A plain order book: whole numbers, a dict of levels, bisect. The yardstick, and a test's oracle.

Price, then time; fills at the resting order's price. No accounts, no money, no events.
"""

from bisect import bisect_left, insort

Fill = tuple[int, int, int, int]
"""Maker, taker, price, size: the taker traded with the resting maker at the maker's price."""


class PlainBook:
    """One book. A level's rank is its price, for asks negative: the best of a side is last."""

    def __init__(self) -> None:
        self.bids: list[int] = []
        self.asks: list[int] = []
        self.levels: dict[int, dict[int, int]] = {}
        self.rank_of: dict[int, int] = {}

    def limit(self, order: int, buys: bool, px: int, size: int) -> list[Fill]:
        """Take what crosses `px`, rest with what is left."""
        fills: list[Fill] = []
        there, worst = (self.asks, -px) if buys else (self.bids, px)
        if there and there[-1] >= worst:
            size = self._take(order, there, worst, size, fills)
        if size:
            self._rest(order, -worst, size)
        return fills

    def market(self, order: int, buys: bool, size: int) -> list[Fill]:
        """Take up to `size` at any price; what is left is gone."""
        fills: list[Fill] = []
        there = self.asks if buys else self.bids
        if there:
            self._take(order, there, there[0], size, fills)
        return fills

    def cancel(self, order: int) -> bool:
        """Take a resting order out; False where it does not rest."""
        rank = self.rank_of.get(order)
        if rank is None:
            return False
        self._remove(order, rank, self.levels[rank])
        return True

    def _take(self, order: int, there: list[int], worst: int, size: int, fills: list[Fill]) -> int:
        while size and there and (rank := there[-1]) >= worst:
            level = self.levels[rank]
            maker = next(iter(level))
            taken = min(size, level[maker])
            fills.append((maker, order, abs(rank), taken))
            size -= taken
            if taken == level[maker]:
                self._remove(maker, rank, level)
            else:
                level[maker] -= taken
        return size

    def _rest(self, order: int, rank: int, size: int) -> None:
        self.rank_of[order] = rank
        level = self.levels.get(rank)
        if level is None:
            level = self.levels[rank] = {}
            insort(self.bids if rank > 0 else self.asks, rank)
        level[order] = size

    def _remove(self, order: int, rank: int, level: dict[int, int]) -> None:
        del self.rank_of[order], level[order]
        if not level:
            del self.levels[rank]
            ranks = self.bids if rank > 0 else self.asks
            del ranks[bisect_left(ranks, rank)]
