"""Consent and connections as a person goes through them in Chromium, by keyboard alone."""

import json
import re
from decimal import Decimal
from importlib import import_module

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Route, expect

from connect_portal.authorizations import actions
from connect_portal.authorizations.limits import Limits
from connect_portal.authorizations.models import Cancellation, Grant
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.venue import sandbox_operator
from connect_portal.venue.registry import venue
from connect_portal.venue.types import NewOrder
from tests import cast
from tests.authorizations import oauth
from tests.pages.conftest import Look, assert_sound
from tests.sandbox.conftest import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DETAILS = {
    "type": "connect_trading",
    "pairs": ["BTC-USDT", "ETH-USDT"],
    "most_per_order_usd": "500",
    "most_per_day_usd": "2000",
}


def test_a_person_narrows_signs_in_afresh_and_allows(
    look: Look, client: Client, exchange: Sandbox, alice: Person, acme: Institution
) -> None:
    oauth.client_of(acme, client_id=oauth.CLIENT_ID)
    look.become(signed_in_long_ago(client, alice))
    came_back: list[str] = []

    def catch(route: Route) -> None:
        came_back.append(route.request.url)
        route.fulfill(body="back at Acme")

    page = look.page
    page.route(f"{oauth.CALLBACK}**", catch)
    look.open(oauth.authorize_path(authorization_details=json.dumps([DETAILS])))
    assert_sound(look)
    by_key(look, page.get_by_label("Most per order"), "Control+A", "2", "5", "0")
    by_key(look, page.get_by_label("BTC-USDT"), "Space")
    by_key(look, page.get_by_label("90 days"), "ArrowUp")
    by_key(look, page.get_by_role("button", name="Allow"), "Enter")

    expect(page).to_have_url(re.compile("/accounts/reauthenticate/"))
    assert_sound(look)
    by_key(look, page.get_by_label("Password", exact=True), *cast.PASSWORD, "Enter")

    expect(page.get_by_role("heading", name="Connect to Acme?")).to_be_visible()
    expect(page.get_by_label("Most per order")).to_have_value("250")
    expect(page.get_by_label("BTC-USDT")).not_to_be_checked()
    by_key(look, page.get_by_role("button", name="Allow"), "Enter")
    expect(page.get_by_text("back at Acme")).to_be_visible()

    assert "code=" in came_back[0]
    grant = Grant.objects.get()
    assert grant.limits == Limits(frozenset({"ETH-USDT"}), Decimal(250), Decimal(2000))
    assert (grant.expires_at - grant.granted_at).days in (29, 30)
    assert look.complaints == []


def test_a_person_looks_at_a_connection_changes_its_limits_and_ends_it(
    look: Look, client: Client, exchange: Sandbox, alice: Person, acme: Institution
) -> None:
    grant = oauth.granted(alice, oauth.client_of(acme)[0])
    with_an_open_order(grant)
    look.become(cast.sign_in(client, alice))
    page = look.page
    look.open("/user/account/")
    by_key(look, page.get_by_role("link", name="Connections", exact=True), "Enter")
    expect(page.get_by_role("heading", name="My connections")).to_be_visible()
    assert_sound(look)
    by_key(look, page.get_by_role("link", name="Acme", exact=True), "Enter")
    for panel in ("Fills and fees", "Order requests"):
        expect(page.get_by_role("heading", name=panel)).to_be_visible()
    expect(page.get_by_text("Without a limit per day")).to_be_visible()
    assert_sound(look)

    by_key(look, page.get_by_role("link", name="Change"), "Enter")
    expect(page.get_by_role("heading", name="Limits of Acme")).to_be_visible()
    by_key(look, page.get_by_label("Most per day"), "9", "0", "0")
    by_key(look, page.get_by_role("button", name="Set these limits"), "Enter")
    expect(page.get_by_role("status")).to_contain_text("from the next order on")
    expect(page.get_by_text("0.00 of 900 USD")).to_be_visible()

    by_key(look, page.get_by_role("link", name="End it"), "Enter")
    expect(page.get_by_label("Cancel its open orders")).to_be_checked()
    assert_sound(look)
    by_key(look, page.get_by_role("button", name="End the connection"), "Enter")
    expect(page.get_by_role("status")).to_contain_text("Ended.")
    actions.cancel_due()
    page.reload()
    expect(page.get_by_text("1 open order canceled")).to_be_visible()
    assert_sound(look)
    assert Cancellation.objects.get().canceled == 1
    assert look.wrong() == []


def by_key(look: Look, target: Locator, *keys: str) -> None:
    """Walk to something with the Tab key, as somebody without a mouse, and press keys there."""
    for _ in range(120):
        if target.evaluate("element => element === document.activeElement"):
            break
        look.page.keyboard.press("Tab")
    else:
        raise AssertionError(f"the Tab key never reaches {target}")
    for key in keys:
        look.page.keyboard.press(key)


def signed_in_long_ago(client: Client, person: Person) -> Client:
    """Signed in longer ago than a few minutes."""
    cast.sign_in(client, person)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    proofs = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [one | {"at": one["at"] - 301} for one in proofs]
    session.save()
    return client


def with_an_open_order(grant: Grant) -> None:
    """An order of Acme's that nobody fills."""
    sandbox_operator.fund(grant.venue_account.uid, "start", "USDT", Decimal(100))
    venue().desk(grant.credentials()).place(
        NewOrder(
            instrument="SOL-USDT",
            side="buy",
            kind="limit",
            size=Decimal(2),
            price=Decimal("1.5"),
            client_order_id="o1",
            tag="ACMEcode1",
        )
    )
