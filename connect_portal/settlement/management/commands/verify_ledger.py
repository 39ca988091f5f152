"""`manage.py verify_ledger`: prove accruals, ledger and statements from the fills."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connect_portal.kit.money import plain
from connect_portal.settlement.enums import AccountKind
from connect_portal.settlement.verify import verify


class Command(BaseCommand):
    """Prints the balances and the verdict; exits 1 and names the first break if there is one."""

    help = "Recompute every accrual, transfer and statement from the fills; name the first break."

    def handle(self, *args: Any, **options: Any) -> None:
        """Recompute and say what was found."""
        verdict = verify()
        if verdict.problem:
            raise CommandError(verdict.problem)
        for (kind, owner, currency), balance in verdict.balances.items():
            of = f"institution {owner}" if owner else "the programme"
            self.stdout.write(f"{AccountKind(kind).label}, {of}: {plain(balance)} {currency}")
        self.stdout.write(
            f"{verdict.transfers} transfers, {verdict.accruals} accruals, "
            f"{verdict.statements} statements: the ledger is whole, the world sums to zero"
        )
