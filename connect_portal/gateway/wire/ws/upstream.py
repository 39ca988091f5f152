"""One client's line to the venue: opened when it first listens to something, never opened again.

A line that is lost ends the client's connection: news of the account may have been missed, and
every client of this wire reads anew after it has reconnected.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from connect_portal.venue.errors import MalformedAnswer
from connect_portal.venue.port import Line
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Credentials

Show = Callable[[str], Awaitable[str]]
"""What of a message may be seen."""


class Upstream:
    """Passes subscriptions on, and what the venue says to them back."""

    def __init__(self, path: str, credentials: Credentials | None, show: Show | None) -> None:
        self._path = path
        self._credentials = credentials
        self._show = show
        self._waiting: asyncio.Queue[str] = asyncio.Queue()

    def send(self, text: str) -> None:
        """Pass a message on, in its turn."""
        self._waiting.put_nowait(text)

    async def run(self, tell: Callable[[str], None]) -> None:
        """Wait for the first message, then serve until the line is lost.

        Raises VenueError: KeyRefused when the key behind the grant is gone.
        """
        first = await self._waiting.get()
        async with venue().line(self._path, self._credentials) as line:
            await line.send(first)
            passing = asyncio.create_task(self._pass_on(line))
            try:
                while True:
                    if shown := await self._shown(await line.receive()):
                        tell(shown)
            finally:
                passing.cancel()
                await asyncio.gather(passing, return_exceptions=True)

    async def _pass_on(self, line: Line) -> None:
        while True:
            await line.send(await self._waiting.get())

    async def _shown(self, text: str) -> str:
        if self._show is None:
            return text
        try:
            return await self._show(text)
        except msgspec.MsgspecError as error:
            raise MalformedAnswer(f"unreadable push: {error}") from error
