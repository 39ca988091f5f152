"""What was attached to an order begins to live when the order is filled; canceled half-way, never.

It closes what the order has really got: a stop-loss of a buy is smaller by the fee taken in base.
https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order (attachAlgoOrds)
"""

from connect_portal.sandbox.engine.algo import Algo, Attached, Terms
from connect_portal.sandbox.engine.commands import PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.strategies.asking import last_px, trail_of
from connect_portal.sandbox.engine.strategies.limits import refuse_full
from connect_portal.sandbox.engine.strategies.stops import ONE_LEG, TWO_LEGS, draft
from connect_portal.sandbox.engine.strategies.verbs import drafted, start
from connect_portal.sandbox.engine.units import Instrument, plain
from connect_portal.sandbox.engine.world import World

TRAILING, FILLED = "move_order_stop", "filled"


def bear(world: World, order: Order) -> None:
    """Free the callers' own ids of what was attached, and let it live if its order is filled."""
    own_ids = world.state.accounts[order.uid].algo_of_cl
    pair = world.instruments[order.inst]
    for attached in order.attached:
        if own_ids.get(attached.cl) == attached.algo_id:
            del own_ids[attached.cl]
        if order.state == FILLED:
            _bear_one(world, pair, order, attached)


def _bear_one(world: World, pair: Instrument, order: Order, attached: Attached) -> None:
    lots = _received(pair, order)
    command = _command(order, attached, plain(lots * pair.lot))
    algo = drafted(world, pair, command, _terms(world, pair, command))
    algo.lots = lots
    try:
        if lots < pair.min_lots:
            raise Refused("51020")
        refuse_full(world, world.state.accounts[order.uid], order.inst, algo.kind)
    except Refused as refusal:
        _still_born(world, algo, refusal.code)
    else:
        start(world, algo)


def _received(pair: Instrument, order: Order) -> int:
    charged = -order.fee if order.buys and order.fee_ccy == pair.base else 0
    return (order.filled * pair.lot - charged) // pair.lot


def _command(order: Order, attached: Attached, sz: str) -> PlaceAlgo:
    trails = attached.callback_ratio or attached.callback_spread
    both = attached.tp_trigger_px and attached.sl_trigger_px
    return PlaceAlgo(
        uid=order.uid,
        inst=order.inst,
        kind=TRAILING if trails else TWO_LEGS if both else ONE_LEG,
        side="sell" if order.buys else "buy",
        sz=sz,
        mode=order.mode,
        tgt="base_ccy",
        cl=attached.cl,
        tag=order.tag,
        quote_ccy=order.quote_ccy,
        tp_trigger_px=attached.tp_trigger_px,
        tp_order_px=attached.tp_order_px,
        sl_trigger_px=attached.sl_trigger_px,
        sl_order_px=attached.sl_order_px,
        callback_ratio=attached.callback_ratio,
        callback_spread=attached.callback_spread,
        active_px=attached.active_px,
    )


def _terms(world: World, pair: Instrument, command: PlaceAlgo) -> Terms:
    if command.kind != TRAILING:
        return draft(world, pair, command)
    texts = command.callback_ratio, command.callback_spread, command.active_px
    return trail_of(*texts, pair, last_px(world, pair))


def _still_born(world: World, algo: Algo, code: str) -> None:
    algo.algo_id = world.next_id()
    algo.state, algo.fail_code = "order_failed", code
    world.note_algo(algo)
