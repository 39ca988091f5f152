"""Reads of this room, for the rooms above and for its own sync."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from connect_portal.kit.clock import now
from connect_portal.trades.enums import OPEN_STATES, Reason
from connect_portal.trades.models import Attribution, Cursor, FeedHead, Fill, MinuteRollup, Order


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute of one institution: volume with and without its code, in one currency."""

    minute: datetime
    tagged: Decimal
    other: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a span of time. Volumes are by quote currency, never mixed."""

    tagged_fills: int
    other_fills: int
    tagged_volume: dict[str, Decimal]
    other_volume: dict[str, Decimal]

    @property
    def coverage_percent(self) -> Decimal | None:
        """Share of fills that carried the institution's code; None without any fill."""
        fills = self.tagged_fills + self.other_fills
        return Decimal(100 * self.tagged_fills) / fills if fills else None


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when an institution may act on an account, in the venue's time."""

    account_id: int
    institution_id: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Brought:
    """Sums of the fills that an institution brought to an account, each by its own currency; fees
    keep the venue's sign (negative = charged)."""

    fills: int
    volumes: dict[str, Decimal]
    fees: dict[str, Decimal]


SUMMED_OVER = timedelta(days=30)


def brought(span: Span, *, limit: int) -> list[Fill]:
    """The fills that count for the institution in that time, newest first."""
    return list(_brought(span, span.since).order_by("-filled_at", "-pk")[:limit])


def brought_sums(span: Span) -> Brought:
    """Sums of the same over the last thirty days of that time."""
    newest = span.until or present(span.institution_id)
    rows = _brought(span, max(span.since, newest - SUMMED_OVER))
    by_currency = rows.values("quote_currency", "fee_currency")
    sums = by_currency.annotate(
        number=Count("pk"), volume=Sum(F("price") * F("size")), paid=Sum("fee")
    )
    number = 0
    volumes: defaultdict[str, Decimal] = defaultdict(Decimal)
    fees: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in sums:
        number += row["number"]
        volumes[row["quote_currency"]] += row["volume"]
        fees[row["fee_currency"]] += row["paid"]
    return Brought(number, dict(volumes), dict(fees))


def after_end(span: Span, code: str, *, limit: int) -> list[Fill]:
    """The fills after the end of that time whose orders still carried the institution's ``code``
    while it had no leave, newest first: whoever placed them still has a key.

    They count for nobody. Only what another connection of the account lets us read is known.
    """
    if span.until is None:
        return []
    late = Fill.objects.filter(
        venue_account_id=span.account_id, tag=code, filled_at__gte=span.until
    )
    counting = Attribution.objects.filter(
        fill=OuterRef("pk"), institution_id=span.institution_id, attributed=True
    )
    return list(late.exclude(Exists(counting)).order_by("-filled_at", "-pk")[:limit])


def _brought(span: Span, since: datetime) -> QuerySet[Fill]:
    rows = Fill.objects.filter(
        venue_account_id=span.account_id,
        filled_at__gte=since,
        attributions__institution_id=span.institution_id,
        attributions__attributed=True,
    )
    return rows if span.until is None else rows.filter(filled_at__lt=span.until)


def newest_sequence(institution_id: int) -> int:
    """The newest number in an institution's news, 0 before the first."""
    head = FeedHead.objects.filter(pk=institution_id).values_list("sequence", flat=True)
    return head.first() or 0


def newest_sequences() -> dict[int, int]:
    """The newest number by institution, of all that have news."""
    return dict(FeedHead.objects.values_list("institution_id", "sequence"))


def attributed(
    institution_id: int, *, after: int, up_to: int, since: datetime
) -> QuerySet[Attribution, tuple[Any, ...]]:
    """News that counts for the institution, numbers ``after`` < n <= ``up_to``, of fills from
    ``since`` on: a read to build set-based statements on. A row is the attribution's id, the
    fill's id, its instrument, the fee's currency, the fee, and the moment of the fill.
    """
    rows = Attribution.objects.filter(
        institution_id=institution_id,
        attributed=True,
        sequence__gt=after,
        sequence__lte=up_to,
        fill__filled_at__gte=since,
    )
    columns = ("fill__instrument", "fill__fee_currency", "fill__fee", "fill__filled_at")
    return rows.values_list("pk", "fill_id", *columns)


def news(institution_id: int, *, after: int, limit: int) -> list[Attribution]:
    """Attributions newer than number ``after``, oldest first, at most ``limit``, with fills."""
    rows = Attribution.objects.filter(institution_id=institution_id, sequence__gt=after)
    return list(rows.select_related("fill").order_by("sequence")[:limit])


def latest(institution_id: int, *, before: int | None = None, limit: int) -> list[Attribution]:
    """Attributions newest first, at most ``limit``, older than number ``before`` if given."""
    rows = Attribution.objects.filter(institution_id=institution_id)
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    return list(rows.select_related("fill").order_by("-sequence")[:limit])


def present(institution_id: int) -> datetime:
    """Now, or the newest minute of an institution's fills where the venue's clock runs ahead.

    Only a sandbox's clock does; asking the rows instead of the venue keeps live pages off the
    network.
    """
    minutes = MinuteRollup.objects.filter(institution_id=institution_id)
    newest = minutes.aggregate(newest=Max("minute"))["newest"]
    return max(now(), newest) if newest else now()


def totals(institution_id: int, *, since: datetime) -> Totals:
    """Sums of an institution's fills from ``since`` (a whole minute) on, from the roll-ups."""
    own = Q(reason=Reason.OWN_CODE)
    rows = (
        _minutes(institution_id, since)
        .values("quote_currency")
        .annotate(
            tagged_fills=Sum("fills", filter=own, default=0),
            other_fills=Sum("fills", filter=~own, default=0),
            tagged_volume=Sum("volume", filter=own, default=Decimal(0)),
            other_volume=Sum("volume", filter=~own, default=Decimal(0)),
        )
        .order_by("-tagged_volume", "-other_volume", "quote_currency")
    )
    by_currency = list(rows)
    return Totals(
        tagged_fills=sum(row["tagged_fills"] for row in by_currency),
        other_fills=sum(row["other_fills"] for row in by_currency),
        tagged_volume={row["quote_currency"]: row["tagged_volume"] for row in by_currency},
        other_volume={row["quote_currency"]: row["other_volume"] for row in by_currency},
    )


def lost_tags(institution_id: int, code: str, *, since: datetime, most: int) -> int:
    """How many fills from ``since`` on, counted to ``most``, are of orders that were named after
    the institution's ``code`` and carried no code of its own: it placed them and lost the tag."""
    rows = Attribution.objects.filter(
        institution_id=institution_id,
        attributed=False,
        fill__filled_at__gte=since,
        fill__client_order_id__startswith=code,
    )
    return rows.order_by()[:most].count()


def bars(institution_id: int, *, since: datetime, quote_currency: str) -> list[Bar]:
    """Volume by minute from ``since`` on, in ``quote_currency``; minutes without fills left out."""
    own = Q(reason=Reason.OWN_CODE)
    rows = (
        _minutes(institution_id, since)
        .filter(quote_currency=quote_currency)
        .values("minute")
        .annotate(
            tagged=Sum("volume", filter=own, default=Decimal(0)),
            other=Sum("volume", filter=~own, default=Decimal(0)),
        )
        .order_by("minute")
    )
    return [Bar(row["minute"], row["tagged"], row["other"]) for row in rows]


def fills_since(since: datetime, institution_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Fills of these institutions from ``since`` on: with their code, and all others."""
    own = Q(reason=Reason.OWN_CODE)
    rows = (
        MinuteRollup.objects.filter(institution__in=institution_ids, minute__gte=since)
        .values("institution_id")
        .annotate(
            tagged=Sum("fills", filter=own, default=0), other=Sum("fills", filter=~own, default=0)
        )
    )
    return {row["institution_id"]: (row["tagged"], row["other"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC) of an institution's fills: with its code, all others, volume by currency."""

    day: date
    tagged_fills: int
    other_fills: int
    volumes: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Days:
    """Days with fills, newest first; older ones may remain before ``since`` (None: none do)."""

    days: list[Day]
    since: datetime | None


SHOWN_DAYS = 14


def days(institution_id: int, *, before: datetime | None = None) -> Days:
    """The last fortnight with fills before a moment, day by day, from the roll-ups."""
    rows = MinuteRollup.objects.filter(institution_id=institution_id)
    older = rows if before is None else rows.filter(minute__lt=before)
    newest = older.aggregate(newest=Max("minute"))["newest"]
    if newest is None:
        return Days([], None)
    midnight = newest.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - timedelta(days=SHOWN_DAYS - 1)
    own = Q(reason=Reason.OWN_CODE)
    sums = (
        older.filter(minute__gte=since)
        .annotate(day=TruncDate("minute", tzinfo=UTC))
        .values("day", "quote_currency")
        .annotate(
            tagged=Sum("fills", filter=own, default=0),
            other=Sum("fills", filter=~own, default=0),
            volume=Sum("volume", filter=own, default=Decimal(0)),
        )
        .order_by("-day", "quote_currency")
    )
    found: dict[date, Day] = {}
    for row in sums:
        day = found.get(row["day"], Day(row["day"], 0, 0, {}))
        volumes = day.volumes | ({row["quote_currency"]: row["volume"]} if row["volume"] else {})
        counted = day.tagged_fills + row["tagged"], day.other_fills + row["other"]
        found[row["day"]] = Day(row["day"], *counted, volumes)
    remains = rows.filter(minute__lt=since).exists()
    return Days(list(found.values()), since if remains else None)


def cursors(account_ids: Iterable[int] | None = None) -> QuerySet[Cursor]:
    """How far accounts have been read, the most troubled first."""
    rows = Cursor.objects.order_by("-failures", "read_at")
    return rows if account_ids is None else rows.filter(pk__in=list(account_ids))


def open_orders(account_id: int, *, besides: Collection[str]) -> list[tuple[str, str]]:
    """Instrument and id of orders that we hold for open, ``besides`` those just read."""
    rows = Order.objects.filter(venue_account_id=account_id, state__in=OPEN_STATES)
    return list(rows.exclude(order_id__in=besides).values_list("instrument", "order_id"))


def _minutes(institution_id: int, since: datetime) -> QuerySet[MinuteRollup]:
    return MinuteRollup.objects.filter(institution_id=institution_id, minute__gte=since)
