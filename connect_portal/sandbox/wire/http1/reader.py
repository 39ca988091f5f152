"""From the bytes of a connection to requests: RFC 9112, by llhttp. No I/O."""

from collections.abc import Callable

import httptools

from connect_portal.sandbox.wire.http1.messages import (
    BODY_LIMIT,
    PATIENCE,
    Request,
    origin_form,
    path_of,
)

HEAD_LIMIT = 1 << 16
CONTINUE = b"100-continue"


class Misread(Exception):
    """It is no HTTP; the message names the part that is wrong."""


class Upgrade(Exception):
    """A request asks for a WebSocket: its bytes, and what came behind it."""


class Reader:
    """Reads one connection from `ip` and gives each request to `take`.

    `encourage` is called when a client waits to be told that it may send its body.
    """

    def __init__(
        self, ip: str, take: Callable[[Request], None], encourage: Callable[[], None]
    ) -> None:
        self._ip, self._take, self._encourage = ip, take, encourage
        self._parser = httptools.HttpRequestParser(self)
        self._request: Request | None = None  # once its head is complete
        self._url, self._headers = b"", dict[bytes, bytes]()
        self._parts, self._size = list[bytes](), 0
        self._heard = self._beside = 0  # of the body in these bytes, and what came beside all of it
        self._in_head = self._has_ended = False

    @property
    def is_inside(self) -> bool:
        """Whether a request has begun and not ended."""
        return self._in_head or self._request is not None

    @property
    def place(self) -> str:
        """The part of a request that is read now; its first line is of the header."""
        return "header" if self._in_head else "body"

    def feed(self, data: bytes) -> None:
        """Read on. Raises Misread, and Upgrade when another protocol takes over."""
        while data:
            self._has_ended, self._heard = False, 0
            try:
                self._parser.feed_data(data)
                rest = b""
            except httptools.HttpParserUpgrade as upgrade:
                rest = data[upgrade.args[0] :]
                if self._request is not None:
                    raise Upgrade(self._head_again(self._request), rest) from upgrade
            except httptools.HttpParserInvalidMethodError as error:
                raise Misread("method") from error
            except httptools.HttpParserError as error:
                raise Misread(self.place) from error
            self._bound(len(data) - len(rest))
            data = rest

    def on_message_begin(self) -> None:
        """llhttp: the first byte of a request."""
        self._url, self._headers = b"", {}
        self._in_head, self._size = True, 0

    def on_url(self, url: bytes) -> None:
        """llhttp: the target or a part of it."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """llhttp: a header. Those behind a body are lost: nobody may sign with them."""
        if self._in_head:
            self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """llhttp: the empty line."""
        parser, version = self._parser, self._parser.get_http_version()
        if version == "0.9":
            raise Misread("header")
        target, headers = origin_form(self._url), self._headers
        request = Request(self._ip, parser.get_method().decode(), target, path_of(target), headers)
        request.is_old = version == "1.0"
        request.is_last = request.is_old or not parser.should_keep_alive()
        self._request, self._headers = request, {}
        self._in_head, self._size, self._beside, self._parts = False, 0, 0, []
        if headers.get(b"expect", b"").lower() == CONTINUE:
            self._encourage()

    def on_body(self, body: bytes) -> None:
        """llhttp: a part of the body. What is too long is heard without being kept, for a while.

        A client that is answered while it still sends sees a broken connection, not the answer.
        """
        if self._request is None:
            return
        self._size += len(body)
        self._heard += len(body)
        if self._size <= BODY_LIMIT:
            self._parts.append(body)
        else:
            self._parts.clear()
            self._request.is_too_long = True
        if self._size > PATIENCE:
            self._request.is_last = True
            self.on_message_complete()

    def on_message_complete(self) -> None:
        """llhttp: the last byte of a request."""
        request = self._request
        if request is None or (self._parser.should_upgrade() and _wants_socket(request)):
            return
        parts, self._request, self._has_ended = self._parts, None, True
        request.body = parts[0] if len(parts) == 1 else b"".join(parts)
        self._take(request)

    def _bound(self, length: int) -> None:
        """Raises Misread for a head, or for what comes beside a body, that does not end. Of bytes
        in which another request ended nobody knows which are whose: it counts from the next on."""
        if self._has_ended:
            return
        if self._in_head:
            self._size += length
            if self._size > HEAD_LIMIT:
                raise Misread("header")
        elif self._request is not None:
            self._beside += length - self._heard
            if self._beside > BODY_LIMIT:
                raise Misread("body")

    def _head_again(self, request: Request) -> bytes:
        lines = [request.method.encode(), b" ", request.target, b" HTTP/1.1\r\n"]
        for name, value in request.headers.items():
            lines += [name, b": ", value, b"\r\n"]
        return b"".join((*lines, b"\r\n"))


def _wants_socket(request: Request) -> bool:
    """RFC 6455 section 4.1: it is a GET. With another method the wish is passed over."""
    wanted = request.headers.get(b"upgrade", b"").lower()
    return wanted == b"websocket" and request.method == "GET"
