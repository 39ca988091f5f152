"""`smart_iceberg`: shows several parts at once, at prices that follow the book.

How it places them (OKX's documents, smart iceberg order): `radical` from the best counterpart
through the middle to its own side's best price, `mid` from the middle, `conservative` from its own
side's best price outward. It looks again whenever the book has changed, and waits while the best
price of its own side is beyond the limit. It may start at a price or at an RSI.
"""

from itertools import islice

from msgspec.structs import replace

from connect_portal.sandbox.engine.algo import Algo, SmartIceberg, StartWhen
from connect_portal.sandbox.engine.commands import PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.matching import BY_SYSTEM, withdraw
from connect_portal.sandbox.engine.sizing import lots_of, ticks_of
from connect_portal.sandbox.engine.strategies import rsi
from connect_portal.sandbox.engine.strategies.asking import beyond, last_px, slice_of
from connect_portal.sandbox.engine.strategies.children import open_orders, wake, withdraw_all
from connect_portal.sandbox.engine.strategies.slicing import left, place_part, show, takes_turn
from connect_portal.sandbox.engine.units import ONE, Instrument
from connect_portal.sandbox.engine.world import World

PARTS = range(1, 21)
PERIOD = 14
CHECK_MS = 1000
COMES_FROM = {"cross_up": "below", "cross_down": "above"}


def draft(world: World, pair: Instrument, command: PlaceAlgo) -> SmartIceberg:
    """Read the request. Refuses 51255 (size of a part), 51000 and the codes of prices."""
    if command.parts not in PARTS:
        raise Refused("51000", "lmtOrderNumber")
    start = command.start or StartWhen()
    px = ticks_of(start.px, pair, "triggerPx") if start.strategy == "price" else 0
    return SmartIceberg(
        lots=slice_of(command, pair, lots_of(command.sz, pair)),
        number=command.parts,
        manner=command.aggressiveness,
        limit_px=ticks_of(command.px_limit, pair, "pxLimit") if command.px_limit else 0,
        start=_placed(start, last_px(world, pair), px),
        start_px=px,
        started=start.strategy == "instant",
    )


def begin(world: World, algo: Algo, terms: SmartIceberg) -> None:
    """Start at once, unless it waits for something."""
    if terms.started:
        look(world, algo, terms)


def reached(world: World, algo: Algo, terms: SmartIceberg, px: int) -> None:
    """The price it waits for is there, or the side that a crossing has to come from."""
    comes_from = COMES_FROM.get(terms.start.cond)
    if comes_from and terms.start.side != comes_from:
        terms.start = _placed(terms.start, px, terms.start_px)
        world.watches[algo.inst].add(algo)
    else:
        _start(world, algo, terms)


def look(world: World, algo: Algo, terms: SmartIceberg) -> None:
    """Put its parts where they belong now."""
    if not terms.started:
        if _strong_enough(world, algo, terms):
            _start(world, algo, terms)
        return
    if not takes_turn(world, algo):
        return
    wanted = _prices(world, algo, terms)
    if not wanted:
        withdraw_all(world, algo)
        show(world, algo, paused=True)
        return
    show(world, algo, paused=False)
    for order in open_orders(world, algo):
        if order.px not in wanted:
            withdraw(world, order, BY_SYSTEM)
    _fill_up(world, algo, terms, wanted)


def _fill_up(world: World, algo: Algo, terms: SmartIceberg, wanted: list[int]) -> None:
    shown = {order.px for order in open_orders(world, algo)}
    for px in wanted:
        missing = left(world, algo)
        if px in shown or missing < world.instruments[algo.inst].min_lots:
            continue
        lots = terms.lots if missing >= 2 * terms.lots else missing
        if not place_part(world, algo, lots, px):
            return


def _prices(world: World, algo: Algo, terms: SmartIceberg) -> list[int]:
    """Where its parts belong, nearest to the counterparts first; none beyond its limit."""
    best = world.books[algo.inst].best_price("sell" if algo.buys else "buy")
    queue = _queue(world, algo, terms.number, best)
    if not queue or beyond(algo, queue[0], terms.limit_px):
        return []
    first: list[int] = []
    if best is not None:
        middle = (best + queue[0]) // 2 if algo.buys else -(-(best + queue[0]) // 2)
        first = {"radical": [best, middle], "mid": [middle]}.get(terms.manner, [])
    limited = [
        terms.limit_px if beyond(algo, px, terms.limit_px) else px for px in [*first, *queue]
    ]
    return list(dict.fromkeys(limited))[: terms.number]


def _queue(world: World, algo: Algo, number: int, best: int | None) -> list[int]:
    """The best prices of its own side without its own orders, continued outward tick by tick.

    With nobody else there, they start at the last price, or just short of the counterparts.
    """
    book, mine = world.books[algo.inst], set(algo.open_ids)
    outward = -1 if algo.buys else 1
    others = (px for px, here in book.side(algo.side) if not mine.issuperset(here))
    queue = list(islice(others, number))
    if not queue:
        last = world.state.tapes[algo.inst].last_px
        short = best + outward if best is not None else last
        queue = [px for px in [(min if algo.buys else max)(last or short, short)] if px > 0]
    while queue and len(queue) < number and queue[-1] + outward > 0:
        queue.append(queue[-1] + outward)
    return queue


def _start(world: World, algo: Algo, terms: SmartIceberg) -> None:
    watch = world.watches[algo.inst]
    watch.remove(algo)
    terms.started, algo.triggered = True, world.now
    watch.add(algo)
    world.changed[algo.algo_id] = algo
    look(world, algo, terms)


def _strong_enough(world: World, algo: Algo, terms: SmartIceberg) -> bool:
    """Whether the index has reached its threshold; looked at after a trade, once a second."""
    start, tape = terms.start, world.state.tapes[algo.inst]
    checked_at, after_trade = terms.checked
    if tape.last_trade_id == after_trade:
        return False
    if world.now - checked_at < CHECK_MS:
        wake(world, algo, CHECK_MS)
        return False
    terms.checked = world.now, tape.last_trade_id
    index = rsi.strength(tape, start.timeframe, PERIOD)
    if index is None:
        return False
    threshold, before = start.threshold * ONE, start.side
    terms.start = _placed(start, index, threshold)
    falls, rises = index <= threshold, index >= threshold
    return {
        "above": rises,
        "below": falls,
        "cross_up": before == "below" and rises,
        "cross_down": before == "above" and falls,
        "cross": (before == "below" and rises) or (before == "above" and falls),
    }[start.cond]


def _placed(start: StartWhen, value: int, threshold: int) -> StartWhen:
    """The same condition, knowing on which side of its threshold the value is."""
    if value == threshold:
        return start
    return replace(start, side="below" if value < threshold else "above")
