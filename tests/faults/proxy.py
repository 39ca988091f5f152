"""A proxy on loopback between the venue client and a live exchange that spoils answers on demand.

It forwards bytes as they are until a rule says otherwise, so whatever a test sees without a rule
is the exchange itself. A rule has a path prefix, a fault and how often it strikes.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession, DummyCookieJar, WSMsgType, web
from yarl import URL

from tests.faults.wire import JSON, misbehave

Rows = list[dict[str, Any]]
CLOCK = "/sandbox/v1/clock"
KEPT_HEADERS = ("content-type", "retry-after")


@dataclass(frozen=True)
class Fault:
    """What goes wrong: another answer altogether, spoilt rows, or trouble on the wire."""

    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    spoil: Callable[[Rows], Rows] | None = None
    wire: str = ""


def without(name: str) -> Fault:
    """The newest row lacks a field."""
    return Fault(spoil=lambda rows: _newest(rows, lambda row: row.pop(name)))


def with_value(name: str, value: Any) -> Fault:
    """The newest row says something else in a field."""
    return Fault(spoil=lambda rows: _newest(rows, lambda row: row.update({name: value})))


THROTTLED = Fault(429, b'{"msg":"Too Many Requests","code":"50011"}', {"Retry-After": "7"})
DOWN = Fault(503, b"Service Unavailable")
MAINTENANCE = Fault(503, b'{"code":"50001","data":[],"msg":"Service temporarily unavailable"}')
KEY_GONE = Fault(401, b'{"msg":"Invalid OK-ACCESS-KEY","code":"50111"}')
FORBIDDEN_ADDRESS = Fault(401, b'{"msg":"Your IP is not on the whitelist","code":"50110"}')
HTML = Fault(200, b"<html><title>Just a moment...</title></html>", {"Content-Type": "text/html"})
WRONG_TYPES = Fault(200, b'{"code":0,"msg":"","data":{"billId":1}}')
NULL = Fault(200, b"null")
HANG = Fault(wire="hang")
RESET = Fault(wire="reset")
CUT = Fault(wire="cut")
DOUBLED = Fault(spoil=lambda rows: [row for row in rows for _ in range(2)][:100])
REVERSED = Fault(spoil=lambda rows: rows[::-1])
ONE_DROPPED = Fault(spoil=lambda rows: rows[:1] + rows[2:])
EMPTY = Fault(spoil=lambda rows: [])
NO_KEYS = Fault(spoil=lambda rows: [{"instId": row["instId"]} for row in rows])
MUDDLED = Fault(spoil=lambda rows: [row | {"fee": 1.5} for row in rows])


@dataclass
class Rule:
    """A fault for targets that begin with `prefix`, if need be for one key or later pages only."""

    prefix: str
    fault: Fault
    times: int
    only_later_pages: bool = False
    only_key: str = ""

    def strikes(self, target: str, api_key: str) -> bool:
        """Whether the fault comes now; each time counts."""
        if not self.times or not target.startswith(self.prefix):
            return False
        if self.only_later_pages and "after" not in parse_qs(urlsplit(target).query):
            return False
        if self.only_key not in ("", api_key):
            return False
        self.times -= 1
        return True


class Proxy:
    """The rules, what was asked for, and the push connections that pass through.

    Readings of the business clock are not kept: every process asks again when its copy is old, so
    they can fall between any two lines of a test.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.base_url = self.ws_url = ""
        self.asked: list[tuple[str, str]] = []
        self.rules: list[Rule] = []
        self.silent = False
        self.logins = 0
        self.sockets: set[web.WebSocketResponse] = set()
        self._loop = asyncio.new_event_loop()

    def spoil(self, prefix: str, fault: Fault, *, times: int = 1, **only: Any) -> Rule:
        """Let `fault` strike the next `times` requests whose target begins with `prefix`."""
        self.rules.append(Rule(prefix, fault, times, **only))
        return self.rules[-1]

    def clear(self) -> None:
        """Forget all rules and what was asked."""
        self.rules.clear()
        self.asked.clear()
        self.silent, self.logins = False, 0

    def asked_by(self, api_key: str) -> list[str]:
        """The targets that a key asked for, in order."""
        return [target for key, target in self.asked if key == api_key]

    def drop_sockets(self) -> None:
        """Cut every push connection."""

        async def drop() -> None:
            for socket in list(self.sockets):
                await socket.close(code=1012)

        asyncio.run_coroutine_threadsafe(drop(), self._loop).result(10)

    def fall_silent(self) -> None:
        """Swallow everything that the exchange says on push connections."""
        self.silent = True

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Forward one request, unless a rule strikes."""
        key, target = request.headers.get("OK-ACCESS-KEY", ""), request.raw_path
        if not target.startswith(CLOCK):
            self.asked.append((key, target))
        fault = next((rule.fault for rule in self.rules if rule.strikes(target, key)), Fault())
        if fault.wire:
            return await misbehave(request, fault.wire)
        if fault.status:
            headers = {"Content-Type": JSON} | fault.headers
            return web.Response(status=fault.status, body=fault.body, headers=headers)
        status, body, headers = await self._ask_upstream(request)
        if fault.spoil:
            envelope = json.loads(body)
            body = json.dumps(envelope | {"data": fault.spoil(envelope["data"])}).encode()
        return web.Response(status=status, body=body, headers=headers)

    async def _ask_upstream(self, request: web.Request) -> tuple[int, bytes, dict[str, str]]:
        dropped = ("host", "content-length", "transfer-encoding", "accept-encoding")
        sent = {k: v for k, v in request.headers.items() if k.lower() not in dropped}
        url = URL(self.upstream + request.raw_path, encoded=True)
        async with ClientSession(cookie_jar=DummyCookieJar()) as session:
            data = await request.read()
            async with session.request(request.method, url, headers=sent, data=data) as far:
                kept = {k: v for k, v in far.headers.items() if k.lower() in KEPT_HEADERS}
                return far.status, await far.read(), kept

    async def converse(self, request: web.Request) -> web.WebSocketResponse:
        """Forward a push connection in both directions, or swallow what the exchange says."""
        near = web.WebSocketResponse()
        await near.prepare(request)
        self.sockets.add(near)
        try:
            async with ClientSession() as session:
                url = self.upstream.replace("http", "ws", 1) + request.raw_path
                async with session.ws_connect(url) as far:
                    back = asyncio.create_task(self._bring_back(far, near))
                    async for message in near:
                        self.logins += '"login"' in message.data
                        await far.send_str(message.data)
                    back.cancel()
        finally:
            self.sockets.discard(near)
        return near

    async def _bring_back(self, far: Any, near: web.WebSocketResponse) -> None:
        async for message in far:
            if message.type is WSMsgType.TEXT and not self.silent:
                await near.send_str(message.data)
        await near.close(code=far.close_code or 1006)


@contextmanager
def proxied(upstream: str) -> Iterator[Proxy]:
    """Run a proxy to `upstream` on a free port in its own thread."""
    proxy = Proxy(upstream)
    application = web.Application()
    application.router.add_get("/ws/v5/{path}", proxy.converse)
    application.router.add_route("*", "/{path:.*}", proxy.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)

    async def start() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    loop = proxy._loop
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    proxy.base_url, proxy.ws_url = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws/v5"
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_leave(runner), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _leave(runner: web.AppRunner) -> None:
    await runner.cleanup()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _newest(rows: Rows, change: Callable[[dict[str, Any]], object]) -> Rows:
    for row in rows[:1]:
        change(row)
    return rows
