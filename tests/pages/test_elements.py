"""Every element, on one page made for it."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import Look

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.pages.gallery"),
]


@pytest.mark.parametrize("width", [1440, 390])
def test_the_elements_are_sound_in_both_themes(look: Look, width: int) -> None:
    look.open("/gallery/", width=width)

    assert look.page.evaluate("document.documentElement.scrollWidth") <= width
    for theme in ("light", "dark"):
        look.page.emulate_media(color_scheme=theme)
        assert look.barriers() == [], theme
    assert look.wrong() == []


def test_each_field_says_what_is_wrong_with_it(look: Look) -> None:
    look.open("/gallery/")
    form = look.page.locator("main form")

    expect(form.get_by_role("alert")).to_have_text("The whole form is wrong.")
    expect(form.get_by_label("Name")).to_have_accessible_description(
        re.compile("As in your contract.+This field is required", re.S)
    )
    expect(form.get_by_label("Agreed")).to_have_accessible_description(re.compile("is required"))
    expect(form.get_by_label("Note")).to_have_value("kept")


def test_text_is_copied_by_its_button(look: Look) -> None:
    look.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=look.server)
    look.open("/gallery/")
    look.page.get_by_role("button", name="Copy").click()

    expect(look.page.get_by_role("button", name="Copied")).to_be_visible()
    assert look.page.evaluate("navigator.clipboard.readText()") == "tag=ACMEcode1"


def test_a_chart_is_drawn_in_the_colours_of_the_theme(look: Look) -> None:
    look.page.emulate_media(color_scheme="light")
    look.open("/gallery/")
    look.page.evaluate(
        """() => look.chart(document.getElementById("volume"), {
          unit: "USDT", series: [{ label: "Tagged", fill: true }],
        }).setData([[1763800000, 1763800060, 1763800120], [1, 3, 2]])"""
    )
    light = painted(look)
    look.page.emulate_media(color_scheme="dark")
    look.page.wait_for_function(
        "before => document.querySelector('#volume canvas').toDataURL() !== before", arg=light
    )

    assert look.wrong() == []


def painted(look: Look) -> str:
    look.page.evaluate("new Promise(requestAnimationFrame)")
    return str(look.page.evaluate("document.querySelector('#volume canvas').toDataURL()"))


def test_the_pages_read_without_script(look: Look) -> None:
    quiet = look.page.context.browser
    assert quiet is not None
    page = quiet.new_context(java_script_enabled=False).new_page()
    page.goto(look.server + "/gallery/")

    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    expect(page.get_by_role("button", name="Theme")).to_be_hidden()
    page.get_by_text("Figures as a table").click()
    expect(page.get_by_role("cell", name="-1,234.56 USDT")).to_be_visible()
