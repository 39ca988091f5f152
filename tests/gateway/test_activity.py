"""What a person sees of the orders over a connection of theirs."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from connect_portal.authorizations.models import Grant
from connect_portal.gateway.models import Budget
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from tests.gateway.making import busy_grant, decided, grant_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def grant(alice: Person, acme: Institution) -> Grant:
    """Alice's busy connection to Acme."""
    return busy_grant(alice, acme)


def seen(client: Client, grant: Grant, **headers: str) -> str:
    """The text of the page, without its markup."""
    answer = client.get(reverse("gateway_user:activity", args=[grant.pk]), headers=headers)
    assert answer.status_code == 200
    return re.sub(r"(<[^>]*>|\s)+", " ", answer.text)


def test_every_order_is_told_with_what_became_of_it_newest_first(
    client: Client, alice: Person, grant: Grant
) -> None:
    client.force_login(alice)
    text = seen(client, grant)
    told = (
        "lost1 ACMEcode1 Sent No answer was noted",
        "poor1 ACMEcode1 Not accepted Insufficient USDT balance (51008)",
        "foreign1 ZENITH2 Refused here Parameter tag error (51000)",
        "accepted1 ACMEcode1 Accepted",
    )
    assert re.search(".*".join(map(re.escape, told)), text)


def test_a_page_that_fetches_it_gets_the_panel_alone(
    client: Client, alice: Person, grant: Grant
) -> None:
    client.force_login(alice)
    answer = client.get(
        reverse("gateway_user:activity", args=[grant.pk]), headers={"HX-Request": "true"}
    )
    assert "<html" not in answer.text
    assert "accepted1" in answer.text


def test_nobody_else_sees_it(
    client: Client, ada: Person, mallory: Person, morgan: Person, grant: Grant
) -> None:
    for stranger in (ada, mallory):
        client.force_login(stranger)
        answer = client.get(reverse("gateway_user:activity", args=[grant.pk]))
        assert answer.status_code == 404


def test_orders_over_another_connection_are_not_among_them(
    client: Client, alice: Person, bob: Person, acme: Institution, grant: Grant
) -> None:
    decided(grant_of(bob, acme, uid="7002"), "bobs1", outcome="0")
    client.force_login(alice)
    assert "bobs1" not in seen(client, grant)


def test_an_unused_connection_says_so(client: Client, alice: Person, zenith: Institution) -> None:
    client.force_login(alice)
    unused = grant_of(alice, zenith, uid="7003")
    assert "No order was sent over this connection yet" in seen(client, unused)


def test_the_latest_fifty_are_shown(client: Client, alice: Person, grant: Grant) -> None:
    client.force_login(alice)
    for number in range(100):
        decided(grant, f"more{number}", outcome="0")
    text = seen(client, grant)
    assert text.count("BTC-USDT") == 50
    assert "accepted1" not in text


def test_the_day_is_told_with_what_is_used_of_its_limit(
    client: Client, alice: Person, mallory: Person, grant: Grant
) -> None:
    Grant.objects.update(most_per_day=Decimal(2000))
    Budget.objects.create(grant=grant, day=now().date(), used=Decimal("500.126"))
    yesterday = now().date() - timedelta(days=1)
    Budget.objects.create(grant=grant, day=yesterday, used=Decimal(1999))
    address = reverse("gateway_user:usage", args=[grant.pk])
    client.force_login(alice)
    panel = client.get(address, headers={"HX-Request": "true"}).text
    assert "500.13 of 2,000 USD" in panel
    assert 'value="25" max="100"' in panel
    Grant.objects.update(most_per_day=None)
    assert "Without a limit per day" in client.get(address).text
    client.force_login(mallory)
    assert client.get(address).status_code == 404
