"""From the texts of a request to the terms of a strategy order: what several kinds share."""

from connect_portal.sandbox.engine.algo import AT_MARKET, Algo, Trail
from connect_portal.sandbox.engine.commands import PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.sizing import LARGEST_PX, budget_of, lots_of, ticks_of
from connect_portal.sandbox.engine.units import ONE, Instrument, parse
from connect_portal.sandbox.engine.world import World

HUNDREDTH = ONE // 100
BY_BASE = "base_ccy"
BY_QUOTE = "quote_ccy"


def last_px(world: World, pair: Instrument) -> int:
    """The price of the last trade in ticks, 0 before the first."""
    return world.state.tapes[pair.inst_id].last_px


def order_px_of(text: str, pair: Instrument, name: str) -> int:
    """An order price in ticks, "-1" = at market. Refuses 50014 where there is none."""
    if not text:
        raise Refused("50014", name)
    return AT_MARKET if text == "-1" else ticks_of(text, pair, name)


def size_of(sz: str, tgt: str, pair: Instrument) -> int:
    """A size in lots; 0, after a check, for one in quote."""
    if tgt != BY_QUOTE:
        return lots_of(sz, pair)
    budget_of(sz)
    return 0


def distance_of(
    ratio: str, spread: str, pair: Instrument, names: tuple[str, str]
) -> tuple[int, int]:
    """A share of a price in 1e-18 units, or a number of ticks: exactly one of both is given.

    Refuses 50015 (neither), 50024 (both), 51000 and 51150 (off the tick).
    """
    if not ratio and not spread:
        raise Refused("50015", names[0])
    if ratio and spread:
        raise Refused("50024", names[0])
    units = parse(ratio or spread)
    if units is None:
        raise Refused("51000", names[0] if ratio else names[1])
    if ratio:
        return units, 0
    ticks, rest = divmod(units, pair.tick)
    if rest:
        raise Refused("51150")
    if ticks > LARGEST_PX:
        raise Refused("51000", names[1])
    return 0, ticks


def trail_of(ratio: str, spread: str, active_px: str, pair: Instrument, last: int) -> Trail:
    """A trailing stop, active from now on unless it names an activation price. Refuses 51311."""
    share, ticks = distance_of(ratio, spread, pair, ("callbackRatio", "callbackSpread"))
    if (ratio and not 0 < share < ONE) or (spread and not ticks):
        raise Refused("51311")
    active = ticks_of(active_px, pair, "activePx") if active_px else 0
    return Trail(ratio=share, spread=ticks, active_px=active, best_px=0 if active else last)


def slice_of(command: PlaceAlgo, pair: Instrument, total: int) -> int:
    """The size of one part in lots. Refuses 51255 unless it is in (total/1000, total]."""
    lots = lots_of(command.sz_limit, pair)
    if not total < lots * 1000 or lots > total:
        raise Refused("51255")
    return lots


def beyond(algo: Algo, px: int, limit_px: int) -> bool:
    """Whether a price is worse for the strategy than its limit; 0 = no limit."""
    return bool(limit_px) and (px > limit_px if algo.buys else px < limit_px)


def moved_by(algo: Algo, px: int, ratio: int, spread: int, *, towards: bool) -> int:
    """A price moved by a distance: towards the counterparts or away from them, at least a tick.

    Rounded so that it is never further towards the counterparts than the distance allows.
    """
    up = algo.buys is towards
    if ratio:
        exact = px * (ONE + ratio if up else ONE - ratio)
        moved = exact // ONE if algo.buys else -(-exact // ONE)
    else:
        moved = px + spread if up else px - spread
    return max(1, moved)
