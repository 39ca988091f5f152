"""Paper money on the page of an account: so much, so often a day, and each gift once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from connect_portal.audit.models import Event
from connect_portal.authorizations.enums import GIFTS, GIFTS_A_DAY
from connect_portal.authorizations.models import Gift
from connect_portal.people.models import Person
from tests.authorizations.desk import Desk, at_the_desk, notes, words
from tests.faults import proxy as faults
from tests.faults.proxy import Proxy
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, alice: Person, exchange: Sandbox) -> Desk:
    """Alice at her fresh account."""
    return at_the_desk(client, alice, exchange)


def held(desk: Desk) -> dict[str, Decimal]:
    return {row["ccy"]: Decimal(row["bal"]) for row in desk.shown()["balances"]}


def test_a_gift_is_in_the_account_and_in_the_trail(desk: Desk) -> None:
    answer = desk.send("money/", {"number": 1, "currency": "BTC"}, hx_request="true")
    assert "0.1 BTC of paper money given." in words(answer)
    assert "4 of 5 left today." in words(answer)
    assert held(desk) == {"BTC": GIFTS["BTC"]}
    event = Event.objects.get(tag="authorizations:faucet:given")
    assert (event.actor, event.subject) == (desk.person.actor, f"account:{desk.account.pk}")
    assert (event.data["currency"], event.data["amount"]) == ("BTC", "0.1")


@pytest.mark.parametrize("currency", GIFTS)
def test_every_currency_on_offer_is_one_that_the_exchange_knows(desk: Desk, currency: str) -> None:
    assert desk.send("money/", {"number": 1, "currency": currency}).status_code == 302
    assert held(desk) == {currency: GIFTS[currency]}


def test_a_form_sent_twice_gives_once(desk: Desk) -> None:
    for _ in range(2):
        assert desk.send("money/", {"number": 1, "currency": "USDT"}).status_code == 302
    assert held(desk) == {"USDT": GIFTS["USDT"]}
    assert Event.objects.filter(tag="authorizations:faucet:given").count() == 1


def test_an_old_form_does_not_pass_one_gift_for_another(desk: Desk) -> None:
    desk.send("money/", {"number": 1, "currency": "USDT"})
    answer = desk.send("money/", {"number": 1, "currency": "BTC"})
    assert "counts once" in notes(answer, "gift_form")[""]
    assert held(desk) == {"USDT": GIFTS["USDT"]}


def test_the_faucet_runs_dry_until_the_next_day(desk: Desk) -> None:
    for number in range(1, GIFTS_A_DAY + 1):
        desk.send("money/", {"number": number, "currency": "USDT"})
    assert "All 5 of today are taken." in desk.read()
    answer = desk.send("money/", {"number": GIFTS_A_DAY + 1, "currency": "USDT"})
    assert "All 5 gifts of today are given." in notes(answer, "gift_form")["currency"]
    assert held(desk) == {"USDT": GIFTS["USDT"] * GIFTS_A_DAY}

    for gift in Gift.objects.all():
        Gift.objects.filter(pk=gift.pk).update(day=gift.day - timedelta(days=1))
    assert "5 of 5 left today." in desk.read()


def test_a_gift_that_the_exchange_did_not_confirm_is_not_given_twice(
    desk: Desk, proxy: Proxy
) -> None:
    proxy.spoil("/sandbox/v1/accounts", faults.DOWN)
    answer = desk.send("money/", {"number": 1, "currency": "USDT"})
    assert "The exchange does not answer." in notes(answer, "gift_form")[""]
    assert "5 of 5 left today." in desk.read()
    desk.send("money/", {"number": 1, "currency": "USDT"})
    assert held(desk) == {"USDT": GIFTS["USDT"]}


@pytest.mark.parametrize(
    "fields", [{}, {"number": 0, "currency": "USDT"}, {"number": 1, "currency": "GOLD"}]
)
def test_nothing_else_can_be_asked_of_the_faucet(desk: Desk, fields: dict[str, object]) -> None:
    assert desk.send("money/", fields).status_code == 422
    assert held(desk) == {}
    assert not Gift.objects.exists()
