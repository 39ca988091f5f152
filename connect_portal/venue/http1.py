"""HTTP/1.1 to one host on connections that stay open: whole requests out, whole answers in.

For the order path, where a general client is most of what we add; used by `okx.forward` only.
A request is written once and never again: whoever hears `Lost` does not know whether it arrived.
Framing is llhttp's (RFC 9112); bodies come as they are, for nothing is said that would allow the
far side to encode them.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import urlsplit

import httptools

from connect_portal.venue import transport

CONNECTIONS: Final = 64
IDLE_S: Final = 15.0
"""How long an unused connection is kept: far sides end theirs later, and not under our request."""
HEAD_LIMIT: Final = 1 << 16
_LENGTHS: Final = {b"content-length", b"transfer-encoding"}
PLAIN: Final = (b"", b"identity")


class NotSent(Exception):
    """There is no connection: the far side cannot have seen the request."""


class Lost(Exception):
    """The request may have arrived, and no whole answer came.

    ``is_stale`` says that the connection had been open before and ended without a single byte.
    """

    def __init__(self, reason: str, *, is_stale: bool = False) -> None:
        super().__init__(reason)
        self.is_stale = is_stale


@dataclass(slots=True)
class Heard:
    """An answer. Names of headers are in lower case; of two with one name the last counts."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: bytes) -> str:
        """A header's text, "" where there was none."""
        return self.headers.get(name, b"").decode("latin-1")


class Host:
    """The connections to one host; `open_host` ends them."""

    def __init__(self, base_url: str) -> None:
        url = urlsplit(base_url)
        self._name = url.hostname or ""
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._port = url.port or (443 if self._tls else 80)
        self._host = "host: " + url.netloc.rpartition("@")[2]
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._coming = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def written(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> bytes:
        """A request as it goes to this host. Raises NotSent for a header that ends its line."""
        lines = [f"{method} {target} HTTP/1.1", self._host]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method != "GET":
            lines.append(f"content-length: {len(body)}")
        head = "\r\n".join((*lines, "\r\n"))
        if head.count("\r") != len(lines) + 1 or head.count("\n") != len(lines) + 1:
            raise NotSent("a header would end its line")
        return head.encode() + body

    async def ask(self, request: bytes) -> Heard:
        """The answer to one request, as `written`. Raises NotSent, Lost."""
        connection = self._free() or await self._connected()
        try:
            return await connection.ask(request)
        finally:
            self._back(connection)

    def close(self) -> None:
        """End all connections."""
        for connection in tuple(self._open):
            connection.end("closed")

    def _free(self) -> "Connection | None":
        """One that is open and was used lately."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_fresh:
                return connection
            connection.end("idle")
        return None

    async def _connected(self) -> "Connection":
        """A new connection, or the next that is free where there are enough."""
        try:
            async with asyncio.timeout(transport.CONNECT_TIMEOUT_S):
                while len(self._open) + self._coming >= CONNECTIONS:
                    await self._turn()
                    if (connection := self._free()) is not None:
                        return connection
                return await self._connect()
        except TimeoutError as error:
            raise NotSent("no connection in time") from error
        except OSError as error:
            raise NotSent(f"no connection ({type(error).__name__})") from error

    async def _connect(self) -> "Connection":
        self._coming += 1
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self._gone),
                self._name,
                self._port,
                ssl=self._tls,
                server_hostname=self._name if self._tls else None,
            )
        finally:
            self._coming -= 1
        if connection.is_over:
            raise ConnectionResetError("ended at once")
        self._open.add(connection)
        return connection

    async def _turn(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._wake_one()
            raise

    def _back(self, connection: "Connection") -> None:
        if not connection.is_over:
            self._idle.append(connection)
            self._wake_one()

    def _gone(self, connection: "Connection") -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._wake_one()

    def _wake_one(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return


@asynccontextmanager
async def open_host(base_url: str) -> AsyncIterator[Host]:
    """The connections to scheme, host and port of ``base_url``, closed on leaving."""
    host = Host(base_url)
    try:
        yield host
    finally:
        host.close()


class Connection(asyncio.Protocol):
    """One connection, which carries one request at a time; ``gone`` hears of its end."""

    def __init__(self, gone: Callable[["Connection"], None]) -> None:
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._parser: httptools.HttpResponseParser
        self._answer: asyncio.Future[Heard] | None = None
        self._heard = Heard()
        self._parts: list[bytes] = []
        self._size = 0
        self._is_used = self._is_inside = False
        self._last = self._asked_at = self._loop.time()
        self._patience: asyncio.TimerHandle | None = None
        self.is_over = False

    @property
    def is_fresh(self) -> bool:
        """Whether it was used lately, so that nobody is about to end it."""
        return not self.is_over and self._loop.time() - self._last < IDLE_S

    async def ask(self, request: bytes) -> Heard:
        """The answer to a whole request. Raises Lost; then the connection is over."""
        answer = self._answer = self._loop.create_future()
        self._size, self._asked_at = 0, self._loop.time()
        self._last = self._asked_at
        self._patience = self._loop.call_later(transport.READ_TIMEOUT_S, self._lose_patience)
        self._transport.write(request)
        try:
            return await answer
        except asyncio.CancelledError:
            self.end("given up")
            raise
        finally:
            self._patience.cancel()
            self._is_used = True

    def end(self, reason: str) -> None:
        """Close it; who waits for an answer has lost it."""
        if self.is_over:
            return
        self.is_over = True
        self._transport.abort()
        self._gone(self)
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(Lost(reason, is_stale=self._is_used and not self._size))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """It fell."""
        self.end(f"the connection ended ({type(exc).__name__})")

    def eof_received(self) -> None:
        """The far side says no more: an answer without a length ends so (RFC 9112, 6.3)."""
        if self._is_inside and not _LENGTHS & self._heard.headers.keys():
            self._tell()
        self.end("the connection ended")

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer."""
        if self._answer is None:
            return self.end("it speaks unasked")
        self._size += len(data)
        self._last = self._loop.time()
        if self._size > transport.MAX_BODY_BYTES + HEAD_LIMIT:
            return self.end("the answer is too large")
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.end(f"no HTTP ({type(error).__name__})")
        return None

    def on_message_begin(self) -> None:
        """llhttp: the first byte of an answer."""
        self._heard, self._parts = Heard(), []
        if self._answer is None:
            self.end("it speaks on")

    def on_header(self, name: bytes, value: bytes) -> None:
        """llhttp: a header."""
        self._heard.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """llhttp: the empty line."""
        self._heard.status = self._parser.get_status_code()
        self._is_inside = True

    def on_body(self, body: bytes) -> None:
        """llhttp: a part of the body."""
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """llhttp: the last byte. What comes before the answer proper (1xx) is let pass."""
        self._is_inside = False
        if self._heard.status < 200:
            return
        self._tell()
        if not self._parser.should_keep_alive():
            self.end("it said its last")

    def _tell(self) -> None:
        heard = self._heard
        if heard.headers.get(b"content-encoding", b"").lower() not in PLAIN:
            return self.end("the answer is encoded")
        heard.body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(heard)
        return None

    def _lose_patience(self) -> None:
        """The far side may be silent for so long, and take so long in all."""
        until = min(
            self._last + transport.READ_TIMEOUT_S, self._asked_at + transport.TOTAL_TIMEOUT_S
        )
        if self._loop.time() < until:
            self._patience = self._loop.call_at(until, self._lose_patience)
        else:
            self.end("no answer in time")
