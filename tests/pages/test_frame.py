"""What every page shares: the theme, the menus, refused forms, error pages."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.pages.conftest import Look
from tests.pages.visits import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def background(look: Look) -> str:
    return str(look.page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_a_chosen_theme_stays_for_the_next_page(look: Look) -> None:
    look.page.emulate_media(color_scheme="light")
    look.open("/")
    light = background(look)
    look.page.get_by_role("button", name="Theme").click()
    look.page.get_by_role("button", name="Dark").click()
    dark = background(look)
    look.open(PAGES["account_login"].address("account_login", Client()))

    assert dark != light
    assert background(look) == dark


def test_the_system_theme_is_followed_until_one_is_chosen(look: Look) -> None:
    look.page.emulate_media(color_scheme="dark")
    look.open("/")
    dark = background(look)
    look.page.emulate_media(color_scheme="light")

    assert background(look) != dark


def test_on_a_telephone_the_rail_is_a_menu(look: Look, client: Client) -> None:
    path = PAGES["authorizations_user:connections"].address(
        "authorizations_user:connections", client
    )
    look.become(client)
    look.open(path, width=390)
    rail = look.page.get_by_role("navigation", name="Pages")

    expect(rail).to_be_hidden()
    look.page.get_by_role("button", name="Menu").press("Enter")
    expect(rail.get_by_role("link", name="Connections")).to_have_attribute("aria-current", "page")
    assert look.barriers() == []
    rail.get_by_role("link", name="Bind an API key").click()
    expect(look.page.locator("h1")).to_have_text("Bind an API key")


def test_somebody_signs_out_from_any_page(look: Look, client: Client) -> None:
    path = PAGES["authorizations_user:bind"].address("authorizations_user:bind", client)
    look.become(client)
    look.open(path)
    look.page.get_by_role("button", name="Your account").click()
    assert look.barriers() == []
    look.page.get_by_role("button", name="Sign out").click()

    expect(look.page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_a_refused_form_says_why_beside_the_field_and_loses_nothing(look: Look) -> None:
    look.open(PAGES["account_signup"].address("account_signup", Client()))
    form = look.page.locator("main form")
    form.evaluate("form => form.noValidate = true")
    email = form.get_by_label("Email", exact=True)
    email.fill("nobody at all")
    form.get_by_role("button").click()

    expect(email).to_have_value("nobody at all")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(re.compile("valid email"))
    form.get_by_text("Look again at").get_by_role("link", name="Your name").click()
    expect(look.page).to_have_url(re.compile("#id_name$"))
    assert look.barriers() == []
    assert look.wrong() == []


def test_a_missing_page_says_so_in_the_frame_of_the_site(look: Look) -> None:
    look.open("/no/such/page/")

    expect(look.page.locator("h1")).to_have_text("There is no page at this address")
    assert look.barriers() == []
