"""What strategies do once a command is done: each trade, each ended order, each changed book.

Every print is looked at once and in order, every strategy that fires is over by that, and those
that work in parts act once in a command: so it ends, however many set each other off.
"""

from connect_portal.sandbox.engine.algo import Algo
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.strategies.births import bear
from connect_portal.sandbox.engine.strategies.kinds import FOLLOW, LOOK, REACHED, SLICERS, WOKEN
from connect_portal.sandbox.engine.strategies.slicing import end_if_done, part_ended
from connect_portal.sandbox.engine.watch import Watch
from connect_portal.sandbox.engine.world import World


def follow_up(world: World) -> None:
    """Let strategies act on what the command has done so far, and tell how they stand then."""
    if world.prints or world.ended:
        _settle(world)
    for inst in world.outcome.books:
        if world.watches[inst].looking:
            _look_around(world)
            break
    if world.changed:
        for algo in list(world.changed.values()):
            _tell(world, algo)
        world.changed.clear()


def strike(world: World, key: str) -> None:
    """Wake a strategy order, unless it is over or was to be woken at another time."""
    algo = world.state.algos.get(int(key))
    if algo is not None and algo.alarm and algo.alarm <= world.now:
        algo.alarm = 0
        WOKEN[type(algo.terms)](world, algo, algo.terms)


def _settle(world: World) -> None:
    """Go through prints and ended orders until neither sets off anything more."""
    while world.prints or world.ended:
        prints, world.prints = world.prints, []
        for inst, px in prints:
            watch = world.watches[inst]
            if watch.rising or watch.falling or watch.trailing:
                _hear(world, watch, px)
        # After the prints: what is born now must not hear of trades that made its order fill.
        ended, world.ended = world.ended, []
        for order in ended:
            if order.algo_id:
                _note_end(world, order)
            if order.attached:
                bear(world, order)


def _note_end(world: World, order: Order) -> None:
    algo = world.state.algos[order.algo_id]
    if order.order_id in algo.open_ids:
        algo.open_ids.remove(order.order_id)
    world.changed[algo.algo_id] = algo
    if type(algo.terms) in SLICERS:
        part_ended(world, algo, order)


def _hear(world: World, watch: Watch, px: int) -> None:
    """Let one print set off what waits for it."""
    while algo_id := watch.reached(px):
        algo = world.state.algos[algo_id]
        watch.remove(algo)
        REACHED[type(algo.terms)](world, algo, algo.terms, px)
    for _, algo in sorted(watch.trailing.items()):
        FOLLOW[type(algo.terms)](world, algo, algo.terms, px)


def _look_around(world: World) -> None:
    """Let each strategy look at its book that has changed, once in a command."""
    while todo := _due_to_look(world):
        for algo in todo:
            if not algo.ended and algo.algo_id not in world.looked:
                LOOK[type(algo.terms)](world, algo, algo.terms)
                world.looked.add(algo.algo_id)
                _settle(world)


def _due_to_look(world: World) -> list[Algo]:
    return [
        algo
        for inst in sorted(world.outcome.books)
        for algo_id, algo in sorted(world.watches[inst].looking.items())
        if algo_id not in world.looked
    ]


def _tell(world: World, algo: Algo) -> None:
    """Tell how it stands; forget it when it and its orders are over."""
    if type(algo.terms) in SLICERS:
        end_if_done(world, algo)
    world.note_algo(algo)
    if algo.ended and not algo.open_ids:
        del world.state.algos[algo.algo_id]
