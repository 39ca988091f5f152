"""What a request is carried out with, opened once per process: the way to the venue, the database,
prices, and the hand that notes outcomes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError

from connect_portal.gateway.actions import Told, note_outcomes
from connect_portal.gateway.wire.prices import Prices
from connect_portal.gateway.wire.rates import Rates, open_rates
from connect_portal.kit.databases import AsyncDatabase, open_async_database
from connect_portal.venue.port import Forwarder
from connect_portal.venue.registry import venue

log = logging.getLogger(__name__)

LINGER_S: Final = 0.02


class Notebook:
    """Writes outcomes one statement after the other: what comes meanwhile shares the next one.

    Nobody waits for an outcome that frees nothing, so it waits for others a little: a crash before
    it is written leaves its decision among the unanswered, where the sweep looks.
    """

    def __init__(self, database: AsyncDatabase) -> None:
        self._database = database
        self._waiting: list[Told] = []
        self._news = asyncio.Event()
        self._written = asyncio.get_running_loop().create_future()
        self._lingering: asyncio.TimerHandle | None = None

    def note(self, told: Sequence[Told]) -> None:
        """Note these outcomes soon."""
        self._waiting += told
        if self._lingering is None:
            loop = asyncio.get_running_loop()
            self._lingering = loop.call_later(LINGER_S, self._news.set)

    async def caught_up(self) -> None:
        """Wait until all that is known is written, or the database was away: the sweep looks
        later."""
        self._news.set()
        await asyncio.shield(self._written)

    async def write_forever(self) -> None:
        """Until cancelled; what is waiting then is still written by `close`."""
        while await self._news.wait():
            self._news.clear()
            await self._write()

    async def close(self, writing: "asyncio.Task[None]") -> None:
        """Stop ``writing`` and note what is left."""
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await self._write()

    async def _write(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        waiting, self._waiting = self._waiting, []
        written, self._written = self._written, asyncio.get_running_loop().create_future()
        try:
            if waiting:
                await note_outcomes(self._database, waiting)
        except DatabaseError as error:
            ids = [told.decision_id for told in waiting]
            log.error("the outcome of decisions %s is not noted: %s", ids, error)
        finally:
            if not written.done():
                written.set_result(None)


@dataclass(frozen=True, slots=True)
class Means:
    """Everything a request needs beside itself."""

    way: Forwarder
    database: AsyncDatabase
    prices: Prices
    notebook: Notebook
    rates: Rates
    _later: set[asyncio.Future[None]]

    def later(self, work: Awaitable[None]) -> None:
        """Do something that nobody waits for, once its caller was answered."""
        task = asyncio.ensure_future(work)
        self._later.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Future[None]) -> None:
        self._later.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("what was to be done later failed: %r", error)


@asynccontextmanager
async def open_means() -> AsyncIterator[Means]:
    """The means while a process serves; outcomes that wait at its end are written."""
    async with (
        venue().forwarder() as way,
        open_async_database() as database,
        open_rates() as rates,
    ):
        notebook = Notebook(database)
        writing = asyncio.create_task(notebook.write_forever())
        tasks: set[asyncio.Future[None]] = set()
        try:
            yield Means(way, database, Prices(way), notebook, rates, tasks)
        finally:
            await asyncio.gather(*tasks, return_exceptions=True)
            await notebook.close(writing)
