"""The proof of the ledger: everything recomputed from the fills, the first break named.

It trusts no sum, no hash and no accrual that is stored; amounts are computed again in Python, by
another way than the SQL that wrote them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from django.db import connection, transaction

from connect_portal.institutions.queries import Term, terms
from connect_portal.settlement import codes, queries, rules
from connect_portal.settlement.enums import AccountKind, Source
from connect_portal.settlement.models import (
    Accrual,
    Cursor,
    LedgerLine,
    Statement,
    StatementLine,
    Transfer,
)
from connect_portal.terms.queries import rate
from connect_portal.terms.rates import commission
from connect_portal.trades.queries import attributed

_UNEVEN = """
SELECT transfer.id, transfer.source, transfer.source_id
FROM settlement_transfer AS transfer
LEFT JOIN settlement_ledgerline AS line ON line.transfer_id = transfer.id
LEFT JOIN settlement_ledgeraccount AS account ON account.id = line.account_id
GROUP BY transfer.id, account.currency
HAVING count(line.id) < 2 OR sum(line.amount) <> 0
ORDER BY transfer.id LIMIT 1
"""
_STRAY = """
SELECT accrual.id, transfer.source_id
FROM settlement_accrual AS accrual
FULL JOIN (SELECT * FROM settlement_transfer WHERE source = 'accrual') AS transfer
    ON transfer.source_id = accrual.id
LEFT JOIN LATERAL (
    SELECT count(*) AS lines, count(*) FILTER (
        WHERE account.currency = accrual.currency AND (
            (account.kind = 'expense' AND line.amount = -accrual.amount)
            OR (account.kind = 'accrued' AND line.amount = accrual.amount
                AND account.institution_id = accrual.institution_id))) AS right_lines
    FROM settlement_ledgerline AS line
    JOIN settlement_ledgeraccount AS account ON account.id = line.account_id
    WHERE line.transfer_id = transfer.id) AS told ON true
WHERE accrual.id IS NULL
    OR (accrual.amount > 0) <> (transfer.id IS NOT NULL)
    OR (accrual.amount > 0 AND (told.lines <> 2 OR told.right_lines <> 2))
ORDER BY 1, 2 LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at; ``problem`` names the first break, "" where all is whole."""

    transfers: int
    accruals: int
    statements: int
    balances: dict[tuple[str, int | None, str], Decimal]
    problem: str = ""


@transaction.atomic
def verify() -> Verdict:
    """Recompute everything, against one unchanging view of the database."""
    with connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    problem = next(_problems(), "")
    return Verdict(
        transfers=Transfer.objects.count(),
        accruals=Accrual.objects.count(),
        statements=Statement.objects.count(),
        balances=queries.balances(),
        problem=problem,
    )


def _problems() -> Iterator[str]:
    yield from _uneven_transfers()
    yield from _stray_transfers()
    for institution_id, spans in terms().items():
        yield from _wrong_accruals(institution_id, spans)
    for statement in Statement.objects.order_by("institution_id", "number"):
        yield from _wrong_statement(statement)
    for cursor in Cursor.objects.order_by("pk"):
        yield from _forgotten(cursor)


def _uneven_transfers() -> Iterator[str]:
    for row_id, source, source_id in _rows(_UNEVEN):
        yield f"transfer {row_id} ({source} {source_id}) does not balance"


def _stray_transfers() -> Iterator[str]:
    for accrual_id, source_id in _rows(_STRAY):
        if accrual_id is None:
            yield f"a transfer was made for accrual {source_id}, which does not exist"
        else:
            yield f"accrual {accrual_id} is not what its transfer moved"


def _wrong_accruals(institution_id: int, spans: list[Term]) -> Iterator[str]:
    """Every fill that counts has its accrual, by the term of its time: walk along both in the same
    order."""
    cursor = Cursor.objects.filter(pk=institution_id).first()
    if cursor is None:
        return
    counting = attributed(institution_id, after=0, up_to=cursor.sequence, since=spans[0].begins)
    kept = Accrual.objects.filter(institution_id=institution_id).order_by("attribution_id")
    pairs = zip_longest(
        counting.order_by("pk").iterator(chunk_size=2_000), kept.iterator(chunk_size=2_000)
    )
    for row, accrual in pairs:
        if problem := _wrong_pair(row, accrual, spans):
            yield problem
            return


def _wrong_pair(row: tuple[Any, ...] | None, accrual: Accrual | None, spans: list[Term]) -> str:
    if row is None or (accrual is not None and accrual.attribution_id < row[0]):
        return f"accrual {accrual.pk if accrual else 0} has no fill that counts"
    attribution_id, fill_id, instrument, currency, fee, at = row
    if accrual is None or accrual.attribution_id != attribution_id:
        return f"fill {fill_id} has no accrual"
    told = (accrual.fill_id, accrual.instrument, accrual.currency, accrual.fee, accrual.day)
    if told != (fill_id, instrument, currency, fee, at.date()):
        return f"accrual {accrual.pk} does not tell its fill {fill_id}"
    if accrual.rate != _rate(accrual.plan_version_id, accrual.level):
        return f"accrual {accrual.pk} is not at the rate of its plan and level"
    if accrual.amount != commission(fee, accrual.rate):
        return f"accrual {accrual.pk} is not fee times rate"
    term = next(term for term in spans if term.holds_at(at))
    if (accrual.plan_version_id, accrual.level) != (term.plan_version_id, term.level):
        return f"accrual {accrual.pk} is not by the contract in force at its fill {fill_id}"
    return ""


@lru_cache
def _rate(plan_version_id: int, level: int) -> Decimal:
    """Plans never change, so a rate is asked for once."""
    return rate(plan_version_id, level)


def _wrong_statement(statement: Statement) -> Iterator[str]:
    name = f"statement {statement.number} of institution {statement.institution_id}"
    before = Statement.objects.filter(
        institution_id=statement.institution_id, number=statement.number - 1
    ).first()
    if statement.number > 1 and before is None:
        yield f"{name}: the statement before it is missing"
    if statement.previous_hash != (before.hash if before else codes.ORIGIN):
        yield f"{name} does not follow the one before it"
    for line in queries.lines(statement):
        yield from _wrong_line(name, line)
    if statement.hash != codes.sha256(queries.content(statement)):
        yield f"{name}: its content does not match its hash"
    if _moved(statement) != _should_move(statement):
        yield f"{name} is not what its transfer moved"


def _wrong_line(name: str, line: StatementLine) -> Iterator[str]:
    fills = list(queries.stated(Accrual.objects.filter(stated__line=line)))
    exact, fee = Decimal(0), Decimal(0)
    for fill in fills:
        exact = codes.EXACT.add(exact, commission(fill.fee, fill.rate))
        fee = codes.EXACT.add(fee, fill.fee)
    told = (line.fills, line.fee, line.exact, line.payable)
    if told != (len(fills), fee, exact, rules.rounded(exact, line.currency)):
        yield f"{name}: line {line.number} is not the sum of its fills"


def _should_move(statement: Statement) -> dict[tuple[str, str], Decimal]:
    moves = {}
    for total in queries.totals(statement):
        moves[AccountKind.ACCRUED.value, total.currency] = total.exact.copy_negate()
        moves[AccountKind.PAYABLE.value, total.currency] = total.payable
        moves[AccountKind.CARRY.value, total.currency] = total.carried
    return {account: amount for account, amount in moves.items() if amount}


def _moved(statement: Statement) -> dict[tuple[str, str], Decimal]:
    rows = LedgerLine.objects.filter(
        transfer__source=Source.STATEMENT,
        transfer__source_id=statement.pk,
        account__institution_id=statement.institution_id,
    )
    told = rows.values_list("account__kind", "account__currency", "amount")
    return {(kind, currency): amount for kind, currency, amount in told}


def _forgotten(cursor: Cursor) -> Iterator[str]:
    """What closing has passed is stated, what it has not passed is not."""
    mine = Accrual.objects.filter(institution_id=cursor.institution_id)
    open_ones = queries.unstated(cursor.institution_id)
    for pk in open_ones.filter(stated__isnull=False).values_list("pk", flat=True)[:1]:
        yield f"accrual {pk} is on a statement before its day was closed"
    closed = mine.exclude(pk__in=open_ones.values("pk"))
    for pk in closed.filter(stated__isnull=True).values_list("pk", flat=True)[:1]:
        yield f"accrual {pk} is on no statement although its day is closed"


def _rows(statement: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
