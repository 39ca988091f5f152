"""A venue on loopback that answers by script, misbehaves on demand and remembers what it was asked.

Real sockets, so that what the client does about a cut body or a reset is what it does in earnest.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.faults.wire import JSON, misbehave


@dataclass(frozen=True)
class Reply:
    """One answer. `fault` is "" or what goes wrong: reset, cut, hang."""

    body: bytes = b'{"code":"0","msg":"","data":[]}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True)
class Asked:
    """One request as it arrived: `target` is path and query byte for byte."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


RESET = Reply(fault="reset")
CUT = Reply(fault="cut")
SILENCE = Reply(fault="hang")
THROTTLED = Reply(b'{"msg":"Too Many Requests","code":"50011"}', 429, {"Retry-After": "7"})
DOWN = Reply(b"<html>Service Unavailable</html>", 503)
STALE = Reply(b'{"msg":"Timestamp request expired","code":"50102"}', 401)

Conversation = Callable[[web.WebSocketResponse], Awaitable[None]]


class ScriptedVenue:
    """Answers each path from its own queue; a path without an answer left says 599."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.base_url = ""
        self.ws_url = ""
        self._replies: dict[str, deque[Reply]] = {}
        self._conversations: deque[Conversation] = deque()
        self.heard: list[list[str]] = []

    def answers(self, path: str, *replies: Reply) -> None:
        """Queue answers for a path."""
        self._replies.setdefault(path, deque()).extend(replies)

    def converses(self, *conversations: Conversation) -> None:
        """Queue one conversation for each connection to come."""
        self._conversations.extend(conversations)

    def targets(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.target for asked in self.asked]

    def application(self) -> web.Application:
        """The server side."""
        application = web.Application()
        application.router.add_get("/ws/v5/private", self._converse)
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(Asked(request.method, request.raw_path, dict(request.headers), body))
        queue = self._replies.get(request.path)
        reply = queue.popleft() if queue else Reply(b"the script is over", 599)
        if reply.fault:
            return await misbehave(request, reply.fault)
        return web.Response(
            body=reply.body, status=reply.status, headers=reply.headers, content_type=JSON
        )

    async def _converse(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoclose=False)
        await socket.prepare(request)
        self.heard.append([])
        await self._conversations.popleft()(socket)
        if not socket.closed:
            await socket.close()
        return socket

    async def hear(self, socket: web.WebSocketResponse) -> str:
        """The next text of the client, noted; "" once it has gone."""
        message = await socket.receive()
        if message.type is not WSMsgType.TEXT:
            return ""
        self.heard[-1].append(message.data)
        return str(message.data)


@contextmanager
def scripted_venue() -> Iterator[ScriptedVenue]:
    """Run a scripted venue on a free port in its own thread."""
    venue = ScriptedVenue()
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(venue.application(), shutdown_timeout=0.1)

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port: int = runner.addresses[0][1]
        return port

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    venue.base_url, venue.ws_url = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws/v5"
    try:
        yield venue
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
