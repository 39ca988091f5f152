"""Keeps the files that follow the journal: the history, snapshots, closed segments.

All of it happens in threads beside the loop, and none of it stops trading when it fails: the
journal alone is the truth. Only `store` may use it.
"""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Sequence

from connect_portal.sandbox.alarm import Alarm
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.history import History, Record
from connect_portal.sandbox.journal import Journal
from connect_portal.sandbox.lane import Lane

log = logging.getLogger(__name__)
FLUSH_MS, MOST_WAITING = 500, 10_000
"""How often it is looked whether the history has to be written, and how far it may fall behind."""
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
    ) -> None:
        self.journal, self.history, self.exchange = journal, history, exchange
        self.commands_per_snapshot = commands_per_snapshot
        self._due_at = journal.end.closed + commands_per_snapshot
        self.unfilled_kept_ms = unfilled_kept_ms
        self.lanes = self._archive, self._desk = Lane("history"), Lane("snapshot")
        self._keeping: asyncio.Future[None] | None = None

    async def find(
        self, kind: type[Record], where: str, values: Sequence[object], limit: int
    ) -> list[Record]:
        """What `History.find` finds; the loop goes on meanwhile. Raises StoreUnavailable."""
        try:
            return await self._archive.run(self.history.find, kind, where, values, limit)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"Cannot read the history: {error}.") from error

    async def flush_forever(self) -> None:
        """Write the history when nothing happens, or when much of it waits: trading comes first.

        Say once when that fails, and when it goes on.
        """
        waits, position = False, -1
        while True:
            await Alarm().sleep(FLUSH_MS)
            before, position = position, self.history.position
            if position != before and self.history.waiting < MOST_WAITING:
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
        if self.history.waiting:
            self.history.flush()
            self.history.drop_unfilled(self.exchange.state.last_ts - self.unfilled_kept_ms)

    def snapshot_is_due(self) -> bool:
        """Whether enough has happened since the last one, which must be on disk by now."""
        is_busy = self._keeping is not None and not self._keeping.done()
        return self.journal.end.count >= self._due_at and not is_busy

    async def take_snapshot(self, disk: Lane) -> None:
        """Take it between two batches, so that the state stands still; the loop goes on meanwhile.

        The more orders are open, the more there is to write, and the later the next one is due.
        `disk` is the lane on which the journal is written.
        """
        position, open_orders = self.journal.end.count, len(self.exchange.state.orders)
        self._due_at = position + max(self.commands_per_snapshot, open_orders)
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
