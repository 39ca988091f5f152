"""Binding a key by the form, with a live exchange that says what the key is and may do."""

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import serializers
from django.db import IntegrityError, connection
from django.test import Client
from pytest_django import Settings

from connect_portal.audit.models import Event
from connect_portal.authorizations import actions
from connect_portal.authorizations.models import Binding, VenueAccount
from connect_portal.institutions.models import ConnectCode, Institution
from connect_portal.people.models import Person
from tests import cast
from tests.faults import proxy as faults
from tests.faults.exchange import credentials, rich_trader
from tests.faults.proxy import Fault, Proxy
from tests.sandbox.conftest import Sandbox, Trader

pytestmark = pytest.mark.django_db

CONFIG = "/api/v5/account/config"
Bind = Callable[..., Any]


@pytest.fixture
def trader(exchange: Sandbox) -> Trader:
    """Alice at the exchange."""
    return rich_trader(exchange)


@pytest.fixture
def bind(client: Client, alice: Person, acme: Institution, trader: Trader) -> Bind:
    """Send Alice's form, with changes."""
    cast.sign_in(client, alice)

    def send(**changes: object) -> Any:
        form = {"institution": acme.pk, "api_key": trader.api_key, "secret": trader.secret}
        return client.post("/user/bind/", form | {"passphrase": trader.passphrase} | changes)

    return send


def notes_by_field(answer: Any) -> dict[str, str]:
    """What the page says beside each field; "" stands for the form as a whole."""
    form = answer.context["form"]
    return {name.replace("__all__", ""): " ".join(notes) for name, notes in form.errors.items()}


def new_key(exchange: Sandbox, uid: str, **changes: str) -> Any:
    """Another key of an account that may read and trade."""
    body = {"label": "new", "passphrase": "Other-Pass-1", "perm": "read_only,trade"} | changes
    return exchange.operate("POST", f"/accounts/{uid}/keys", body)


def assert_nothing_stored() -> None:
    assert not Binding.objects.exists()
    assert not VenueAccount.objects.exists()
    assert not Event.objects.filter(tag__startswith="authorizations:").exists()


def test_a_bound_key_is_stored_sealed_and_told_to_the_trail_alone(
    bind: Bind,
    trader: Trader,
    acme: Institution,
    alice: Person,
    client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = bind()
    assert (answer.status_code, answer["Location"]) == (302, "/user/")

    binding = Binding.objects.get()
    assert (binding.venue_account.uid, binding.venue_account.owner) == (trader.uid, alice)
    assert binding.permissions == ["read_only", "trade"]
    assert binding.credentials() == credentials(trader)
    event = Event.objects.get(tag="authorizations:binding:bound")
    assert (event.actor, event.subject) == (alice.actor, f"binding:{binding.pk}")
    assert event.data["uid"] == trader.uid

    stored = serializers.serialize("json", [*Binding.objects.all(), *Event.objects.all()])
    sealed = bytes(binding.sealed_credentials or b"")
    page = client.get("/user/").content.decode()
    assert "Acme" in page
    assert trader.api_key[:8] in page
    for secret in (trader.secret, trader.passphrase):
        for place in (stored, sealed.decode("latin-1"), page, caplog.text):
            assert secret not in place


@pytest.mark.parametrize(
    ("changes", "field", "word"),
    [
        ({"api_key": "00000000-0000-4000-8000-000000000000"}, "api_key", "refused this key"),
        ({"secret": "not the secret"}, "secret", "signature"),
        ({"passphrase": "not-the-passphrase"}, "passphrase", "passphrase"),
        ({"api_key": "ключ"}, "api_key", "Copy it again"),
        ({"secret": "секрет"}, "secret", "Copy it again"),
        ({"passphrase": "p\r\nX-Header: 1"}, "passphrase", "Copy it again"),
        ({"passphrase": ""}, "passphrase", "required"),
        ({"api_key": "k" * 129}, "api_key", "128"),
        ({"institution": 999_999}, "institution", "valid choice"),
        ({"institution": "Acme"}, "institution", "valid choice"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_nothing_is_stored(
    changes: dict[str, str], field: str, word: str, bind: Bind, trader: Trader
) -> None:
    answer = bind(**changes)
    assert answer.status_code == 422
    notes = notes_by_field(answer)
    assert list(notes) == [field]
    assert word in notes[field]
    assert_nothing_stored()


def test_the_form_comes_back_with_what_may_be_shown_and_never_with_a_secret(
    bind: Bind, trader: Trader, acme: Institution
) -> None:
    page = unescape(bind(secret="wrong-but-secret").content.decode())
    assert f'value="{trader.api_key}"' in page
    assert re.search(rf'<option value="{acme.pk}"\s+selected', page)
    assert "wrong-but-secret" not in page
    assert trader.passphrase not in page


def test_an_empty_form_is_told_what_it_lacks(bind: Bind, client: Client) -> None:
    answer = client.post("/user/bind/", {})
    assert answer.status_code == 422
    assert set(notes_by_field(answer)) == {"institution", "api_key", "secret", "passphrase"}


@pytest.mark.parametrize("perm", ["withdraw", "trade,withdraw"])
def test_a_key_that_may_withdraw_is_refused(perm: str, bind: Bind, exchange: Sandbox) -> None:
    dangerous = rich_trader(exchange, perm=perm)
    answer = bind(api_key=dangerous.api_key, secret=dangerous.secret)
    assert answer.status_code == 422
    assert "withdraw" in notes_by_field(answer)["api_key"]
    assert_nothing_stored()


def test_a_key_that_may_do_something_unheard_of_is_refused(bind: Bind, proxy: Proxy) -> None:
    proxy.spoil(CONFIG, faults.with_value("perm", "read_only,transfer_between_accounts"))
    answer = bind()
    assert answer.status_code == 422
    assert "transfer_between_accounts" in notes_by_field(answer)["api_key"]
    assert_nothing_stored()


def test_a_key_that_is_bound_to_other_addresses_says_what_to_change(
    bind: Bind, proxy: Proxy
) -> None:
    proxy.spoil(CONFIG, faults.FORBIDDEN_ADDRESS)
    answer = bind()
    assert answer.status_code == 422
    assert "address" in notes_by_field(answer)["api_key"]
    assert_nothing_stored()


def test_an_account_of_another_person_is_refused(
    bind: Bind, trader: Trader, acme: Institution, bob: Person
) -> None:
    key = credentials(trader)
    actions.bind_key(owner_id=bob.pk, institution_id=acme.pk, credentials=key, actor=bob.actor)
    answer = bind()
    assert answer.status_code == 422
    assert "another person" in notes_by_field(answer)["api_key"]
    assert Binding.objects.get().venue_account.owner == bob


def test_an_institution_that_is_not_open_is_no_choice(bind: Bind, proxy: Proxy) -> None:
    ConnectCode.objects.update(state="suspended")
    answer = bind()
    assert answer.status_code == 422
    assert list(notes_by_field(answer)) == ["institution"]
    assert proxy.asked == [], "the key must not travel for nothing"
    assert_nothing_stored()


@pytest.mark.parametrize(
    "fault",
    [faults.DOWN, faults.THROTTLED, faults.RESET, faults.CUT, faults.HTML, faults.WRONG_TYPES],
    ids=["503", "429", "reset", "cut", "html", "wrong types"],
)
def test_a_venue_that_does_not_answer_is_said_so_and_nothing_is_stored(
    fault: Fault, bind: Bind, proxy: Proxy
) -> None:
    proxy.spoil(CONFIG, fault, times=5)
    answer = bind()
    assert answer.status_code == 422
    assert "Nothing was stored. Try again" in notes_by_field(answer)[""]
    assert_nothing_stored()


def test_a_key_that_may_only_read_is_refused(bind: Bind, exchange: Sandbox) -> None:
    reader = rich_trader(exchange, perm="read_only")
    answer = bind(api_key=reader.api_key, secret=reader.secret)
    assert answer.status_code == 422
    assert "may only read" in notes_by_field(answer)["api_key"]
    assert_nothing_stored()


def test_a_key_of_demo_trading_is_told_where_it_belongs(bind: Bind, exchange: Sandbox) -> None:
    demo = exchange.trader("a demo trader", demo=True)
    answer = bind(api_key=demo.api_key, secret=demo.secret)
    assert answer.status_code == 422
    assert "belongs to the venue's demo trading" in notes_by_field(answer)["api_key"]
    assert_nothing_stored()


def test_a_key_of_another_region_is_told_which_site_does_not_know_it(
    bind: Bind, exchange: Sandbox, settings: Settings
) -> None:
    person = {"reference": "somebody in Europe", "label": "Europe", "region": "eea"}
    uid = exchange.operate("POST", "/accounts", person)["uid"]
    made = new_key(exchange, uid)
    answer = bind(api_key=made["apiKey"], secret=made["secretKey"], passphrase=made["passphrase"])
    assert answer.status_code == 422
    note = notes_by_field(answer)["api_key"]
    assert urlsplit(settings.VENUE_URL).netloc in note
    assert "own region" in note
    assert_nothing_stored()


def test_a_key_that_is_bound_for_another_institution_is_refused(
    bind: Bind, zenith: Institution
) -> None:
    bind()
    answer = bind(institution=zenith.pk)
    assert answer.status_code == 422
    assert "already bound for Acme" in notes_by_field(answer)["api_key"]
    assert Binding.objects.get().institution.name == "Acme"


def test_the_table_itself_holds_a_live_key_once(bind: Bind, zenith: Institution) -> None:
    bind()
    twin = Binding.objects.get()
    twin.pk, twin.institution = None, zenith
    with pytest.raises(IntegrityError, match="authorizations_binding_key_once"):
        twin.save(force_insert=True)


def test_a_key_that_works_from_anywhere_is_bound_with_a_warning(bind: Bind, client: Client) -> None:
    bind()
    assert "works from anywhere" in client.get("/user/").content.decode()
    assert Binding.objects.get().ips == []


def test_a_key_that_is_limited_to_addresses_is_bound_without_one(
    bind: Bind, client: Client, exchange: Sandbox, trader: Trader
) -> None:
    made = new_key(exchange, trader.uid, ip="127.0.0.0/8")
    bind(api_key=made["apiKey"], secret=made["secretKey"], passphrase=made["passphrase"])
    assert "works from anywhere" not in client.get("/user/").content.decode()
    assert Binding.objects.get().ips == ["127.0.0.0/8"]


def test_binding_again_replaces_the_key(bind: Bind, exchange: Sandbox, trader: Trader) -> None:
    bind()
    made = new_key(exchange, trader.uid)
    answer = bind(api_key=made["apiKey"], secret=made["secretKey"], passphrase=made["passphrase"])
    assert answer.status_code == 302
    newer, older = Binding.objects.all()
    assert (newer.state, newer.key_hint) == ("bound", made["apiKey"][:8])
    assert (older.state, older.ended_by) == ("unbound", "superseded")
    assert older.sealed_credentials is None
    assert older.ended_at is not None
    assert older.ended_at <= newer.bound_at, "no fill may count for both"
    tags = Event.objects.filter(tag__startswith="authorizations:").values_list("tag", flat=True)
    assert list(tags) == ["authorizations:binding:bound", "authorizations:binding:replaced"]


@pytest.mark.django_db(transaction=True)
def test_two_forms_sent_at_once_end_with_one_live_binding(
    alice: Person, acme: Institution, trader: Trader
) -> None:
    def bind_now(_: int) -> None:
        try:
            actions.bind_key(
                owner_id=alice.pk,
                institution_id=acme.pk,
                credentials=credentials(trader),
                actor=alice.actor,
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as forms:
        list(forms.map(bind_now, range(4)))
    assert Binding.objects.count() == 4
    assert Binding.objects.filter(state="bound").count() == 1
    assert VenueAccount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_broker")
def test_a_wake_up_that_the_broker_cannot_take_does_not_undo_a_binding(bind: Bind) -> None:
    assert bind().status_code == 302
    assert Binding.objects.get().state == "bound"
