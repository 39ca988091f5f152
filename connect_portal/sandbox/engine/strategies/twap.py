"""`twap`: every few seconds take a part of the book near its best price, until all is traded.

A buy takes at most so far above the best bid and never above its limit; while the best offer is
beyond the limit it pauses. A sell is the mirror image. Bounds of the interval: OKX's help page on
TWAP orders.
"""

from connect_portal.sandbox.engine.algo import Algo, Twap
from connect_portal.sandbox.engine.commands import PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.sizing import lots_of, ticks_of
from connect_portal.sandbox.engine.strategies.asking import (
    HUNDREDTH,
    beyond,
    distance_of,
    moved_by,
)
from connect_portal.sandbox.engine.strategies.children import wake
from connect_portal.sandbox.engine.strategies.slicing import next_part, place_part, show
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.engine.world import World

SMALLEST_RATIO = HUNDREDTH // 100
INTERVALS_S = range(5, 121)


def draft(world: World, pair: Instrument, command: PlaceAlgo) -> Twap:
    """Read the request. Refuses 51269, 51270, 51274, 51282, 51286 and the codes of prices."""
    ratio, spread = distance_of(command.px_var, command.px_spread, pair, ("pxVar", "pxSpread"))
    if command.px_var and not 0 < ratio <= HUNDREDTH:
        raise Refused("51270")
    if command.px_var and ratio < SMALLEST_RATIO:
        raise Refused("51282")
    total, lots = lots_of(command.sz, pair), lots_of(command.sz_limit, pair)
    if total < 2 * pair.min_lots:
        raise Refused("51286")
    if total <= lots:
        raise Refused("51274")
    if command.interval_s not in INTERVALS_S:
        raise Refused("51269")
    limit_px = ticks_of(command.px_limit, pair, "pxLimit")
    return Twap(ratio, spread, lots, limit_px, command.interval_s * 1000)


def take_part(world: World, algo: Algo, terms: Twap) -> None:
    """Take one part if the market allows, and come back after the interval."""
    wake(world, algo, terms.interval_ms)
    book = world.books[algo.inst]
    best = book.best_price("sell" if algo.buys else "buy")
    if best is None or beyond(algo, best, terms.limit_px):
        return show(world, algo, paused=True)
    show(world, algo, paused=False)
    own_best = book.best_price(algo.side) or best
    px = moved_by(algo, own_best, terms.ratio, terms.spread, towards=True)
    px = min(px, terms.limit_px) if algo.buys else max(px, terms.limit_px)
    if not beyond(algo, best, px):
        place_part(world, algo, next_part(world, algo, terms.lots), px, "ioc")
    return None
