"""Makes institutions that earn, and fills of theirs, for the tests of this room."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection

from connect_portal.authorizations.models import VenueAccount
from connect_portal.institutions.actions import accept_contract, go_live
from connect_portal.institutions.models import Institution
from connect_portal.settlement.codes import EXACT
from connect_portal.settlement.models import Accrual, LedgerLine
from connect_portal.terms.queries import example_plan_version
from connect_portal.trades.actions.ingest import record_fills
from tests import cast
from tests.trades.making import NOON, fill

DAY = NOON.date()
NEXT_DAY = DAY + timedelta(days=1)


def live(institution: Institution, *, level: int = 1, since: datetime = NOON) -> Institution:
    """Give an institution a contract on the example plan that went live at ``since``."""
    accept_contract(
        institution.pk,
        plan_version_id=example_plan_version(),
        level=level,
        accepted_by="Ada",
        actor=cast.ACTOR,
        at=since,
    )
    go_live(institution.pk, actor=cast.ACTOR, at=since)
    return institution


def trade(account: VenueAccount, *numbers: int, days: int = 0, **changes: Any) -> None:
    """Record the fills of these numbers, ``days`` after the usual day."""
    made = [fill(number, **changes) for number in numbers]
    if days:
        later = timedelta(days=days)
        made = [fill(n, **(changes | {"filled_at": fill(n).filled_at + later})) for n in numbers]
    record_fills(account.pk, made)


def balances(institution: Institution | None = None) -> dict[str, Decimal]:
    """What stands on the accounts, "kind currency" by balance; zero balances left out."""
    sums: dict[str, Decimal] = {}
    for line in LedgerLine.objects.select_related("account"):
        if institution is None or line.account.institution_id in (institution.pk, None):
            name = f"{line.account.kind} {line.account.currency}"
            sums[name] = EXACT.add(sums.get(name, Decimal(0)), line.amount)
    return {name: balance for name, balance in sums.items() if balance}


def earned(institution: Institution) -> Decimal:
    """Everything the institution's accruals add up to, all in one currency."""
    rows = Accrual.objects.filter(institution=institution)
    return sum(rows.values_list("amount", flat=True), Decimal(0))


def verify_ledger() -> str:
    """What the command prints; CommandError names the first break."""
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    return out.getvalue()


def as_superuser(statements: str) -> None:
    """Run SQL as somebody who may switch triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statements)
        cursor.execute("SET session_replication_role = origin")


def day(text: str) -> date:
    """A day by its ISO text."""
    return date.fromisoformat(text)
