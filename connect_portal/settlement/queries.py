"""Reads of this room: statements and what opens them, balances, what is not settled yet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Generic, TypeVar

from django.db.models import Count, Max, Model, Q, QuerySet, Sum, prefetch_related_objects

from connect_portal.settlement import codes, rules
from connect_portal.settlement.models import (
    Accrual,
    Cursor,
    LedgerLine,
    Statement,
    StatementLine,
)

ROWS: Final = 50
Row = TypeVar("Row")
Kept = TypeVar("Kept", bound=Model)
_STATED: Final = (
    "fill__venue_account__uid", "fill__bill_id", "fill__trade_id", "fill__order_id",
    "fill__filled_at", "fill__fee", "plan_version_id", "level", "rate", "amount", "why",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and the key from which the next page goes on (None at the end)."""

    rows: list[Row]
    goes_on: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A statement and its sums, as lists show it."""

    statement: Statement
    totals: list[codes.Total]


def statements(institution_id: int, *, before: int | None = None) -> Page[Summary]:
    """Issued statements of an institution, newest first, those before number ``before``."""
    rows = Statement.objects.filter(institution_id=institution_id, issued_at__isnull=False)
    if before is not None:
        rows = rows.filter(number__lt=before)
    page = _page(rows.order_by("-number"), lambda row: row.number)
    return Page(_summed(page.rows), page.goes_on)


def issued(institution_id: int, number: int) -> Statement | None:
    """One statement of an institution, once it is issued."""
    rows = Statement.objects.filter(institution_id=institution_id, number=number)
    return rows.filter(issued_at__isnull=False).first()


def statement(statement_id: int) -> Statement | None:
    """One statement, issued or not: for the console."""
    people = ("proposed_by", "confirmed_by", "institution")
    return Statement.objects.filter(pk=statement_id).select_related(*people).first()


def all_statements(*, before: int | None = None) -> Page[Summary]:
    """Statements of everybody as they were closed, newest first; ``before`` is a statement's id."""
    rows = Statement.objects.select_related("proposed_by", "confirmed_by")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = _page(rows.order_by("-pk"), lambda row: row.pk)
    return Page(_summed(page.rows), page.goes_on)


def closed(institution_id: int) -> QuerySet[Statement]:
    """Every statement of an institution, issued or not."""
    return Statement.objects.filter(institution_id=institution_id)


def lines(of: Statement) -> list[StatementLine]:
    """The lines of a statement in their order."""
    return list(of.lines.order_by("number"))


def line(of: Statement, number: int) -> StatementLine | None:
    """One line of a statement."""
    return of.lines.filter(number=number).first()


def totals(of: Statement) -> list[codes.Total]:
    """The sums of a statement by currency."""
    return codes.totals(written(row) for row in lines(of))


def fills(of: StatementLine, *, after: int = 0) -> Page[Accrual]:
    """The accruals behind a line with their fills, oldest first, those after the id ``after``."""
    rows = Accrual.objects.filter(stated__line=of, pk__gt=after).select_related("fill")
    return _page(rows.order_by("pk"), lambda row: row.pk)


def content(of: Statement) -> bytes:
    """The canonical bytes of a statement, made anew from its lines and their fills."""
    opened = [(written(row), stated(Accrual.objects.filter(stated__line=row))) for row in lines(of)]
    return codes.content(head(of), opened)


def head(of: Statement) -> codes.Head:
    """The statement's own words about itself."""
    return codes.Head(
        of.venue, of.institution_id, of.institution_name, of.number, of.day, of.previous_hash
    )


def written(row: StatementLine) -> codes.Line:
    """A kept line as the paper tells it."""
    return codes.Line(
        row.day, row.instrument, row.currency, row.fills, row.fee, row.exact, row.payable
    )


def stated(accruals: QuerySet[Accrual]) -> Iterator[codes.Stated]:
    """The fills of these accruals as the paper tells them, in the order of accrual."""
    for row in accruals.order_by("pk").values_list(*_STATED).iterator(chunk_size=2_000):
        yield codes.Stated(*row)


def open_lines(cursor: Cursor, day: date) -> list[codes.Line]:
    """What closing ``day`` would state: its own sums first, then late ones of earlier days."""
    groups = (
        _open(cursor, day)
        .values_list("day", "instrument", "currency")
        .annotate(fills=Count("pk"), sum_fee=Sum("fee"), exact=Sum("amount"))
        .order_by("-day", "instrument", "currency")
    )
    return [
        codes.Line(its_day, instrument, currency, count, fee, exact, rules.rounded(exact, currency))
        for its_day, instrument, currency, count, fee, exact in groups
    ]


def open_accruals(cursor: Cursor, day: date, of: codes.Line) -> QuerySet[Accrual]:
    """The accruals behind one of `open_lines`, in order."""
    rows = _open(cursor, day).filter(day=of.day, instrument=of.instrument, currency=of.currency)
    return rows.order_by("pk")


def accruals_after(cursor: Cursor) -> QuerySet[Accrual]:
    """Accruals of days that are still open."""
    rows = Accrual.objects.filter(institution_id=cursor.institution_id)
    return rows.filter(day__gt=cursor.closed_through) if cursor.closed_through else rows


def newest_accrual(institution_id: int) -> int:
    """The id of the institution's newest accrual, 0 before the first."""
    rows = Accrual.objects.filter(institution_id=institution_id)
    return rows.aggregate(newest=Max("pk"))["newest"] or 0


def unstated(institution_id: int) -> QuerySet[Accrual]:
    """Accruals of an institution that are on no statement yet."""
    rows = Accrual.objects.filter(institution_id=institution_id)
    cursor = Cursor.objects.filter(pk=institution_id).first()
    return rows.filter(_beyond(cursor)) if cursor else rows


def unstated_sums(institution_id: int) -> dict[str, Decimal]:
    """Commission that is on no statement yet by currency, unrounded; zeros left out."""
    rows = unstated(institution_id).filter(amount__gt=0)
    return dict(rows.order_by("currency").values_list("currency").annotate(Sum("amount")))


def earned_on(institution_id: int, day: date) -> dict[str, Decimal]:
    """Commission for the fills of one day (UTC) by currency, unrounded; zeros left out."""
    rows = Accrual.objects.filter(institution_id=institution_id, day=day, amount__gt=0)
    return dict(rows.order_by("currency").values_list("currency").annotate(Sum("amount")))


def balances() -> dict[tuple[str, int | None, str], Decimal]:
    """The balance of every account: kind, institution, currency."""
    account = ("account__kind", "account__institution_id", "account__currency")
    rows = LedgerLine.objects.values_list(*account).annotate(Sum("amount")).order_by(*account)
    return {(kind, owner, currency): balance for kind, owner, currency, balance in rows}


def _page(rows: QuerySet[Kept], key: Callable[[Kept], int]) -> Page[Kept]:
    found = list(rows[: ROWS + 1])
    return Page(found[:ROWS], key(found[ROWS - 1]) if len(found) > ROWS else None)


def _summed(rows: list[Statement]) -> list[Summary]:
    """The sums of many statements in one query."""
    prefetch_related_objects(rows, "lines")
    return [Summary(row, codes.totals(written(line) for line in row.lines.all())) for row in rows]


def _open(cursor: Cursor, day: date) -> QuerySet[Accrual]:
    rows = Accrual.objects.filter(institution_id=cursor.institution_id, day__lte=day)
    return rows.filter(_beyond(cursor))


def _beyond(cursor: Cursor) -> Q:
    """Not on a statement: of an open day, or accrued after its day was closed."""
    if cursor.closed_through is None:
        return Q()
    return Q(day__gt=cursor.closed_through) | Q(pk__gt=cursor.closed_accrual)
