"""Which file knows which kind of strategy order, and what it is called for."""

from collections.abc import Callable
from typing import Any

from connect_portal.sandbox.engine.algo import (
    Iceberg,
    SmartIceberg,
    Stops,
    Terms,
    Trail,
    Trigger,
    Twap,
)
from connect_portal.sandbox.engine.commands import PlaceAlgo
from connect_portal.sandbox.engine.strategies import (
    iceberg,
    smart_iceberg,
    stops,
    trailing,
    trigger,
    twap,
)
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.engine.world import World

DRAFTS: dict[str, Callable[[World, Instrument, PlaceAlgo], Terms]] = {
    "trigger": trigger.draft,
    "conditional": stops.draft,
    "oco": stops.draft,
    "move_order_stop": trailing.draft,
    "twap": twap.draft,
    "iceberg": iceberg.draft,
    "smart_iceberg": smart_iceberg.draft,
}
"""From a request to terms, by the kind's name on the wire."""
BEGIN: dict[type, Callable[..., None]] = {
    Twap: twap.take_part,
    Iceberg: iceberg.look,
    SmartIceberg: smart_iceberg.begin,
}
"""Called once when it has been accepted, with (world, algo, terms)."""
REACHED: dict[type, Callable[..., None]] = {
    Trigger: trigger.reached,
    Stops: stops.reached,
    Trail: trailing.reached,
    SmartIceberg: smart_iceberg.reached,
}
"""Called when the last price is where it waits for it, with (world, algo, terms, price)."""
FOLLOW: dict[type, Callable[..., None]] = {Trail: trailing.moved}
"""Called with every print once it is active, with (world, algo, terms, price)."""
LOOK: dict[type, Callable[..., None]] = {Iceberg: iceberg.look, SmartIceberg: smart_iceberg.look}
"""Called when the book has changed, with (world, algo, terms)."""
WOKEN: dict[type, Callable[..., None]] = {Twap: twap.take_part, **LOOK}
"""Called when its timer strikes, with (world, algo, terms)."""
SLICERS: frozenset[Any] = frozenset({Twap, Iceberg, SmartIceberg})
"""Those that work a large order off in parts."""
