"""What one reading of an account starts from, and how far back it must walk. Used by `sync`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from connect_portal.authorizations.queries import Access, Standing
from connect_portal.venue.errors import MalformedAnswer
from connect_portal.venue.types import Page

REREAD_EVERY: Final = timedelta(minutes=10)
"""How often the listings are read again from the top, for rows that a page left out."""
REREAD_BACK: Final = timedelta(minutes=30)
"""How far such a second look goes back."""
RECENT_FILLS: Final = timedelta(days=2)
"""How far back the venue's quick listing of fills is trusted (it keeps three days)."""
RECENT_ORDERS: Final = timedelta(days=6)
"""The same of its listing of finished orders (it keeps seven days)."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of one account: its key, its leave by spans of time, and what is known.

    `known_fill` and `known_order` are the venue's ids up to which everything was read, "" before
    the first reading; `known_fill_at` is None where our mirror does not hold that fill. All times
    are business time, which orders and fills carry.
    """

    access: Access
    spans: tuple[Standing, ...]
    started: datetime
    read_at: datetime | None
    known_fill: str
    known_fill_at: datetime | None
    known_order: str

    @property
    def since(self) -> datetime:
        """How far back any institution may look."""
        return min(span.since for span in self.spans)

    @property
    def is_allowed(self) -> bool:
        """Whether any leave still stands."""
        return any(span.until is None for span in self.spans)

    @property
    def is_second_look(self) -> bool:
        """Whether a boundary of `REREAD_EVERY` lies between the last reading and this one."""
        if self.read_at is None:
            return True
        seconds = REREAD_EVERY.total_seconds()
        return self.read_at.timestamp() // seconds < self.started.timestamp() // seconds

    @property
    def needs_archive(self) -> bool:
        """Whether the venue's quick listing of fills may have forgotten some that we lack."""
        return (self.read_at or self.since) < self.started - RECENT_FILLS

    @property
    def needs_order_archive(self) -> bool:
        """The same of its listing of finished orders."""
        return (self.read_at or self.since) < self.started - RECENT_ORDERS

    def covers(self, moment: datetime) -> bool:
        """Whether some institution was authorized at ``moment``; nothing else is mirrored."""
        return any(
            span.since <= moment and (span.until is None or moment < span.until)
            for span in self.spans
        )

    def asks_newer_than(self, known: str) -> str | None:
        """Where the first page may end: at the last known id, unless this is a second look."""
        return None if self.is_second_look else known or None

    def is_far_enough(self, oldest: str | None, moments: Iterable[datetime], known: str) -> bool:
        """Whether a walk that came to the id ``oldest`` and these ``moments`` may stop."""
        earliest = min(moments, default=self.started)
        if earliest < self.since:
            return True
        joined = oldest is not None and age(oldest) <= age(known)
        return joined and (not self.is_second_look or earliest < self.started - REREAD_BACK)

    def refuse_gap(self, reached: str | None) -> None:
        """Raise MalformedAnswer if a listing ended at the id ``reached``, newer than the last
        known fill, although the venue still lists fills of that age."""
        if self.known_fill_at is None or self.known_fill_at < self.started - RECENT_FILLS:
            return
        if reached is None or age(reached) > age(self.known_fill):
            raise MalformedAnswer("the listing of fills ended before the last known fill")


async def pages(
    ask: Callable[[str | None], Awaitable[Page[Row]]], *, until: Callable[[Page[Row]], bool]
) -> AsyncIterator[Page[Row]]:
    """Pages from the newest back ``until`` one is far enough or the listing ends.

    Raises MalformedAnswer for a listing that does not go on: one that repeats itself, or a full
    page without a single readable id.
    """
    older_than: str | None = None
    while True:
        page = await ask(older_than)
        if page.oldest is None and not page.is_last:
            raise MalformedAnswer("no row of a full page has a readable id")
        if older_than and page.oldest and age(page.oldest) >= age(older_than):
            raise MalformedAnswer("the listing repeats itself")
        yield page
        if page.is_last or until(page):
            return
        older_than = page.oldest


def age(venue_id: str) -> tuple[int, str]:
    """Sorts the venue's rising decimal ids, and "" before all of them."""
    return len(venue_id), venue_id
