"""RFC 6455 on one TCP connection: opening, frames in and out, limits, closing.

A connection that asks for an upgrade is handed to a `Socket` with its request: a push then goes
from the exchange straight into the transport, and what many listen to is framed once for all of
them. Messages are not compressed. Knows nothing of what is said.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Protocol, cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from connect_portal.sandbox.wire.errors import CLOSINGS
from connect_portal.sandbox.wire.ws.limits import Limits, Pace

log = logging.getLogger(__name__)
RESTART, NOT_UTF8, SILENT, UNREAD, BROKEN = 1012, 1007, 4004, 4005, 4006
FAREWELL_S, LAST_WORDS_S = 10.0, 0.8


class Talk(Protocol):
    """Whoever speaks through a socket."""

    def hear(self, text: str) -> None:
        """A message came in."""

    def leave(self) -> None:
        """The socket is closed or closing; called once."""

    def finish(self, then: Callable[[], None]) -> None:
        """Nothing more will be heard: answer what was asked, then call back."""


class Host(Protocol):
    """Whoever lets sockets in."""

    limits: Limits
    pace: Pace

    def serves(self, target: str) -> bool:
        """Whether there is anything behind a request target."""

    def refusal(self, status: int) -> bytes:
        """The JSON that whoever is not let in is told with this status."""

    def talk(self, socket: "Socket", target: str) -> Talk:
        """Begin to talk through a socket that has just opened."""


class Socket(asyncio.Protocol):
    """One client's connection after its upgrade."""

    def __init__(self, host: Host, connections: set[Any]) -> None:
        self.address = ""
        self._host, self._connections, self._limits = host, connections, host.limits
        self._loop = asyncio.get_running_loop()
        self._wire = ServerProtocol(max_size=self._limits.message_size)
        self._transport: asyncio.Transport
        self._talk: Talk | None = None
        self._parts: list[bytes] = []
        self._opcode = Opcode.TEXT
        self._closing = self._deaf = self._waits = False
        self._early = b""
        self._active = self._loop.time()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def send(self, frame: bytes) -> None:
        """Send a frame of `text_frame`; a client that does not read is closed with 4005."""
        if self._closing:
            return
        self._transport.write(frame)
        self._active = self._loop.time()
        self._bound_unread()

    def close(self, code: int) -> None:
        """Say goodbye with a close code; whoever does not answer in time is cut off."""
        if self._closing:
            return
        self._end_talk()
        self._wire.send_close(code, CLOSINGS.get(code, ""))
        self._flush()

    def shutdown(self) -> None:
        """The server stops: what was asked is answered, unless that takes too long."""
        self._deaf = True
        if self._talk is None:
            return self._transport.close()
        self._timers["stop"] = self._loop.call_later(LAST_WORDS_S, self._stop)
        return self._talk.finish(self._stop)

    def _stop(self) -> None:
        if self._talk is not None:
            self.close(RESTART)
        self._transport.close()

    def look_after(self, now: float) -> None:
        """Nothing to do: it has timers of its own."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The TCP connection, whose upgrade request follows as data."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self._connections.add(self)

    def eof_received(self) -> None:
        """The client has left without a word."""
        self._end_talk()

    def connection_lost(self, exc: Exception | None) -> None:
        """The TCP connection is gone."""
        self._connections.discard(self)
        self._end_talk()
        for timer in self._timers.values():
            timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes of the upgrade request, later of frames."""
        self._active = self._loop.time()
        if self._waits:
            self._early += data
            return
        self._wire.receive_data(data)
        for event in self._wire.events_received():
            if isinstance(event, Request):
                self._greet(event)
            elif isinstance(event, Frame):
                self._take(event)
        self._flush()
        self._bound_unread()

    def _greet(self, request: Request) -> None:
        """Answer the upgrade request, now or when it is this address's turn."""
        response = self._wire.accept(request)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return self._turn_away(response)
        if not self._host.serves(request.path):
            return self._turn_away(self._wire.reject(HTTPStatus.NOT_FOUND, ""))
        wait = self._host.pace.reserve(self.address, self._loop.time())
        if wait is None:
            return self._turn_away(self._wire.reject(HTTPStatus.TOO_MANY_REQUESTS, ""))
        if wait:
            self._waits = True
            self._transport.pause_reading()
            self._timers["turn"] = self._loop.call_later(wait, self._accept, response, request)
        else:
            self._accept(response, request)
        return None

    def _turn_away(self, response: Response) -> None:
        """Refuse to open, in the words of the host."""
        body = self._host.refusal(response.status_code)
        for name, value in (
            ("Content-Length", str(len(body))),
            ("Content-Type", "application/json"),
        ):
            del response.headers[name]
            response.headers[name] = value
        self._wire.send_response(replace(response, body=body))

    def _accept(self, response: Response, request: Request) -> None:
        self._transport.resume_reading()
        self._wire.send_response(response)
        self._flush()
        self._talk = self._host.talk(self, request.path)
        self._active = self._loop.time()
        self._watch()
        early, self._early, self._waits = self._early, b"", False
        if early:
            self.data_received(early)

    def _take(self, frame: Frame) -> None:
        """Put a message together and pass it on."""
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._opcode, self._parts = frame.opcode, [bytes(frame.data)]
        elif frame.opcode is not Opcode.CONT:
            return
        elif frame.data:  # of pieces without content there may be any number
            self._parts.append(bytes(frame.data))
        if frame.fin and self._talk is not None and not self._deaf:
            self._pass_on(self._talk, b"".join(self._parts))

    def _pass_on(self, talk: Talk, message: bytes) -> None:
        self._parts = []
        try:
            text = message.decode()
        except UnicodeDecodeError:
            if self._opcode is Opcode.TEXT:
                return self.close(NOT_UTF8)
            text = message.decode(errors="replace")
        try:
            talk.hear(text)
        except Exception:
            log.exception("a message broke its connection")
            self.close(BROKEN)
        return None

    def _flush(self) -> None:
        """Write what the protocol itself has to say: answers to the opening, pongs, closings."""
        if output := b"".join(self._wire.data_to_send()):
            self._transport.write(output)
        if self._wire.close_expected():
            self._end_talk()
            if self._wire.eof_sent:
                self._hang_up()
            if "farewell" not in self._timers:
                self._timers["farewell"] = self._loop.call_later(FAREWELL_S, self._transport.abort)

    def _bound_unread(self) -> None:
        """Pongs and answers too must be read: whoever makes us say more all the same is cut off."""
        unread, most = self._transport.get_write_buffer_size(), self._limits.send_buffer
        if unread > most and not self._closing:
            self.close(UNREAD)
        elif unread > 2 * most:
            self._transport.abort()

    def _hang_up(self) -> None:
        """Say no more, but listen until the client has left: its last words would turn an early
        close into a reset, and the reset would overtake our closing frame."""
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _watch(self) -> None:
        """Close with 4004 once nothing was said in either direction for too long."""
        quiet = self._loop.time() - self._active
        if quiet >= self._limits.silence_s:
            return self.close(SILENT)
        wait = self._limits.silence_s - quiet
        self._timers["silence"] = self._loop.call_later(wait, self._watch)
        return None

    def _end_talk(self) -> None:
        talk, self._talk, self._closing = self._talk, None, True
        if talk is not None:
            talk.leave()


def text_frame(payload: bytes) -> bytes:
    """An unmasked text frame, as a server sends it."""
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
