"""A log of recent requests per account, in memory: what the operator shows to explain a client."""

import time
from collections import deque
from typing import Any

import msgspec

from connect_portal.sandbox.engine.model import Key

KEPT_PER_ACCOUNT, LONGEST_TEXT = 1000, 64


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

    def note(self, key: Key, method: str, path: str, given: Any, code: str, *, held: bool) -> None:
        """Remember a request that names a key; the oldest falls off.

        `given` are its parameters, or the items of which the first one is shown.
        """
        first = given[0] if isinstance(given, list) and given else given
        item = first if isinstance(first, dict) else {}
        note = RequestNote(
            ts=time.time_ns() // 1_000_000,
            key=key.api_key,
            method=method,
            path=path,
            clOrdId=str(item.get("clOrdId") or "")[:LONGEST_TEXT],
            tag=str(item.get("tag") or "")[:LONGEST_TEXT],
            code=code,
            signatureHeld=held,
        )
        notes = self._notes.get(key.uid)
        if notes is None:
            notes = self._notes[key.uid] = deque(maxlen=KEPT_PER_ACCOUNT)
        notes.append(note)

    def of(self, uid: str) -> list[dict[str, Any]]:
        """Newest first."""
        return [msgspec.to_builtins(note) for note in reversed(self._notes.get(uid, ()))]
