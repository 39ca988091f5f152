"""Amending a strategy order that waits: its size, and the prices of a plan order or of stops.

On spot nothing else may change; "0" deletes a leg.
https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading-post-amend-algo-order
"""

from msgspec.structs import replace

from connect_portal.sandbox.engine.algo import AT_MARKET, Algo, Stops, Terms, Trigger
from connect_portal.sandbox.engine.commands import AmendAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.sizing import ticks_of
from connect_portal.sandbox.engine.strategies import stops
from connect_portal.sandbox.engine.strategies.asking import (
    BY_QUOTE,
    last_px,
    order_px_of,
    size_of,
)
from connect_portal.sandbox.engine.strategies.children import end
from connect_portal.sandbox.engine.strategies.verbs import find
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.engine.world import World

DELETE = "0"
Leg = tuple[int, int]


def amend_algo(world: World, command: AmendAlgo) -> Algo:
    """Change size or prices. Refuses 51527 (unknown or over), 51506 (kind), 51500 (no change).

    51543 (a leg that was not there), 51531 (no leg left), 51277-51280 and the codes of sizes and
    prices; with `cancel_on_fail` a refused amendment cancels the strategy order.
    """
    algo = find(world, command.uid, command.inst, command.algo_id, command.cl)
    if algo is None or algo.ended:
        raise Refused("51527")
    if not isinstance(algo.terms, Trigger | Stops):
        raise Refused("51506")
    pair = world.instruments[algo.inst]
    last = last_px(world, pair)
    try:
        terms = _amended(algo, command, pair, last)
        sz = command.new_sz or algo.sz
        lots = size_of(sz, algo.tgt, pair)
        if isinstance(terms, Stops):
            stops.refuse_large(pair, last, lots, terms)
    except Refused:
        if command.cancel_on_fail:
            end(world, algo, "canceled")
        raise
    watch = world.watches[algo.inst]
    watch.remove(algo)
    algo.terms, algo.sz, algo.lots = terms, sz, lots
    watch.add(algo)
    world.changed[algo.algo_id] = algo
    if last:
        world.prints.append((algo.inst, last))
    return algo


def _amended(algo: Algo, command: AmendAlgo, pair: Instrument, last: int) -> Terms:
    """The wanted terms; what the request says of another kind's prices is ignored."""
    if isinstance(algo.terms, Trigger):
        terms: Terms = _amended_trigger(algo.terms, command, pair, last)
    elif isinstance(algo.terms, Stops):
        terms = _amended_stops(algo.terms, command, pair)
        if (terms.tp_px, terms.sl_px) != (algo.terms.tp_px, algo.terms.sl_px):
            stops.refuse_wrong_side(algo.side, last, terms)
    if terms == algo.terms and not command.new_sz:
        raise Refused("51500")
    if algo.tgt == BY_QUOTE and not _at_market(terms):
        raise Refused("51000", "tgtCcy")
    return terms


def _at_market(terms: Terms) -> bool:
    if isinstance(terms, Stops):
        return stops.all_at_market(terms)
    return isinstance(terms, Trigger) and terms.order_px == AT_MARKET


def _amended_trigger(terms: Trigger, command: AmendAlgo, pair: Instrument, last: int) -> Trigger:
    wanted = replace(terms)
    if command.new_trigger_px:
        wanted.px = ticks_of(command.new_trigger_px, pair, "newTriggerPx")
        wanted.rises = wanted.px >= last
    if command.new_order_px:
        wanted.order_px = order_px_of(command.new_order_px, pair, "newOrdPx")
    return wanted


def _amended_stops(terms: Stops, command: AmendAlgo, pair: Instrument) -> Stops:
    tp = _amended_leg(
        (terms.tp_px, terms.tp_order_px),
        (command.new_tp_trigger_px, command.new_tp_order_px),
        pair,
    )
    sl = _amended_leg(
        (terms.sl_px, terms.sl_order_px),
        (command.new_sl_trigger_px, command.new_sl_order_px),
        pair,
    )
    if not tp[0] and not sl[0]:
        raise Refused("51531")
    return Stops(*tp, *sl)


def _amended_leg(leg: Leg, texts: tuple[str, str], pair: Instrument) -> Leg:
    """A leg (trigger price, order price) after its two texts."""
    if DELETE in texts:
        return 0, 0
    if any(texts) and not leg[0]:
        raise Refused("51543")
    trigger_px, order_px = texts
    return (
        ticks_of(trigger_px, pair, "newTriggerPx") if trigger_px else leg[0],
        order_px_of(order_px, pair, "newOrdPx") if order_px else leg[1],
    )
