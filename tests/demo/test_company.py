"""The page that plays Acme, walked in a browser from the first click to an ended connection."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, override_settings
from playwright.sync_api import Page, expect

from connect_portal.authorizations.models import Grant
from connect_portal.demo import store
from connect_portal.demo.actions import load
from connect_portal.demo.queries import card
from tests.pages.conftest import Look
from tests.portal import served


@pytest.fixture
def site(transactional_db: None, home: Path) -> Iterator[str]:
    """The web process at its public address, with the cast loaded."""
    with served() as base_url:
        public = base_url.replace("127.0.0.1", "localhost")
        with override_settings(PUBLIC_URL=public):
            load()
            yield public


def test_without_the_cast_there_is_no_such_page(db: None, home: Path, client: Client) -> None:
    assert client.get("/demo/acme/").status_code == 404
    assert client.get("/demo/acme/connect/").status_code == 404


def test_where_the_cast_may_not_be_there_is_no_such_page(loaded: Path, client: Client) -> None:
    with override_settings(DEMO=False):
        assert client.get("/demo/acme/").status_code == 404
    assert client.get("/demo/nobody/").status_code == 404


def test_an_answer_that_nobody_asked_for_is_not_taken(loaded: Path, client: Client) -> None:
    answer = client.get("/demo/acme/callback/?code=x&state=", follow=True)
    assert "does not belong to a question of ours" in answer.content.decode()


@pytest.mark.browser
def test_somebody_connects_trades_through_the_gateway_and_disconnects(
    site: str, page: Page
) -> None:
    look = Look(page, site)
    page.goto(f"{site}/demo/acme/")
    assert look.barriers() == []
    page.get_by_role("link", name="Connect my account").click()
    page.get_by_label("Email").fill(card()["users"]["trader"]["email"])
    page.get_by_label("Password", exact=True).fill(store.read()["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Connect to Acme?")).to_be_visible()
    page.get_by_role("button", name="Allow").click()

    expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    page.get_by_label("Price").fill("100")
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator("#answer")).to_contain_text('"sCode":"0"')
    assert look.barriers() == []
    page.get_by_label("Price").fill("100")
    page.get_by_label("Tag").fill("somebodyelse")
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator("#answer")).not_to_contain_text('"sCode":"0"')
    page.get_by_role("button", name="Get new tokens").click()
    expect(page.get_by_role("heading", name="Connected")).to_be_visible()

    page.goto(f"{site}/user/")
    expect(page.locator("#live")).to_contain_text("your consent")
    page.goto(f"{site}/demo/acme/")
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("link", name="Connect my account")).to_be_visible()
    assert Grant.objects.get().ended_by == "institution"
