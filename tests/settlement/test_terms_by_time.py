"""Commission by the contract in force at the time of each fill, across a renewal."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management.base import CommandError

from connect_portal.authorizations.earnings import earns_of
from connect_portal.institutions.actions import accept_contract
from connect_portal.institutions.models import Contract, Institution
from connect_portal.people.models import Person
from connect_portal.settlement.actions import accrual
from connect_portal.settlement.models import Accrual
from connect_portal.terms.queries import example_plan_version
from tests import cast
from tests.settlement.making import as_superuser, live, trade, verify_ledger
from tests.trades.making import NOON, bound_account

pytestmark = pytest.mark.django_db

SHARES = {1: Decimal("0.25"), 3: Decimal("0.35")}


def renew(institution: Institution, *, days: float) -> Contract:
    """Renew the contract of a day ago a year, from level 3, so many days after it began."""
    return accept_contract(
        institution.pk,
        plan_version_id=example_plan_version(),
        level=3,
        accepted_by="Ada",
        actor=cast.ACTOR,
        at=NOON + timedelta(days=days),
    )


def levels() -> list[tuple[int, int]]:
    """By which level each fill was paid, by the fill's number."""
    rows = Accrual.objects.order_by("fill__bill_id")
    assert all(row.rate == SHARES[row.level] for row in rows)
    return [(int(row.fill.bill_id), row.level) for row in rows]


def test_each_fill_is_paid_by_the_contract_in_force_at_its_time_whenever_it_is_read(
    acme: Institution, alice: Person
) -> None:
    account = bound_account(alice, live(acme))
    trade(account, 1)
    accrual.accrue(acme.pk)
    before = Accrual.objects.values().get()
    renew(acme, days=330)
    trade(account, 2, days=364)
    trade(account, 3, days=366)
    trade(account, 4, days=331)
    accrual.accrue(acme.pk)
    assert levels() == [(1, 1), (2, 1), (3, 3), (4, 1)]
    assert Accrual.objects.values().get(pk=before["id"]) == before
    assert verify_ledger()


def test_what_was_traded_before_a_late_renewal_is_paid_by_the_contract_before_it(
    acme: Institution, alice: Person
) -> None:
    account = bound_account(alice, live(acme))
    second = renew(acme, days=400)
    assert second.valid_from == NOON + timedelta(days=400, minutes=1)
    trade(account, 1, days=399)
    trade(account, 2, days=401)
    accrual.accrue(acme.pk)
    assert levels() == [(1, 1), (2, 3)]


def test_an_accrual_by_another_contract_than_that_of_its_time_is_named(
    acme: Institution, alice: Person
) -> None:
    account = bound_account(alice, live(acme))
    second = renew(acme, days=330)
    trade(account, 1, days=366)
    accrual.accrue(acme.pk)
    later = f"valid_from = valid_from + interval '9 days' WHERE id = {second.pk}"
    as_superuser(f"UPDATE institutions_contract SET {later}")
    with pytest.raises(CommandError, match="not by the contract in force at its fill"):
        verify_ledger()


def test_end_users_read_what_the_institution_earns_at_that_time(acme: Institution) -> None:
    live(acme)
    renew(acme, days=330)
    for days, share in ((10, SHARES[1]), (340, SHARES[1]), (370, SHARES[3])):
        told = earns_of(acme.pk, NOON + timedelta(days=days))
        assert told is not None
        assert told.rate == share
