"""An order book as one would explain it to a child: one list, sorted anew for every order.

The oracle of `test_oracle.py`: slow, obvious, and written without looking at the engine. It knows
price-time priority, the order kinds and self-trade prevention; money is somebody else's business.
"""

from dataclasses import dataclass, field

Fill = tuple[int, int, int, int]
"""Number of the maker, number of the taker, price, size."""


@dataclass
class Resting:
    """One order in the list; `place` grows with time."""

    number: int
    who: str
    side: str
    px: int
    size: int
    place: int
    kind: str = "limit"


@dataclass
class NaiveBook:
    """All resting orders, in no particular order, and everything that ever traded."""

    resting: list[Resting] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    places: int = 0

    def place(
        self, number: int, who: str, side: str, kind: str, px: int, size: int, stp: str
    ) -> None:
        """An order comes: `px` is 0 for one at any price."""
        order = Resting(number, who, side, px, size, self._next_place(), kind)
        if kind == "post_only" and self._counterparts(order):
            return
        if kind == "fok" and not self._could_fill(order, stp):
            return
        self._meet(order, stp, rests=kind in ("limit", "post_only"))

    def cancel(self, number: int) -> None:
        """An order goes, if it is still there."""
        self.resting = [order for order in self.resting if order.number != number]

    def amend(self, number: int, px: int, size: int, stp: str) -> None:
        """An order becomes another: only one that just shrinks keeps its place."""
        order = self.find(number)
        if order is None:
            return
        if px == order.px and size <= order.size:
            order.size = size
            return
        changed = Resting(number, order.who, order.side, px, size, self._next_place(), order.kind)
        if order.kind == "post_only" and self._counterparts(changed):
            return
        self.cancel(number)
        self._meet(changed, stp, rests=True)

    def find(self, number: int) -> Resting | None:
        """The resting order of that number."""
        return next((order for order in self.resting if order.number == number), None)

    def queue(self, side: str) -> list[tuple[int, int, int]]:
        """(number, price, size) of a side in the order it would trade."""
        best_first = sorted(
            (order for order in self.resting if order.side == side),
            key=lambda order: (order.px if side == "sell" else -order.px, order.place),
        )
        return [(order.number, order.px, order.size) for order in best_first]

    def _meet(self, order: Resting, stp: str, *, rests: bool) -> None:
        while order.size and (makers := self._counterparts(order)):
            maker = makers[0]
            if maker.who == order.who:
                if stp != "cancel_taker":
                    self.cancel(maker.number)
                if stp != "cancel_maker":
                    return
                continue
            size = min(order.size, maker.size)
            self.fills.append((maker.number, order.number, maker.px, size))
            order.size -= size
            maker.size -= size
            self.resting = [other for other in self.resting if other.size]
        if order.size and rests:
            self.resting.append(order)

    def _counterparts(self, order: Resting) -> list[Resting]:
        """Who would trade with it, the first one first."""
        other = "sell" if order.side == "buy" else "buy"
        found = [o for number, *_ in self.queue(other) if (o := self.find(number))]
        if not order.px:
            return found
        return [o for o in found if (o.px <= order.px if order.side == "buy" else o.px >= order.px)]

    def _could_fill(self, order: Resting, stp: str) -> bool:
        there = 0
        for maker in self._counterparts(order):
            if maker.who == order.who:
                if stp != "cancel_maker":
                    break
                continue
            there += maker.size
        return there >= order.size

    def _next_place(self) -> int:
        self.places += 1
        return self.places
