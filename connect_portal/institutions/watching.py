"""The file format of watch lists: CSV with the columns ``kind``, ``value`` and ``source``. Pure.

``kind`` is ``country`` (``value`` an ISO 3166-1 alpha-2 code) or ``name`` (as it is published).
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from connect_portal.facts import countries
from connect_portal.institutions.enums import Watched
from connect_portal.institutions.likeness import words_of

MOST_BYTES: Final = 5_000_000
MOST_ROWS: Final = 50_000
VALUE_LENGTH: Final = 200
_COLUMNS: Final = ("kind", "value")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    kind: Watched
    value: str
    source: str = ""


def read_list(content: bytes) -> list[Entry]:
    """The lines of an uploaded list without repetition, in its order.

    Raises ValueError with a sentence that names the line and what is wrong there.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"The file has more than {MOST_BYTES // 1_000_000} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("The file is no text in UTF-8.") from error
    if "\0" in text:
        raise ValueError("The file is no text in UTF-8.")
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        entries = list(_entries(rows))
    except csv.Error as error:
        raise ValueError(f"Line {rows.line_num} is no CSV: {error}.") from error
    if not entries:
        raise ValueError("The file names nobody: it has no line below its header.")
    return list({(one.kind, one.value): one for one in entries}.values())


def _entries(rows: "csv.DictReader[str]") -> Iterator[Entry]:
    header = [(name or "").strip().lower() for name in rows.fieldnames or []]
    if not set(_COLUMNS) <= set(header):
        raise ValueError("The first line names the columns: kind, value and perhaps source.")
    rows.fieldnames = header
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise ValueError(f"The file has more than {MOST_ROWS:,} lines.")
        yield _entry(row, rows.line_num)


def _entry(row: dict[str, str], line: int) -> Entry:
    kind, value = ((row.get(name) or "").strip() for name in _COLUMNS)
    source = (row.get("source") or "").strip()
    if kind not in Watched.values:
        raise ValueError(f"Line {line}: the kind is country or name, not “{kind[:40]}”.")
    if kind == Watched.COUNTRY:
        value = value.upper()
        if value not in countries():
            raise ValueError(f"Line {line}: “{value[:40]}” is no ISO 3166-1 code like KP.")
    elif not words_of(value):
        raise ValueError(f"Line {line}: the name has no letters.")
    if len(value) > VALUE_LENGTH or len(source) > VALUE_LENGTH:
        raise ValueError(f"Line {line}: at most {VALUE_LENGTH} characters in a field.")
    return Entry(Watched(kind), value, source)
