"""Which strategy orders of one instrument want to hear of which price. Derived from them alone."""

from bisect import bisect_left, insort

from connect_portal.sandbox.engine.algo import (
    Algo,
    Iceberg,
    SmartIceberg,
    StartWhen,
    Stops,
    Trail,
    Trigger,
)

Row = tuple[int, int]


class Watch:
    """Sorted by price, so that a print costs what it sets off.

    `rising` and `falling` wait for a price; `trailing` follow every print; `looking` look at the
    book once in each command that has changed it.
    """

    def __init__(self) -> None:
        self.rising: list[Row] = []
        self.falling: list[Row] = []
        self.trailing: dict[int, Algo] = {}
        self.looking: dict[int, Algo] = {}

    def add(self, algo: Algo) -> None:
        """Listen on behalf of a strategy order, by what its terms say now."""
        rises_to, falls_to = waited_for(algo)
        if rises_to:
            insort(self.rising, (rises_to, algo.algo_id))
        if falls_to:
            insort(self.falling, (-falls_to, algo.algo_id))
        if isinstance(algo.terms, Trail) and not (rises_to or falls_to):
            self.trailing[algo.algo_id] = algo
        if _looks(algo):
            self.looking[algo.algo_id] = algo

    def remove(self, algo: Algo) -> None:
        """Listen no more; to be called before the terms change."""
        rises_to, falls_to = waited_for(algo)
        _drop(self.rising, (rises_to, algo.algo_id))
        _drop(self.falling, (-falls_to, algo.algo_id))
        self.trailing.pop(algo.algo_id, None)
        self.looking.pop(algo.algo_id, None)

    def reached(self, px: int) -> int:
        """The strategy order that this price sets off first, 0 when there is none."""
        if self.rising and self.rising[0][0] <= px:
            return self.rising[0][1]
        if self.falling and -self.falling[0][0] >= px:
            return self.falling[0][1]
        return 0


def waited_for(algo: Algo) -> tuple[int, int]:
    """The prices it waits for: one to rise to, one to fall to; 0 = none."""
    match algo.terms:
        case Trigger(px=px, rises=rises):
            return (px, 0) if rises else (0, px)
        case Stops(tp_px=tp_px, sl_px=sl_px):
            return (sl_px, tp_px) if algo.buys else (tp_px, sl_px)
        case Trail(active_px=active_px, best_px=0):
            return (0, active_px) if algo.buys else (active_px, 0)
        case SmartIceberg(start=StartWhen(strategy="price") as start, started=False, start_px=px):
            return _start_prices(start, px)
    return 0, 0


def _start_prices(start: StartWhen, px: int) -> tuple[int, int]:
    """A crossing that does not come from its side yet waits to be there first."""
    match start.cond, start.side:
        case ("below", _) | ("cross", "above") | ("cross_down", "above"):
            return 0, px
        case ("above", _) | ("cross", _) | ("cross_up", "below"):
            return px, 0
        case "cross_up", _:
            return 0, px - 1
    return px + 1, 0


def _looks(algo: Algo) -> bool:
    match algo.terms:
        case Iceberg():
            return True
        case SmartIceberg(started=started, start=start):
            return started or start.strategy == "rsi"
    return False


def _drop(rows: list[Row], row: Row) -> None:
    at = bisect_left(rows, row)
    if at < len(rows) and rows[at] == row:
        del rows[at]
