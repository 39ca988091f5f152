"""A log of recent requests per account, in memory: what the operator shows to explain a client."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connect_portal.sandbox.engine.model import Key

KEPT_PER_ACCOUNT, LONGEST_TEXT, MOST_ITEMS = 1000, 64, 20
INTENT = ("instId", "side", "ordType", "sz", "px", "triggerPx", "slTriggerPx", "tpTriggerPx")
"""What two requests have in common that want the same order."""


class ItemNote(msgspec.Struct, gc=False):
    """One order of a request: the ids and the tag it named, what it wanted ("" but for new ones),
    and what was answered: its code and the tag given back."""

    client_id: str
    order_id: str
    tag: str
    intent: str
    code: str
    echo: str


class RequestNote(msgspec.Struct, gc=False):
    """One request as the venue saw it; names are those of the operator door. Ids only grow, also
    over a restart: they are microseconds."""

    id: int
    ts: int
    key: str
    method: str
    path: str
    clOrdId: str
    clientId: str
    tag: str
    code: str
    signatureHeld: bool
    items: tuple[ItemNote, ...] = ()


class RequestLog:
    """The last thousand requests of each account, also those with a key that is gone by now."""

    def __init__(self) -> None:
        self._notes: dict[str, deque[RequestNote]] = {}
        self._seen: dict[str, Key] = {}
        self._last_id = 0

    def note(
        self,
        key: Key,
        method: str,
        path: str,
        given: Any,
        code: str,
        *,
        held: bool,
        rows: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Remember a request that names a key; the oldest falls off.

        `given` are its parameters, or the items of which the first one is shown; `rows` is what
        was answered to the orders among them.
        """
        listed = given if isinstance(given, list) else [given]
        items = [item for item in listed[:MOST_ITEMS] if isinstance(item, dict) and item]
        first = items[0] if items else {}
        moment = time.time_ns()
        self._last_id = max(self._last_id + 1, moment // 1_000)
        note = RequestNote(
            id=self._last_id,
            ts=moment // 1_000_000,
            key=key.api_key,
            method=method,
            path=path,
            clOrdId=_text(first, "clOrdId"),
            clientId=_text(first, "algoClOrdId") or _text(first, "clOrdId"),
            tag=_text(first, "tag"),
            code=code,
            signatureHeld=held,
            items=() if method == "GET" else _items(items, rows, code),
        )
        notes = self._notes.get(key.uid)
        if notes is None:
            notes = self._notes[key.uid] = deque(maxlen=KEPT_PER_ACCOUNT)
        notes.append(note)
        self._seen[key.api_key] = key

    def seen(self, api_key: str) -> Key | None:
        """A key that was used here once, whether it still works or not."""
        return self._seen.get(api_key)

    def of(self, uid: str, after: int = 0) -> list[dict[str, Any]]:
        """Newest first, those with a greater id than `after`."""
        notes = reversed(self._notes.get(uid, ()))
        return [msgspec.to_builtins(note) for note in notes if note.id > after]


def _items(
    items: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], code: str
) -> tuple[ItemNote, ...]:
    answered = rows if len(rows) == len(items) else [{}] * len(items)
    return tuple(_item(item, row, code) for item, row in zip(items, answered, strict=True))


def _item(item: Mapping[str, Any], row: Mapping[str, Any], code: str) -> ItemNote:
    wanted = [_text(item, name) for name in INTENT] if "side" in item else []
    return ItemNote(
        client_id=_text(item, "algoClOrdId") or _text(item, "clOrdId"),
        order_id=_text(item, "ordId") or _text(row, "ordId") or _text(row, "algoId"),
        tag=_text(item, "tag"),
        intent=" ".join(filter(None, wanted)),
        code=_text(row, "sCode") or code,
        echo=_text(row, "tag"),
    )


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return str(value)[:LONGEST_TEXT] if isinstance(value, str | int) else ""
