"""What a client has not read yet, up to a bound."""

import asyncio
from collections import deque
from typing import Final

from starlette.websockets import WebSocket

MOST_UNREAD: Final = 4 << 20
"""Bytes that wait for one client."""


class Outbox:
    """The messages to one client, in order."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._texts: deque[str] = deque()
        self._size = 0
        self._filled = asyncio.Event()

    def put(self, text: str) -> bool:
        """Add a message; False when the client has let too much wait."""
        self._size += len(text)
        self._texts.append(text)
        self._filled.set()
        return self._size <= MOST_UNREAD

    async def write(self) -> None:
        """Send what is put in, for ever."""
        while True:
            await self._filled.wait()
            await self.flush()
            self._filled.clear()

    async def flush(self) -> None:
        """Send what is in."""
        while self._texts:
            # It leaves the queue when it is sent: whoever is cancelled before loses nothing.
            await self._socket.send_text(self._texts[0])
            self._size -= len(self._texts.popleft())
