"""A log of recent requests per account, in memory: what the operator shows to explain a client.

An order's way leads through here: a request is kept as the bytes that came and went, and read only
when the operator asks.
"""

import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from connect_portal.sandbox.engine.model import Key

KEPT_PER_ACCOUNT, LONGEST_TEXT, MOST_ITEMS, LONGEST_BODY = 1000, 64, 20, 32_768
INTENT = ("instId", "side", "ordType", "sz", "px", "triggerPx", "slTriggerPx", "tpTriggerPx")
"""What two requests have in common that want the same order."""
DECODER = msgspec.json.Decoder(float_hook=str)


class Note(msgspec.Struct, gc=False):
    """One request as the venue saw it: when (in milliseconds), by which key, whether that key's
    signature held, the JSON it gave and the JSON answered to its orders ("" = none)."""

    id: int
    ts: int
    key: str
    method: str
    path: str
    code: str
    held: bool
    given: bytes
    answer: bytes


class RequestLog:
    """The last thousand requests of each account, also those with a key that is gone by now."""

    def __init__(self) -> None:
        self._notes: dict[str, deque[Note]] = {}
        self._seen: dict[str, Key] = {}
        self._last_id = 0

    def note(
        self,
        key: Key,
        method: str,
        path: str,
        code: str,
        *,
        held: bool,
        given: bytes = b"",
        answer: bytes = b"",
    ) -> None:
        """Remember a request that names a key; the oldest falls off.

        Ids only grow, also over a restart: they are microseconds. What a very long request gave
        is not kept.
        """
        moment = time.time_ns()
        self._last_id = number = max(self._last_id + 1, moment // 1_000)
        notes = self._notes.get(key.uid)
        if notes is None:
            notes = self._notes[key.uid] = deque(maxlen=KEPT_PER_ACCOUNT)
        if len(given) > LONGEST_BODY:
            given = b""
        ts, by = moment // 1_000_000, key.api_key
        notes.append(Note(number, ts, by, method, path, code, held, given, answer))
        self._seen[by] = key

    def seen(self, api_key: str) -> Key | None:
        """A key that was used here once, whether it still works or not."""
        return self._seen.get(api_key)

    def of(self, uid: str, after: int = 0) -> list[dict[str, Any]]:
        """Newest first, those with a greater id than `after`; names are the operator door's."""
        notes = reversed(self._notes.get(uid, ()))
        return [_shown(note) for note in notes if note.id > after]


def _shown(note: Note) -> dict[str, Any]:
    """A note in words, with the ids and the tag of the first order among what it gave."""
    items = list(_orders(_read(note.given)))
    first = items[0] if items else {}
    return {
        "id": note.id,
        "ts": note.ts,
        "key": note.key,
        "method": note.method,
        "path": note.path,
        "clOrdId": _text(first, "clOrdId"),
        "clientId": _text(first, "algoClOrdId") or _text(first, "clOrdId"),
        "tag": _text(first, "tag"),
        "code": note.code,
        "signatureHeld": note.held,
        "items": [] if note.method == "GET" else _items(items, note),
    }


def _items(items: list[Mapping[str, Any]], note: Note) -> list[dict[str, str]]:
    """Each order with what was answered to it; to one of a request that was refused, its code."""
    answer = _read(note.answer)
    rows = answer["data"] if answer else []
    answered = rows if len(rows) == len(items) else [{}] * len(items)
    return [_item(item, row, note.code) for item, row in zip(items, answered, strict=True)]


def _item(item: Mapping[str, Any], row: Mapping[str, Any], code: str) -> dict[str, str]:
    """One order: the ids and the tag it named, what it wanted ("" but for new ones), and what was
    answered: its code and the tag given back."""
    wanted = [_text(item, name) for name in INTENT] if "side" in item else []
    return {
        "client_id": _text(item, "algoClOrdId") or _text(item, "clOrdId"),
        "order_id": _text(item, "ordId") or _text(row, "ordId") or _text(row, "algoId"),
        "tag": _text(item, "tag"),
        "intent": " ".join(filter(None, wanted)),
        "code": _text(row, "sCode") or code,
        "echo": _text(row, "tag"),
    }


def _read(body: bytes) -> Any:
    """The JSON of a body, None when it is none: a client may send anything."""
    try:
        return DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None


def _orders(given: Any) -> Iterator[Mapping[str, Any]]:
    """The objects among what was given, as far as the venue would look at them."""
    listed = given if isinstance(given, list) else [given]
    return (item for item in listed[:MOST_ITEMS] if isinstance(item, dict) and item)


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return str(value)[:LONGEST_TEXT] if isinstance(value, str | int) else ""
