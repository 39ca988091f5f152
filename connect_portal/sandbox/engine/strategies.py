"""Strategy orders: wait for the last price, then place one ordinary order that names its parent.

`trigger` fires when the last price reaches `trigger_px` from the side it was on at placement;
`conditional` and `oco` carry a take-profit and/or a stop-loss leg. Nothing is held before firing.
Source: https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading-post-place-algo-order
"""

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.commands import CancelAlgo, Place, PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Algo
from connect_portal.sandbox.engine.orders import place_child
from connect_portal.sandbox.engine.sizing import lots_of, ticks_of
from connect_portal.sandbox.engine.units import Instrument, parse, plain
from connect_portal.sandbox.engine.world import World

AT_MARKET = -1
FROM_TRIGGER, FROM_TP_SL = "6", "7"
WAITING_PER_INSTRUMENT = 500


def place_algo(world: World, command: PlaceAlgo) -> Algo:
    """Start waiting. Refuses 51065 (own id in use), 51299 (too many), size and price codes."""
    account, pair = world.account(command.uid), world.instrument(command.inst)
    if command.cl and command.cl in account.algo_of_cl:
        raise Refused("51065")
    if len(account.open_algos) >= WAITING_PER_INSTRUMENT:
        raise Refused("51299")
    _refuse_bad_size(command, pair)
    algo = _draft(world, pair, command)
    algo.algo_id = world.next_id()
    world.state.algos[algo.algo_id] = algo
    world.waiting[algo.inst][algo.algo_id] = algo
    account.open_algos[algo.algo_id] = None
    if algo.cl:
        account.algo_of_cl[algo.cl] = algo.algo_id
    world.note_algo(algo)
    world.moved.add(algo.inst)
    return algo


def cancel_algo(world: World, command: CancelAlgo) -> Algo:
    """Stop waiting. Refuses 51400 when it is unknown or no longer waits."""
    account = world.account(command.uid)
    world.instrument(command.inst)
    algo = world.state.algos.get(command.algo_id or account.algo_of_cl.get(command.cl, 0))
    if algo is None or algo.uid != command.uid:
        raise Refused("51400")
    _stop_waiting(world, algo, "canceled")
    world.note_algo(algo)
    return algo


def follow_up(world: World) -> None:
    """Fire every strategy whose price was reached; children may trade and reach more of them."""
    world.ended.clear()
    while world.moved:
        inst = min(world.moved)
        world.moved.discard(inst)
        last = world.state.tapes[inst].last_px
        for algo in [algo for algo in world.waiting[inst].values() if _leg(algo, last)]:
            _fire(world, algo, _leg(algo, last))


def _refuse_bad_size(command: PlaceAlgo, pair: Instrument) -> None:
    if command.tgt == "quote_ccy":
        if not parse(command.sz):
            raise Refused("51000", "sz")
    else:
        lots_of(command.sz, pair)


def _draft(world: World, pair: Instrument, command: PlaceAlgo) -> Algo:
    last = world.state.tapes[pair.inst_id].last_px
    algo = Algo(
        algo_id=0,
        uid=command.uid,
        inst=pair.inst_id,
        kind=command.kind,
        side=command.side,
        mode=command.mode or "cash",
        sz=command.sz,
        tgt=command.tgt,
        cl=command.cl,
        tag=command.tag,
        last=last,
        created=world.now,
        updated=world.now,
        advance=command.advance,
    )
    if command.kind == "trigger":
        algo.trigger_px = ticks_of(command.trigger_px, pair, "triggerPx")
        algo.order_px = _order_px(command.order_px, pair, "orderPx")
        algo.trigger_up = algo.trigger_px >= last
        return algo
    return _with_legs(algo, pair, command)


def _with_legs(algo: Algo, pair: Instrument, command: PlaceAlgo) -> Algo:
    """Take-profit and stop-loss legs; a conditional with both uses the stop-loss only."""
    if command.sl_trigger_px:
        algo.sl_trigger_px = ticks_of(command.sl_trigger_px, pair, "slTriggerPx")
        algo.sl_order_px = _order_px(command.sl_order_px, pair, "slOrdPx")
    if command.tp_trigger_px and not (command.kind == "conditional" and algo.sl_trigger_px):
        algo.tp_trigger_px = ticks_of(command.tp_trigger_px, pair, "tpTriggerPx")
        algo.tp_order_px = _order_px(command.tp_order_px, pair, "tpOrdPx")
    legs = bool(algo.tp_trigger_px) + bool(algo.sl_trigger_px)
    if legs < (2 if command.kind == "oco" else 1):
        raise Refused("50014", "slTriggerPx")
    return algo


def _order_px(text: str, pair: Instrument, name: str) -> int:
    return AT_MARKET if text == "-1" else ticks_of(text, pair, name)


def _leg(algo: Algo, last: int) -> str:
    """Which leg the last price has reached: "trigger", "tp", "sl" or none."""
    if not last or algo.state != "live":
        return ""
    if algo.kind == "trigger":
        reached = last >= algo.trigger_px if algo.trigger_up else last <= algo.trigger_px
        return "trigger" if reached else ""
    rises_to, falls_to = ("tp", "sl") if algo.side == "sell" else ("sl", "tp")
    prices = {"tp": algo.tp_trigger_px, "sl": algo.sl_trigger_px}
    if prices[rises_to] and last >= prices[rises_to]:
        return rises_to
    return falls_to if last <= prices[falls_to] else ""


def _fire(world: World, algo: Algo, leg: str) -> None:
    if not leg:
        return
    order_px = {"trigger": algo.order_px, "tp": algo.tp_order_px, "sl": algo.sl_order_px}[leg]
    algo.triggered = world.now
    algo.actual_side = "" if leg == "trigger" else leg
    _stop_waiting(world, algo, "effective")
    try:
        child = place_child(
            world,
            _child_command(world, algo, order_px),
            parent=algo,
            source=FROM_TRIGGER if leg == "trigger" else FROM_TP_SL,
        )
        algo.child_ids.append(child.order_id)
    except Refused as refusal:
        algo.state, algo.fail_code = "order_failed", refusal.code
    world.note_algo(algo)


def _child_command(world: World, algo: Algo, order_px: int) -> Place:
    pair = world.instruments[algo.inst]
    at_market = order_px == AT_MARKET
    return Place(
        uid=algo.uid,
        inst=algo.inst,
        side=algo.side,
        kind="market" if at_market else algo.advance or "limit",
        sz=_affordable(world, algo, pair, order_px),
        px="" if at_market else plain(order_px * pair.tick),
        tgt=(algo.tgt or "base_ccy") if at_market else "",
        tag=algo.tag,
        mode=algo.mode,
    )


def _affordable(world: World, algo: Algo, pair: Instrument, order_px: int) -> str:
    """The size asked for, or what the balance allows when the trigger comes."""
    wanted = parse(algo.sz) or 0
    if algo.tgt == "quote_ccy" and order_px == AT_MARKET:
        return algo.sz
    if algo.side == "sell":
        most = ledger.available(world.state, algo.uid, pair.base)
    elif order_px == AT_MARKET:
        return algo.sz
    else:
        there = ledger.available(world.state, algo.uid, pair.quote)
        most = there // (order_px * pair.lot_value) * pair.lot
    return plain(min(wanted, most) // pair.lot * pair.lot)


def _stop_waiting(world: World, algo: Algo, state: str) -> None:
    algo.state = state
    account = world.state.accounts[algo.uid]
    del world.waiting[algo.inst][algo.algo_id]
    del account.open_algos[algo.algo_id]
    if account.algo_of_cl.get(algo.cl) == algo.algo_id:
        del account.algo_of_cl[algo.cl]
    del world.state.algos[algo.algo_id]
