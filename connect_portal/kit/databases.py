"""How asynchronous code reaches the database: in a few threads, letting go each time, or where a
caller waits for every millisecond in SQL of its own on the event loop."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, LiteralString, ParamSpec, TypeAlias, TypeVar

import psycopg
from asgiref.sync import sync_to_async
from django.db import OperationalError, close_old_connections, connection
from psycopg_pool import AsyncConnectionPool

P = ParamSpec("P")
R = TypeVar("R")
Values: TypeAlias = Sequence[Any] | Mapping[str, Any]

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

    Each statement is a transaction of its own. Raises Django's OperationalError, as the ORM would
    when the database is away.
    """

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def rows(self, statement: LiteralString, values: Values) -> list[tuple[Any, ...]]:
        """What ``statement`` returns, nothing if it returns nothing."""
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(statement, values)
                return await cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:  # PoolTimeout is one
            raise OperationalError(str(error)) from error

    async def read(self, statement: LiteralString, values: Values) -> list[tuple[Any, ...]]:
        """The same for what may be asked twice: connections that broke meanwhile are replaced."""
        try:
            return await self.rows(statement, values)
        except OperationalError:
            await self._pool.check()
            return await self.rows(statement, values)


@asynccontextmanager
async def open_async_database(most: int = 8) -> AsyncIterator[AsyncDatabase]:
    """Up to ``most`` connections of this event loop's own, closed on leaving.

    They are opened when they are needed, so that a process starts while the database is away.
    """
    pool = AsyncConnectionPool(
        kwargs=_connection_arguments() | {"autocommit": True, "prepare_threshold": 2},
        min_size=1,
        max_size=most,
        timeout=5,
        open=False,
    )
    await pool.open()
    try:
        yield AsyncDatabase(pool)
    finally:
        await pool.close()


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
