"""Windows of a browser in which somebody of the cast has signed in, and what they do there."""

import re
from functools import partial

from playwright.sync_api import Browser, Page, expect

from tests.browser import barriers
from tests.cast import code_now
from tests.journeys.site import Site, wait_until

DESK, TELEPHONE = 1440, 390
STAFF = ("account_manager", "compliance", "technical", "finance")


def sign_in(browser: Browser, site: Site, who: str) -> Page:
    """A window of its own in which somebody of the cast has signed in, with TOTP if they have one.

    Staff sit at a desk, everybody else holds a telephone. What the console of the window complains
    of, violations of the content security policy too, is kept in `site.complaints`.
    """
    width = DESK if who in STAFF else TELEPHONE
    window = {"width": width, "height": 900}
    context = browser.new_context(base_url=site.card["portal_url"], viewport=window)
    context.on("weberror", lambda error: site.complaints.append(str(error.error)))
    context.on("console", lambda said: said.type == "error" and site.complaints.append(said.text))
    page = context.new_page()
    person = site.card["users"][who]
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(person["email"])
    page.get_by_label("Password", exact=True).fill(site.card["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    if person["totp_secret"]:
        page.locator("[name=code]").fill(code_now(person["totp_secret"]))
        page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).not_to_have_url(re.compile("/accounts/"))
    return page


def sign_with_factor(page: Page, site: Site, who: str, button: str) -> None:
    """Press a button that signs; where the sign-in is no longer fresh, prove it and press again."""
    page.get_by_role("button", name=button).click()
    page.wait_for_load_state()
    while "/accounts/" in page.url:
        password, code = page.locator("[name=password]"), page.locator("[name=code]")
        if password.count():
            password.fill(site.card["password"])
            password.press("Enter")
        else:
            code.fill(code_now(site.card["users"][who]["totp_secret"]))
            code.press("Enter")
        page.wait_for_load_state()
        if "/accounts/" not in page.url:
            page.get_by_role("button", name=button).click()
            page.wait_for_load_state()


def look(page: Page) -> None:
    """Look at the page as it stands, at a desk and on a telephone: nothing bars anybody."""
    page.wait_for_load_state()
    before = page.viewport_size
    assert before
    for width in (DESK, TELEPHONE):
        page.set_viewport_size({"width": width, "height": 900})
        fits = partial(page.evaluate, "document.documentElement.scrollWidth <= innerWidth")
        wait_until(fits, f"{page.url} to fit {width} px", 5)
        assert barriers(page) == [], f"{page.url}, {width} px wide"
    page.set_viewport_size(before)


def bind(page: Page, institution: str, key: dict[str, str]) -> None:
    """Fill in the form that binds a key."""
    page.goto("/user/bind/")
    page.get_by_label("Institution").select_option(label=institution)
    page.get_by_label("API key", exact=True).fill(key["api_key"])
    page.get_by_label("Secret key").fill(key["secret"])
    page.get_by_label("Passphrase").fill(key["passphrase"])
    page.get_by_role("button", name="Bind this key").click()


def press(page: Page, button: str, note: str = "") -> None:
    """Press one of the buttons of an application in the console."""
    page.reload()
    if note:
        page.locator("#id_note").fill(note)
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("status")).to_contain_text("Done")


def check(page: Page) -> None:
    """Tick everything on an application's page that this person may tick."""
    page.reload()
    ticks = page.get_by_role("button", name=re.compile("^Tick: "))
    while waiting := ticks.count():
        ticks.first.click()
        expect(page.get_by_role("status")).to_contain_text("Done: ticked")
        expect(ticks).to_have_count(waiting - 1)


def clear(page: Page, reason: str) -> None:
    """Clear every finding on an application's page that this person may clear."""
    page.reload()
    findings = page.get_by_text("Clear it with a reason")
    while waiting := findings.count():
        findings.first.click()
        page.get_by_label("Why it is none").first.fill(reason)
        page.get_by_role("button", name="Clear the finding").first.click()
        expect(page.get_by_role("status")).to_contain_text("Done: the finding is cleared")
        expect(findings).to_have_count(waiting - 1)
