"""Reads of this room: what its pages show, put together from the rooms below."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.conf import settings

from connect_portal.authorizations.queries import account_uids, live_bindings_count
from connect_portal.institutions.queries import code_of, institutions
from connect_portal.kit.clock import now
from connect_portal.trades.queries import Bar, Totals, bars, cursors, fills_since, latest, totals

if TYPE_CHECKING:
    from connect_portal.institutions.models import Institution
    from connect_portal.trades.models import Attribution, Cursor

DAY: Final = timedelta(hours=24)
CHART_SPAN: Final = timedelta(hours=1)
ROWS: Final = 50
DEFAULT_CURRENCY: Final = "USDT"


@dataclass(frozen=True, slots=True)
class Tiles:
    """The numbers on top of the live page: an institution's last 24 hours."""

    totals: Totals
    currency: str
    other_currencies: dict[str, Decimal]
    bound_accounts: int

    @property
    def tagged_volume(self) -> Decimal:
        """Volume with the institution's code, in the leading quote currency."""
        return self.totals.tagged_volume.get(self.currency, Decimal(0))


def tiles(institution_id: int) -> Tiles:
    """The last 24 hours of an institution, to the minute."""
    day = totals(institution_id, since=_minute(now() - DAY))
    currency = next(iter(day.tagged_volume), DEFAULT_CURRENCY)
    others = {
        name: volume for name, volume in day.tagged_volume.items() if name != currency and volume
    }
    return Tiles(day, currency, others, live_bindings_count(institution_id))


def chart(institution_id: int, currency: str, *, since: datetime | None = None) -> list[Bar]:
    """Volume by minute in ``currency``, every minute from ``since`` (an hour ago) until now."""
    until = _minute(now())
    first = _minute(since) if since else until - CHART_SPAN
    known = {bar.minute: bar for bar in bars(institution_id, since=first, quote_currency=currency)}
    minutes = (until - first) // timedelta(minutes=1)
    moments = [first + timedelta(minutes=count) for count in range(minutes + 1)]
    return [known.get(moment) or Bar(moment, Decimal(0), Decimal(0)) for moment in moments]


def rows(institution_id: int, *, before: int | None = None) -> "list[Attribution]":
    """One page of an institution's fills, newest first."""
    return latest(institution_id, before=before, limit=ROWS)


@dataclass(frozen=True, slots=True)
class InstitutionLine:
    """One institution in the console: its code, its reach, its last 24 hours."""

    institution: "Institution"
    code: str | None
    bound_accounts: int
    tagged_fills: int
    other_fills: int


def overview() -> list[InstitutionLine]:
    """Every institution with its last 24 hours."""
    fills = fills_since(_minute(now() - DAY))
    return [
        InstitutionLine(
            row,
            code_of(row.pk, settings.VENUE_NAME),
            live_bindings_count(row.pk),
            *fills.get(row.pk, (0, 0)),
        )
        for row in institutions()
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


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
