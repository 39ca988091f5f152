"""The web process before clients whose requests do not end."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from connect_portal.kit.serving import MOST_UNREAD

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


async def count(request: Request) -> PlainTextResponse:
    """How long the body was."""
    return PlainTextResponse(f"{len(await request.body())} bytes")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A site that counts what is sent to it."""
    site = Starlette(routes=[Route("/", count, methods=["POST"])])
    protocol = "connect_portal.kit.serving:BoundedHead"
    config = uvicorn.Config(site, port=0, http=protocol, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def line(port: int) -> Iterator[socket.socket]:
    """A connection to it."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        yield line


def answer(line: socket.socket) -> bytes:
    """The next piece that comes back."""
    return line.recv(65_536)


def pour(line: socket.socket, beginning: bytes) -> bytes:
    """Send a beginning and go on until one byte more came than is read; all that comes back until
    the line is closed."""
    line.sendall(beginning.ljust(MOST_UNREAD + 1, b"a"))
    said = b""
    while piece := answer(line):
        said += piece
    return said


@pytest.mark.parametrize("beginning", [HEAD + b"X-Long: ", b"POST /", HEAD + b"Cookie: a\r\nX"])
def test_a_head_that_does_not_end_is_refused_and_the_line_closed(
    line: socket.socket, beginning: bytes
) -> None:
    assert pour(line, beginning).startswith(b"HTTP/1.1 431 ")


def test_a_large_body_after_an_ordinary_head_is_none_of_its_business(line: socket.socket) -> None:
    body = b"a" * 4 * MOST_UNREAD
    for _ in range(2):
        line.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        said = answer(line)
        while b"bytes" not in said:
            said += answer(line)
        assert said.endswith(b"%d bytes" % len(body))


def test_a_second_request_on_a_line_is_bounded_too(line: socket.socket) -> None:
    line.sendall(HEAD + b"Content-Length: 1\r\n\r\na")
    assert b"200 OK" in answer(line)
    assert b"431" in pour(line, HEAD + b"X-Long: ")
