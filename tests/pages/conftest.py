"""Chromium, and a page that keeps what went wrong in it."""

from dataclasses import dataclass, field
from functools import partial

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser import barriers
from tests.faults.exchange import exchange, proxy, running_exchange, running_proxy
from tests.journeys.site import wait_until

pytest.register_assert_rewrite("tests.pages.opening")

__all__ = ["exchange", "proxy", "running_exchange", "running_proxy"]

WATCH = """
  window.refused = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Look:
    """A page in a browser, and everything that it complained about."""

    page: Page
    server: str
    complaints: list[str] = field(default_factory=list)

    def become(self, client: Client) -> None:
        """Browse with the session of a test client."""
        name = settings.SESSION_COOKIE_NAME
        if name in client.cookies:
            value = client.cookies[name].value
            self.page.context.add_cookies([{"name": name, "value": value, "url": self.server}])

    def open(self, path: str, *, width: int = 1440) -> None:
        """Load a page at a width; a live page never goes quiet, so wait for its load only."""
        self.widen(width)
        self.page.emulate_media(reduced_motion="reduce")
        self.page.goto(self.server + path, wait_until="load")

    def widen(self, width: int) -> None:
        """Make the window wider or narrower, like a person who turns a telephone."""
        self.page.set_viewport_size({"width": width, "height": 900})

    def wrong(self) -> list[str]:
        """What the console and the content security policy said since the page was opened."""
        return self.complaints + self.page.evaluate("window.refused")

    def barriers(self) -> list[str]:
        """Serious and critical findings of axe in the page as it stands."""
        return barriers(self.page)


def assert_sound(look: Look) -> None:
    """No barrier, no policy violation, no sideways scrolling: wide and narrow, light and dark."""
    for width in (1440, 768, 390):
        look.widen(width)
        fits = partial(look.page.evaluate, "document.documentElement.scrollWidth <= innerWidth")
        wait_until(fits, f"{look.page.url} to fit {width} px", 5)
        for theme in ("light", "dark"):
            look.page.emulate_media(color_scheme=theme)
            assert look.barriers() == [], f"{theme}, {width} px wide"
    assert look.wrong() == []


@pytest.fixture
def look(context: BrowserContext, live_server: LiveServer) -> Look:
    """A fresh browser on the site."""
    page = context.new_page()
    page.add_init_script(WATCH)
    look = Look(page, live_server.url)

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            look.complaints.append(message.text)

    # The live line is plain ASGI beside Django, which this server is not: here it stays silent.
    page.route("**/live/**", lambda route: route.fulfill(content_type="text/event-stream"))
    page.on("console", heard)
    page.on("pageerror", lambda error: look.complaints.append(str(error)))
    return look
