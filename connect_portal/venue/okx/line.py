"""One connection to the venue's sockets: opened at a pace, logged in, kept alive.

For `ws`, which listens to one account, and for whoever passes messages on both ways (`port.Line`).
Whatever ends a connection is a VenueError. https://www.okx.com/docs-v5/en/#overview-websocket
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
from msgspec import Raw, Struct

from connect_portal.venue.errors import ClockSkewed, KeyRefused, MalformedAnswer, Unavailable
from connect_portal.venue.okx import parse
from connect_portal.venue.okx.errors import KEY_CHANGED_CLOSE, LOGIN_FAILED, refusal
from connect_portal.venue.okx.reader import OkxReader
from connect_portal.venue.okx.sign import login_argument
from connect_portal.venue.types import AccountKey

OPEN_TIMEOUT_S = 10.0
SILENCE_BEFORE_PING_S = 15.0
PONG_TIMEOUT_S = 10.0
CONNECT_GAP_S = 0.34
MAX_MESSAGE_BYTES = 1024 * 1024


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


class OkxLine:
    """An open connection; `port.Line` on the v5 wire."""

    def __init__(
        self,
        reader: OkxReader,
        socket: aiohttp.ClientWebSocketResponse,
        *,
        silence_s: float,
        pong_s: float,
    ) -> None:
        self._reader = reader
        self._socket = socket
        self._silence_s = silence_s
        self._pong_s = pong_s

    async def log_in(self, credentials: AccountKey) -> None:
        """Log in. A stale clock is corrected for the next connection."""
        argument = login_argument(credentials, now=self._reader.clock.now())
        await self._socket.send_json({"op": "login", "args": [argument]})
        try:
            await self.await_event("login")
        except ClockSkewed:
            await self._reader.learn_clock()
            raise
        except Unavailable as error:
            if error.venue_code == LOGIN_FAILED:
                # "Login failed." says nothing of why; REST tells a dead key from a bad moment.
                await self._reader.key_report(credentials)
            raise

    async def send(self, text: str) -> None:
        """Send one message as it is."""
        await self._socket.send_str(text)

    async def receive(self) -> str:
        """The next text that is not a pong, asking for a sign of life when it is quiet."""
        text = await self._next_text()
        while text == "pong":
            text = await self._next_text()
        return text

    async def await_event(self, event: str) -> None:
        """Read on until this event; raises what an error event stands for."""
        while (await self.next_message()).event != event:
            pass

    async def next_message(self) -> Message:
        """The next message; raises what an error event or a notice stands for."""
        text = await self.receive()
        try:
            message = _message.decode(text)
        except parse.UNREADABLE as error:
            raise MalformedAnswer(f"unreadable message: {error}") from error
        if message.event in ("error", "notice", "channel-conn-count-error"):
            raise refusal(message.code, message.msg or message.event)
        return message

    async def _next_text(self) -> str:
        try:
            return _text_of(await self._socket.receive(timeout=self._silence_s))
        except TimeoutError:
            await self._socket.send_str("ping")
            return _text_of(await self._socket.receive(timeout=self._pong_s))


@asynccontextmanager
async def open_line(
    reader: OkxReader,
    url: str,
    credentials: AccountKey | None,
    *,
    pace: ConnectPace,
    silence_s: float = SILENCE_BEFORE_PING_S,
    pong_s: float = PONG_TIMEOUT_S,
) -> AsyncIterator[OkxLine]:
    """Connect when it is our turn and log in if there are credentials."""
    await pace.wait()
    try:
        async with reader.session.ws_connect(
            url, max_msg_size=MAX_MESSAGE_BYTES, timeout=_closing_quickly()
        ) as socket:
            line = OkxLine(reader, socket, silence_s=silence_s, pong_s=pong_s)
            if credentials is not None:
                async with asyncio.timeout(OPEN_TIMEOUT_S):
                    await line.log_in(credentials)
            yield line
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unavailable(f"the push channel broke ({type(error).__name__})") from error


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
