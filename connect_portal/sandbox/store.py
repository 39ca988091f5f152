"""The one writer of the exchange: a command is on disk before it happens and before it is answered.

Everything that changes the exchange goes through `submit`. Commands that wait together share one
disk sync. Reads look at `exchange` directly: it only ever contains what is on disk; what is over
is found in the history, which follows behind. When a timer of the exchange is due and nobody calls,
the store submits a tick.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from connect_portal.sandbox.alarm import Alarm
from connect_portal.sandbox.engine.commands import AnyCommand, Tick
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.errors import SandboxError, StoreUnavailable
from connect_portal.sandbox.history import UNFILLED_KEPT_MS, History, Record
from connect_portal.sandbox.journal import Journal
from connect_portal.sandbox.keeper import Keeper
from connect_portal.sandbox.lane import Lane
from connect_portal.sandbox.recovery import apply_safely, recover

log = logging.getLogger(__name__)
COMMANDS_PER_SYNC, TURNS_PER_SYNC = 500, 3
"""How many commands share a sync at most, and for how many turns of the loop those are waited for
whose request is arriving just now: a sync costs the same for one as for many."""
COMMANDS_PER_SNAPSHOT = 50_000
RETRY_MS, LONGEST_SLEEP_MS = 1000, 60_000
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
        self.unfilled_kept_ms = unfilled_kept_ms
        self.clock = clock
        self.listeners: list[Callable[[Outcome], None]] = []
        self.journal = Journal(folder)
        self.history = History(folder / "history.sqlite3")
        self.exchange = recover(self.journal, self.history)
        self._wake = asyncio.Event()
        self.keeper = Keeper(
            self.journal,
            self.history,
            self.exchange,
            commands_per_snapshot=commands_per_snapshot,
            unfilled_kept_ms=unfilled_kept_ms,
            wake_writer=self._wake.set,
        )
        self._happened = self.journal.end.count
        self._disk = Lane("journal")
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._side_tasks: list[asyncio.Task[None]] = []
        self._alarm, self._due = Alarm(), (0, 0)
        self._refuses = self._closing = False

    def start(self) -> None:
        """Begin to write; call inside the event loop."""
        self._writer = asyncio.create_task(self._write_forever())
        self._side_tasks = [
            asyncio.create_task(self._tick_forever()),
            asyncio.create_task(self.keeper.look_forever()),
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
        self, kind: type[Record], where: str, values: Sequence[object], limit: int
    ) -> list[Record]:
        """What is over, newest first, all acknowledged included; `where` as in `History.find`.

        Raises StoreUnavailable when the file cannot be read or written.
        """
        return await self.keeper.find(kind, where, values, limit)

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
        self._disk.stop()
        self.keeper.close()

    async def _write_forever(self) -> None:
        """While a batch goes to disk, the one before it, which is there, happens."""
        durable: Sequence[Waiting] = ()
        while self._waiting or durable or not self._closing:
            if not (self._waiting or durable):
                await self._wake.wait()
            self._wake.clear()
            if self.keeper.snapshot_is_due():
                self._carry_out(durable)
                durable = ()
                await self.keeper.take_snapshot(self._disk)
            for _ in range(TURNS_PER_SYNC):
                await asyncio.sleep(0)
            batch = self._waiting[:COMMANDS_PER_SYNC]
            del self._waiting[:COMMANDS_PER_SYNC]
            written = self._begin_to_write(batch) if batch else None
            self._carry_out(durable)
            durable = batch if written and await self._is_on_disk(batch, written) else ()

    def _begin_to_write(self, batch: Sequence[Waiting]) -> "asyncio.Future[None]":
        return self._disk.run(self.journal.append, [command for command, _ in batch])

    async def _is_on_disk(self, batch: Sequence[Waiting], written: "asyncio.Future[None]") -> bool:
        try:
            await written
        except Exception as error:
            self._refuse(batch, error)
            return False
        return True

    def _carry_out(self, batch: Sequence[Waiting]) -> None:
        """Let happen what is on disk now."""
        for command, future in batch:
            outcome = apply_safely(self.exchange, command)
            self._happened += 1
            self.history.follow(outcome, self._happened)
            self._tell(outcome)
            if not future.done():
                future.set_result(outcome)
        if batch and self._refuses:
            self._refuses = False
            log.warning("the journal goes on")
        due = (self.exchange.next_due or 0, self.exchange.state.offset_ms)
        if due != self._due:
            self._due = due
            self._alarm.reset()

    def _refuse(self, batch: Sequence[Waiting], error: Exception) -> None:
        """Acknowledge nothing of it; said in the log when it begins, not each time."""
        if not self._refuses:
            self._refuses = True
            log.error("%s", error)
        for _, future in batch:
            if not future.done():
                future.set_exception(StoreUnavailable(str(error)))
                future.exception()  # of many in one request only the first is looked at

    async def _tick_forever(self) -> None:
        while True:
            due = self.exchange.next_due
            wait = LONGEST_SLEEP_MS if due is None else due - self.business_ms()
            await self._alarm.sleep(min(wait, LONGEST_SLEEP_MS))  # the wall clock may be set
            if due is not None and due <= self.business_ms():
                try:
                    await self.submit(Tick())
                except SandboxError:  # the writer has said why
                    await Alarm().sleep(RETRY_MS)

    def _tell(self, outcome: Outcome) -> None:
        for listener in self.listeners:
            try:
                listener(outcome)
            except Exception:
                log.exception("a listener failed; the exchange goes on")
