"""How asynchronous code reaches the database: in a few threads, letting go each time, or where a
caller waits for every millisecond in SQL of its own on the event loop."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final, LiteralString, ParamSpec, TypeAlias, TypeVar

import psycopg
from asgiref.sync import sync_to_async
from django.db import OperationalError, close_old_connections, connection

from connect_portal.kit.libpq import Rows, Wire, statement_of

P = ParamSpec("P")
R = TypeVar("R")
Values: TypeAlias = Mapping[str, Any]

PATIENCE_S: Final = 5.0
"""How long a statement waits for a connection."""
PLAN_ONCE: Final = "SET plan_cache_mode = force_generic_plan"
"""Statements find their rows by keys, whatever the values; to plan one costs ten times its run."""

_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="in-database")
"""Few, so that the connection pool always has some left for pages."""


def in_database(call: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """``call`` as a coroutine that holds a database connection only while it runs.

    A long-lived process has no requests whose end would return its connection to the pool, so
    each call does that itself; a connection that broke is replaced at the next call.
    """

    def held_briefly(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return call(*args, **kwargs)
        finally:
            close_old_connections()

    return sync_to_async(held_briefly, thread_sensitive=False, executor=_threads)


class AsyncDatabase:
    """SQL from an event loop: no thread and no ORM between a request and its answer.

    Each statement is a transaction of its own, its values written as ``%(name)s``; the server finds
    out their types, so one that stands alone in a SELECT needs a cast. Raises Django's
    OperationalError, as the ORM would when the database is away.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: set[Wire] = set()
        self._idle: list[Wire] = []
        self._opening = 0
        self._waiting: deque[asyncio.Future[Wire | None]] = deque()

    def rows(self, statement: LiteralString, values: Values) -> Awaitable[Rows]:
        """What ``statement`` returns, nothing if it returns nothing. It leaves at once where a
        connection is free, so that something else may be done before it is waited for."""
        if self._idle:
            return self._idle.pop().run(statement_of(statement), values)
        return self._rows_of_another(statement, values)

    async def _rows_of_another(self, statement: LiteralString, values: Values) -> Rows:
        try:
            wire = await self._another()
        except (psycopg.Error, TimeoutError) as error:
            raise OperationalError(str(error) or "all connections are busy") from error
        return await wire.run(statement_of(statement), values)

    async def read(self, statement: LiteralString, values: Values) -> Rows:
        """The same for what may be asked twice: a connection that broke meanwhile is replaced."""
        try:
            return await self.rows(statement, values)
        except OperationalError:
            return await self.rows(statement, values)

    def close(self) -> None:
        """End all connections."""
        for wire in tuple(self._open):
            wire.close()

    async def _another(self) -> Wire:
        """A fresh connection, or the next one that is free. Raises psycopg.Error, TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self._open) + self._opening >= self._most:
                if (freed := await self._freed_by_others()) is not None:
                    return freed
            self._opening += 1
            try:
                arguments = _connection_arguments() | {"autocommit": True}
                connection = await psycopg.AsyncConnection.connect(**arguments)
                await connection.execute(PLAN_ONCE)
                wire = Wire(connection, self._freed, self._ended)
            finally:
                self._opening -= 1
        self._open.add(wire)
        return wire

    async def _freed_by_others(self) -> Wire | None:
        """The next connection that is free; None once there is room for another."""
        waiter: asyncio.Future[Wire | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and (wire := waiter.result()):
                self._freed(wire)
            raise

    def _freed(self, wire: Wire) -> None:
        if not self._tell_who_waits(wire):
            self._idle.append(wire)

    def _ended(self, wire: Wire) -> None:
        self._open.discard(wire)
        if wire in self._idle:
            self._idle.remove(wire)
        self._tell_who_waits(None)

    def _tell_who_waits(self, wire: Wire | None) -> bool:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(wire)
                return True
        return False


@asynccontextmanager
async def open_async_database(most: int = 8) -> AsyncIterator[AsyncDatabase]:
    """Up to ``most`` connections of this event loop's own, closed on leaving.

    They are opened when they are needed, so that a process starts while the database is away.
    """
    database = AsyncDatabase(most)
    try:
        yield database
    finally:
        database.close()


def _connection_arguments() -> dict[str, Any]:
    """Where Django connects to, in libpq's words."""
    given = connection.settings_dict
    named = {
        "dbname": given["NAME"],
        "user": given["USER"],
        "password": given["PASSWORD"],
        "host": given["HOST"],
        "port": given["PORT"],
    }
    options = {name: value for name, value in given["OPTIONS"].items() if name != "pool"}
    return options | {name: value for name, value in named.items() if value}
