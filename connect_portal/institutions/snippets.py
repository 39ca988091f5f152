"""Whole programs to copy, with the institution's own code in the tag: an order signed with a user's
key, an order with a user's token, and the next pair of tokens, each in three languages.

They take what is secret from the environment; the tests run every one as it is shown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from connect_portal.institutions.enums import Channel

LANGUAGES: Final = {"curl": "curl", "python": "Python", "javascript": "JavaScript (Node)"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a group of snippets does, on which channel, and what its environment holds."""

    word: str
    channel: Channel
    title: str
    environment: tuple[str, ...]


KINDS: Final = (
    Kind(
        "signed",
        Channel.API,
        "API channel: an order signed with the user's key, straight to the exchange",
        ("KEY", "SECRET", "PASSPHRASE"),
    ),
    Kind(
        "bearer",
        Channel.OAUTH,
        "OAuth channel: an order with the user's access token, through the gateway",
        ("ACCESS_TOKEN",),
    ),
    Kind(
        "refresh",
        Channel.OAUTH,
        "OAuth channel: the next pair of tokens, before the hour is over",
        ("REFRESH_TOKEN", "CLIENT_SECRET"),
    ),
)


@dataclass(frozen=True, slots=True)
class Snippet:
    """One program: its language, and its text."""

    word: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """The same in each language."""

    kind: Kind
    snippets: list[Snippet]


def groups(
    channels: Collection[str], *, code: str, client_id: str = "", demo: bool = False
) -> list[Group]:
    """The snippets that an institution on these channels needs; ``demo`` for demo trading."""
    context = {
        "code": code,
        "client_id": client_id or "YOUR_CLIENT_ID",
        "demo": demo,
        "portal_url": settings.PUBLIC_URL,
        "venue_url": settings.VENUE_URL,
        "token_path": reverse("authorizations_machine:token"),
    }
    return [
        Group(kind, [_snippet(kind, word, context) for word in LANGUAGES])
        for kind in KINDS
        if kind.channel in channels
    ]


def _snippet(kind: Kind, language: str, context: dict[str, object]) -> Snippet:
    text = render_to_string(f"institutions/examples/{kind.word}.{language}.txt", context)
    return Snippet(f"{kind.word}-{language}", LANGUAGES[language], text.strip())
