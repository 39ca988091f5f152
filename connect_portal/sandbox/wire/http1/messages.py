"""A request and an answer as whole things, and who answers: what both sides of the HTTP share."""

from collections.abc import Awaitable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import unquote

import httptools
import msgspec

BODY_LIMIT, PATIENCE = 1 << 20, 1 << 26
"""Of a body this much is kept, and this much is listened to."""
JSON = b"application/json"
NOTHING: Mapping[str, str] = MappingProxyType({})


class HungUp(Exception):
    """The connection is to end without an answer."""


class Request(msgspec.Struct):
    """One request. Names of headers are in lower case; of two with one name the last counts.

    `target` is path and query as sent: that is what a signature covers. A body longer than
    BODY_LIMIT is not there, and `is_too_long` says so. After one that `is_last` nothing is heard;
    one that `is_old` is HTTP/1.0 and does not know chunks. `named` are the parts of the path that
    have names.
    """

    ip: str
    method: str
    target: bytes
    path: str
    headers: Mapping[bytes, bytes]
    body: bytes = b""
    named: Mapping[str, str] = NOTHING
    is_last: bool = False
    is_old: bool = False
    is_too_long: bool = False

    @property
    def query(self) -> str:
        """What is behind the question mark, as sent."""
        return self.target.partition(b"?")[2].decode("latin-1")

    def header(self, name: bytes) -> str:
        """A header's text, "" when it is not there."""
        return self.headers.get(name, b"").decode("latin-1")


class Answer(msgspec.Struct):
    """One answer: a body at once, or in parts that block while they are made."""

    body: bytes | Iterator[bytes]
    status: int = 200
    kind: bytes = JSON


class Service(Protocol):
    """Whoever answers."""

    def answer(self, request: Request) -> Awaitable[Answer]:
        """The answer to a request. Raises HungUp and nothing else."""

    def misread(self, part: str) -> Answer:
        """What to say to what is no HTTP; `part` is its method, header or body."""

    def open_socket(self, connections: set[Any]) -> Any:
        """The protocol of a connection that asks for a WebSocket; it is asked again from there."""


def path_of(target: bytes) -> str:
    """The path of a target, percent signs decoded."""
    text = target.partition(b"?")[0].decode("latin-1")
    return unquote(text) if "%" in text else text


def origin_form(target: bytes) -> bytes:
    """Path and query, also of a target that names its host, as proxies are asked; RFC 9112 3.2."""
    if target.startswith(b"/"):
        return target
    try:
        parsed = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        return target
    path = parsed.path or b""
    return path + b"?" + parsed.query if parsed.query else path
