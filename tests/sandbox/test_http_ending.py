"""How the exchange ends connections: idle ones, half requests, clients that do not leave."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from connect_portal.sandbox.wire.http1.connection import IDLE_S, LINGER_S, Connection
from connect_portal.sandbox.wire.http1.messages import Answer, Request

ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Work = Callable[[Connection, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Clerk:
    """Answers everybody the same, once it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.may.set()

    async def answer(self, request: Request) -> Answer:
        await self.may.wait()
        return Answer(b"answered")

    def misread(self, part: str) -> Answer:
        return Answer(part.encode(), 400)

    def open_socket(self, connections: set[Any]) -> Any:
        raise AssertionError


def with_connection(work: Work) -> None:
    """Run `work` on both ends of a connection."""

    async def run() -> None:
        connections: set[Any] = set()
        loop = asyncio.get_running_loop()
        clerk = Clerk()
        server = await loop.create_server(lambda: Connection(clerk, connections), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        while not connections:
            await asyncio.sleep(0)
        (connection,) = connections
        connection.clerk = clerk
        await asyncio.wait_for(work(connection, reader, writer), 20)
        writer.close()
        server.close()

    asyncio.run(run())


def later(seconds: float) -> float:
    """So many seconds from now on the loop's clock."""
    return asyncio.get_running_loop().time() + seconds


def test_idle_connection_is_closed_without_a_word() -> None:
    async def idle(connection: Any, reader: Any, writer: Any) -> None:
        connection.look_after(later(IDLE_S - 1))
        writer.write(ASKED)
        assert (await reader.readuntil(b"answered")).startswith(b"HTTP/1.1 200 ")
        connection.look_after(later(IDLE_S + 1))
        assert await reader.read() == b""

    with_connection(idle)


@pytest.mark.parametrize(
    ("sent", "part"),
    [(b"GET / HT", b"header"), (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf", b"body")],
)
def test_half_a_request_is_refused_when_no_more_comes(sent: bytes, part: bytes) -> None:
    async def stop_half_way(connection: Any, reader: Any, writer: Any) -> None:
        writer.write(sent)
        while not connection._reader.is_inside:
            await asyncio.sleep(0)
        connection.look_after(later(IDLE_S + 1))
        said = await reader.read()
        assert said.startswith(b"HTTP/1.1 400 ")
        assert said.endswith(b"\r\n\r\n" + part)

    with_connection(stop_half_way)


def test_connection_under_way_is_not_idle() -> None:
    async def wait_for_the_answer(connection: Any, reader: Any, writer: Any) -> None:
        connection.clerk.may.clear()
        writer.write(ASKED)
        while connection._work is None:
            await asyncio.sleep(0)
        connection.look_after(later(IDLE_S * 10))
        connection.shutdown()
        connection.clerk.may.set()
        assert (await reader.read()).endswith(b"answered")

    with_connection(wait_for_the_answer)


def test_client_that_does_not_leave_is_cut_off() -> None:
    async def stay(connection: Any, reader: Any, writer: Any) -> None:
        writer.write(b"BREW / HTTP/1.1\r\n\r\n")
        assert (await reader.read()).endswith(b"method")
        connection.look_after(later(LINGER_S + 1))
        while connection in connection._connections:
            await asyncio.sleep(0)

    with_connection(stay)
