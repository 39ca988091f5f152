"""The ledger: what the database itself refuses, and the proof that nobody went around it."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError
from django.db import DatabaseError, connection, transaction

from connect_portal.authorizations.models import VenueAccount
from connect_portal.institutions.models import Institution
from connect_portal.settlement.actions import accrual
from connect_portal.settlement.actions.closing import close_day
from connect_portal.settlement.models import LedgerAccount, Statement
from tests import cast
from tests.settlement.making import DAY, NEXT_DAY, as_superuser, trade, verify_ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(live_acme: Institution, account: VenueAccount) -> None:
    """Two days closed into statements, and a fill of a third day that is only accrued."""
    trade(account, 1, 2)
    trade(account, 3, instrument="ETH-USDT")
    trade(account, 4, days=1)
    close_day(DAY, actor=cast.ACTOR)
    close_day(NEXT_DAY, actor=cast.ACTOR)
    trade(account, 5, days=2)
    accrual.accrue(live_acme.pk)


TABLES = ("ledgeraccount", "transfer", "ledgerline", "accrual", "statementline", "statedaccrual")


@pytest.mark.parametrize("table", [*TABLES, "statement"])
@pytest.mark.usefixtures("settled")
def test_rows_are_never_changed_or_deleted(table: str) -> None:
    column = {"statedaccrual": "line_id", "ledgeraccount": "currency"}.get(table, "id")
    for statement in (
        f"UPDATE settlement_{table} SET {column} = {column}",
        f"DELETE FROM settlement_{table}",
    ):
        with (
            pytest.raises(DatabaseError, match=r"never changed|fixed at closing"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


NEW_TRANSFER = "INSERT INTO settlement_transfer (source, source_id) VALUES ('accrual', 999999)"
LINE = "INSERT INTO settlement_ledgerline (transfer_id, account_id, amount) VALUES "


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ("(%(t)s, %(a)s, 1)", "does not balance"),
        ("(%(t)s, %(a)s, 1), (%(t)s, %(b)s, -0.9999999999999999999999999999)", "does not balance"),
        ("(%(t)s, %(a)s, 1), (%(t)s, %(other)s, -1)", "does not balance"),
        ("(%(t)s, %(a)s, 0), (%(t)s, %(b)s, 0)", "line_not_zero"),
        ("", "has no lines"),
    ],
    ids=["one side", "off by the last digit", "two currencies", "zeros", "nothing"],
)
def test_a_transfer_that_does_not_balance_is_refused(
    lines: str, refusal: str, acme: Institution
) -> None:
    expense, coin = (
        LedgerAccount.objects.create(kind="expense", currency=c) for c in ("USDT", "BTC")
    )
    accrued = LedgerAccount.objects.create(kind="accrued", institution=acme, currency="USDT")
    names = {"a": expense.pk, "b": accrued.pk, "other": coin.pk}
    with pytest.raises(DatabaseError, match=refusal):
        transfer(lines, names)


@transaction.atomic
def transfer(lines: str, names: dict[str, int]) -> None:
    """Write a transfer with these lines, by hand, as at commit."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_TRANSFER + " RETURNING id")
        (names["t"],) = cursor.fetchone()
        if lines:
            cursor.execute(LINE + lines, names)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_one_source_moves_money_once(acme: Institution) -> None:
    accounts = [
        LedgerAccount.objects.create(kind="expense", currency="USDT"),
        LedgerAccount.objects.create(kind="accrued", institution=acme, currency="USDT"),
    ]
    names = dict(zip("ab", (account.pk for account in accounts), strict=True))
    transfer("(%(t)s, %(a)s, 1), (%(t)s, %(b)s, -1)", names)
    with pytest.raises(DatabaseError, match="settlement_transfer_once"):
        transfer("(%(t)s, %(a)s, 1), (%(t)s, %(b)s, -1)", names)


def test_an_empty_ledger_is_whole() -> None:
    assert verify_ledger() == (
        "0 transfers, 0 accruals, 0 statements: the ledger is whole, the world sums to zero\n"
    )


@pytest.mark.usefixtures("settled")
def test_a_whole_ledger_is_told_account_by_account(acme: Institution) -> None:
    assert verify_ledger().splitlines() == [
        f"Accrued commission, institution {acme.pk}: 0.00875 USDT",
        f"Carried remainders, institution {acme.pk}: -0.005 USDT",
        "The programme's commission expense, the programme: -0.04375 USDT",
        f"Payable, institution {acme.pk}: 0.04 USDT",
        "7 transfers, 5 accruals, 2 statements: the ledger is whole, the world sums to zero",
    ]


A_LINE = "UPDATE settlement_ledgerline SET amount = amount * 2 WHERE "
AN_ACCRUAL = "UPDATE settlement_accrual SET {change} WHERE id = {{accrual}}"
A_STATEMENT = "UPDATE settlement_statement SET {change} WHERE number = {number}"
A_CURSOR = "UPDATE settlement_cursor SET closed_through = "
NO_STATEMENT_TRANSFERS = """
DELETE FROM settlement_transfer WHERE source = 'statement';
DELETE FROM settlement_ledgerline WHERE transfer_id NOT IN (SELECT id FROM settlement_transfer)
"""
NO_FIRST_STATEMENT = """
DELETE FROM settlement_statedaccrual;
DELETE FROM settlement_statementline;
DELETE FROM settlement_statement WHERE number = 1
"""
NO_LAST_ACCRUAL = """
DELETE FROM settlement_ledgerline WHERE transfer_id = (SELECT max(id) FROM settlement_transfer);
DELETE FROM settlement_transfer WHERE id = (SELECT max(id) FROM settlement_transfer);
DELETE FROM settlement_accrual WHERE id = (SELECT max(id) FROM settlement_accrual)
"""
NOT_MOVED, NOT_TOLD = "not what its transfer moved", "does not tell its fill"


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        (A_LINE + "id = {ledgerline}", "does not balance"),
        ("DELETE FROM settlement_ledgerline WHERE id = {ledgerline}", "does not balance"),
        (A_LINE + "transfer_id = {transfer}", NOT_MOVED),
        (AN_ACCRUAL.format(change="amount = amount * 2"), NOT_MOVED),
        (AN_ACCRUAL.format(change="rate = 0.4, level = 4"), "is not fee times rate"),
        (AN_ACCRUAL.format(change="rate = 0.4"), "not at the rate of its plan"),
        (AN_ACCRUAL.format(change="day = day - 1"), NOT_TOLD),
        (NO_LAST_ACCRUAL, "has no accrual"),
        ("UPDATE trades_fill SET fee = fee * 2 WHERE bill_id = '1'", NOT_TOLD),
        ("UPDATE trades_fill SET order_id = 'x' WHERE bill_id = '1'", "does not match its hash"),
        (
            "UPDATE trades_attribution SET attributed = false, reason = 'no_tag'",
            "no fill that counts",
        ),
        ("UPDATE settlement_statementline SET payable = 9", "not the sum of its fills"),
        (A_STATEMENT.format(change="day = day - 9", number=1), "does not match its hash"),
        (A_STATEMENT.format(change="previous_hash = repeat('f', 64)", number=2), "not follow"),
        (NO_FIRST_STATEMENT, "before it is missing"),
        (NO_STATEMENT_TRANSFERS, NOT_MOVED),
        (A_CURSOR + "'2026-12-31', closed_accrual = 999999999", "on no statement although"),
        (A_CURSOR + "'2026-11-20', closed_accrual = 0", "before its day was closed"),
    ],
)
@pytest.mark.usefixtures("settled")
def test_the_first_break_is_named(statements: str, verdict: str) -> None:
    places = {name: f"(SELECT min(id) FROM settlement_{name})" for name in TABLES}
    as_superuser(statements.format(**places))
    with pytest.raises(CommandError, match=verdict):
        verify_ledger()


@pytest.mark.usefixtures("settled")
def test_an_issued_statement_stays_as_it_is(morgan: object) -> None:
    statement = Statement.objects.first()
    assert statement is not None
    change: Callable[..., int] = Statement.objects.filter(pk=statement.pk).update
    for columns in ({"hash": "0" * 64}, {"number": 9}, {"confirmed_by": morgan}):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(**columns)
    change(confirmed_by=morgan, issued_at=statement.closed_at)
    with pytest.raises(DatabaseError, match="issued once"), transaction.atomic():
        change(issued_at=None, confirmed_by=None)
