"""Commission per fill: exact, once, with its terms, and only for what counts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from connect_portal.authorizations.models import VenueAccount
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.settlement.actions import accrual
from connect_portal.settlement.models import Accrual, Cursor, LedgerLine, Transfer
from connect_portal.terms.queries import example_plan_version
from tests.settlement.making import DAY, balances, earned, live, trade
from tests.trades.making import NOON, bound_account

pytestmark = pytest.mark.django_db


def test_a_fill_earns_its_fee_times_the_rate_and_keeps_the_terms(
    live_acme: Institution, account: VenueAccount
) -> None:
    trade(account, 1, fee=Decimal("-35.00"))
    accrual.accrue(live_acme.pk)
    row = Accrual.objects.get()
    assert (row.amount, row.currency, row.day) == (Decimal("8.75"), "USDT", DAY)
    assert (row.plan_version_id, row.level, row.rate) == (
        example_plan_version(),
        1,
        Decimal("0.25"),
    )
    assert balances() == {"expense USDT": Decimal("-8.75"), "accrued USDT": Decimal("8.75")}


LONGEST = "3086419725308641972.5308641972530864195"


@pytest.mark.parametrize(
    ("fee", "level", "commission", "why"),
    [
        ("-20.00", 2, "6.00", "earned"),
        ("-35.00", 4, "14.00", "earned"),
        ("-0.000000000000000001", 1, "0.00000000000000000025", "earned"),
        ("-12345678901234567890.123456789012345678", 1, LONGEST, "earned"),
        ("0", 1, "0", "no_fee"),
        ("0.75", 4, "0", "rebate"),
        ("-35.00", 0, "0", "no_rate"),
    ],
)
def test_every_digit_counts_and_nothing_earned_says_why(
    fee: str, level: int, commission: str, why: str, acme: Institution, alice: Person
) -> None:
    live(acme, level=level)
    trade(bound_account(alice, acme), 1, fee=Decimal(fee))
    accrual.accrue(acme.pk)
    row = Accrual.objects.get()
    assert (row.amount, row.why) == (Decimal(commission), why)
    assert Transfer.objects.count() == (1 if row.amount else 0)


def test_only_the_own_code_earns(live_acme: Institution, account: VenueAccount) -> None:
    trade(account, 1)
    trade(account, 2, tag="")
    trade(account, 3, tag="ZENITH2")
    trade(account, 4, tag="6b9ad766b55dBCDE")
    accrual.accrue(live_acme.pk)
    assert list(Accrual.objects.values_list("fill__bill_id", flat=True)) == ["1"]
    assert Cursor.objects.get().sequence == 4


def test_accruing_again_changes_nothing_even_with_the_cursor_set_back(
    live_acme: Institution, account: VenueAccount
) -> None:
    trade(account, 1, 2, 3)
    accrual.accrue(live_acme.pk)
    before = (list(Accrual.objects.values()), list(LedgerLine.objects.values()))
    accrual.accrue(live_acme.pk)
    Cursor.objects.update(sequence=0)
    accrual.accrue(live_acme.pk)
    assert (list(Accrual.objects.values()), list(LedgerLine.objects.values())) == before


def test_fills_wait_for_the_contract_and_those_before_it_never_count(
    acme: Institution, alice: Person
) -> None:
    account = bound_account(alice, acme)
    trade(account, 1, 2)
    accrual.accrue(acme.pk)
    assert not Cursor.objects.exists()
    live(acme, since=NOON + timedelta(minutes=1, seconds=2))
    accrual.accrue_all()
    assert list(Accrual.objects.values_list("fill__bill_id", flat=True)) == ["2"]


def test_the_sweep_finds_what_a_lost_job_left_and_much_of_it(
    live_acme: Institution, account: VenueAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accrual, "NEWS_AT_ONCE", 3)
    trade(account, *range(1, 9))
    accrual.accrue_all()
    assert (Accrual.objects.count(), earned(live_acme)) == (8, 8 * Decimal("0.00875"))
    assert Cursor.objects.get().sequence == 8


def test_one_fill_of_two_institutions_is_paid_to_the_one_whose_code_it_carries(
    live_acme: Institution, zenith: Institution, alice: Person
) -> None:
    live(zenith, level=4)
    account = bound_account(alice, live_acme, zenith)
    trade(account, 1)
    trade(account, 2, tag="ZENITH2")
    accrual.accrue_all()
    assert (earned(live_acme), earned(zenith)) == (Decimal("0.00875"), Decimal("0.014"))
    assert sum(balances().values()) == 0
