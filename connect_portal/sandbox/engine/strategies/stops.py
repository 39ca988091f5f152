"""`conditional` and `oco`: a take-profit and a stop-loss, of which the first one reached counts.

A conditional order that names both legs uses the stop-loss only. Nothing is held meanwhile: where
money is short at that moment, the order fails.
"""

from connect_portal.sandbox.engine.algo import AT_MARKET, FROM_STOP, Algo, Stops
from connect_portal.sandbox.engine.commands import PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.sizing import MARKET_VALUE, ticks_of
from connect_portal.sandbox.engine.strategies.asking import BY_BASE, BY_QUOTE, order_px_of
from connect_portal.sandbox.engine.strategies.children import fire, place
from connect_portal.sandbox.engine.units import Instrument, plain
from connect_portal.sandbox.engine.world import World

ONE_LEG, TWO_LEGS = "conditional", "oco"
WRONG_SIDE = {
    ("tp", "buy"): "51277",
    ("sl", "buy"): "51278",
    ("tp", "sell"): "51279",
    ("sl", "sell"): "51280",
}


def draft(world: World, pair: Instrument, command: PlaceAlgo) -> Stops:
    """Read the request. Refuses 50014 where a leg is missing, and the codes of prices."""
    terms = Stops()
    if command.sl_trigger_px:
        terms.sl_px = ticks_of(command.sl_trigger_px, pair, "slTriggerPx")
        terms.sl_order_px = order_px_of(command.sl_order_px, pair, "slOrdPx")
    if command.tp_trigger_px and not (command.kind == ONE_LEG and terms.sl_px):
        terms.tp_px = ticks_of(command.tp_trigger_px, pair, "tpTriggerPx")
        terms.tp_order_px = order_px_of(command.tp_order_px, pair, "tpOrdPx")
    if not terms.sl_px and (not terms.tp_px or command.kind == TWO_LEGS):
        raise Refused("50014", "slTriggerPx")
    if not terms.tp_px and command.kind == TWO_LEGS:
        raise Refused("50014", "tpTriggerPx")
    if command.tgt == BY_QUOTE and not all_at_market(terms):
        raise Refused("51000", "tgtCcy")
    return terms


def unit_of_size(command: PlaceAlgo, terms: Stops) -> str:
    """What the size counts: as asked, else as in an ordinary order; "" unless all at market."""
    if command.tgt or not all_at_market(terms):
        return command.tgt
    return BY_QUOTE if command.side == "buy" else BY_BASE


def all_at_market(terms: Stops) -> bool:
    """Whether each leg that there is places its order at market."""
    prices = (terms.tp_px and terms.tp_order_px, terms.sl_px and terms.sl_order_px)
    return {px for px in prices if px} == {AT_MARKET}


def refuse_wrong_side(side: str, last: int, terms: Stops) -> None:
    """Refuses 51277-51280 for a leg that the last price has reached already."""
    for leg, px in (("tp", terms.tp_px), ("sl", terms.sl_px)):
        above = (leg == "tp") == (side == "sell")
        if px and last and (px <= last if above else px >= last):
            raise Refused(WRONG_SIDE[leg, side])


def refuse_large(pair: Instrument, last: int, lots: int, terms: Stops) -> None:
    """Refuses 51275 for a stop at market that is worth more than an order at market may be."""
    at_market = AT_MARKET in (terms.tp_order_px, terms.sl_order_px)
    if at_market and lots * last * pair.lot_value > MARKET_VALUE:
        raise Refused("51275")


def reached(world: World, algo: Algo, terms: Stops, px: int) -> None:
    """Place the order of the leg whose price this is."""
    profits = terms.tp_px and (px <= terms.tp_px if algo.buys else px >= terms.tp_px)
    leg, order_px = ("tp", terms.tp_order_px) if profits else ("sl", terms.sl_order_px)
    fire(world, algo, lambda: _place(world, algo, order_px), actual_side=leg)


def _place(world: World, algo: Algo, order_px: int) -> Order:
    sz = plain(algo.lots * world.instruments[algo.inst].lot) if algo.lots else algo.sz
    if order_px == AT_MARKET:
        tgt = algo.tgt or BY_BASE
        return place(world, algo, "market", sz, tgt=tgt, source=FROM_STOP)
    return place(world, algo, "limit", sz, order_px, source=FROM_STOP)
