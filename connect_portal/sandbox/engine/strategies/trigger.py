"""`trigger`, the plan order: one order once the last price reaches a trigger from either side.

Where money is short at that moment, the order is as large as the account can pay for.
"""

from connect_portal.sandbox.engine import attached, ledger
from connect_portal.sandbox.engine.algo import AT_MARKET, FROM_TRIGGER, Algo, Trigger
from connect_portal.sandbox.engine.commands import PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.sizing import ticks_of
from connect_portal.sandbox.engine.strategies.asking import BY_QUOTE, last_px, order_px_of
from connect_portal.sandbox.engine.strategies.children import (
    best_counterpart,
    currency_paid,
    fire,
    payable,
    place,
)
from connect_portal.sandbox.engine.units import Instrument, parse, plain
from connect_portal.sandbox.engine.world import World


def draft(world: World, pair: Instrument, command: PlaceAlgo) -> Trigger:
    """Read the request. Refuses the codes of prices and of what is attached."""
    px = ticks_of(command.trigger_px, pair, "triggerPx")
    order_px = order_px_of(command.order_px, pair, "orderPx")
    if command.tgt == BY_QUOTE and order_px != AT_MARKET:
        raise Refused("51000", "tgtCcy")
    reference = px if order_px == AT_MARKET else order_px
    attached.refuse_unfit(pair, command.attached, buys=command.side == "buy", px=reference)
    return Trigger(
        px=px,
        order_px=order_px,
        rises=px >= last_px(world, pair),
        advance=command.advance,
        attached=command.attached,
    )


def reached(world: World, algo: Algo, terms: Trigger, px: int) -> None:
    """Place the order."""
    fire(world, algo, lambda: _place(world, algo, terms))


def _place(world: World, algo: Algo, terms: Trigger) -> Order:
    pair, at_market = world.instruments[algo.inst], terms.order_px == AT_MARKET
    px = best_counterpart(world, algo) if at_market else terms.order_px
    lots = payable(world, algo, px)
    if algo.tgt == BY_QUOTE:
        sz = plain(min(parse(algo.sz) or 0, _payable_value(world, algo, px)))
    else:
        lots = min(algo.lots, lots)
        sz = plain(lots * pair.lot)
    if lots < pair.min_lots:
        raise Refused("51008", currency_paid(world, algo))
    return place(
        world,
        algo,
        "market" if at_market else terms.advance or "limit",
        sz,
        0 if at_market else px,
        tgt=(algo.tgt or "base_ccy") if at_market else "",
        source=FROM_TRIGGER,
        attached=terms.attached,
    )


def _payable_value(world: World, algo: Algo, px: int) -> int:
    pair = world.instruments[algo.inst]
    if algo.buys:
        return ledger.available(world.state, algo.uid, pair.quote)
    return payable(world, algo, px) * px * pair.lot_value
