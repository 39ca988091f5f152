"""How news is written: the same partials that paint a page first, as server-sent events.

The wire format is the HTML standard's, section 9.2
(https://html.spec.whatwg.org/multipage/server-sent-events.html).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template.loader import render_to_string

from connect_portal.monitoring import queries
from connect_portal.trades.queries import Bar

if TYPE_CHECKING:
    from connect_portal.trades.models import Attribution

PING = b": still here\n\n"
GREETING = b"retry: 1000\n\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One fill as the page shows it, and its number in the institution's news."""

    sequence: int
    html: str


def row(attribution: "Attribution") -> Row:
    """A fill written with the partial of the page."""
    html = render_to_string("monitoring/institution/_fill_row.html", {"row": attribution})
    return Row(attribution.sequence, html)


def fills_event(rows: Sequence[Row]) -> bytes:
    """Rows, oldest first, as one event that carries the newest number as its id."""
    newest_first = "".join(one.html for one in reversed(rows))
    return event("fills", newest_first, number=rows[-1].sequence)


def summary_events(institution_id: int) -> bytes:
    """The tiles and the last two minutes of the chart, as they stand now."""
    tiles = queries.tiles(institution_id)
    html = render_to_string("monitoring/institution/_tiles.html", {"tiles": tiles})
    points = queries.chart(institution_id, tiles.volume.currency)
    drawn = json.dumps(chart_points(points, tiles.volume.currency))
    return event("tiles", html) + event("chart", drawn)


def chart_points(bars: Iterable[Bar], currency: str) -> dict[str, object]:
    """What the chart draws: seconds since the epoch, and volumes as exact strings."""
    listed = list(bars)
    return {
        "currency": currency,
        "minutes": [int(bar.minute.timestamp()) for bar in listed],
        "tagged": [format(bar.tagged, "f") for bar in listed],
        "other": [format(bar.other, "f") for bar in listed],
    }


def event(name: str, data: str, *, number: int | None = None) -> bytes:
    """One event; every line of ``data`` gets its own field."""
    lines = [f"event: {name}", *(f"data: {line}" for line in data.splitlines() if line.strip())]
    if number is not None:
        lines.insert(0, f"id: {number}")
    return ("\n".join(lines) + "\n\n").encode()
