"""The one way in: once, whole, and with the right reason."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.trades.actions.ingest import record_fills
from connect_portal.trades.models import Attribution, Cursor, FeedHead, Fill, MinuteRollup
from tests.trades.making import NOON, bound_account, fill

pytestmark = pytest.mark.django_db


def reasons(institution: Institution) -> list[str]:
    return list(
        Attribution.objects.filter(institution=institution)
        .order_by("sequence")
        .values_list("reason", flat=True)
    )


def test_a_fill_with_the_code_in_its_tag_is_attributed_and_summed(
    acme: Institution, alice: Person
) -> None:
    account = bound_account(alice, acme)
    news = record_fills(account.pk, [fill(1)], read_up_to="1")
    attribution = Attribution.objects.get()
    assert (attribution.institution, attribution.attributed) == (acme, True)
    assert attribution.fill.price == Decimal(1000)
    rollup = MinuteRollup.objects.get()
    assert (rollup.fills, rollup.volume, rollup.fee) == (1, Decimal(10), Decimal("-0.035"))
    assert rollup.minute == NOON + timedelta(minutes=1)
    assert news == {acme.pk: 1}


def test_a_page_read_twice_changes_nothing(acme: Institution, alice: Person) -> None:
    account = bound_account(alice, acme)
    page = [fill(number) for number in range(5)]
    record_fills(account.pk, page)
    assert record_fills(account.pk, page) == {}
    assert record_fills(account.pk, page[2:] + page[:2]) == {}
    assert Fill.objects.count() == Attribution.objects.count() == 5
    assert MinuteRollup.objects.get().fills == 5


def test_a_row_twice_on_one_page_is_one_fill(acme: Institution, alice: Person) -> None:
    account = bound_account(alice, acme)
    record_fills(account.pk, [fill(1), fill(1)])
    assert Fill.objects.count() == Attribution.objects.count() == 1
    assert MinuteRollup.objects.get().fills == 1


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("ACMEcode1", "own_code"),
        ("", "no_tag"),
        ("ZENITH2", "foreign_tag"),
        ("acmecode1", "foreign_tag"),
        ("6b9ad766b55dBCDE", "sdk_tag"),
        ("ACME code 1", "malformed_tag"),
        ("ACMEcode1٢", "malformed_tag"),
    ],
)
def test_the_tag_alone_decides_and_the_reason_is_kept(
    tag: str, reason: str, acme: Institution, zenith: Institution, alice: Person
) -> None:
    account = bound_account(alice, acme)
    record_fills(account.pk, [fill(1, tag=tag, client_order_id="ACMEcode1abc")])
    assert reasons(acme) == [reason]
    assert reasons(zenith) == []


def test_an_account_bound_to_both_rivals_shows_each_its_own_side(
    acme: Institution, zenith: Institution, alice: Person
) -> None:
    account = bound_account(alice, acme, zenith)
    record_fills(account.pk, [fill(1), fill(2, tag="ZENITH2"), fill(3, tag="")])
    assert reasons(acme) == ["own_code", "foreign_tag", "no_tag"]
    assert reasons(zenith) == ["foreign_tag", "own_code", "no_tag"]


def test_a_fill_after_the_end_of_a_binding_is_nobodys(acme: Institution, alice: Person) -> None:
    account = bound_account(alice, acme)
    ended = NOON + timedelta(minutes=5)
    end: dict[str, Any] = {"ended_at": ended, "ended_by": "user", "sealed_credentials": None}
    account.bindings.update(state="unbound", **end)
    before, after = ended - timedelta(milliseconds=1), ended
    record_fills(account.pk, [fill(1, filled_at=before), fill(2, filled_at=after)])
    assert list(Attribution.objects.values_list("fill__bill_id", flat=True)) == ["1"]


def test_the_smallest_fee_survives_to_its_last_digit(acme: Institution, alice: Person) -> None:
    account = bound_account(alice, acme)
    smallest = Decimal("-0.000000000000000001")
    record_fills(account.pk, [fill(1, fee=smallest), fill(2, fee=smallest)])
    assert Fill.objects.get(bill_id="1").fee == smallest
    assert MinuteRollup.objects.get().fee == 2 * smallest


def test_the_cursor_moves_with_the_rows_it_has_passed(acme: Institution, alice: Person) -> None:
    account = bound_account(alice, acme)
    Cursor.objects.create(venue_account=account)
    record_fills(account.pk, [fill(1)])
    assert Cursor.objects.get().newest_bill_id == ""
    record_fills(account.pk, [], read_up_to="1")
    assert Cursor.objects.get().newest_bill_id == "1"


@given(
    pages=st.lists(
        st.lists(st.integers(min_value=1, max_value=12), max_size=6), min_size=1, max_size=6
    )
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_shuffled_doubled_and_overlapping_end_in_the_same_sums(
    pages: list[list[int]], acme: Institution, alice: Person
) -> None:
    account = bound_account(alice, uid="7001")
    if not account.bindings.exists():
        bound_account(alice, acme, uid="7001")
    for table in (Attribution, MinuteRollup, Fill, FeedHead):
        table.objects.all().delete()
    for page in pages:
        record_fills(account.pk, [fill(number) for number in page])
    distinct = {number for page in pages for number in page}
    numbers = list(Attribution.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, len(distinct) + 1))
    assert Fill.objects.count() == len(distinct)
    sums = [(row.fills, row.volume) for row in MinuteRollup.objects.all()]
    assert sums == ([(len(distinct), 10 * len(distinct))] if distinct else [])
