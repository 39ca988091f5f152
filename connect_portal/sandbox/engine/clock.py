"""The business clock: one offset ahead of the wall clock, which only ever grows."""

from connect_portal.sandbox.engine.commands import MoveClock
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.world import EPOCH_MS, World

LATEST_MS = EPOCH_MS + 60 * 365 * 86_400_000  # ids are made of time and stay below 2**63 until then


def move_clock(world: World, command: MoveClock) -> int:
    """Move business time forward to `offset_ms` ahead of the wall clock; the offset in force.

    Refuses 51000 to move backward, or past the year 2079.
    """
    state = world.state
    step = command.offset_ms - state.offset_ms
    if step < 0 or world.now + step > LATEST_MS:
        raise Refused("51000", "offset_ms")
    state.offset_ms = command.offset_ms
    world.now = state.last_ts = world.now + step
    return state.offset_ms
