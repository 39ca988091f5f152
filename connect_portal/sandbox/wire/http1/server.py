"""All connections of a service: listening, looking after them, stopping."""

import asyncio
import socket
from typing import Protocol

from connect_portal.sandbox.wire.http1.connection import Connection
from connect_portal.sandbox.wire.http1.messages import Service

GRACE_S, ROUND_S = 1.0, 1.0


class Open(Protocol):
    """A connection, of whichever protocol."""

    def look_after(self, now: float) -> None:
        """End it where it has been idle for too long."""

    def shutdown(self) -> None:
        """Say goodbye and close."""


async def serve(service: Service, listening: socket.socket, stop: asyncio.Event) -> None:
    """Answer on a listening socket until `stop` is set, then finish what was asked."""
    connections: set[Open] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(service, connections), sock=listening)
    rounds = asyncio.create_task(_look_after(connections))
    try:
        await stop.wait()
    finally:
        rounds.cancel()
        server.close()
        for connection in tuple(connections):
            connection.shutdown()
        await _emptied(connections)


async def _look_after(connections: set[Open]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(ROUND_S)
        for connection in tuple(connections):
            connection.look_after(loop.time())


async def _emptied(connections: set[Open]) -> None:
    """Wait until nobody is left, but not for long."""
    until = asyncio.get_running_loop().time() + GRACE_S
    while connections and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.01)
