"""Order-book channels: a snapshot, then only what changed, chained by sequence numbers.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel (the checksum
is fixed to 0 since June 2026).
"""

from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire import prices
from connect_portal.sandbox.wire.channels import Arg, Push

DEPTH = {"books": 400, "books5": 5}
Levels = dict[str, list[str]]


class BookFeed:
    """The books as last told to subscribers; everyone on an instrument shares one sequence."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._told: dict[str, dict[str, Levels]] = {}
        self._sequence: dict[str, int] = {}

    def first(self, arg: Arg, *, fresh: bool) -> Push:
        """The whole book as of the last update, so that the next update fits onto it.

        `fresh` when nobody else follows this book, so that it may be read anew.
        """
        inst, channel = arg["instId"], arg["channel"]
        if channel == "books5":
            return self._five(inst)
        if fresh or inst not in self._told:
            self._told[inst] = self._levels(inst)
            self._sequence[inst] = self._sequence.get(inst, 0) + 1
        rows = {side: list(levels.values()) for side, levels in self._told[inst].items()}
        return self._push(inst, rows["asks"], rows["bids"], "snapshot", -1)

    def next(self, arg: Arg) -> Push | None:
        """What changed since the last update; size "0" deletes a level."""
        inst = arg["instId"]
        if arg["channel"] == "books5":
            return self._five(inst)
        old, new = self._told[inst], self._levels(inst)
        changes = {side: _changes(old[side], new[side]) for side in ("asks", "bids")}
        if not changes["asks"] and not changes["bids"]:
            return None
        before = self._sequence[inst]
        self._told[inst], self._sequence[inst] = new, before + 1
        return self._push(inst, changes["asks"], changes["bids"], "update", before)

    def _levels(self, inst: str) -> dict[str, Levels]:
        world = self.store.exchange.world
        pair = world.instruments[inst]
        sides = {"asks": "sell", "bids": "buy"}
        return {
            name: {row[0]: row for row in prices.book_rows(world, pair, side, DEPTH["books"])}
            for name, side in sides.items()
        }

    def _push(
        self, inst: str, asks: list[list[str]], bids: list[list[str]], action: str, before: int
    ) -> Push:
        row = {
            "asks": asks,
            "bids": bids,
            "ts": str(self.store.exchange.world.now),
            "checksum": 0,
            "prevSeqId": before,
            "seqId": self._sequence[inst],
        }
        return Push([row], {"action": action})

    def _five(self, inst: str) -> Push:
        world = self.store.exchange.world
        pair = world.instruments[inst]
        row = {
            "asks": prices.book_rows(world, pair, "sell", DEPTH["books5"]),
            "bids": prices.book_rows(world, pair, "buy", DEPTH["books5"]),
            "instId": inst,
            "ts": str(world.now),
            "seqId": world.state.last_id % 2**53,
        }
        return Push([row], {})


def _changes(old: Levels, new: Levels) -> list[list[str]]:
    gone = [[px, "0", "0", "0"] for px in old if px not in new]
    return gone + [row for px, row in new.items() if old.get(px) != row]
