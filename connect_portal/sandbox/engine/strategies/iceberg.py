"""`iceberg`, the older kind: shows one part at a time, a set distance away from the last price.

A part that has traded makes room for the next; one that the last price has left behind (by more
than twice the distance) is moved; beyond its limit it shows nothing and waits.
"""

from connect_portal.sandbox.engine.algo import Algo, Iceberg
from connect_portal.sandbox.engine.commands import PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.sizing import lots_of, ticks_of
from connect_portal.sandbox.engine.strategies.asking import (
    HUNDREDTH,
    beyond,
    distance_of,
    moved_by,
    slice_of,
)
from connect_portal.sandbox.engine.strategies.children import open_orders, withdraw_all
from connect_portal.sandbox.engine.strategies.slicing import (
    left,
    next_part,
    place_part,
    show,
    takes_turn,
)
from connect_portal.sandbox.engine.units import ONE, Instrument
from connect_portal.sandbox.engine.world import World


def draft(world: World, pair: Instrument, command: PlaceAlgo) -> Iceberg:
    """Read the request. Refuses 51255 (size of a part), 51272 (variance), the codes of prices."""
    ratio, spread = distance_of(command.px_var, command.px_spread, pair, ("pxVar", "pxSpread"))
    if command.px_var and not 0 < ratio <= HUNDREDTH:
        raise Refused("51272")
    lots = slice_of(command, pair, lots_of(command.sz, pair))
    return Iceberg(ratio, spread, lots, ticks_of(command.px_limit, pair, "pxLimit"))


def look(world: World, algo: Algo, terms: Iceberg) -> None:
    """Show a part where it belongs now."""
    if not takes_turn(world, algo):
        return None
    last = world.state.tapes[algo.inst].last_px
    if not last:
        return None
    if beyond(algo, last, terms.limit_px):
        withdraw_all(world, algo)
        return show(world, algo, paused=True)
    show(world, algo, paused=False)
    shown = open_orders(world, algo)
    if shown and not _left_behind(shown[0].px, last, terms):
        return None
    withdraw_all(world, algo)
    if left(world, algo) >= world.instruments[algo.inst].min_lots:
        px = moved_by(algo, last, terms.ratio, terms.spread, towards=False)
        place_part(world, algo, next_part(world, algo, terms.lots), px)
    return None


def _left_behind(px: int, last: int, terms: Iceberg) -> bool:
    distance = last * terms.ratio // ONE if terms.ratio else terms.spread
    return abs(last - px) > max(1, 2 * distance)
