"""The web process's HTTP protocol for uvicorn: ``--http connect_portal.kit.serving:BoundedHead``.

uvicorn's own reads the head of a request for as long as one comes, which costs memory, and time
that grows with its square: everybody else on the event loop waits.
"""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_UNREAD: Final = 512 * 1024
"""Bytes that may arrive without completing a head: two of asyncio's reads."""
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\n"
    b"content-length: 0\r\n"
    b"\r\n"
)


class BoundedHead(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not end (RFC 6585, 5)."""

    _in_head = False
    _unread = 0

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._unread = True, 0

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has become too large."""
        super().data_received(data)
        if not self._in_head:
            return
        self._unread += len(data)
        if self._unread > MOST_UNREAD:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
