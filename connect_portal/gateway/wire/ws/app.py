"""Lets clients in at `/ws/v5/*` and ends their connections the moment their grant ends.

Each connection lives in one process; every process watches over its own. The feed's bell makes an
end heard at once, and looking again each moment finds whatever rang no bell.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from django.db import DatabaseError
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from connect_portal.authorizations.actions import STANDING_TOPIC, note_use
from connect_portal.authorizations.errors import TokenRefused
from connect_portal.authorizations.queries import Bearer, bearers
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire.carriers import Carrier, client_address
from connect_portal.gateway.wire.means import Means
from connect_portal.gateway.wire.watched import watch_login
from connect_portal.gateway.wire.ws import limits
from connect_portal.gateway.wire.ws.channels import PATHS
from connect_portal.gateway.wire.ws.connection import Connection
from connect_portal.gateway.wire.ws.endings import BROKEN, GONE
from connect_portal.gateway.wire.ws.filtered import Tag, tag_at_venue
from connect_portal.gateway.wire.ws.instruments import Instruments
from connect_portal.gateway.wire.ws.login import caller_of
from connect_portal.gateway.wire.ws.operations import Operations
from connect_portal.kit import feed
from connect_portal.kit.callers import is_allowed
from connect_portal.kit.databases import in_database
from connect_portal.venue.types import Environment

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.5
LOOK_AGAIN_S: Final = 0.05
"""Between two looks, however often the bell rings: it rings for every grant of the site."""
BLIND_S: Final = 3.0
"""For how long connections stay open while nobody can tell whether their grants stand."""


class Sockets:
    """The connections of this process; `open` runs while the process serves."""

    def __init__(self) -> None:
        self._here: set[Connection] = set()
        self._running: set[object] = set()
        self._means: Means | None = None
        self._instruments: Instruments | None = None

    @asynccontextmanager
    async def open(self, means: Means) -> AsyncIterator[None]:
        """Use the gateway's means, and watch, while this is open."""
        self._means, self._instruments = means, Instruments(means.way)
        rung = asyncio.Event()
        works = (_listen(rung), self._watch(rung))
        watching = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, *self._running, return_exceptions=True)
            self._means = self._instruments = None

    async def serve(self, socket: WebSocket) -> None:
        """Serve one client to its end, or turn it away."""
        path = socket.path_params["path"]
        if path not in PATHS:
            return await socket.send_denial_response(Response(status_code=404))
        if self._means is None or not self._has_room(client_address(socket.scope)):
            return await socket.send_denial_response(Response(status_code=503))
        connection = Connection(socket, path, self)
        self._here.add(connection)
        try:
            await connection.serve()
        finally:
            self._here.discard(connection)
        return None

    async def admit(self, token: str, carrier: Carrier) -> Bearer:
        """Whom a token speaks for. Raises Refused: what `caller_of` raises, 60014 for a connection
        too many of its grant, 63999 when nobody can tell."""
        assert self._means is not None
        try:
            caller = await caller_of(self._means, token, carrier)
            await in_database(note_use)(caller.grant_id, carrier.address)
        except Refused as refused:
            watch_login(self._means, token, refused.code)
            raise
        except DatabaseError as error:
            log.error("a login is refused, the database is away: %s", error)
            raise Refused("63999") from error
        if caller.environment is Environment.DEMO:
            watch_login(self._means, token, "0")
        others = [one for one in self._here if one.grant_id == caller.grant_id]
        if len(others) >= limits.OF_A_GRANT:
            raise Refused("60014")
        return caller

    def operations(self) -> Operations:
        """The order operations of a new connection."""
        assert self._means is not None
        assert self._instruments is not None
        return Operations(self._means, self._instruments, self._running)

    def tags_for(self, caller: Bearer) -> Tag:
        """Asks for tags with the key behind a grant."""
        assert self._means is not None
        return partial(tag_at_venue, self._means.way, caller)

    def _has_room(self, address: str) -> bool:
        strangers = [one for one in self._here if one.bearer is None]
        neighbours = sum(one.carrier.address == address for one in strangers)
        return (
            len(self._here) < limits.IN_ALL
            and len(strangers) < limits.FOR_ANYBODY
            and neighbours < limits.OF_AN_ADDRESS
        )

    async def _watch(self, rung: asyncio.Event) -> None:
        """Look at every grant when the bell rings, and each moment; never stop looking."""
        seen_at = time.monotonic()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), LOOK_EVERY_S)
            await asyncio.sleep(LOOK_AGAIN_S)
            rung.clear()
            try:
                async with asyncio.timeout(BLIND_S):
                    await self._end_what_is_over()
                seen_at = time.monotonic()
            except Exception as error:
                log.error("nobody can tell which grants stand: %r", error)
                if time.monotonic() - seen_at > BLIND_S:
                    self._end_all()

    async def _end_what_is_over(self) -> None:
        held = [one for one in self._here if one.bearer is not None]
        if not held:
            return
        standing = await in_database(bearers)({one.token for one in held})
        for one in held:
            found = standing[one.token]
            if isinstance(found, TokenRefused):
                one.end(GONE, Refused(found.venue_code))
            elif not is_allowed(one.carrier.address, found.addresses):
                one.end(GONE, Refused("53014", one.carrier.address))

    def _end_all(self) -> None:
        for one in self._here:
            if one.bearer is not None:
                one.end(BROKEN, Refused("50001"))


async def _listen(rung: asyncio.Event) -> None:
    async for _ in feed.listen(STANDING_TOPIC):
        rung.set()


sockets = Sockets()
routes = [WebSocketRoute("/ws/v5/{path:path}", sockets.serve)]
