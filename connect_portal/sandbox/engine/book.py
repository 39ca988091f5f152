"""One order book: price levels in order, orders in time order inside each level."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from connect_portal.sandbox.engine.model import Order

OPPOSITE = {"buy": "sell", "sell": "buy"}


class Book:
    """Resting orders of one instrument. Knows prices and time, neither money nor accounts."""

    def __init__(self) -> None:
        self.prices: dict[str, list[int]] = {"buy": [], "sell": []}
        self.levels: dict[str, dict[int, dict[int, Order]]] = {"buy": {}, "sell": {}}

    def add(self, order: Order) -> None:
        """Rest the order behind every other order at its price."""
        level = self.levels[order.side].get(order.px)
        if level is None:
            level = self.levels[order.side][order.px] = {}
            insort(self.prices[order.side], order.px)
        level[order.order_id] = order

    def remove(self, order: Order) -> None:
        """Take the order out; a level without orders disappears."""
        level = self.levels[order.side][order.px]
        del level[order.order_id]
        if not level:
            del self.levels[order.side][order.px]
            prices = self.prices[order.side]
            del prices[bisect_left(prices, order.px)]

    def best_price(self, side: str) -> int | None:
        """Highest bid or lowest ask, in ticks."""
        prices = self.prices[side]
        if not prices:
            return None
        return prices[-1] if side == "buy" else prices[0]

    def best_order(self, side: str) -> Order | None:
        """The order that trades next on this side."""
        price = self.best_price(side)
        return None if price is None else next(iter(self.levels[side][price].values()))

    def orders(self, side: str) -> Iterator[Order]:
        """Every resting order of a side in the order it would trade."""
        for price in self.sorted_prices(side):
            yield from self.levels[side][price].values()

    def sorted_prices(self, side: str) -> Iterator[int]:
        """Price levels of a side, best first."""
        prices = self.prices[side]
        return reversed(prices) if side == "buy" else iter(prices)

    def depth(self, side: str, limit: int) -> list[tuple[int, int, int]]:
        """(price, open lots, orders) of the best `limit` levels."""
        rows: list[tuple[int, int, int]] = []
        for price in self.sorted_prices(side):
            if len(rows) == limit:
                break
            level = self.levels[side][price].values()
            rows.append((price, sum(order.open_lots for order in level), len(level)))
        return rows


def crosses(taker_side: str, taker_px: int, maker_px: int) -> bool:
    """Whether a limit at `taker_px` may trade with a resting order at `maker_px`."""
    return maker_px <= taker_px if taker_side == "buy" else maker_px >= taker_px
