"""Every page of the site, as its visitors see it: wide and narrow, light and dark. Those of
institutions and of the console are tried in files of their own beside this one.

The list of pages comes from the addresses; WCAG 2.2 AA is asked of axe-core.
"""

import pytest
from django.test import Client

from connect_portal.kit.doors import mounted
from tests.pages.conftest import Look
from tests.pages.opening import APART, assert_sound_and_open, audience_of
from tests.pages.visits import ELSEWHERE, NOT_PAGES, PAGES


def test_every_address_has_a_visitor() -> None:
    """The tables of the administrators aside: `test_admin` opens every one."""
    names = [page.name for page in mounted()]
    addresses = {name for name in names if not name.startswith("admin_console:")}
    assert addresses == PAGES.keys() | NOT_PAGES.keys() | ELSEWHERE


@pytest.mark.django_db
@pytest.mark.parametrize("name", NOT_PAGES)
def test_an_address_that_is_no_page_shows_none(client: Client, name: str) -> None:
    answer = client.get(NOT_PAGES[name].address(name, client))
    shows_html = answer.status_code == 200 and "html" in answer.headers["Content-Type"]
    assert answer.status_code < 400
    assert not shows_html


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [name for name in PAGES if audience_of(name) not in APART])
def test_a_page_is_sound_and_open_to_everybody(look: Look, client: Client, name: str) -> None:
    assert_sound_and_open(look, client, name)
