"""The grammar of an event and its hash: pure rules, no Django.

A hash covers the canonical JSON of everything in the event but its number, and the hash before
it. The number stays outside, so that `queries` can tell a moved row from a rewritten one.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from connect_portal.audit.errors import BadEvent

ORIGIN = "0" * 64
"""What the first event names as the hash before it."""

_TAG = re.compile(r"[a-z][a-z0-9_]*(?::[a-z][a-z0-9_]*){2}")
_ACTOR = re.compile(r"[a-z][a-z0-9_]*(?::[A-Za-z0-9._-]+)?")
_SUBJECT = re.compile(r"[a-z][a-z0-9_]*:[A-Za-z0-9._-]+")
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_SECRET_NAMES = re.compile(r"(?:.*_)?(?:password|passphrase|secret|token|private_key)")


def check_words(*, tag: str, actor: str, subject: str) -> None:
    """Refuse (BadEvent) a tag, actor or subject outside the grammar.

    A tag is `source:subject:action`; an actor is a word or `word:id`; a subject is `word:id`.
    """
    for grammar, name, value in ((_TAG, "tag", tag), (_ACTOR, "actor", actor)):
        if not grammar.fullmatch(value):
            raise BadEvent(f"{value!r} is no {name}")
    if not _SUBJECT.fullmatch(subject):
        raise BadEvent(f"{subject!r} is no subject")


def instant(at: datetime) -> str:
    """Return an aware time as UTC ISO 8601 with microseconds: `2026-11-22T10:00:00.000000Z`."""
    if at.tzinfo is None:
        raise BadEvent(f"{at} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """Return `value` in JSON's own types, exactly: amounts and times become strings.

    Refuses (BadEvent) floats, which are not exact; names that promise a secret; text that
    PostgreSQL cannot keep; and types without an agreed spelling.
    """
    match value:
        case None | bool() | int():
            return value
        case str():
            if _UNWRITABLE.search(value):
                raise BadEvent("text with a NUL or half a character cannot be kept")
            return str(value)
        case Decimal():
            return _decimal(value)
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return {_name(key): plain(item) for key, item in value.items()}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [plain(item) for item in value]
    raise BadEvent(f"{type(value).__name__} has no exact spelling in an event")


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise BadEvent(f"{value} is no amount")
    return format(value, "f")


def _name(key: Any) -> str:
    if not isinstance(key, str):
        raise BadEvent(f"{key!r} is no name for data")
    if _SECRET_NAMES.fullmatch(key.lower()):
        raise BadEvent(f"{key!r} sounds like a secret, and the trail keeps none")
    return str(plain(key))


def event_hash(
    *, previous_hash: str, at: datetime, tag: str, actor: str, subject: str, data: Any
) -> str:
    """Return the SHA-256 (64 hex digits) of the event's canonical JSON.

    Canonical: keys sorted, no blanks, UTF-8. `data` must already be `plain`.
    """
    content = {
        "previous_hash": previous_hash,
        "at": instant(at),
        "tag": tag,
        "actor": actor,
        "subject": subject,
        "data": data,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
