"""One order book: price levels in order, orders in time order inside each level.

Knows prices and time, neither money nor accounts: what a trade means is told to a `Counter`.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Protocol

from connect_portal.sandbox.engine.model import BookOrder

OPPOSITE = {"buy": "sell", "sell": "buy"}
MAKERS_PER_TAKER = 1000
BY_SELF_TRADE, BY_MATCH_LIMIT = "32", "33"


class Counter(Protocol):
    """Whoever settles what a book matches."""

    def trade(self, taker: BookOrder, maker: BookOrder, px: int, lots: int) -> None:
        """Both orders meet at `px` for `lots`; their open sizes are already smaller by it."""

    def affordable(self, taker: BookOrder, px: int) -> int:
        """How many lots a market order can still pay for at this price."""

    def prevent(self, taker: BookOrder, maker: BookOrder) -> bool:
        """Both are of one account: withdraw the maker if its mode says so; whether to go on."""


class Side:
    """One side of a book: `levels` by price in ticks, `ranks` sorted so that the best is last."""

    __slots__ = ("levels", "ranks", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.ranks: list[int] = []
        self.levels: dict[int, dict[int, BookOrder]] = {}

    def prices(self) -> Iterator[int]:
        """Price levels, best first."""
        sign = self.sign
        return (rank * sign for rank in reversed(self.ranks))


class Book:
    """Resting orders of one instrument."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids, self.asks = Side(1), Side(-1)

    def side(self, name: str) -> Side:
        """The side of "buy" or "sell" orders."""
        return self.bids if name == "buy" else self.asks

    def add(self, order: BookOrder) -> None:
        """Rest the order behind every other order at its price."""
        side = self.bids if order.buys else self.asks
        level = side.levels.get(order.px)
        if level is None:
            side.levels[order.px] = {order.order_id: order}
            insort(side.ranks, order.px * side.sign)
        else:
            level[order.order_id] = order

    def remove(self, order: BookOrder) -> None:
        """Take the order out; a level without orders disappears."""
        side = self.bids if order.buys else self.asks
        level = side.levels[order.px]
        del level[order.order_id]
        if not level:
            del side.levels[order.px]
            ranks = side.ranks
            del ranks[bisect_left(ranks, order.px * side.sign)]

    def take(self, taker: BookOrder, counter: Counter) -> str:
        """Trade the order, by price and then time, against what it crosses.

        Returns why it must end early (`BY_SELF_TRADE`, `BY_MATCH_LIMIT`), "" when it simply ran
        out of counterparts, of size or of money. What is left of it is not put into the book.
        """
        side = self.asks if taker.buys else self.bids
        ranks, levels, sign, limit = side.ranks, side.levels, side.sign, taker.px
        worst = limit * sign if limit else None
        for _ in range(MAKERS_PER_TAKER):
            if not taker.open_lots or not ranks or (worst is not None and ranks[-1] < worst):
                return ""
            px = ranks[-1] * sign
            level = levels[px]
            maker = next(iter(level.values()))
            if maker.uid == taker.uid:
                if counter.prevent(taker, maker):
                    continue
                return BY_SELF_TRADE
            lots = taker.open_lots if limit else counter.affordable(taker, px)
            if lots >= maker.open_lots:
                lots = maker.open_lots
                del level[maker.order_id]
                if not level:
                    del levels[px]
                    ranks.pop()
            elif not lots:
                return ""
            maker.open_lots -= lots
            taker.open_lots -= lots
            counter.trade(taker, maker, px, lots)
        return BY_MATCH_LIMIT if self.crosses(taker) else ""

    def crosses(self, order: BookOrder) -> bool:
        """Whether the order would trade at once."""
        side = self.asks if order.buys else self.bids
        if not side.ranks or not order.open_lots:
            return False
        return not order.px or side.ranks[-1] >= order.px * side.sign

    def best_price(self, side: str) -> int | None:
        """Highest bid or lowest ask, in ticks."""
        found = self.side(side)
        return found.ranks[-1] * found.sign if found.ranks else None

    def orders(self, side: str) -> Iterator[BookOrder]:
        """Every resting order of a side in the order it would trade."""
        found = self.side(side)
        for price in found.prices():
            yield from found.levels[price].values()

    def depth(self, side: str, limit: int) -> list[tuple[int, int, int]]:
        """(price, open lots, orders) of the best `limit` levels."""
        found = self.side(side)
        rows: list[tuple[int, int, int]] = []
        for price in found.prices():
            if len(rows) == limit:
                break
            level = found.levels[price].values()
            rows.append((price, sum([order.open_lots for order in level]), len(level)))
        return rows
