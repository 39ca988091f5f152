"""One client's line to the venue: opened when it first listens to something, never opened again.

A line that is lost ends the client's connection: news of the account may have been missed, and
every client of this wire reads anew after it has reconnected.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec

from connect_portal.gateway.errors import Refused
from connect_portal.venue.errors import MalformedAnswer
from connect_portal.venue.port import Line
from connect_portal.venue.registry import venue
from connect_portal.venue.types import AccountKey, Environment

Show = Callable[[str], Awaitable[str]]
"""What of a message may be seen."""

PATIENCE_S: Final = 5.0
MOST_WAITING: Final = 64


class Event(msgspec.Struct):
    """A message of the venue that is no push."""

    event: str = ""


_event: Final = msgspec.json.Decoder(Event)


class Upstream:
    """Passes subscriptions on, and what the venue says to them back."""

    def __init__(
        self,
        path: str,
        credentials: AccountKey | None,
        environment: Environment,
        show: Show | None,
    ) -> None:
        self._where = path, credentials, environment
        self._show = show
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._unanswered = 0
        self._settled = asyncio.Event()

    def send(self, text: str, arguments: int) -> None:
        """Pass a message on, in its turn; each of its arguments is answered by one event.

        Raises Refused (60014) when too many wait.
        """
        try:
            self._waiting.put_nowait(text)
        except asyncio.QueueFull as error:
            raise Refused("60014") from error
        self._unanswered += arguments
        self._settled.clear()

    async def settle(self) -> None:
        """Wait until what was passed on is answered: an order sent after a subscription is heard
        of. A venue that is slow to answer keeps nobody for long, and nobody twice."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._settled.wait(), PATIENCE_S)
        self._settled.set()

    async def run(self, tell: Callable[[str], None]) -> None:
        """Wait for the first message, then serve until the line is lost.

        Raises VenueError: KeyRefused when the key behind the grant is gone.
        """
        first = await self._waiting.get()
        async with venue().line(*self._where) as line:
            await line.send(first)
            passing = asyncio.create_task(self._pass_on(line))
            try:
                while True:
                    text = await line.receive()
                    if shown := await self._shown(text):
                        tell(shown)
                    self._note_answer(text)
            except msgspec.MsgspecError as error:
                raise MalformedAnswer(f"unreadable message: {error}") from error
            finally:
                passing.cancel()
                await asyncio.gather(passing, return_exceptions=True)

    async def _pass_on(self, line: Line) -> None:
        while True:
            await line.send(await self._waiting.get())

    def _note_answer(self, text: str) -> None:
        if self._unanswered and '"event"' in text:
            answer = _event.decode(text)
            self._unanswered -= answer.event in ("subscribe", "unsubscribe", "error")
        if not self._unanswered:
            self._settled.set()

    async def _shown(self, text: str) -> str:
        if self._show is None:
            return text
        return await self._show(text)
