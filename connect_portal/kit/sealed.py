"""Every place where sealed values lie, and how all of them come under the newest key.

A room that seals registers where (`register`) when Django starts; a test finds one that forgot.
Rotation goes through a table by primary key, some hundred rows a transaction under their row
locks, so the site goes on meanwhile and a run that was stopped is simply run again: what is under
the newest key already is passed over.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import models, transaction

from connect_portal.kit.secrets import SealBroken, key_id_of, newest_key_id, rewrap

ROWS_AT_ONCE: Final = 500
Change = Callable[[bytes], bytes]


def whole(stored: bytes | memoryview, change: Change) -> bytes:
    """For a column that is one sealed value."""
    return change(bytes(stored))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column that holds sealed values.

    ``place`` says what those of a row are bound to; ``each`` gives the stored value with a change
    made to every sealed value in it; ``sealer`` is the module that seals them.
    """

    model: type[models.Model]
    column: str
    place: Callable[[Any], str]
    sealer: str
    each: Callable[[Any, Change], Any] = whole

    @property
    def name(self) -> str:
        """Table and column, as people read them."""
        return f"{self.model._meta.db_table}.{self.column}"


@dataclass(slots=True)
class Count:
    """What became of the values of a column; ``broken`` are primary keys of rows that hold one
    that does not open."""

    name: str
    rotated: int = 0
    current: int = 0
    broken: list[Any] = field(default_factory=list)


_KNOWN: dict[tuple[type[models.Model], str], Sealed] = {}


def register(sealed: Sealed) -> None:
    """Make a column known; once more is no mistake."""
    _KNOWN[sealed.model, sealed.column] = sealed


def known() -> list[Sealed]:
    """Every column with sealed values, by name."""
    return sorted(_KNOWN.values(), key=lambda sealed: sealed.name)


def columns_of(model: type[models.Model]) -> set[str]:
    """The columns of a table that hold sealed values."""
    return {one.column for one in _KNOWN.values() if one.model is model}


def rotate(*, only_look: bool = False) -> list[Count]:
    """Bring every value under the newest key, or ``only_look`` how many would be."""
    return [_rotate(sealed, only_look=only_look) for sealed in known()]


def _rotate(sealed: Sealed, *, only_look: bool) -> Count:
    count = Count(sealed.name)
    last: Any = None
    while True:
        with transaction.atomic():
            rows = _batch(sealed, last)
            changed = [row for row in rows if _rewrap(sealed, row, count)]
            if changed and not only_look:
                sealed.model._default_manager.bulk_update(changed, [sealed.column])
        if not rows:
            return count
        last = rows[-1].pk


def _batch(sealed: Sealed, after: Any) -> list[models.Model]:
    holding = sealed.model._default_manager.exclude(**{sealed.column: None}).order_by("pk")
    further = holding if after is None else holding.filter(pk__gt=after)
    return list(further.select_for_update(of=["self"])[:ROWS_AT_ONCE])


def _rewrap(sealed: Sealed, row: models.Model, count: Count) -> bool:
    """Change one row in memory; whether anything changed. What does not open is counted."""
    before = (count.rotated, count.current)

    def change(value: bytes) -> bytes:
        if key_id_of(value) == newest_key_id():
            count.current += 1
            return value
        new = rewrap(value, bound_to=sealed.place(row))
        count.rotated += 1
        return new

    try:
        setattr(row, sealed.column, sealed.each(getattr(row, sealed.column), change))
    except SealBroken:
        count.rotated, count.current = before
        count.broken.append(row.pk)
        return False
    return count.rotated > before[0]
