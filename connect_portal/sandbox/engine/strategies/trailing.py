"""`move_order_stop`, the trailing stop: follows the best price since its start, at a distance.

A sell keeps the highest price and fires when the last one has fallen so far below it; a buy is the
mirror image. With an activation price it starts when that is reached.
"""

from connect_portal.sandbox.engine.algo import FROM_TRAIL, Algo, Trail
from connect_portal.sandbox.engine.commands import PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.strategies.asking import last_px, trail_of
from connect_portal.sandbox.engine.strategies.children import fire, place_lots
from connect_portal.sandbox.engine.units import ONE, Instrument
from connect_portal.sandbox.engine.world import World


def draft(world: World, pair: Instrument, command: PlaceAlgo) -> Trail:
    """Read the request. Refuses 51311 (callback rate), 51258 and 51259 (activation price)."""
    last = last_px(world, pair)
    terms = trail_of(command.callback_ratio, command.callback_spread, command.active_px, pair, last)
    if terms.active_px and command.side == "sell" and terms.active_px <= last:
        raise Refused("51258")
    if terms.active_px and command.side == "buy" and last and terms.active_px >= last:
        raise Refused("51259")
    return terms


def reached(world: World, algo: Algo, terms: Trail, px: int) -> None:
    """The activation price is there: start to follow."""
    terms.best_px = px
    world.watches[algo.inst].add(algo)
    world.changed[algo.algo_id] = algo


def moved(world: World, algo: Algo, terms: Trail, px: int) -> None:
    """Keep the best price, or fire when the price has come back far enough."""
    at = trigger_px(algo, terms)
    if not at or (px < terms.best_px if algo.buys else px > terms.best_px):
        terms.best_px = px
    elif px >= at if algo.buys else px <= at:
        fire(world, algo, lambda: place_lots(world, algo, algo.lots, source=FROM_TRAIL))


def trigger_px(algo: Algo, terms: Trail) -> int:
    """The price that would set it off now, in ticks; 0 before it is active."""
    best = terms.best_px
    if not best:
        return 0
    if algo.buys:
        return -(-best * (ONE + terms.ratio) // ONE) if terms.ratio else best + terms.spread
    return max(1, best * (ONE - terms.ratio) // ONE if terms.ratio else best - terms.spread)
