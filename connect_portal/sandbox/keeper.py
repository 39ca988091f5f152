"""Keeps the files that follow the journal: the history, snapshots, closed segments.

All of it happens in threads beside the loop, and none of it stops trading when it fails: the
journal alone is the truth. Only `store` may use it.
"""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence

from connect_portal.sandbox.alarm import Alarm
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.history import History, Record
from connect_portal.sandbox.journal import Journal
from connect_portal.sandbox.lane import Lane

log = logging.getLogger(__name__)
LOOK_MS, CALM_COMMANDS = 500, 50
"""How often it is looked what has to be written, and how many commands in this time are calm."""
MOST_WAITING, CALM_SHARE = 20_000, 5
"""How many records the history may fall behind, and which part of the way to the next snapshot is
enough when it is calm: both take the disk and the processor from orders, so they wait for that."""
SLICE_NS = 5_000_000


class Keeper:
    """Lets history and snapshots follow one exchange."""

    def __init__(
        self,
        journal: Journal,
        history: History,
        exchange: Exchange,
        *,
        commands_per_snapshot: int,
        unfilled_kept_ms: int,
        wake_writer: Callable[[], None],
    ) -> None:
        self.journal, self.history, self.exchange = journal, history, exchange
        self.commands_per_snapshot = commands_per_snapshot
        self._taken_at, self._distance = journal.end.closed, commands_per_snapshot
        self.unfilled_kept_ms = unfilled_kept_ms
        self.lanes = self._archive, self._desk = Lane("history"), Lane("snapshot")
        self._keeping: asyncio.Future[None] | None = None
        self._wake_writer = wake_writer
        self._looked_at, self._is_calm = journal.end.count, True

    async def find(
        self, kind: type[Record], where: str, values: Sequence[object], limit: int
    ) -> list[Record]:
        """What `History.find` finds; the loop goes on meanwhile. Raises StoreUnavailable."""
        try:
            return await self._archive.run(self.history.find, kind, where, values, limit)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"Cannot read the history: {error}.") from error

    async def look_forever(self) -> None:
        """Write in calm moments, the history also when much of it waits: trading comes first.

        Say once when that fails, and when it goes on.
        """
        waits = False
        while True:
            await Alarm().sleep(LOOK_MS)
            self._is_calm = self._calm_until_now()
            self._looked_at = self.journal.end.count
            if self.snapshot_is_due():
                self._wake_writer()
            if not (self._is_calm or self.history.waiting >= MOST_WAITING):
                continue
            try:
                await self._archive.run(self._flush)
            except sqlite3.Error as error:
                if not waits:
                    log.error("the history waits: %s", error)
                waits = True
            else:
                if waits:
                    log.warning("the history goes on")
                waits = False

    def _flush(self) -> None:
        """Bit by bit, so that trading which begins anew is not held up by all that waits."""
        if self.history.waiting:
            while self.history.flush_some():
                if not self._calm_until_now() and self.history.waiting < MOST_WAITING:
                    break
            self.history.drop_unfilled(self.exchange.state.last_ts - self.unfilled_kept_ms)

    def _calm_until_now(self) -> bool:
        return self.journal.end.count - self._looked_at < CALM_COMMANDS

    def snapshot_is_due(self) -> bool:
        """Whether enough has happened since the last one, which must be on disk by now."""
        is_busy = self._keeping is not None and not self._keeping.done()
        is_calm = self._is_calm and self._calm_until_now()
        distance = self._distance // CALM_SHARE if is_calm else self._distance
        return self.journal.end.count >= self._taken_at + distance and not is_busy

    async def take_snapshot(self, disk: Lane) -> None:
        """Take it between two batches, so that the state stands still; the loop goes on meanwhile.

        The more orders are open, the more there is to write, and the later the next one is due.
        `disk` is the lane on which the journal is written.
        """
        position, open_orders = self.journal.end.count, len(self.exchange.state.orders)
        self._taken_at, self._distance = position, max(self.commands_per_snapshot, open_orders)
        try:
            await disk.run(self.journal.rotate)
        except OSError as error:
            return log.warning("no snapshot this time: %s", error)
        parts, pause = [], time.monotonic_ns() + SLICE_NS
        for part in self.exchange.snapshot_parts():
            parts.append(part)
            if time.monotonic_ns() > pause:
                await asyncio.sleep(0)
                pause = time.monotonic_ns() + SLICE_NS
        self._keeping = self._desk.run(self._keep, position, parts)
        return None

    def _keep(self, position: int, parts: Sequence[bytes]) -> None:
        """Put a snapshot on disk, after the history that its commands have made."""
        try:
            self.history.settle()
            self.journal.write_snapshot(position, parts)
            self.journal.compress()
        except (OSError, sqlite3.Error) as error:
            log.warning("no snapshot this time, the journal goes on: %s", error)

    def close(self) -> None:
        """Leave a snapshot, so that the next start is quick, and let go of the files."""
        for lane in self.lanes:
            lane.stop()
        with contextlib.suppress(OSError):  # a disk that is full leaves the journal as it is
            self.journal.rotate()
            self._keep(self.journal.end.count, list(self.exchange.snapshot_parts()))
        with contextlib.suppress(sqlite3.Error):  # what it lacks is in the journal
            self.history.close()
        self.journal.close()
