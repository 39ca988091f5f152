"""What the kinds have in common that work a large order off in parts: twap and both icebergs.

Each acts once in a command; what is left to do then waits for a second, so that a part which
trades at once cannot set off the next without end.
"""

from connect_portal.sandbox.engine.algo import FROM_SLICE, Algo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.matching import BY_COUNTDOWN, BY_SYSTEM, BY_USER
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.strategies.children import (
    end,
    open_orders,
    payable,
    place_lots,
    wake,
    withdraw_all,
)
from connect_portal.sandbox.engine.world import World

PACE_MS = 1000


def takes_turn(world: World, algo: Algo) -> bool:
    """Whether it may act now; if it has in this command, it is woken in a second."""
    if algo.algo_id in world.looked:
        wake(world, algo, PACE_MS)
        return False
    world.looked.add(algo.algo_id)
    return True


def left(world: World, algo: Algo) -> int:
    """Lots that have neither traded nor are on the book."""
    return algo.lots - algo.filled - sum(order.open_lots for order in open_orders(world, algo))


def next_part(world: World, algo: Algo, lots: int) -> int:
    """The size of the next part: the last one takes with it what would be too small on its own."""
    missing = left(world, algo)
    return missing if missing - lots < world.instruments[algo.inst].min_lots else lots


def place_part(world: World, algo: Algo, lots: int, px: int, kind: str = "limit") -> bool:
    """Place a part, a smaller one where money is short.

    When it cannot be placed and no other part is on the book, the strategy fails with the reason.
    """
    lots = min(lots, payable(world, algo, px))
    try:
        if lots < world.instruments[algo.inst].min_lots:
            raise Refused("51008")
        place_lots(world, algo, lots, px, kind=kind, source=FROM_SLICE)
    except Refused as refusal:
        if not open_orders(world, algo):
            end(world, algo, "partially_failed" if algo.filled else "order_failed", refusal.code)
        return False
    return True


def show(world: World, algo: Algo, *, paused: bool) -> None:
    """State whether it works or waits for the market to come back within its limit."""
    state = "pause" if paused else "partially_effective" if algo.filled else "live"
    if state != algo.state:
        algo.state = state
        world.changed[algo.algo_id] = algo


def part_ended(world: World, algo: Algo, order: Order) -> None:
    """Look after a part that has ended: forget one without a fill, go on, or end.

    Whoever cancels a part by hand, or lets cancel-all-after do it, cancels the whole.
    """
    if not order.filled:
        algo.child_ids.remove(order.order_id)
    if algo.ended:
        return
    if order.cancel_source in (BY_USER, BY_COUNTDOWN):
        withdraw_all(world, algo, order.cancel_source)
        end(world, algo, "canceled")
    elif order.cancel_source != BY_SYSTEM and algo.algo_id in world.looked:
        wake(world, algo, PACE_MS)


def end_if_done(world: World, algo: Algo) -> None:
    """End it when what is left is too small to be an order."""
    if algo.ended:
        return
    if not open_orders(world, algo) and left(world, algo) < world.instruments[algo.inst].min_lots:
        end(world, algo, "effective")
    elif algo.state == "live":
        show(world, algo, paused=False)
