"""Every page of the site, as its visitors see it: wide and narrow, light and dark.

The list of pages comes from the addresses; WCAG 2.2 AA is asked of axe-core.
"""

import pytest
from django.test import Client

from connect_portal.kit.doors import mounted
from tests.pages.conftest import Look
from tests.pages.visits import ELSEWHERE, NOT_PAGES, PAGES

WIDE, NARROW = 1440, 390


def test_every_address_has_a_visitor() -> None:
    """The tables of the administrators aside: `test_admin` opens every one."""
    pages = [page.name for page in mounted()]
    addresses = {name for name in pages if not name.startswith("admin_console:")}
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
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_and_open_to_everybody(look: Look, client: Client, name: str) -> None:
    path = PAGES[name].address(name, client)
    look.become(client)
    look.open(path)
    page = look.page

    assert page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus") == 200
    assert page.locator("h1").count() == 1
    assert page.locator("h1").inner_text().strip()
    assert page.title().removesuffix("· Connect Portal").strip()
    for width in (WIDE, NARROW):
        look.widen(width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert look.barriers() == [], f"{theme}, {width} px wide"
    assert page.locator("h1").evaluate("h1 => h1.clientWidth") >= 140, "squeezed by its buttons"
    assert first_focus_is_visible(look)
    assert look.wrong() == []


def first_focus_is_visible(look: Look) -> bool:
    """Whether the first Tab leads to something outlined inside the window."""
    look.page.keyboard.press("Tab")
    return look.page.evaluate(
        """() => {
          const box = document.activeElement.getBoundingClientRect();
          const style = getComputedStyle(document.activeElement);
          return document.activeElement !== document.body
            && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
            && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
        }"""
    )
