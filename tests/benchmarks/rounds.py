"""How a race is run and told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeVar

from django.db import connection

Measured = TypeVar("Measured")


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
    return (Round(*pair) for pair in all_in_turns(count, ours, yardstick))


def all_in_turns(count: int, *runners: Callable[[int], Measured]) -> Iterator[tuple[Measured, ...]]:
    """The same for any number of runners: what each measured, in their order."""
    for number in range(count + 1):
        order = range(len(runners)) if number % 2 else reversed(range(len(runners)))
        measured = {at: runners[at](number) for at in order}
        if number:
            yield tuple(measured[at] for at in range(len(runners)))


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


def alone(
    name: str, unit: str, better: str, ours: list[float], yardstick: str | None, **more: Any
) -> dict[str, Any]:
    """The line of figures without a ratio; `yardstick` says why, where one belongs there."""
    return {
        "name": name,
        "ours": _short(median(ours)),
        "yardstick": yardstick,
        "ratio": None,
        "ratio_range": None,
        "better": better,
        "unit": unit,
        "rounds": len(ours),
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
