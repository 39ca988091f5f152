"""Commission plans: what is shipped, what a level earns, and that nobody rewrites one."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from connect_portal import facts
from connect_portal.terms import queries
from connect_portal.terms.actions import load_example_plan
from connect_portal.terms.models import Plan, PlanTier, PlanVersion
from connect_portal.terms.rates import commission


@pytest.mark.parametrize(
    ("fee", "level", "affiliated", "earned"),
    [
        # OKX US Regular taker on 10,000 dollars: 35.00 of fee
        ("-35.00", 1, False, "8.75"),
        ("-35.00", 1, True, "1.75"),
        ("-35.00", 4, False, "14.00"),
        ("-35.00", 4, True, "4.375"),
        # Regular maker on 10,000: 20.00
        ("-20.00", 2, False, "6.00"),
        # a stablecoin pair: taker 4.00, maker nothing
        ("-4.00", 1, False, "1.00"),
        ("0", 1, False, "0"),
        # a rebate to the trader earns nothing, and never costs
        ("0.75", 4, False, "0"),
        ("-35.00", 0, False, "0"),
    ],
)
@pytest.mark.django_db
def test_the_worked_numbers_of_the_example_plan(
    fee: str, level: int, affiliated: bool, earned: str
) -> None:
    rate = queries.rate(queries.example_plan_version(), level, affiliated=affiliated)
    assert commission(Decimal(fee), rate) == Decimal(earned)


amounts = st.decimals(min_value=Decimal("-1e19"), max_value=Decimal("1e19"), places=18)
rates = st.decimals(min_value=0, max_value=1, places=10)


@given(fee=amounts, rate=rates)
def test_commission_is_exact_and_between_nothing_and_the_fee(fee: Decimal, rate: Decimal) -> None:
    earned = commission(fee, rate)
    assert 0 <= earned <= max(fee.copy_negate(), Decimal(0))
    assert units(earned, 28) == max(-units(fee, 18), 0) * units(rate, 10)


def units(value: Decimal, places: int) -> int:
    """The whole number of the smallest units in ``value``, without Decimal's arithmetic."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    whole = Fraction(int("".join(map(str, digits)))) * Fraction(10) ** (exponent + places)
    assert whole.denominator == 1
    return -int(whole) if sign else int(whole)


@pytest.mark.django_db
def test_the_example_plan_says_that_it_is_one_and_where_it_comes_from() -> None:
    version = queries.plan_version(queries.example_plan_version())
    assert version.plan.is_example
    assert "example, not an offer" in version.plan.source
    assert "https://www.okx.com/docs-v5/broker_en/" in version.plan.source
    shipped = [(row.level, row.affiliated_rate, row.rate) for row in facts.commission_tiers()]
    kept = queries.tiers(version.pk).values_list("level", "affiliated_rate", "rate")
    assert list(kept) == shipped


@pytest.mark.django_db
def test_loading_the_plan_again_adds_nothing() -> None:
    assert load_example_plan().pk == queries.example_plan_version()
    assert Plan.objects.count() == PlanVersion.objects.count() == 1


@pytest.mark.django_db
def test_other_facts_become_a_new_version_and_leave_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = queries.example_plan_version()
    monkeypatch.setattr(
        "connect_portal.terms.actions.commission_tiers", lambda: facts.commission_tiers()[:2]
    )
    new = load_example_plan()
    assert (new.number, queries.example_plan_version()) == (2, new.pk)
    assert (queries.tiers(old).count(), queries.tiers(new.pk).count()) == (5, 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE terms_plantier SET rate = 1",
        "DELETE FROM terms_plantier",
        "UPDATE terms_planversion SET number = 9",
        "UPDATE terms_plan SET is_example = false",
    ],
)
@pytest.mark.django_db
def test_the_database_refuses_to_change_a_plan(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
def test_a_rate_above_the_whole_fee_is_refused() -> None:
    version = PlanVersion.objects.get()
    with pytest.raises(DatabaseError, match="terms_tier_rates_are_shares"), transaction.atomic():
        PlanTier.objects.create(
            version=version, level=9, min_volume=0, min_traders=0, rate=2, affiliated_rate=1
        )
