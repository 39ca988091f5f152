"""How a race is run and told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Round:
    """What one round measured, for ours and for the yardstick, in the unit of the race."""

    ours: float
    yardstick: float

    @property
    def ratio(self) -> float:
        """Ours by the yardstick's."""
        return self.ours / self.yardstick


def in_turns(
    count: int, ours: Callable[[int], float], yardstick: Callable[[int], float]
) -> Iterator[Round]:
    """``count`` rounds of both, each called with the round's number; who starts alternates.

    A round number 0 goes before them to warm up and is not counted.
    """
    for number in range(count + 1):
        if number % 2:
            first = ours(number)
            pair = Round(first, yardstick(number))
        else:
            second = yardstick(number)
            pair = Round(ours(number), second)
        if number:
            yield pair


def told(name: str, unit: str, better: str, rounds: list[Round], **more: Any) -> dict[str, Any]:
    """The line of a race: medians, the median of same-round ratios, and its smallest and largest.

    ``better`` says which way the ratio ours / yardstick should go: higher or lower.
    """
    ratios = [one.ratio for one in rounds]
    return {
        "name": name,
        "ours": _short(median(one.ours for one in rounds)),
        "yardstick": _short(median(one.yardstick for one in rounds)),
        "ratio": _short(median(ratios)),
        "ratio_range": [_short(min(ratios)), _short(max(ratios))],
        "better": better,
        "unit": unit,
        "rounds": len(rounds),
        **more,
    }


def durability() -> dict[str, str]:
    """What the database server promises at a commit, in its own words."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [DURABILITY])
        return dict(cursor.fetchall())


DURABILITY = ["fsync", "synchronous_commit", "full_page_writes"]


def _short(value: float) -> float:
    return float(f"{value:.4g}")
