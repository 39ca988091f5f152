"""Binding a key in Chromium, on a live exchange: by name, by keyboard, sound at every width."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from connect_portal.authorizations.models import Binding
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests import cast
from tests.faults.exchange import rich_trader
from tests.pages.conftest import Look, assert_sound
from tests.sandbox.conftest import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


REFUSED = (
    "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
)
"""What the console says of a form that comes back."""


@pytest.fixture
def form(look: Look, client: Client, alice: Person, acme: Institution, exchange: Sandbox) -> Look:
    """Alice at the form, with a rival of Acme to choose as well."""
    cast.institution("Zenith", code="ZENITH2")
    cast.sign_in(client, alice)
    look.become(client)
    look.open("/user/bind/")
    return look


def choices(look: Look) -> list[str]:
    return look.page.get_by_label("Institution").locator("option").all_inner_texts()


def test_an_institution_is_found_among_many_by_typing(form: Look) -> None:
    for number in range(8):
        cast.institution(f"Harbor {number}", code=f"HARBOR{number}")
    form.open("/user/bind/")
    assert len(choices(form)) == 11, "ten, and the wish to choose one"
    form.page.get_by_label("Find by name").press_sequentially("zen")
    expect(form.page.get_by_label("Institution").locator("option")).to_have_count(1)
    assert choices(form) == ["Zenith"]
    assert_sound(form)


def test_a_key_of_ones_own_is_bound_by_keyboard_and_the_binding_ended(
    form: Look, exchange: Sandbox
) -> None:
    trader = rich_trader(exchange)
    page = form.page
    page.get_by_label("Institution").select_option(label="Acme")
    page.get_by_label("API key", exact=True).fill(trader.api_key)
    page.get_by_label("Secret key").fill("mistyped")
    page.get_by_label("Passphrase").fill(trader.passphrase)
    page.get_by_label("Passphrase").press("Enter")
    expect(page.get_by_text("signature that this secret makes")).to_be_visible()
    form.complaints.remove(REFUSED)
    assert_sound(form)

    page.get_by_label("Secret key").fill(trader.secret)
    page.get_by_label("Passphrase").fill(trader.passphrase)
    page.get_by_label("Passphrase").press("Enter")
    expect(page.get_by_text("Bound to Acme")).to_be_visible()
    expect(page.get_by_text("works from anywhere")).to_be_visible()

    page.goto(f"{form.server}/user/bindings/{Binding.objects.get().pk}/end/")
    assert_sound(form)
    page.get_by_role("button", name="End the connection").click()
    expect(page.get_by_text("do that now")).to_be_visible()
    assert Binding.objects.get().state == "unbound"


def test_a_key_is_made_by_one_button_and_shown_with_what_to_do(form: Look) -> None:
    assert_sound(form)
    form.page.get_by_label("Institution").select_option(label="Zenith")
    form.page.get_by_role("button", name="Make a key for me").click()
    expect(form.page.get_by_role("heading", name="Your key for Zenith")).to_be_visible()
    made = Binding.objects.get().credentials()
    for part in (made.api_key, made.secret, made.passphrase):
        expect(form.page.get_by_text(part, exact=True)).to_be_visible()
    assert_sound(form)
