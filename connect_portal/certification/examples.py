"""What to send next, in the languages of clients, with the institution's own code in it."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from connect_portal.certification.models import Run
from connect_portal.certification.queries import Part

LANGUAGES: Final = {"python": "Python (ccxt)", "curl": "curl", "javascript": "JavaScript"}
"""By the file in ``templates/certification/examples/`` of each."""


@dataclass(frozen=True, slots=True)
class Example:
    """One snippet to copy."""

    word: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One request to send, or ("WAIT", seconds)."""

    method: str
    path: str
    body: str = ""


def examples_for(part: Part, run: Run) -> list[Example]:
    """How to do what comes next on a channel; nothing once all is done."""
    line = part.following
    if line is None:
        return []
    context: dict[str, object] = {
        "key": line.check.key,
        "channel": part.channel.value,
        "code": run.code,
        "own": f"{run.code}t{run.pk}n",
        "portal_url": settings.PUBLIC_URL,
        "gateway_ws_url": f"{settings.PUBLIC_URL.replace('http', 'ws', 1)}/ws/v5",
        "token_path": reverse("authorizations_machine:token"),
        "venue_url": settings.VENUE_URL,
        "venue_ws_url": settings.VENUE_WS_URL,
    }
    context["steps"] = [Step(*line.split(" ", 2)) for line in _lines("steps", context)]
    return [
        Example(word, label, "\n".join(_lines(word, context))) for word, label in LANGUAGES.items()
    ]


def _lines(word: str, context: dict[str, object]) -> list[str]:
    """A snippet's lines, with single empty ones between its parts."""
    text = render_to_string(f"certification/examples/{word}.txt", context)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return [line for at, line in enumerate(lines) if line or lines[at - 1]]
