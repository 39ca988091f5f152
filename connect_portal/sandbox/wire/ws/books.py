"""Order-book channels: the best levels anew each time, or a snapshot and then only the changes.

Changes form a chain: each names the one before it, so that a listener sees a gap. Everyone who
listens to a chain shares it; the snapshot a newcomer gets is the book as last told.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel (the checksum
is fixed to 0 since June 2026).
"""

from typing import Protocol

from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire import prices
from connect_portal.sandbox.wire.objects import price, size
from connect_portal.sandbox.wire.ws.rooms import data
from connect_portal.sandbox.wire.ws.topics import Topic

CHAINS = {"books": 400, "books-l2-tbt": 400, "books50-l2-tbt": 50}
TOPS = {"books5": 5, "bbo-tbt": 1}
CHANNELS = CHAINS | TOPS
FAST = frozenset(("books-l2-tbt", "books50-l2-tbt", "bbo-tbt"))
QUIET_S = 60.0
SIDES = {"asks": "sell", "bids": "buy"}
Levels = dict[int, tuple[int, int]]
"""Lots and number of orders by price in ticks, best first."""


class BookFeed(Protocol):
    """What is told of one book on one channel."""

    def snapshot(self) -> bytes:
        """What a newcomer is told."""

    def update(self, now: float) -> bytes:
        """What is told after the book has changed; nothing where it has not changed in view."""

    def silence(self, now: float) -> bytes:
        """What is told when nothing has changed."""


def book_feed(topic: Topic, store: Store) -> BookFeed:
    """The feed of a topic."""
    kind = Chain if topic.channel in CHAINS else Top
    return kind(store, topic.inst, CHANNELS[topic.channel])


class Chain:
    """A snapshot, then changes; size "0" deletes a level."""

    def __init__(self, store: Store, inst: str, depth: int) -> None:
        self._store, self._world = store, store.exchange.world
        self._pair, self._depth = self._world.instruments[inst], depth
        self._told = self._levels()
        self._version = self._world.versions[inst]
        self._told_at = 0.0

    def snapshot(self) -> bytes:
        """The book as of the last update, so that the next update fits onto it."""
        sides = {name: rows_of(self._pair, levels) for name, levels in self._told.items()}
        return self._body("snapshot", sides, -1)

    def update(self, now: float) -> bytes:
        """The levels in view that have changed."""
        levels = self._levels()
        sides = {
            name: rows_of(self._pair, changes(self._told[name], levels[name])) for name in SIDES
        }
        if not any(sides.values()):
            return self.silence(now)
        before, self._version = self._version, self._world.versions[self._pair.inst_id]
        self._told, self._told_at = levels, now
        return self._body("update", sides, before)

    def silence(self, now: float) -> bytes:
        """About once a minute a sign of life: an update without a change."""
        if not self._told_at:
            self._told_at = now
        if now - self._told_at < QUIET_S:
            return b""
        self._told_at = now
        return self._body("update", {name: [] for name in SIDES}, self._version)

    def _levels(self) -> dict[str, Levels]:
        book = self._world.books[self._pair.inst_id]
        return {
            name: {px: (lots, orders) for px, lots, orders in book.depth(side, self._depth)}
            for name, side in SIDES.items()
        }

    def _body(self, action: str, sides: dict[str, list[list[str]]], before: int) -> bytes:
        row = {
            **sides,
            "ts": str(self._store.business_ms()),
            "checksum": 0,
            "prevSeqId": before,
            "seqId": self._version,
        }
        return data([row], action=action)


class Top:
    """The best levels, whole each time they have changed."""

    def __init__(self, store: Store, inst: str, depth: int) -> None:
        self._store, self._world = store, store.exchange.world
        self._pair, self._depth = self._world.instruments[inst], depth
        self._told = self._levels()

    def snapshot(self) -> bytes:
        """The best levels now."""
        return self._body(self._levels())

    def update(self, now: float) -> bytes:
        """The best levels, if they are not what was told last."""
        levels = self._levels()
        if levels == self._told:
            return b""
        self._told = levels
        return self._body(levels)

    def silence(self, now: float) -> bytes:
        """Nothing."""
        return b""

    def _levels(self) -> dict[str, list[list[str]]]:
        return {
            name: prices.book_rows(self._world, self._pair, side, self._depth)
            for name, side in SIDES.items()
        }

    def _body(self, sides: dict[str, list[list[str]]]) -> bytes:
        inst = self._pair.inst_id
        named = {"instId": inst} if self._depth > 1 else {}
        times = {"ts": str(self._store.business_ms()), "seqId": self._world.versions[inst]}
        return data([{**sides, **named, **times}])


def changes(old: Levels, new: Levels) -> Levels:
    """Levels that are new, different, or gone (of no size)."""
    gone: Levels = {px: (0, 0) for px in old if px not in new}
    return gone | {px: level for px, level in new.items() if old.get(px) != level}


def rows_of(pair: Instrument, levels: Levels) -> list[list[str]]:
    """Levels as the wire shows them: `[px, sz, "0", orders]`."""
    return [
        [price(pair, px), size(pair, lots), "0", str(orders)]
        for px, (lots, orders) in levels.items()
    ]
