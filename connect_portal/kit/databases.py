"""How asynchronous code reaches the database: in a few threads, and letting go each time."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")

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
