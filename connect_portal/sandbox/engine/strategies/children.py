"""The orders that a strategy places, and how it ends. For the other files of this package."""

from collections.abc import Callable

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.algo import Algo, Attached
from connect_portal.sandbox.engine.commands import Place
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.matching import BY_SYSTEM, withdraw
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.orders import place_child
from connect_portal.sandbox.engine.units import plain
from connect_portal.sandbox.engine.world import World

ALARM = "strategy"


def place_lots(
    world: World, algo: Algo, lots: int, px: int = 0, *, kind: str = "limit", source: str
) -> Order:
    """Place an order of so many lots at a price in ticks, 0 = at market. Refuses like any order."""
    sz = plain(lots * world.instruments[algo.inst].lot)
    if px:
        return place(world, algo, kind, sz, px, source=source)
    return place(world, algo, "market", sz, tgt="base_ccy", source=source)


def place(
    world: World,
    algo: Algo,
    kind: str,
    sz: str,
    px: int = 0,
    *,
    tgt: str = "",
    source: str,
    attached: list[Attached] | None = None,
) -> Order:
    """Place an order that names its strategy and carries its tag. Refuses like any order."""
    command = Place(
        uid=algo.uid,
        inst=algo.inst,
        side=algo.side,
        kind=kind,
        sz=sz,
        px=plain(px * world.instruments[algo.inst].tick) if px else "",
        tgt=tgt,
        tag=algo.tag,
        mode=algo.mode,
        quote_ccy=algo.quote_ccy,
        attached=attached or [],
    )
    order = place_child(world, command, parent=algo, source=source)
    algo.child_ids.append(order.order_id)
    if order.is_open:
        algo.open_ids.append(order.order_id)
    world.changed[algo.algo_id] = algo
    return order


def fire(world: World, algo: Algo, place_it: Callable[[], Order], actual_side: str = "") -> None:
    """End a strategy with the one order it was for, or with the reason why that is refused."""
    algo.triggered, algo.actual_side = world.now, actual_side
    end(world, algo, "effective")
    try:
        place_it()
    except Refused as refusal:
        algo.state, algo.fail_code = "order_failed", refusal.code


def end(world: World, algo: Algo, state: str, fail_code: str = "") -> None:
    """Let it wait no more; orders of it that are open stay open."""
    world.watches[algo.inst].remove(algo)
    algo.state, algo.fail_code, algo.alarm = state, fail_code, 0
    account = world.state.accounts[algo.uid]
    del account.open_algos[algo.inst][algo.algo_id]
    if account.algo_of_cl.get(algo.cl) == algo.algo_id:
        del account.algo_of_cl[algo.cl]
    world.changed[algo.algo_id] = algo


def open_orders(world: World, algo: Algo) -> list[Order]:
    """Its orders that may still trade, oldest first."""
    found = (world.state.orders.get(order_id) for order_id in algo.open_ids)
    return [order for order in found if order is not None]


def withdraw_all(world: World, algo: Algo, reason: str = BY_SYSTEM) -> None:
    """Take back its open orders."""
    for order in open_orders(world, algo):
        withdraw(world, order, reason)


def wake(world: World, algo: Algo, in_ms: int) -> None:
    """Let it be called again after so many milliseconds, unless it will be anyway."""
    if not algo.alarm:
        algo.alarm = world.now + in_ms
        world.set_timer(algo.alarm, ALARM, str(algo.algo_id))


def best_counterpart(world: World, algo: Algo) -> int:
    """The best price that its orders could take, in ticks. Refuses 51109 when there is none."""
    best = world.books[algo.inst].best_price("sell" if algo.buys else "buy")
    if best is None:
        raise Refused("51109")
    return best


def payable(world: World, algo: Algo, px: int) -> int:
    """How many lots the account can pay for at a price in ticks."""
    pair = world.instruments[algo.inst]
    if algo.buys:
        there = ledger.available(world.state, algo.uid, pair.quote)
        return there // (px * pair.lot_value)
    return ledger.available(world.state, algo.uid, pair.base) // pair.lot


def currency_paid(world: World, algo: Algo) -> str:
    """What its orders pay with."""
    pair = world.instruments[algo.inst]
    return pair.quote if algo.buys else pair.base
