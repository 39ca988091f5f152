"""The one writer of the exchange: a command is on disk before it happens and before it is answered.

Everything that changes the exchange goes through `submit`. Commands that wait together share one
disk sync. Reads look at `exchange` directly: it only ever contains what is on disk; what is over
is read from `history`, which follows behind. When a timer of the exchange is due and nobody calls,
the store submits a tick.
"""

import asyncio
import contextlib
import functools
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from connect_portal.sandbox.alarm import Alarm
from connect_portal.sandbox.engine.commands import AnyCommand, Tick
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.errors import SandboxError, StoreUnavailable
from connect_portal.sandbox.history import UNFILLED_KEPT_MS, History, Record
from connect_portal.sandbox.journal import Journal
from connect_portal.sandbox.recovery import apply_safely, recover

log = logging.getLogger(__name__)
COMMANDS_PER_SYNC = 500
COMMANDS_PER_SNAPSHOT = 20_000
FLUSH_MS, RETRY_MS = 500, 1000
SLICE_NS = 5_000_000
Waiting = tuple[AnyCommand, "asyncio.Future[Outcome]"]


class Store:
    """The durable exchange in a folder. Use from one event loop only."""

    def __init__(
        self,
        folder: Path,
        *,
        commands_per_snapshot: int = COMMANDS_PER_SNAPSHOT,
        unfilled_kept_ms: int = UNFILLED_KEPT_MS,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.commands_per_snapshot = commands_per_snapshot
        self.unfilled_kept_ms = unfilled_kept_ms
        self.clock = clock
        self.listeners: list[Callable[[Outcome], None]] = []
        self.journal = Journal(folder)
        self.history = History(folder / "history.sqlite3")
        self.exchange = recover(self.journal, self.history)
        self._waiting: list[Waiting] = []
        self._wake = asyncio.Event()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="sandbox-journal")
        self._archive = ThreadPoolExecutor(1, thread_name_prefix="sandbox-history")
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="sandbox-snapshot")
        self._keeping: Future[None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._side_tasks: list[asyncio.Task[None]] = []
        self._alarm = Alarm()
        self._closing = False

    def start(self) -> None:
        """Begin to write; call inside the event loop."""
        self._writer = asyncio.create_task(self._write_forever())
        self._side_tasks = [
            asyncio.create_task(self._tick_forever()),
            asyncio.create_task(self._flush_forever()),
        ]

    async def submit(self, command: AnyCommand) -> Outcome:
        """Carry out a command durably. Raises StoreUnavailable when it cannot be made durable."""
        return await self.enqueue(command)

    def enqueue(self, command: AnyCommand) -> "asyncio.Future[Outcome]":
        """Put a command in the queue now; several enqueued in a row keep their order."""
        if self._closing:
            raise StoreUnavailable("The sandbox is stopping.")
        command.ts = self.business_ms()
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, future))
        self._wake.set()
        return future

    async def find(
        self, kind: type[Record], where: str, values: Sequence[Any], limit: int
    ) -> list[Record]:
        """What is over, newest first, all acknowledged included; see `History.find`.

        The loop goes on meanwhile. Raises StoreUnavailable when the file cannot be read or written.
        """
        loop = asyncio.get_running_loop()
        ask = functools.partial(self.history.find, kind, where, values, limit)
        try:
            return await loop.run_in_executor(self._archive, ask)
        except sqlite3.Error as error:
            log.error("the history cannot be read: %s", error)
            raise StoreUnavailable(f"Cannot read the history: {error}.") from error

    def business_ms(self) -> int:
        """Now on the exchange's own clock, which orders, fills and candles follow."""
        return self.clock() + self.exchange.state.offset_ms

    async def close(self) -> None:
        """Finish what was accepted, leave a snapshot so that the next start is quick."""
        self._closing = True
        for task in self._side_tasks:
            task.cancel()
        self._wake.set()
        if self._writer is not None:
            await self._writer
        for executor in (self._disk, self._archive, self._keeper):
            executor.shutdown()
        with contextlib.suppress(OSError):  # a disk that is full leaves the journal as it is
            self.journal.rotate()
            self._keep(self.journal.end.count, [self.exchange.snapshot()])
        with contextlib.suppress(sqlite3.Error):  # what it lacks is in the journal
            self.history.close()
        self.journal.close()

    async def _write_forever(self) -> None:
        while self._waiting or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch = self._waiting[:COMMANDS_PER_SYNC]
                del self._waiting[:COMMANDS_PER_SYNC]
                await self._write(batch)

    async def _write(self, batch: list[Waiting]) -> None:
        commands = [command for command, _ in batch]
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._disk, self.journal.append, commands)
        except SandboxError as error:
            log.error("%s", error)
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # a batch's first one is asked, the others need no complaint
            return
        first = self.journal.end.count - len(batch) + 1
        for position, (command, future) in enumerate(batch, first):
            outcome = apply_safely(self.exchange, command)
            self.history.follow(outcome, position)
            self._tell(outcome)
            if not future.done():
                future.set_result(outcome)
        self._alarm.reset()
        if self._snapshot_is_due():
            await self._take_snapshot()

    async def _tick_forever(self) -> None:
        while True:
            due = self.exchange.next_due
            await self._alarm.sleep(None if due is None else due - self.business_ms())
            if due is not None and due <= self.business_ms():
                try:
                    await self.submit(Tick())
                except SandboxError:  # the writer has said why
                    await Alarm().sleep(RETRY_MS)

    async def _flush_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await Alarm().sleep(FLUSH_MS)
            try:
                await loop.run_in_executor(self._archive, self._keep_history)
            except sqlite3.Error as error:
                log.error("the history waits: %s", error)

    def _keep_history(self) -> None:
        if self.history.waiting:
            self.history.flush()
            self.history.drop_unfilled(self.exchange.state.last_ts - self.unfilled_kept_ms)

    def _tell(self, outcome: Outcome) -> None:
        for listener in self.listeners:
            try:
                listener(outcome)
            except Exception:
                log.exception("a listener failed; the exchange goes on")

    def _snapshot_is_due(self) -> bool:
        """Now and then, the more seldom the more there is to write."""
        since = self.journal.end.count - self.journal.end.closed
        enough = max(self.commands_per_snapshot, len(self.exchange.state.orders))
        return since >= enough and (self._keeping is None or self._keeping.done())

    async def _take_snapshot(self) -> None:
        """Between two batches, so that the state stands still; the loop goes on meanwhile."""
        position, parts, pause = self.journal.end.count, [], time.monotonic_ns() + SLICE_NS
        for part in self.exchange.snapshot_parts():
            parts.append(part)
            if time.monotonic_ns() > pause:
                await asyncio.sleep(0)
                pause = time.monotonic_ns() + SLICE_NS
        try:
            await asyncio.get_running_loop().run_in_executor(self._disk, self.journal.rotate)
        except OSError as error:
            log.warning("no snapshot this time: %s", error)
        else:
            self._keeping = self._keeper.submit(self._keep, position, parts)

    def _keep(self, position: int, parts: list[bytes]) -> None:
        """Put a snapshot on disk, after the history that its commands have made."""
        try:
            self.history.settle()
            self.journal.write_snapshot(position, parts)
            self.journal.compress()
        except (OSError, sqlite3.Error) as error:
            log.warning("no snapshot this time, the journal goes on: %s", error)
