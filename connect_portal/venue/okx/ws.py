"""The private push channel: login, subscribe to orders, tell the caller to look, keep alive,
come back after a break.

https://www.okx.com/docs-v5/en/#overview-websocket. Order of events on one connection: connect,
login, subscribe, Connected, pushes. Whatever ends it is a VenueError; only one that is not
retryable ends `follow`.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import aiohttp
import msgspec
from msgspec import Raw, Struct

from connect_portal.kit import clock
from connect_portal.venue.errors import (
    ClockSkewed,
    KeyRefused,
    MalformedAnswer,
    Unavailable,
    VenueError,
)
from connect_portal.venue.okx import parse
from connect_portal.venue.okx.errors import KEY_CHANGED_CLOSE, LOGIN_FAILED, refusal
from connect_portal.venue.okx.reader import OkxReader
from connect_portal.venue.okx.sign import login_argument
from connect_portal.venue.port import VenueEvent
from connect_portal.venue.types import Connected, Credentials, Disconnected, VenuePush

OPEN_TIMEOUT_S = 10.0
SILENCE_BEFORE_PING_S = 15.0
PONG_TIMEOUT_S = 10.0
CONNECT_GAP_S = 0.34
FIRST_WAIT_S = 1.0
# Short, for the pace already spares the venue: it is what a live page waits after an outage.
LONGEST_WAIT_S = 15.0
MAX_MESSAGE_BYTES = 1024 * 1024

SUBSCRIBE = {"op": "subscribe", "args": [{"channel": "orders", "instType": "ANY"}]}


class Message(Struct):
    """Any text from the venue but `pong`: an event, or a push when `event` is empty."""

    event: str = ""
    code: str = ""
    msg: str = ""
    data: list[Raw] = []


_message = msgspec.json.Decoder(Message)


class ConnectPace:
    """Spaces new connections: OKX allows three a second from one address."""

    def __init__(self, gap_s: float = CONNECT_GAP_S) -> None:
        self.gap_s = gap_s
        self._next_at = 0.0

    def reserve(self, now: float) -> float:
        """Take the next free moment; returns the seconds until it comes."""
        mine = max(now, self._next_at)
        self._next_at = mine + self.gap_s
        return mine - now

    async def wait(self) -> None:
        """Sleep until it is this connection's turn."""
        await asyncio.sleep(self.reserve(time.monotonic()))


class OrdersChannel:
    """One account's pushes over one connection after another."""

    def __init__(
        self,
        reader: OkxReader,
        url: str,
        credentials: Credentials,
        *,
        pace: ConnectPace,
        silence_s: float = SILENCE_BEFORE_PING_S,
        pong_s: float = PONG_TIMEOUT_S,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        self.reader = reader
        self.url = url
        self.credentials = credentials
        self.pace = pace
        self.silence_s = silence_s
        self.pong_s = pong_s
        self.first_wait_s = first_wait_s

    async def follow(self) -> AsyncGenerator[VenueEvent, None]:
        """Events for ever; raises the first refusal that is not retryable."""
        breaks = 0
        while True:
            try:
                async with aclosing(self._listen()) as events:
                    async for event in events:
                        breaks = 0
                        yield event
            except VenueError as error:
                if not error.retryable:
                    raise
                retry_in = wait_before_retry(error, breaks, first_wait_s=self.first_wait_s)
                yield Disconnected(code=error.code, reason=error.message, retry_in=retry_in)
                breaks += 1
                await asyncio.sleep(retry_in)

    async def _listen(self) -> AsyncGenerator[Connected | VenuePush, None]:
        """One connection, from opening to whatever ends it."""
        await self.pace.wait()
        try:
            async with self.reader.session.ws_connect(
                self.url, max_msg_size=MAX_MESSAGE_BYTES, timeout=_closing_quickly()
            ) as socket:
                async with asyncio.timeout(OPEN_TIMEOUT_S):
                    await self._log_in(socket)
                    await self._subscribe(socket)
                yield Connected(clock.now())
                while True:
                    for push in _pushes(await self._next_message(socket)):
                        yield push
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(f"the push channel broke ({type(error).__name__})") from error

    async def _log_in(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        argument = login_argument(self.credentials, now=self.reader.clock.now())
        await socket.send_json({"op": "login", "args": [argument]})
        try:
            await self._await_event(socket, "login")
        except ClockSkewed:
            await self.reader.learn_clock()
            raise
        except Unavailable as error:
            if error.venue_code == LOGIN_FAILED:
                # "Login failed." says nothing of why; REST tells a dead key from a bad moment.
                await self.reader.key_report(self.credentials)
            raise

    async def _subscribe(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.send_json(SUBSCRIBE)
        await self._await_event(socket, "subscribe")

    async def _await_event(self, socket: aiohttp.ClientWebSocketResponse, event: str) -> None:
        while (await self._next_message(socket)).event != event:
            pass

    async def _next_message(self, socket: aiohttp.ClientWebSocketResponse) -> Message:
        """The next text that is not a pong, asking for a sign of life when it is quiet."""
        text = await self._next_text(socket)
        while text == "pong":
            text = await self._next_text(socket)
        return _understand(text)

    async def _next_text(self, socket: aiohttp.ClientWebSocketResponse) -> str:
        try:
            return _text_of(await socket.receive(timeout=self.silence_s))
        except TimeoutError:
            await socket.send_str("ping")
            return _text_of(await socket.receive(timeout=self.pong_s))


def wait_before_retry(error: VenueError, breaks: int, *, first_wait_s: float) -> float:
    """Seconds to wait after `breaks` failures in a row: doubling, half of it by chance so that
    many accounts do not come back together, and never less than the venue asked for."""
    longest = min(LONGEST_WAIT_S, first_wait_s * 2 ** min(breaks, 16))
    wait = random.uniform(longest / 2, longest)
    return max(wait, error.retry_after or 0.0)


def _closing_quickly() -> aiohttp.ClientWSTimeout:
    # A venue that stopped answering will not answer our closing frame either.
    return aiohttp.ClientWSTimeout(ws_close=1.0)


def _text_of(frame: aiohttp.WSMessage) -> str:
    if frame.type is aiohttp.WSMsgType.TEXT:
        text: str = frame.data
        return text
    if frame.type is aiohttp.WSMsgType.CLOSE and frame.data == KEY_CHANGED_CLOSE:
        raise KeyRefused("the key was changed or deleted", venue_code=str(frame.data))
    raise Unavailable(f"the venue closed the push channel ({frame.type.name} {frame.data})")


def _understand(text: str) -> Message:
    """Raises what an error event or a notice stands for."""
    try:
        message = _message.decode(text)
    except parse.UNREADABLE as error:
        raise MalformedAnswer(f"unreadable message: {error}") from error
    if message.event in ("error", "notice", "channel-conn-count-error"):
        raise refusal(message.code, message.msg or message.event)
    return message


def _pushes(message: Message) -> list[VenuePush]:
    try:
        return [parse.push(raw) for raw in message.data]
    except parse.UNREADABLE as error:
        raise MalformedAnswer(f"unreadable push: {error}") from error
