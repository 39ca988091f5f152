"""Closing days into statements, and issuing them.

One institution's day is one transaction: accrue to the head, gather what belongs to the day and
what came late for days closed before, round, hash, move the ledger, number the statement. A crash
leaves it whole or not begun, and doing it again changes nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Min

from connect_portal.audit.actions import record
from connect_portal.institutions.queries import institutions, terms
from connect_portal.settlement import codes, queries, rules
from connect_portal.settlement.actions.accrual import accrue_some, lock_cursor
from connect_portal.settlement.actions.ledger import post_statement
from connect_portal.settlement.enums import Tag
from connect_portal.settlement.errors import (
    AlreadyIssued,
    DayNotOver,
    NotCompliance,
    NotFinance,
    OwnStatement,
)
from connect_portal.settlement.models import Cursor, StatedAccrual, Statement, StatementLine
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person


def close_day(day: date, *, actor: str, proposed_by: "Person | None" = None) -> list[Statement]:
    """Close ``day``, and every earlier one still open, for all institutions; the new statements.

    A day on which nothing counted is closed without a statement. ``proposed_by`` is None where
    the clock closes. Raises DayNotOver, NotFinance.
    """
    if proposed_by is not None and not rules.may_close(proposed_by):
        raise NotFinance()
    refuse_unless_over(day)
    made: list[Statement] = []
    for institution_id in terms():
        while _close_next(institution_id, day, made, actor=actor, proposed_by=proposed_by):
            pass
    return made


def refuse_unless_over(day: date) -> None:
    """Raise DayNotOver while the business clock has not passed ``day`` in UTC."""
    until, now = rules.end_of(day), business_now()
    if now < until:
        raise DayNotOver(day=day, now=now, until=until)


@transaction.atomic
def issue(statement_id: int, *, confirmed_by: "Person", at: datetime) -> Statement:
    """Let a closed statement go out, at ``at`` (business time).

    Raises NotCompliance, OwnStatement, AlreadyIssued.
    """
    if not rules.may_issue(confirmed_by):
        raise NotCompliance()
    statement = Statement.objects.select_for_update().get(pk=statement_id)
    if statement.confirmed_by is not None:
        raise AlreadyIssued(
            number=statement.number, person=statement.confirmed_by, at=statement.issued_at
        )
    if statement.proposed_by_id == confirmed_by.pk:
        raise OwnStatement()
    statement.confirmed_by, statement.issued_at = confirmed_by, at
    statement.save(update_fields=["confirmed_by", "issued_at"])
    record(
        Tag.STATEMENT_ISSUED,
        actor=confirmed_by.actor,
        subject=f"statement:{statement.pk}",
        data={"number": statement.number, "hash": statement.hash},
    )
    return statement


@transaction.atomic
def _close_next(
    institution_id: int,
    through: date,
    made: list[Statement],
    *,
    actor: str,
    proposed_by: "Person | None",
) -> bool:
    """Close the institution's next open day up to ``through``; whether there was one."""
    cursor = lock_cursor(institution_id)
    if cursor.closed_through is not None and cursor.closed_through >= through:
        return False
    while accrue_some(institution_id):
        pass
    cursor.refresh_from_db()
    day = _next_day(cursor, through)
    lines = queries.open_lines(cursor, day)
    if lines:
        made.append(_write(cursor, day, lines, actor=actor, proposed_by=proposed_by))
    _pass(cursor, day)
    return True


def _next_day(cursor: Cursor, through: date) -> date:
    """The first open day with accruals of its own; ``through`` where there is none before it."""
    ahead = queries.accruals_after(cursor).filter(day__lte=through)
    first: date | None = ahead.aggregate(first=Min("day"))["first"]
    return first or through


def _pass(cursor: Cursor, day: date) -> None:
    cursor.closed_through = day
    cursor.closed_accrual = queries.newest_accrual(cursor.institution_id)
    cursor.save(update_fields=["closed_through", "closed_accrual"])


def _write(
    cursor: Cursor,
    day: date,
    lines: Sequence[codes.Line],
    *,
    actor: str,
    proposed_by: "Person | None",
) -> Statement:
    head = _head(cursor.institution_id, day)
    opened = [(line, queries.stated(queries.open_accruals(cursor, day, line))) for line in lines]
    statement = Statement.objects.create(
        institution_id=head.institution,
        institution_name=head.institution_name,
        venue=head.venue,
        number=head.number,
        day=day,
        previous_hash=head.previous_hash,
        hash=codes.sha256(codes.content(head, opened)),
        proposed_by=proposed_by,
    )
    _write_lines(statement, cursor, lines)
    post_statement(statement, codes.totals(lines))
    record(
        Tag.STATEMENT_CLOSED,
        actor=actor,
        subject=f"statement:{statement.pk}",
        data={
            "institution": head.institution,
            "number": head.number,
            "day": day,
            "hash": statement.hash,
            "payable": {total.currency: total.payable for total in codes.totals(lines)},
        },
    )
    return statement


def _head(institution_id: int, day: date) -> codes.Head:
    (institution,) = institutions([institution_id])
    last = Statement.objects.filter(institution_id=institution_id).order_by("-number").first()
    return codes.Head(
        venue=settings.VENUE_NAME,
        institution=institution_id,
        institution_name=institution.name,
        number=last.number + 1 if last else 1,
        day=day,
        previous_hash=last.hash if last else codes.ORIGIN,
    )


def _write_lines(statement: Statement, cursor: Cursor, lines: Sequence[codes.Line]) -> None:
    for number, line in enumerate(lines, start=1):
        row = StatementLine.objects.create(
            statement=statement,
            number=number,
            day=line.day,
            instrument=line.instrument,
            currency=line.currency,
            fills=line.fills,
            fee=line.fee,
            exact=line.exact,
            payable=line.payable,
        )
        accruals = queries.open_accruals(cursor, statement.day, line)
        StatedAccrual.objects.bulk_create(
            [
                StatedAccrual(accrual_id=pk, line=row)
                for pk in accruals.values_list("pk", flat=True)
            ],
            batch_size=5_000,
        )
