"""Reads of this room: what its pages show, put together from the rooms below."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, Final

from connect_portal.authorizations.queries import (
    account_uids,
    live_bindings_count,
    live_bindings_counts,
)
from connect_portal.facts import DOLLARS
from connect_portal.institutions.directory import Entry
from connect_portal.institutions.enums import LIVE_STEPS
from connect_portal.institutions.moves import Event, Way
from connect_portal.institutions.queries import contract
from connect_portal.institutions.rules import ways_from
from connect_portal.kit.clock import iso
from connect_portal.trades.queries import (
    Bar,
    Totals,
    bars,
    cursors,
    fills_since,
    latest,
    present,
    totals,
)
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.institutions.models import Application
    from connect_portal.trades.models import Attribution, Cursor

DAY: Final = timedelta(hours=24)
CHART_SPAN: Final = timedelta(hours=1)
ROWS: Final = 50
PROOF_ROWS: Final = 500
"""How far back a proof is looked for: the next fill with the code proves it as well."""
FIRST_PROOF: Final = Event.FIRST_FILL
DEFAULT_CURRENCY: Final = "USDT"
TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Volume:
    """A sum in one quote currency, and with how many decimal places people read it."""

    currency: str
    amount: Decimal

    @property
    def places(self) -> int:
        """Cents of a dollar, and the eight places of coins."""
        return 2 if self.currency in DOLLARS else 8


@dataclass(frozen=True, slots=True)
class Tiles:
    """The numbers on top of the live page: an institution's last 24 hours.

    ``volume`` is what carried its code in the leading quote currency, ``other_volumes`` the same
    in each of the others: volumes of two currencies are never added up.
    """

    totals: Totals
    volume: Volume
    other_volumes: tuple[Volume, ...]
    bound_accounts: int

    @property
    def coverage_percent(self) -> Decimal | None:
        """The share of fills with the code, cut to a tenth: 100.0 means every single one."""
        exact = self.totals.coverage_percent
        return None if exact is None else exact.quantize(TENTH, ROUND_DOWN)


def tiles(institution_id: int) -> Tiles:
    """The last 24 hours of an institution, to the minute."""
    day = totals(institution_id, since=_minute(present(institution_id) - DAY))
    volumes = [Volume(*sum_in_one) for sum_in_one in day.tagged_volume.items()]
    leading = volumes[0] if volumes else Volume(DEFAULT_CURRENCY, Decimal(0))
    others = tuple(volume for volume in volumes[1:] if volume.amount)
    return Tiles(day, leading, others, live_bindings_count(institution_id))


def chart(institution_id: int, currency: str, *, since: datetime | None = None) -> list[Bar]:
    """Volume by minute in ``currency``, every minute from ``since`` (an hour ago) until now."""
    until = _minute(present(institution_id))
    first = _minute(since) if since else until - CHART_SPAN
    known = {bar.minute: bar for bar in bars(institution_id, since=first, quote_currency=currency)}
    minutes = (until - first) // timedelta(minutes=1)
    moments = [first + timedelta(minutes=count) for count in range(minutes + 1)]
    return [known.get(moment) or Bar(moment, Decimal(0), Decimal(0)) for moment in moments]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an institution's fills, newest first."""

    rows: "list[Attribution]"

    @property
    def newest(self) -> int:
        """The number of the first row; 0 on a page without rows."""
        return self.rows[0].sequence if self.rows else 0

    @property
    def older(self) -> int | None:
        """The number before which the next page begins; None when number one is on this page.

        Numbers have no gaps, so whoever is not number one has something before it.
        """
        last = self.rows[-1].sequence if self.rows else 0
        return last if last > 1 else None


def page(institution_id: int, *, before: int | None = None) -> Page:
    """The newest fills of an institution, or those before the number ``before``."""
    return Page(latest(institution_id, before=before, limit=ROWS))


@dataclass(frozen=True, slots=True)
class InstitutionLine:
    """One institution in the console: its reach, and its last 24 hours."""

    entry: Entry
    bound_accounts: int
    tagged_fills: int
    other_fills: int


def with_figures(entries: list[Entry]) -> list[InstitutionLine]:
    """These institutions with their connections and their last 24 hours."""
    ids = [entry.institution.pk for entry in entries]
    fills = fills_since(_minute(business_now() - DAY), ids)
    bound = live_bindings_counts(ids)
    return [
        InstitutionLine(entry, bound.get(pk, 0), *fills.get(pk, (0, 0)))
        for pk, entry in zip(ids, entries, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class SyncLine:
    """How the reading of one venue account goes."""

    uid: str
    cursor: "Cursor"


def sync_health(limit: int = ROWS) -> list[SyncLine]:
    """Venue accounts by trouble, the worst first."""
    page = list(cursors()[:limit])
    uids = account_uids([cursor.pk for cursor in page])
    return [SyncLine(uids[cursor.pk], cursor) for cursor in page]


@dataclass(frozen=True, slots=True)
class Proof:
    """The fills with its code on which an application's next step rests.

    ``way`` is the move that they prove, None where the application is at none; ``since`` None
    means from the first fill on.
    """

    way: Way | None
    since: datetime | None
    rows: "list[Attribution]"

    @property
    def evidence(self) -> dict[str, Any]:
        """What the history keeps of it; empty without any fill."""
        if not self.rows:
            return {}
        newest = self.rows[0]
        return {
            "fill": newest.fill_id,
            "order": newest.fill.order_id,
            "at": iso(newest.fill.filled_at),
        }


def proof(application: "Application") -> Proof:
    """The newest fills with an institution's code, those since it went live once it is live."""
    assert application.institution_id is not None  # only institutions have fills
    way = next((way for way in ways_from(application.step) if way.evidence), None)
    terms = contract(application.institution_id, business_now())
    since = terms.live_since if terms and application.step in LIVE_STEPS else None
    rows = latest(application.institution_id, limit=PROOF_ROWS)
    own = [row for row in rows if row.attributed]
    return Proof(way, since, [row for row in own if since is None or row.fill.filled_at >= since])


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
