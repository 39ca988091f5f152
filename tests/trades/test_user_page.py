"""What a person sees of the fills that an institution brought over one connection."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from connect_portal.authorizations.models import Binding
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.trades.actions.ingest import record_fills
from tests.gateway.making import grant_of
from tests.trades.making import bound_account, fill

pytestmark = pytest.mark.django_db


def seen(client: Client, name: str, number: int, **headers: str) -> str:
    """The text of a page, without its markup."""
    answer = client.get(reverse(name, args=[number]), headers=headers)
    assert answer.status_code == 200
    return re.sub(r"(<[^>]*>|\s)+", " ", answer.text)


def test_the_fills_of_a_grant_are_told_with_their_fees_newest_first(
    client: Client, alice: Person, acme: Institution
) -> None:
    grant = grant_of(alice, acme)
    at = now() + timedelta(seconds=1)
    page = [
        fill(1, filled_at=at),
        fill(
            2,
            filled_at=at + timedelta(seconds=1),
            side="buy",
            fee=Decimal("-0.00001"),
            fee_currency="BTC",
        ),
        fill(3, filled_at=at, tag=""),
        fill(4, filled_at=at - timedelta(days=1)),
    ]
    record_fills(grant.venue_account_id, page)
    client.force_login(alice)
    text = seen(client, "trades_user:fills", grant.pk)
    assert "2 fills" in text
    assert "Traded 20.00 USDT" in text
    assert "-0.035 USDT" in text
    assert "-0.00001 BTC" in text
    assert re.search("Buy.*c2 .*Sell.*c1 ", text)
    assert "c3" not in text, "its order carried no code"
    assert "c4" not in text, "it was before the consent"


def test_the_fills_over_a_bound_key_end_with_it(
    client: Client, alice: Person, acme: Institution
) -> None:
    since = now() - timedelta(hours=2)
    account = bound_account(alice, acme, since=since)
    page = [fill(number, filled_at=since + timedelta(hours=number - 1)) for number in (1, 2)]
    record_fills(account.pk, page)
    Binding.objects.update(
        state="unbound",
        ended_by="user",
        ended_at=since + timedelta(minutes=30),
        sealed_credentials=None,
    )
    client.force_login(alice)
    text = seen(client, "trades_user:binding_fills", Binding.objects.get().pk)
    assert "c1" in text
    assert "c2" not in text


def test_fills_that_come_with_the_code_after_the_end_are_flagged(
    client: Client, alice: Person, acme: Institution, zenith: Institution
) -> None:
    since = now() - timedelta(hours=2)
    account = bound_account(alice, acme, zenith, since=since)
    mine = Binding.objects.filter(institution=acme)
    ended = {"state": "unbound", "ended_by": "user", "sealed_credentials": None}
    mine.update(ended_at=since + timedelta(minutes=30), **ended)
    client.force_login(alice)
    record_fills(account.pk, [fill(1, filled_at=since + timedelta(minutes=10))])
    quiet = seen(client, "trades_user:binding_fills", mine.get().pk)
    assert "after the end" not in quiet

    late = [
        fill(2, filled_at=since + timedelta(hours=1)),
        fill(3, filled_at=since + timedelta(hours=1), tag="ZENITH2"),
    ]
    record_fills(account.pk, late)
    text = seen(client, "trades_user:binding_fills", mine.get().pk)
    assert "1 fill came with the code of Acme after the end" in text
    assert "delete it on the venue's API page" in text.replace("&#x27;", "'")


def test_fills_over_a_newer_key_are_not_after_the_end_of_the_older(
    client: Client, alice: Person, acme: Institution
) -> None:
    since = now() - timedelta(hours=2)
    account = bound_account(alice, acme, since=since)
    older = Binding.objects.get()
    ended = {"state": "unbound", "ended_by": "superseded", "sealed_credentials": None}
    Binding.objects.update(ended_at=since + timedelta(minutes=30), **ended)
    bound_account(alice, acme, since=since + timedelta(minutes=30))
    record_fills(account.pk, [fill(1, filled_at=since + timedelta(hours=1))])
    client.force_login(alice)
    assert "after the end" not in seen(client, "trades_user:binding_fills", older.pk)


def test_a_page_that_fetches_it_gets_the_panel_alone(
    client: Client, alice: Person, acme: Institution
) -> None:
    grant = grant_of(alice, acme)
    client.force_login(alice)
    address = reverse("trades_user:fills", args=[grant.pk])
    answer = client.get(address, headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert "Nothing was traded" in answer.text


def test_nobody_else_sees_it(
    client: Client, ada: Person, mallory: Person, alice: Person, acme: Institution
) -> None:
    grant = grant_of(alice, acme)
    for stranger in (ada, mallory):
        client.force_login(stranger)
        assert client.get(reverse("trades_user:fills", args=[grant.pk])).status_code == 404
