"""A calendar as people write it: a day and its name on each line. Pure Python."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

MOST_DAYS: Final = 500
NAME_LENGTH: Final = 80
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def written(days: Mapping[date, str]) -> str:
    """The lines of a calendar."""
    return "".join(f"{day.isoformat()} {name}\n" for day, name in days.items())


def days(body: str) -> dict[date, str]:
    """Each holiday of a calendar without problems, in order."""
    return dict(map(_read, body.splitlines()))


def problems(body: str) -> list[str]:
    """What is wrong with a calendar: a line that cannot be read, a day twice, out of order, or on
    a weekend, when the exchange does not work anyway."""
    said: list[str] = []
    before: date | None = None
    lines = body.splitlines()
    for number, line in enumerate(lines, 1):
        try:
            day, name = _read(line)
        except ValueError:
            said.append(f"Line {number}: write YYYY-MM-DD and a name, as in 2027-01-01 New Year.")
            continue
        if before and day <= before:
            fault = "stands here twice" if day == before else "comes before the line above it"
            said.append(f"Line {number}: {day} {fault}.")
        if day.weekday() >= 5:
            said.append(f"Line {number}: {day} is a {day:%A}, which is no business day anyway.")
        if len(name) > NAME_LENGTH:
            said.append(f"Line {number}: the name is longer than {NAME_LENGTH} characters.")
        before = day
    if len(lines) > MOST_DAYS:
        said.append(f"{MOST_DAYS} days at most; here are {len(lines)}.")
    return said


def _read(line: str) -> tuple[date, str]:
    day, _, name = line.strip().partition(" ")
    if not _DAY.fullmatch(day) or not name.strip():
        raise ValueError(line)
    return date.fromisoformat(day), name.strip()
