"""A log of recent requests per account, in memory: what the operator shows to explain a client."""

from collections import deque
from typing import Any

import msgspec

KEPT_PER_ACCOUNT = 1000


class RequestNote(msgspec.Struct):
    """One request as the venue saw it; names are those of the operator door."""

    ts: int
    key: str
    method: str
    path: str
    clOrdId: str
    tag: str
    code: str
    signatureHeld: bool


class RequestLog:
    """The last thousand requests of each account."""

    def __init__(self) -> None:
        self._notes: dict[str, deque[RequestNote]] = {}

    def add(self, uid: str, note: RequestNote) -> None:
        """Remember a request of the account; the oldest falls off."""
        self._notes.setdefault(uid, deque(maxlen=KEPT_PER_ACCOUNT)).append(note)

    def of(self, uid: str) -> list[dict[str, Any]]:
        """Newest first."""
        return [msgspec.to_builtins(note) for note in reversed(self._notes.get(uid, ()))]
