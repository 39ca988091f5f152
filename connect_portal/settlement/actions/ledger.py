"""What closing a day does to the ledger."""

from collections.abc import Iterable
from decimal import Decimal

from connect_portal.settlement.codes import Total
from connect_portal.settlement.enums import AccountKind, Source
from connect_portal.settlement.models import LedgerAccount, LedgerLine, Statement, Transfer


def post_statement(statement: Statement, totals: Iterable[Total]) -> None:
    """Move what a statement settles from accrued to payable, and what rounding left to the carry
    account: nothing where the statement settles nothing."""
    moves = [
        (_account(statement, kind, total.currency), amount)
        for total in totals
        for kind, amount in _movements(total)
        if amount
    ]
    if moves:
        transfer = Transfer.objects.create(source=Source.STATEMENT, source_id=statement.pk)
        LedgerLine.objects.bulk_create(
            [LedgerLine(transfer=transfer, account=account, amount=a) for account, a in moves]
        )


def _movements(total: Total) -> list[tuple[AccountKind, Decimal]]:
    return [
        (AccountKind.ACCRUED, total.exact.copy_negate()),
        (AccountKind.PAYABLE, total.payable),
        (AccountKind.CARRY, total.carried),
    ]


def _account(statement: Statement, kind: AccountKind, currency: str) -> LedgerAccount:
    account, _ = LedgerAccount.objects.get_or_create(
        kind=kind, institution_id=statement.institution_id, currency=currency
    )
    return account
