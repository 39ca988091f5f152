"""HTTP/1.1 on one TCP connection: requests are answered in the order asked, one at a time.

What comes before its turn waits, and no more is read meanwhile. What is no HTTP is answered in the
service's own shape, and then the connection ends.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterator
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any, cast

from connect_portal.sandbox.wire.http1.messages import Answer, HungUp, Request, Service
from connect_portal.sandbox.wire.http1.reader import Misread, Reader, Upgrade

log = logging.getLogger(__name__)
IDLE_S, LINGER_S = 60.0, 5.0
TLS_HELLO = b"\x16\x03"
STATUS_LINES = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}


class Connection(asyncio.Protocol):
    """One client; `connections` are all that are open, and whoever keeps them looks after them."""

    def __init__(self, service: Service, connections: set[Any]) -> None:
        self._service, self._connections = service, connections
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._reader: Reader
        self._waiting: deque[Request | Answer] = deque()
        self._work: asyncio.Task[None] | None = None
        self._deaf = self._has_heard_all = self._lingers = self._is_paused = False
        self._room: asyncio.Event | None = None  # while the client does not read
        self._active = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        ip = str(peer[0]) if isinstance(peer, tuple) else ""
        self._reader = Reader(ip, self._take, self._encourage)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone; what it has asked is carried out all the same."""
        self._connections.discard(self)
        self._deaf = True
        self._waiting.clear()
        self.resume_writing()

    def eof_received(self) -> bool:
        """The client says no more; True while it still waits for answers."""
        if self._reader.is_inside and not self._deaf:
            self._refuse(self._reader.place)
        self._deaf = self._has_heard_all = True
        return self._work is not None

    def pause_writing(self) -> None:
        """The client does not read."""
        self._room = asyncio.Event()

    def resume_writing(self) -> None:
        """It reads again, or is gone."""
        if self._room is not None:
            self._room.set()
            self._room = None

    def data_received(self, data: bytes) -> None:
        """Bytes of requests."""
        if self._deaf:
            return
        try:
            self._reader.feed(data)
        except Misread as misread:
            if data.startswith(TLS_HELLO):
                self._transport.close()  # whoever speaks TLS would not understand the answer
            else:
                self._refuse(str(misread))
        except Upgrade as upgrade:
            self._hand_over(*upgrade.args)

    def look_after(self, now: float) -> None:
        """End what has been idle for too long; called now and then."""
        quiet = now - self._active
        unread = self._room is not None and quiet > IDLE_S
        if unread or (self._lingers and quiet > LINGER_S):
            self._transport.abort()
        elif self._work is None and not self._lingers and quiet > IDLE_S:
            if self._reader.is_inside:
                self._refuse(self._reader.place)
            else:
                self._transport.close()

    def shutdown(self) -> None:
        """The server stops: what has been asked is answered."""
        self._deaf = True
        if self._work is None:
            self._transport.close()

    def _take(self, asked: Request | Answer) -> None:
        """Answer it now or in its turn."""
        if self._deaf or self._transport.is_closing():
            return
        self._active = self._loop.time()
        self._deaf = not isinstance(asked, Request) or asked.is_last
        self._waiting.append(asked)
        if self._work is None:
            self._work = self._loop.create_task(self._answer_all())
        elif not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def _refuse(self, part: str) -> None:
        """Say what is wrong, and listen no more."""
        if not self._deaf:
            self._take(self._service.misread(part))

    def _encourage(self) -> None:
        """Tell a client that waits for it to send its body."""
        if self._work is None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                asked = self._waiting.popleft()
                answer = asked if isinstance(asked, Answer) else await self._service.answer(asked)
                if isinstance(answer.body, bytes):
                    self._send(_whole(answer, answer.body, asked, is_last=self._is_last))
                else:
                    await self._send_parts(answer, answer.body, asked)
                if self._room is not None:
                    await self._room.wait()
                if self._is_paused and not self._waiting:
                    self._read_on()
        except HungUp:
            self._transport.abort()
        except Exception:
            log.exception("an answer broke its connection")
            self._transport.abort()
        self._work = None
        if self._deaf:
            self._end()

    @property
    def _is_last(self) -> bool:
        return self._deaf and not self._waiting

    async def _send_parts(
        self, answer: Answer, parts: Iterator[bytes], asked: Request | Answer
    ) -> None:
        """Send it as fast as the client reads."""
        in_chunks = not (isinstance(asked, Request) and asked.is_old)
        framing = b"transfer-encoding: chunked\r\n" if in_chunks else b""
        self._send(_head(answer, framing, is_last=self._is_last))
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            if part:
                self._send(b"%x\r\n%b\r\n" % (len(part), part) if in_chunks else part)
            if self._room is not None:
                await self._room.wait()
            if self._transport.is_closing():
                return
        if in_chunks:
            self._send(b"0\r\n\r\n")

    def _send(self, block: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(block)
            self._active = self._loop.time()

    def _read_on(self) -> None:
        self._is_paused = False
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def _end(self) -> None:
        """Close, but not on a client that may still send: that would overtake our last words."""
        if self._has_heard_all or self._transport.is_closing():
            self._transport.close()
        else:
            self._lingers = True
            self._transport.write_eof()

    def _hand_over(self, request: bytes, rest: bytes) -> None:
        """Let another protocol go on with the connection."""
        if self._work is not None:  # an opening must not overtake the answers before it
            return self._refuse("header")
        self._connections.discard(self)
        socket = self._service.open_socket(self._connections)
        self._transport.set_protocol(socket)
        socket.connection_made(self._transport)
        socket.data_received(request)
        if rest:  # frames are heard once the opening has been answered
            socket.data_received(rest)
        return None


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return f"date: {formatdate(second, usegmt=True)}\r\n".encode()


def _whole(answer: Answer, body: bytes, asked: Request | Answer, *, is_last: bool) -> bytes:
    head = _head(answer, b"content-length: %d\r\n" % len(body), is_last=is_last)
    return head if isinstance(asked, Request) and asked.method == "HEAD" else head + body


def _head(answer: Answer, framing: bytes, *, is_last: bool) -> bytes:
    return b"%bcontent-type: %b\r\n%b%b%b\r\n" % (
        STATUS_LINES[answer.status],
        answer.kind,
        _date(int(time.time())),
        framing,
        b"connection: close\r\n" if is_last else b"",
    )
