"""Rooms: everyone who listens to the same topic. What is said in one is framed once for all."""

from typing import Any, Protocol

import msgspec

from connect_portal.sandbox.wire.ws.socket import text_frame
from connect_portal.sandbox.wire.ws.topics import Topic


class Listener(Protocol):
    """A connection as a room sees it."""

    def send(self, frame: bytes) -> None:
        """Send a frame; must not block, and may leave the room."""


class Room:
    """The listeners of one topic."""

    __slots__ = ("_head", "listeners", "topic")

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.listeners: set[Listener] = set()
        self._head = b'{"arg":' + msgspec.json.encode(topic.arg())

    def tell(self, body: bytes) -> None:
        """Send to everyone what follows `arg` in a push."""
        frame = self._frame(body)
        for listener in tuple(self.listeners):
            listener.send(frame)

    def welcome(self, listener: Listener, bodies: list[bytes]) -> None:
        """Send to one listener only."""
        for body in bodies:
            listener.send(self._frame(body))

    def _frame(self, body: bytes) -> bytes:
        return text_frame(b"".join((self._head, body, b"}")))


def data(rows: list[Any], **beside: Any) -> bytes:
    """The part of a push that follows `arg`: what stands beside the rows, and the rows."""
    return b"," + msgspec.json.encode({**beside, "data": rows})[1:-1]
