"""What every page must be for its visitor, and whose page it is: those of institutions and of the
console are tried in files of their own, so that the processes of a run can share them out."""

from django.test import Client

from tests.pages.conftest import Look
from tests.pages.visits import PAGES

WIDE, NARROW = 1440, 390
APART = ("console", "institution")


def audience_of(name: str) -> str:
    """Whose page it is: console, institution, user, public, or "" for Django's and allauth's."""
    place, separator, _ = name.partition(":")
    return place.rpartition("_")[2] if separator else ""


def assert_sound_and_open(look: Look, client: Client, name: str) -> None:
    """The page opens to its visitor: named, without a barrier, in any width and theme, by key."""
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
