"""Makes closed and issued statements, and who looks at them, for the tests of pages."""

from typing import Any

from django.test import Client

from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person
from connect_portal.settlement.actions.closing import close_day, issue
from connect_portal.settlement.models import Statement
from tests import cast
from tests.settlement.making import DAY, NEXT_DAY, live, trade
from tests.trades.making import bound_account


def acme_with_statements() -> Institution:
    """Acme with two closed days, the second with an adjustment, and fills not stated yet."""
    acme = live(cast.institution("Acme", code="ACMEcode1"))
    account = bound_account(cast.person("Alice"), acme)
    trade(account, 1, 2)
    trade(account, 3, instrument="ETH-USDC", fee_currency="ETH")
    close_day(DAY, actor=cast.ACTOR)
    trade(account, 4)
    trade(account, 5, days=1)
    close_day(NEXT_DAY, actor=cast.ACTOR)
    trade(account, 6, days=2)
    return acme


def cora() -> Person:
    """Compliance, who issues statements."""
    return cast.staff("Cora", StaffRole.COMPLIANCE)


def finn() -> Person:
    """Finance, who closes days."""
    return cast.staff("Finn", StaffRole.FINANCE)


def issue_all(by: Person) -> None:
    """Issue every statement."""
    for statement in Statement.objects.order_by("pk"):
        issue(statement.pk, confirmed_by=by, at=now())


def ada_reading(client: Client) -> dict[str, Any]:
    """The owner of Acme, at its list of issued statements."""
    acme = acme_with_statements()
    issue_all(cora())
    cast.sign_in(client, cast.member("Ada", acme))
    return {"slug": acme.slug}


def ada_at_a_statement(client: Client) -> dict[str, Any]:
    """The same, at the second statement."""
    return {**ada_reading(client), "number": 2}


def ada_at_a_line(client: Client) -> dict[str, Any]:
    """The same, at its second line, an adjustment."""
    return {**ada_at_a_statement(client), "line": 2}


def finn_closing(client: Client) -> dict[str, Any]:
    """Finance, at the list."""
    acme_with_statements()
    cast.sign_in(client, finn())
    return {}


def cora_issuing(client: Client) -> dict[str, Any]:
    """Compliance, at a statement that waits."""
    acme_with_statements()
    cast.sign_in(client, cora())
    return {"statement_id": Statement.objects.latest("pk").pk}


def cora_at_a_line(client: Client) -> dict[str, Any]:
    """The same, at a line of it."""
    return {**cora_issuing(client), "line": 1}
