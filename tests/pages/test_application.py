"""The application form in a browser: kept as one types, marked where it is wrong; a file that is
too large is refused before it is sent."""

import re
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import expect

from connect_portal.institutions.models import Application
from tests.institutions.handing_in import pdf
from tests.pages import applicants
from tests.pages.conftest import Look, assert_sound

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def at(look: Look, client: Client, section: str) -> None:
    """Iris at a section of her draft."""
    draft = applicants.iris_drafting(client)["application_id"]
    look.become(client)
    look.open(f"/apply/{draft}/{section}/")


def test_each_field_is_kept_while_one_types_and_what_is_wrong_is_marked(
    look: Look, client: Client
) -> None:
    at(look, client, "business")
    website = look.page.get_by_label("Website")
    website.fill("ftp://harbor.example")
    expect(look.page.get_by_text("Enter a valid URL")).to_be_visible()
    expect(website).to_have_attribute("aria-invalid", "true")
    expect(look.page.locator("#saved")).to_contain_text(re.compile(r"Saved \d\d:\d\d:\d\d UTC"))
    look.page.reload()
    expect(website).to_have_value("ftp://harbor.example")
    assert_sound(look)
    look.widen(1440)
    website.fill("https://harbor.example")
    website.blur()
    expect(look.page.get_by_text("Enter a valid URL")).to_have_count(0)
    expect(website).not_to_have_attribute("aria-invalid", "true")
    expect(look.page.locator("#sections")).to_contain_text("4 open")
    assert Application.objects.get().website == "https://harbor.example"


def test_without_an_answer_the_page_says_that_nothing_was_saved(look: Look, client: Client) -> None:
    at(look, client, "contacts")
    look.page.route("**/contacts/", lambda route: route.abort())
    look.page.get_by_label("Technical contact", exact=False).first.fill("Theo")
    expect(look.page.locator("#saved")).to_contain_text("Not saved")


def test_a_file_is_handed_in_and_one_that_is_too_large_is_refused_before_it_is_sent(
    look: Look, client: Client, tmp_path: Path
) -> None:
    at(look, client, "documents")
    place = look.page.get_by_role("region", name="Certificate of incorporation")
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(200 * 2**20)
    place.get_by_label("File").set_input_files(large)
    expect(place.get_by_text("This file has 200.0 MB, which is too large")).to_be_visible()
    place.get_by_role("button", name="Hand in").click()
    expect(place.get_by_text("Nothing was sent")).to_be_visible()
    paper = {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    place.get_by_label("File").set_input_files([paper])
    place.get_by_role("button", name="Hand in").click()
    expect(place.get_by_text("handed in", exact=True)).to_be_visible()
    expect(place.get_by_role("link", name="paper.pdf")).to_be_visible()
    assert_sound(look)
