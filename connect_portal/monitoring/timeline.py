"""One timeline of everything about an institution, put together from the rooms below.

The backbone is the trail, in which every change of state stands anyway; letters, files, statements
and, in numbers by day, orders and connections are laid between. Each source tells its newest
entries before a key; they are merged and cut, so a page costs the same however long the story is. A
day stands at its end. The trail keeps the wall clock, fills the venue's.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from django.db.models import Q, QuerySet

from connect_portal.audit.queries import events_about_any
from connect_portal.authorizations.census import connection_days
from connect_portal.authorizations.queries import clients_of
from connect_portal.institutions.queries import files_of, letters_of
from connect_portal.kit.clock import from_us, to_us
from connect_portal.monitoring.words import detail, kind_of, tags_of, title
from connect_portal.people.queries import names
from connect_portal.settlement.queries import closed
from connect_portal.trades.queries import days

if TYPE_CHECKING:
    from connect_portal.institutions.models import Application, Institution

ROWS: Final = 40
PERSON: Final = "person:"


class Key(NamedTuple):
    """Where an entry stands: its moment, its source's place, its number there."""

    at: datetime
    source: int
    number: int

    def __str__(self) -> str:
        return f"{to_us(self.at)}.{self.source}.{self.number}"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened; ``actor`` as the trail names it, empty where nobody did it. What
    sums up a whole day ``lasts`` one."""

    key: Key
    kind: str
    title: str
    detail: str = ""
    actor: str = ""
    lasts: Literal["minute", "day"] = "minute"

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.key.at


@dataclass(frozen=True, slots=True)
class Told:
    """What a source tells, newest first; ``horizon`` is where it stopped with more to tell."""

    entries: list[Entry]
    horizon: Key | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of the timeline, newest first, and the key from which the next goes on."""

    entries: list[Entry]
    goes_on: Key | None


@dataclass(frozen=True, slots=True)
class About:
    """Whose timeline it is."""

    institution: "Institution"
    application: "Application | None"


def read_key(text: str) -> Key:
    """The key that an address carries. Raises ValueError for anything else."""
    at, source, number = (int(part) for part in text.split("."))
    try:
        return Key(from_us(at), source, number)
    except OverflowError as error:
        raise ValueError(text) from error


def timeline(about: About, *, kind: str = "", before: Key | None = None) -> Timeline:
    """The newest entries, of one ``kind`` if given, or those before a key."""
    told = [source(about, kind, before) for source in _sources(kind)]
    merged = heapq.merge(*(one.entries for one in told), key=lambda one: one.key, reverse=True)
    horizon = max((one.horizon for one in told if one.horizon), default=None)
    entries = [one for one in merged if horizon is None or one.key >= horizon]
    has_more = horizon is not None or len(entries) > ROWS
    shown = entries[:ROWS]
    return Timeline(_named(shown), shown[-1].key if shown and has_more else None)


Source = Callable[[About, str, "Key | None"], Told]


def _sources(kind: str) -> Sequence[Source]:
    """The sources that tell of a kind; without one, all of them."""
    special = {
        "letters": [_letters],
        "documents": [_trail, _files],
        "orders": [_orders],
        "connections": [_trail, _connections],
        "settlement": [_trail, _closings, _issues],
    }
    everything = [_trail, _letters, _files, _orders, _connections, _closings, _issues]
    return everything if not kind else special.get(kind, [_trail])


def _trail(about: About, kind: str, before: Key | None) -> Told:
    """What the trail has about the institution, its application and its OAuth clients."""
    subjects = [f"institution:{about.institution.pk}"]
    if about.application is not None:
        subjects.append(about.application.subject)
    subjects += [f"client:{pk}" for pk in clients_of(about.institution.pk)]
    rows = events_about_any(subjects)
    if kind:
        wanted, unwanted = tags_of(kind)
        rows = rows.filter(_tagged(wanted)).exclude(_tagged(unwanted) if unwanted else Q(pk=None))

    def entry(row: Any) -> Entry:
        told = title(row.tag, row.data), detail(row.data)
        return Entry(Key(row.at, 0, row.pk), kind_of(row.tag), *told, row.actor)

    return _newest(rows, "at", 0, before, entry)


def _letters(about: About, kind: str, before: Key | None) -> Told:
    def entry(row: Any) -> Entry:
        readers = ", ".join(row.readers)
        text = f"to {readers}" if readers else ""
        told = f"Letter: {row.subject or row.move.get_event_display()}"
        return Entry(Key(row.sent_at, 1, row.pk), "letters", told, text)

    if about.application is None:
        return Told([])
    return _newest(letters_of(about.application.pk), "sent_at", 1, before, entry)


def _files(about: About, kind: str, before: Key | None) -> Told:
    def entry(row: Any) -> Entry:
        text = f"{row.name}, {row.size:,} bytes"
        key = Key(row.uploaded_at, 2, row.pk)
        return Entry(key, "documents", f"File: {row.kind_name}", text, row.uploaded_by.actor)

    if about.application is None:
        return Told([])
    return _newest(files_of(about.application.pk), "uploaded_at", 2, before, entry)


def _orders(about: About, kind: str, before: Key | None) -> Told:
    """The days with fills, from the roll-ups."""
    day = _day_before(before, 3)
    found = days(about.institution.pk, before=_midnight(day) if day else None)
    entries = []
    for row in found.days:
        volumes = ", ".join(f"{_rounded(amount)} {unit}" for unit, amount in row.volumes.items())
        other = f", {row.other_fills:,} without" if row.other_fills else ""
        told = f"{_counted(row.tagged_fills, 'fill')} with the code{other}"
        entries.append(Entry(_day_key(row.day, 3), "orders", told, volumes, lasts="day"))
    return Told(entries, Key(found.since, 0, 0) if found.since else None)


def _connections(about: About, kind: str, before: Key | None) -> Told:
    day = _day_before(before, 4)
    found = connection_days(about.institution.pk, before=day, limit=ROWS + 1)
    entries = []
    for row in found:
        told = f"{_counted(row.began, 'connection')} began, {row.ended:,} ended"
        entries.append(Entry(_day_key(row.day, 4), "connections", told, lasts="day"))
    return Told(entries)


def _closings(about: About, kind: str, before: Key | None) -> Told:
    def entry(row: Any) -> Entry:
        told = f"Statement {row.number} closed, for {row.day}"
        by = row.proposed_by.actor if row.proposed_by else ""
        return Entry(Key(row.closed_at, 5, row.pk), "settlement", told, "", by)

    rows = closed(about.institution.pk).select_related("proposed_by")
    return _newest(rows, "closed_at", 5, before, entry)


def _issues(about: About, kind: str, before: Key | None) -> Told:
    def entry(row: Any) -> Entry:
        told = f"Statement {row.number} issued, for {row.day}"
        by = row.confirmed_by.actor if row.confirmed_by else ""
        return Entry(Key(row.issued_at, 6, row.pk), "settlement", told, "", by)

    rows = closed(about.institution.pk).exclude(issued_at=None).select_related("confirmed_by")
    return _newest(rows, "issued_at", 6, before, entry)


def _newest(
    rows: QuerySet[Any],
    column: str,
    source: int,
    before: Key | None,
    entry: Callable[[Any], Entry],
) -> Told:
    """The newest rows of a table before the key: the key's moment is shared out by source."""
    if before is not None:
        if source < before.source:
            rows = rows.filter(**{f"{column}__lte": before.at})
        elif source > before.source:
            rows = rows.filter(**{f"{column}__lt": before.at})
        else:
            at = Q(**{f"{column}__lt": before.at})
            rows = rows.filter(at | Q(**{column: before.at, "pk__lt": before.number}))
    return Told([entry(row) for row in rows.order_by(f"-{column}", "-pk")[: ROWS + 1]])


def _named(entries: list[Entry]) -> list[Entry]:
    """With people called by their names, in one read."""
    ids = {int(one.actor[len(PERSON) :]) for one in entries if one.actor.startswith(PERSON)}
    known = names(ids)

    def called(actor: str) -> str:
        if actor.startswith(PERSON):
            return known.get(int(actor[len(PERSON) :]), actor)
        return "this site" if actor.startswith("system:") else actor

    return [replace(one, actor=called(one.actor)) for one in entries]


def _tagged(prefixes: Iterable[str]) -> Q:
    wanted = Q(pk=None)
    for prefix in prefixes:
        wanted |= Q(tag__startswith=prefix)
    return wanted


def _day_key(day: date, source: int) -> Key:
    """A day stands at its end, but for the last microsecond, so that midnight follows it."""
    return Key(_midnight(day) + timedelta(days=1, microseconds=-1), source, day.toordinal())


def _day_before(before: Key | None, source: int) -> date | None:
    """The first day that is over for a source of days: those before it come next."""
    if before is None:
        return None
    day = before.at.astimezone(UTC).date()
    is_told = _day_key(day, source) >= before
    return day if is_told else day + timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _rounded(amount: Any) -> str:
    return f"{amount:,.2f}"
