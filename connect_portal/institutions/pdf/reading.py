"""The blocks of a contract's text: what a page and a PDF set, one after the other.

The first line is the title. A paragraph that begins with a number and a full stop begins a clause,
its first line being the heading. Lines that begin with two spaces are rows of a table, their cells
two or more spaces apart; two columns are facts, more have a head.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

_CLAUSE: Final = re.compile(r"\d+\. ")
_GAP: Final = re.compile(r" {2,}")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a contract: ``kind`` is title, heading, paragraph, facts or table."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def head(self) -> tuple[str, ...]:
        """The heads of a table's columns."""
        return self.rows[0]

    @property
    def body(self) -> tuple[tuple[str, ...], ...]:
        """The rows of a table below its head."""
        return self.rows[1:]


def blocks(text: str) -> list[Block]:
    """The blocks of a contract's text, in its order."""
    title, _, rest = text.strip().partition("\n")
    return [Block("title", title), *_blocks(rest)]


def row(cells: Iterable[str]) -> str:
    """A row of a table as it stands in a text."""
    return "  " + "  ".join(one_line(cell) or "-" for cell in cells)


def one_line(value: str) -> str:
    """A value as it may stand in a row of a table: on one line, single spaces."""
    return " ".join(value.split())


def _blocks(text: str) -> Iterator[Block]:
    for chunk in re.split(r"\n\s*\n", text):
        lines = [line for line in chunk.split("\n") if line.strip()]
        for is_table, group in groupby(lines, key=lambda line: line.startswith("  ")):
            rows = list(group)
            yield from _table(rows) if is_table else _words(rows)


def _words(lines: list[str]) -> Iterator[Block]:
    if _CLAUSE.match(lines[0]):
        yield Block("heading", lines.pop(0))
    if lines:
        yield Block("paragraph", " ".join(line.strip() for line in lines))


def _table(lines: list[str]) -> Iterator[Block]:
    rows = [_GAP.split(line.strip()) for line in lines]
    width = max(map(len, rows))
    even = tuple(tuple(row + [""] * (width - len(row))) for row in rows)
    yield Block("facts" if width <= 2 else "table", rows=even)
