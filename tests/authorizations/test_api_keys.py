"""API keys of a sandbox account, made and deleted by its owner on a page."""

import logging
import re
from html import unescape
from typing import Any

import pytest
from django.core import serializers
from django.test import Client

from connect_portal.audit.models import Event
from connect_portal.authorizations.enums import Scope
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.venue.errors import KeyRefused
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Credentials, Environment
from tests.authorizations.desk import Desk, at_the_desk, notes, words
from tests.authorizations.oauth import client_of, granted
from tests.faults import proxy as faults
from tests.faults.proxy import Proxy
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db

PASSPHRASE = "Correct-Horse-9"
FORM: dict[str, object] = {
    "form_id": "a-form",
    "name": "My bot",
    "permissions": ["read_only", "trade"],
    "addresses": "",
    "passphrase": PASSPHRASE,
}


@pytest.fixture
def desk(client: Client, alice: Person, exchange: Sandbox) -> Desk:
    """Alice at her fresh account."""
    return at_the_desk(client, alice, exchange)


def made(answer: Any) -> Credentials:
    """The key that a page shows."""
    page = unescape(answer.content.decode())
    key, secret = (
        re.search(f'<code id="made-{part}">([^<]+)</code>', page) for part in ("key", "secret")
    )
    assert key is not None
    assert secret is not None
    return Credentials(key[1], secret[1], PASSPHRASE)


def test_a_new_key_is_shown_once_and_works(desk: Desk) -> None:
    answer = desk.send("keys/", FORM)
    key = made(answer)
    report = venue().probe(key)
    assert (report.uid, report.label, report.ips) == (desk.account.uid, "My bot", ())
    assert report.permissions == {"read_only", "trade"}
    assert "no-store" in answer["Cache-Control"]
    listed = desk.read("keys/")
    assert key.api_key in listed
    assert key.secret not in listed


def test_a_new_key_is_told_to_the_trail_without_its_secret(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = made(desk.send("keys/", FORM | {"addresses": "127.0.0.1"}))
    event = Event.objects.get(tag="authorizations:api_key:made")
    assert (event.actor, event.subject) == (desk.person.actor, f"account:{desk.account.pk}")
    assert (event.data["name"], event.data["addresses"]) == ("My bot", ["127.0.0.1"])
    kept = serializers.serialize("json", Event.objects.all()) + caplog.text
    assert key.secret not in kept
    assert PASSPHRASE not in kept


def test_a_key_may_be_bound_to_addresses_and_marked_for_withdrawal(desk: Desk) -> None:
    everything = ["read_only", "trade", "withdraw"]
    addresses = "127.0.0.1, 203.0.113.0/24\n2001:db8::/32"
    key = made(desk.send("keys/", FORM | {"permissions": everything, "addresses": addresses}))
    report = venue().probe(key)
    assert report.ips == ("127.0.0.1", "203.0.113.0/24", "2001:db8::/32")
    assert report.permissions == set(everything)


def test_reading_is_always_included(desk: Desk) -> None:
    key = made(desk.send("keys/", FORM | {"permissions": []}))
    assert venue().probe(key).permissions == {"read_only"}


def test_a_key_of_the_demo_environment_works_there_alone(desk: Desk) -> None:
    desk.client.post("/user/account/demo/")
    path = desk.client.get("/user/account/demo/")["Location"]
    key = made(desk.client.post(f"{path}keys/", FORM))
    assert venue().desk(key, Environment.DEMO).balances() == ()
    with pytest.raises(KeyRefused):
        venue().desk(key, Environment.LIVE).balances()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "n" * 51}, "name", "50"),
        ({"name": "ключ"}, "name", "Plain letters"),
        ({"permissions": ["fly"]}, "permissions", "valid choice"),
        ({"addresses": "example.com"}, "addresses", "example.com is no IP address"),
        ({"addresses": "10.0.0.1/8"}, "addresses", "10.0.0.1/8 is no IP address"),
        ({"addresses": " ".join(f"10.0.0.{n}" for n in range(21))}, "addresses", "these are 21"),
        ({"passphrase": "Short-9"}, "passphrase", "8 characters"),
        ({"passphrase": "Long-9" * 6}, "passphrase", "32 characters"),
        ({"passphrase": "no-upper-case-9"}, "passphrase", "an upper-case letter"),
        ({"passphrase": "NO-LOWER-CASE-9"}, "passphrase", "a lower-case letter"),
        ({"passphrase": "No-digit-at-all"}, "passphrase", "a digit"),
        ({"passphrase": "NoSpecialOne9"}, "passphrase", "a special character"),
        ({"passphrase": "With blanks 9!"}, "passphrase", "no spaces"),
        ({"passphrase": "Пароль-Long9!"}, "passphrase", "ASCII"),
    ],
)
def test_a_refused_form_says_why_and_makes_no_key(
    desk: Desk, changes: dict[str, object], field: str, sentence: str
) -> None:
    answer = desk.send("keys/", FORM | changes)
    assert answer.status_code == 422
    assert list(notes(answer, "form")) == [field]
    assert sentence in notes(answer, "form")[field]
    assert PASSPHRASE not in answer.content.decode()
    assert desk.shown()["keys"] == []


def test_twenty_addresses_are_taken(desk: Desk) -> None:
    addresses = [f"10.0.0.{number}" for number in range(20)]
    desk.send("keys/", FORM | {"addresses": ",".join(addresses)})
    assert desk.shown()["keys"][0]["ip"].split(",") == addresses


def test_a_form_sent_twice_makes_one_key(desk: Desk) -> None:
    desk.send("keys/", FORM)
    answer = desk.send("keys/", FORM)
    assert "counts once. If its secret was not shown to you" in notes(answer, "form")[""]
    assert len(desk.shown()["keys"]) == 1


def test_a_key_whose_secret_got_lost_on_the_way_is_spoken_of(desk: Desk, proxy: Proxy) -> None:
    proxy.spoil("/sandbox/v1/accounts", faults.CUT)
    answer = desk.send("keys/", FORM)
    assert "If a key named My bot is in the list, delete it" in notes(answer, "form")[""]


def test_a_deleted_key_opens_nothing_and_is_told_to_the_trail(desk: Desk) -> None:
    key = made(desk.send("keys/", FORM))
    path = f"keys/{key.api_key}/delete/"
    assert "Delete this API key? Name My bot" in desk.read(path)
    assert desk.send(path, {})["Location"] == f"{desk.path}keys/"
    with pytest.raises(KeyRefused):
        venue().probe(key)
    event = Event.objects.get(tag="authorizations:api_key:deleted")
    assert event.data["name"] == "My bot"


def test_the_keys_that_the_portal_made_are_named_and_not_deleted_here(
    desk: Desk, acme: Institution
) -> None:
    granted(desk.person, client_of(acme)[0], Scope.READ_ONLY, account_id=desk.account.pk)
    desk.read()
    page = desk.read("keys/")
    assert "This page" in page
    assert "Connection to Acme" in page
    for key in desk.shown()["keys"]:
        path = f"keys/{key['apiKey']}/delete/"
        assert desk.client.get(desk.path + path).status_code == 404
        desk.send(path, {})
    assert len(desk.shown()["keys"]) == 2
    assert not Event.objects.filter(tag="authorizations:api_key:deleted").exists()


def test_a_bound_key_says_for_whom(desk: Desk, acme: Institution) -> None:
    key = made(desk.send("keys/", FORM))
    form = {"institution": acme.pk, "api_key": key.api_key, "secret": key.secret}
    desk.client.post("/user/bind/", form | {"passphrase": PASSPHRASE})
    assert "Bound for Acme" in desk.read("keys/")
    assert "the institution can no longer act" in desk.read(f"keys/{key.api_key}/delete/")


def test_somebody_elses_key_cannot_be_deleted(desk: Desk, bob: Person, exchange: Sandbox) -> None:
    other = at_the_desk(Client(), bob, exchange)
    key = made(other.send("keys/", FORM))
    answer = desk.client.post(f"{desk.path}keys/{key.api_key}/delete/", follow=True)
    assert "There is no such key" in words(answer)
    assert venue().probe(key).uid == other.account.uid
