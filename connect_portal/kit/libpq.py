"""One connection to PostgreSQL on the event loop itself: libpq's calls, and nothing around them.

Used by `databases.AsyncDatabase` only. A cursor of psycopg costs more than a short statement takes;
how values are written and read is still psycopg's.
https://www.psycopg.org/psycopg3/docs/api/pq.html
"""

import asyncio
import itertools
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, LiteralString, NamedTuple

import psycopg
from django.db import OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

PATIENCE_S: Final = 10.0
"""How long a statement may take; whoever does not answer by then is away."""
DONE: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)

Rows = list[tuple[Any, ...]]

_NAMED: Final = re.compile(r"%(?:\((\w+)\)s|%)")
_numbers: Final = itertools.count()


class Statement(NamedTuple):
    """A statement with numbers for values, the ``names`` of these in order, and its own name."""

    name: bytes
    text: bytes
    names: tuple[str, ...]
    formats: list[PyFormat]


@lru_cache(maxsize=256)
def statement_of(text: LiteralString) -> Statement:
    """``text`` with ``%(name)s`` for values, of which the server finds out the types."""
    places: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found[1]
        return f"${places.setdefault(name, len(places) + 1)}" if name else "%"

    numbered = _NAMED.sub(number, text)
    name = f"portal{next(_numbers)}".encode()
    return Statement(name, numbered.encode(), tuple(places), [PyFormat.TEXT] * len(places))


class Wire:
    """Runs one statement at a time, each prepared once; every one is a transaction of its own.

    ``freed`` is called when it can take the next one, ``ended`` when it never will.
    """

    def __init__(
        self,
        connection: psycopg.AsyncConnection,
        freed: Callable[["Wire"], None],
        ended: Callable[["Wire"], None],
    ) -> None:
        self._freed, self._ended = freed, ended
        self._loop = asyncio.get_running_loop()
        self._connection = connection  # keeps what it would finish
        self._pgconn = connection.pgconn
        self._transformer = Transformer(connection)
        self._prepared: set[bytes] = set()
        self._answer: asyncio.Future[Rows] | None = None
        self._next: tuple[bytes, list[Any]] | None = None  # behind its preparation
        self._result: PGresult | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._pgconn.nonblocking = 1
        self._socket = self._pgconn.socket
        self._loop.add_reader(self._socket, self._read)

    def run(self, statement: Statement, values: Mapping[str, Any]) -> "asyncio.Future[Rows]":
        """What the statement returns; it is on its way already. Raises OperationalError when what
        is returned is waited for; then the connection is gone as well."""
        answer = self._answer = self._loop.create_future()
        given = [values[name] for name in statement.names]
        try:
            texts = list(self._transformer.dump_sequence(given, statement.formats))
        except psycopg.Error as error:
            self._tell(OperationalError(str(error)))
            self._freed(self)
            return answer
        self._patience = self._loop.call_later(PATIENCE_S, self.close, "no answer in time")
        try:
            if statement.name in self._prepared:
                self._pgconn.send_query_prepared(statement.name, texts)
            else:
                self._next = statement.name, texts
                self._pgconn.send_prepare(statement.name, statement.text)
            self._flush()
        except psycopg.Error as error:
            self.close(str(error))
        return answer

    def close(self, reason: str = "closed") -> None:
        """End it; who waits for an answer hears the reason."""
        if self._socket < 0:
            return
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket = -1
        self._pgconn.finish()
        self._ended(self)
        self._tell(OperationalError(reason))

    def _flush(self) -> None:
        """Write what the socket takes; the rest when it takes more."""
        if self._pgconn.flush():
            self._loop.add_writer(self._socket, self._write)

    def _write(self) -> None:
        try:
            if not self._pgconn.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.Error as error:
            self.close(str(error))

    def _read(self) -> None:
        try:
            self._pgconn.consume_input()
            while self._answer is not None and not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is None:
                    self._complete()
                else:
                    self._result = result
        except psycopg.Error as error:
            self.close(str(error))

    def _complete(self) -> None:
        """The server has said all: go on to the statement behind its preparation, or tell."""
        result, self._result = self._result, None
        if result is None or result.status not in DONE:
            self.close(result.error_message.decode(errors="replace") if result else "no result")
        elif self._next is not None:
            (name, texts), self._next = self._next, None
            self._prepared.add(name)
            self._pgconn.send_query_prepared(name, texts)
            self._flush()
        else:
            self._transformer.set_pgresult(result)
            self._tell(self._transformer.load_rows(0, result.ntuples, tuple))
            self._freed(self)

    def _tell(self, said: Rows | OperationalError) -> None:
        answer, self._answer = self._answer, None
        if self._patience is not None:
            self._patience.cancel()
        if answer is None or answer.done():
            return
        if isinstance(said, OperationalError):
            answer.set_exception(said)
        else:
            answer.set_result(said)
