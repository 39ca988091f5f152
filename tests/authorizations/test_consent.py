"""Consent as a person gives it: limits that only narrow, a fresh sign-in, and a receipt by mail."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html import unescape
from importlib import import_module
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.core import mail

from connect_portal.authorizations import actions
from connect_portal.authorizations.limits import Limits
from connect_portal.authorizations.models import Client, Grant, Letter, Receipt
from connect_portal.institutions.models import Institution
from connect_portal.kit.money import plain
from connect_portal.people.actions import set_totp
from connect_portal.people.models import Person
from connect_portal.terms.queries import example_plan_version, rate
from tests import cast
from tests.authorizations.oauth import (
    CLIENT_ID,
    Browser,
    Program,
    authorize_path,
    carried,
    client_of,
    grant_without_a_venue,
)
from tests.portal import served
from tests.sandbox.conftest import Sandbox
from tests.settlement.making import live

pytestmark = pytest.mark.django_db(transaction=True)

DETAILS = {
    "type": "connect_trading",
    "pairs": ["BTC-USDT", "ETH-USDT"],
    "most_per_order_usd": "500",
    "most_per_day_usd": "2000.5",
    "days": 30,
}
NARROWER = {"pairs": ["ETH-USDT"], "most_per_order": "100", "most_per_day": "2000.5", "days": "30"}


def asking(*details: dict[str, Any], **changes: str | None) -> str:
    """The address to which Acme sends a browser with authorization details."""
    return authorize_path(authorization_details=json.dumps(details), **changes)


@pytest.fixture
def site(transactional_db: None, exchange: Sandbox) -> Iterator[str]:
    """The web process before an exchange."""
    with served() as base_url:
        yield base_url.replace("127.0.0.1", "localhost")


@pytest.fixture
def program(site: str, acme: Institution) -> Program:
    """Acme's server."""
    return Program(site, CLIENT_ID, client_of(acme, client_id=CLIENT_ID)[1])


@pytest.fixture
def visitor(program: Program, alice: Person) -> Browser:
    """Alice, who signed in a moment ago."""
    return Browser(program.site).sign_in(alice)


# --- authorization details (RFC 9396) -----------------------------------------------------------


def test_the_page_begins_with_what_was_asked(visitor: Browser) -> None:
    page = visitor.get(asking(DETAILS)).text
    for value in ("500", "2000.5"):
        assert f'value="{value}"' in page
    assert re.findall(r'name="pairs" value="([A-Z-]+)"[^>]* checked', page) == DETAILS["pairs"]
    assert re.findall(r'name="days" value="(\d+)"', page) == ["30"]


def test_what_is_granted_is_what_the_person_chose_and_the_client_is_told(
    visitor: Browser, program: Program, alice: Person
) -> None:
    answer = program.redeem(visitor.allow(asking(DETAILS), **NARROWER)["code"]).json()
    grant = Grant.objects.get()
    assert grant.limits == Limits(frozenset({"ETH-USDT"}), Decimal(100), Decimal("2000.5"))
    told = {"pairs": ["ETH-USDT"], "most_per_order_usd": "100", "most_per_day_usd": "2000.5"}
    details = [{"type": "connect_trading", "days": 30, **told}]
    assert answer["authorization_details"] == details
    for kind in ("access_token", "refresh_token"):
        seen = program.post("introspect", token=answer[kind]).json()
        assert seen["authorization_details"] == details

    narrower = replace(grant.limits, most_per_order=Decimal(7))
    changed = {"owner_id": alice.pk, "may_widen": False, "actor": alice.actor}
    actions.change_limits(grant.pk, narrower, **changed)
    now_told = program.post("introspect", token=answer["access_token"]).json()
    assert now_told["authorization_details"] == [details[0] | {"most_per_order_usd": "7"}]


def test_a_token_that_only_reads_tells_of_no_limits(visitor: Browser, program: Program) -> None:
    answer = program.redeem(
        visitor.allow(authorize_path(scope="read_only"), scopes=["read_only"])["code"]
    ).json()
    seen = program.post("introspect", token=answer["access_token"]).json()
    assert (seen["scope"], "authorization_details" in seen) == ("read_only", False)


def test_no_limit_goes_beyond_what_was_asked(visitor: Browser) -> None:
    wrong: list[tuple[str, object, str]] = [
        ("pairs", [], "Choose at least one pair"),
        ("pairs", ["SOL-USDT"], "not one of the available choices"),
        ("most_per_order", "", "enter one"),
        ("most_per_order", "500.01", "At most 500 USD was asked for"),
        ("most_per_day", "0", "above zero"),
        ("most_per_day", "NaN", "Enter a number"),
        ("days", "90", "not one of the available choices"),
    ]
    choice = {"decision": "allow", "scopes": ["read_only", "trade"], **NARROWER}
    for field, value, words in wrong:
        answer = visitor.send(asking(DETAILS), choice | {field: value})
        assert answer.status_code == 422
        assert words in unescape(answer.text)
    assert not Grant.objects.exists()


def test_who_allows_reading_only_sets_no_limits(visitor: Browser) -> None:
    visitor.allow(asking(DETAILS), **NARROWER, scopes=["read_only"])
    assert Grant.objects.get().limits == Limits()
    text = Receipt.objects.get().text
    assert "Place, change or cancel orders" in text
    assert "limits" not in text


def test_a_page_about_reading_alone_asks_for_no_limits(visitor: Browser) -> None:
    page = unescape(visitor.get(asking(DETAILS, scope="read_only")).text)
    assert "Place, change or cancel orders" in page
    assert 'name="days"' in page
    assert 'name="most_per_order"' not in page


def test_details_that_are_not_exactly_ours_go_back_to_the_client(visitor: Browser) -> None:
    wrong = [
        "",
        "{}",
        "[]",
        "[[[[",
        json.dumps([DETAILS, DETAILS]),
        json.dumps([{}]),
        json.dumps([{"type": "payment_initiation"}]),
        json.dumps([DETAILS | {"leverage": "10"}]),
        json.dumps([DETAILS | {"most_per_order_usd": 500}]),
        json.dumps([DETAILS | {"most_per_order_usd": "-1"}]),
        json.dumps([DETAILS | {"most_per_order_usd": "1e9"}]),
        json.dumps([DETAILS | {"most_per_order_usd": "0.00"}]),
        json.dumps([DETAILS | {"most_per_order_usd": "5\n"}]),
        json.dumps([DETAILS | {"pairs": []}]),
        json.dumps([DETAILS | {"pairs": ["BTC-USDT", "BTC-USDT"]}]),
        json.dumps([DETAILS | {"pairs": ["<b>"]}]),
        json.dumps([DETAILS | {"days": 366}]),
        json.dumps([DETAILS | {"days": 1.5}]),
    ]
    for details in wrong:
        answer = carried(visitor.ask(authorization_details=details))
        assert answer["error"] == "invalid_authorization_details", details
        assert answer["state"] == "s t&a=té"
        assert re.fullmatch(r"[ !#-\[\]-~]*", answer["error_description"])


# --- a fresh sign-in ----------------------------------------------------------------------------


def test_an_old_session_signs_in_again_to_allow_orders_and_finds_its_choices_kept(
    program: Program, alice: Person
) -> None:
    visitor = with_old_session(program, alice)
    path = asking(DETAILS)
    choice = {"decision": "allow", "scopes": ["trade"], **NARROWER}
    answer = visitor.send(path, choice)
    assert answer.status_code == 302
    proof = answer.headers["Location"]
    assert proof.startswith("/accounts/reauthenticate/?next=%2Foauth%2Fauthorize%2F")
    assert not Grant.objects.exists()

    back = visitor.send(proof, {"password": cast.PASSWORD, "next": path})
    assert back.headers["Location"] == path
    page = visitor.get(path).text
    assert re.findall(r'name="pairs" value="([A-Z-]+)"[^>]* checked', page) == ["ETH-USDT"]
    assert re.findall(r'name="scopes" value="(\w+)"[^>]* checked', page) == ["trade"]
    assert 'value="100"' in page
    carried(visitor.send(path, choice))
    assert Grant.objects.get().scopes == ["trade"]


def test_an_old_session_may_allow_reading(program: Program, alice: Person) -> None:
    visitor = with_old_session(program, alice)
    visitor.allow(authorize_path(scope="read_only"), scopes=["read_only"])
    assert Grant.objects.get().scopes == ["read_only"]


def test_who_has_a_second_factor_shows_both(program: Program, alice: Person) -> None:
    visitor = with_old_session(program, alice)
    set_totp(alice, cast.TOTP_SECRET, actor=cast.ACTOR)
    path, choice = authorize_path(), {"decision": "allow", "scopes": ["trade"], "days": "90"}
    by_password = visitor.send(path, choice).headers["Location"]
    visitor.send(by_password, {"password": cast.PASSWORD, "next": path})
    by_code = visitor.send(path, choice).headers["Location"]
    assert by_code.startswith("/accounts/2fa/reauthenticate/?next=%2Foauth%2Fauthorize%2F")
    visitor.send(by_code, {"code": cast.code_now(), "next": path})
    carried(visitor.send(path, choice))
    assert Grant.objects.get().scopes == ["trade"]


def test_choices_kept_for_one_request_are_not_those_of_another(
    program: Program, alice: Person
) -> None:
    visitor = with_old_session(program, alice)
    choice = {"decision": "allow", "scopes": ["trade"], **NARROWER}
    visitor.send(asking(DETAILS), choice)
    other = visitor.get(asking(DETAILS | {"most_per_order_usd": "7"})).text
    assert 'value="7"' in other
    assert 'value="100"' not in other


def with_old_session(program: Program, person: Person) -> Browser:
    """A browser whose person signed in longer ago than a few minutes."""
    visitor = Browser(program.site).sign_in(person)
    key = visitor.session.cookies[settings.SESSION_COOKIE_NAME]
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    proofs = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [one | {"at": one["at"] - 301} for one in proofs]
    session.save()
    return visitor


# --- the receipt --------------------------------------------------------------------------------


def test_a_consent_leaves_a_receipt_of_the_words_that_were_read(visitor: Browser) -> None:
    visitor.allow(asking(DETAILS), **NARROWER)
    receipt = Receipt.objects.get()
    for words in (
        "alice@example.com to Acme",
        "Place and cancel orders",
        "pairs: ETH-USDT",
        "most per order: 100 USD",
        "most per day (UTC): 2,000.5 USD",
        "Withdraw, or move money out of your account",
        f"words of {receipt.wording}",
    ):
        assert words in receipt.text
    assert receipt.sha256 == hashlib.sha256(receipt.text.encode()).hexdigest()


def test_the_page_and_the_receipt_say_what_the_institution_earns(
    visitor: Browser, acme: Institution
) -> None:
    live(acme, level=1)
    share = rate(example_plan_version(), 1)
    percent = f"{plain(share * 100)} %"
    page = unescape(visitor.get(asking(DETAILS)).text)
    assert f"{percent} of your trading fees" in page
    assert f'<data value="{plain(share * 10)}">' in page
    visitor.allow(asking(DETAILS), **NARROWER)
    assert f"{percent} of the trading fees on the orders it places" in Receipt.objects.get().text


def test_the_receipt_comes_by_mail_once(visitor: Browser, alice: Person) -> None:
    visitor.allow(asking(DETAILS), **NARROWER)
    actions.send_waiting()
    actions.send_waiting()
    (letter,) = mail.outbox
    assert letter.to == [alice.email]
    assert letter.subject == "You connected Acme"
    receipt = Receipt.objects.get()
    html, kind = letter.alternatives[0]  # type: ignore[attr-defined]
    for body in (letter.body, html):
        assert receipt.text.strip() in unescape(body)
        assert f"/user/grants/{receipt.pk}/" in body
    assert kind == "text/html"
    assert Letter.objects.get().sent_at is not None


def test_a_letter_waits_for_a_mail_server_that_is_away(
    acme: Institution, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_PORT", 1)
    client: Client = client_of(acme)[0]
    grant = grant_without_a_venue(alice, client)
    Letter.objects.create(news="ended", grant=grant, person=alice)
    assert actions.send_waiting() == 0
    letter = Letter.objects.get()
    assert (letter.sent_at, letter.attempts) == (None, 1)
    assert actions.send_waiting() == 0
    assert Letter.objects.get().attempts == 1  # whoever claimed it has two minutes
