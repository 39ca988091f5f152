"""What the trail's tags are called on the timeline, and which of its kinds each belongs to."""

import re
from collections.abc import Mapping
from typing import Any, Final

from connect_portal.institutions.moves import Event

MOVED: Final = "institutions:application:"
CONTACT: Final = f"{MOVED}{Event.LOG_CONTACT.value}"
KINDS: Final = {
    "moves": ("Steps", (MOVED, "institutions:proposal:", "institutions:institution:")),
    "contacts": ("Contacts", (CONTACT,)),
    "review": (
        "Review",
        (
            *("institutions:request:", "institutions:screening:", "institutions:finding:"),
            *("institutions:item:", "institutions:note:"),
        ),
    ),
    "desk": ("Desk", ("institutions:assignment:",)),
    "letters": ("Letters", ()),
    "documents": ("Documents", ("institutions:document:",)),
    "contract": ("Contract", ("institutions:contract:", "institutions:renewal:")),
    "codes": ("Codes", ("institutions:code:",)),
    "access": (
        "Access",
        ("authorizations:client:", "authorizations:redirect:", "certification:"),
    ),
    "people": ("People", ("people:",)),
    "connections": ("Connections", ("authorizations:ending:", "authorizations:institution:")),
    "orders": ("Orders", ()),
    "settlement": ("Settlement", ("settlement:",)),
}
"""Each kind of the timeline, what it is called, and how the tags of its events begin."""

ICONS: Final = {
    "moves": "arrow-right",
    "contacts": "users",
    "review": "search",
    "desk": "inbox",
    "letters": "mail",
    "documents": "copy",
    "contract": "shield-check",
    "codes": "key-round",
    "access": "lock",
    "people": "users",
    "connections": "link-2",
    "orders": "activity",
    "settlement": "wallet",
    "other": "info",
}
_HIDDEN: Final = frozenset(
    {"evidence", "sha256", "paper", "proposal", "event", "venue", "to", "from", "note"}
)
"""What says nothing to people, or is told elsewhere in the entry."""
_LONGEST: Final = 300
_MOMENT: Final = re.compile(r"\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z")


def tags_of(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How the tags of a kind begin, and those among them that belong to another."""
    return KINDS[kind][1], (CONTACT,) if kind == "moves" else ()


def kind_of(tag: str) -> str:
    """The kind that an event of that tag belongs to."""
    if tag == CONTACT:
        return "contacts"
    found = (kind for kind, (_, tags) in KINDS.items() if tag.startswith(tags))
    return next(found, "other")


def title(tag: str, data: Mapping[str, Any]) -> str:
    """What happened, in a few words: ``Approve``, ``Code changed``."""
    _, subject, action = tag.split(":", 2)
    if tag.startswith(MOVED) and action in Event.values:
        return str(Event(action).label)
    if subject == "proposal":
        event = data.get("event", "")
        label = f": {Event(event).label.lower()}" if event in Event.values else ""
        return {"opened": "Proposed", "confirmed": "Confirmed"}.get(action, "Declined") + label
    return f"{subject} {action}".replace("_", " ").capitalize()


def detail(data: Mapping[str, Any]) -> str:
    """What changed, and the words that were left with it."""
    parts = []
    if data.get("from") and data.get("to"):
        parts.append(f"{_plain(data['from'])} → {_plain(data['to'])}")
    parts += [
        f"{name.replace('_', ' ')} {_plain(value)}"
        for name, value in data.items()
        if name not in _HIDDEN and isinstance(value, str | int) and value
        if not str(value).startswith("person:")
    ]
    if note := data.get("note"):
        parts.append(str(note))
    return " · ".join(parts)[:_LONGEST]


def _plain(value: object) -> str:
    """A value as people read it: a moment to the minute, a name of ours in words."""
    return _MOMENT.sub(r"\1 \2 UTC", str(value)).replace("_", " ")
