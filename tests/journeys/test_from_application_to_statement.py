"""The whole road: a company applies and goes live, a user consents, a day is settled.

Staff sit at a desk; applicant and user hold a telephone. At each stop the page is sound on both.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from authlib.integrations.requests_client import OAuth2Session
from playwright.sync_api import Browser, Page, Route, expect

from connect_portal.demo.client import Addresses, bearing_client, signing_client
from connect_portal.venue.types import Credentials
from tests.institutions.handing_in import pdf
from tests.journeys.people import check, clear, look, press, sign_in, sign_with_factor
from tests.journeys.site import Site, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CALLBACK = "http://127.0.0.1:9/callback"
ORDER = {"instId": "BTC-USDT", "tdMode": "cash", "ordType": "market", "sz": "200"}


def test_from_an_application_to_a_consent_to_a_settled_statement(
    site: Site, browser: Browser
) -> None:
    iris = sign_in(browser, site, "applicant")
    code = apply(iris)
    case = qualify(browser, site)
    sign_contract(browser, site, iris, case)
    secret = get_access(browser, site, iris, case)
    certify_and_go_live(site, iris, sign_in(browser, site, "trader"), code, case)

    alice = sign_in(browser, site, "trader")
    live = open_live_page(iris)
    institution = consent(site, alice, secret)
    trade_through_the_gateway(site, institution, live, code)
    settle(case["finance"], case["compliance"], site, iris)
    end_the_connection(alice, site, institution)
    complete(site, case["account_manager"])

    assert site.complaints == []
    assert "chain intact" in site.manage("verify_audit")
    assert "all as they were signed" in site.manage("verify_contracts")
    site.manage("verify_ledger")


def apply(iris: Page) -> str:
    """Apply for Harbor; the Connect code that is reserved for it."""
    iris.goto("/apply/")
    look(iris)
    iris.get_by_label("Company's legal name").fill("Harbor")
    iris.get_by_role("button", name="Begin the application").click()
    describe_the_business(iris)
    describe_the_company(iris)
    name_the_people(iris)
    iris.get_by_role("button", name="Next: contacts").click()
    onward = iris.get_by_role("button", name="Next: documents")
    expect(onward).to_be_visible()
    look(iris)
    onward.click()
    hand_in_documents(iris)
    iris.get_by_role("link", name="Next: technical").click()
    iris.get_by_label("UID of your own account").fill("40771234")
    iris.get_by_label("Redirect URIs").fill(CALLBACK)
    iris.get_by_role("button", name="Next: review").click()

    expect(iris.get_by_text("is missing")).to_have_count(0)
    look(iris)
    iris.get_by_label("We apply in the company’s name").check()
    iris.get_by_role("button", name="Submit the application").click()
    expect(iris.get_by_text("Your application is submitted").first).to_be_visible()
    look(iris)
    found = re.search(r"\b[A-Za-z0-9]{12}\b", iris.locator(".tracker code").inner_text())
    assert found
    return found[0]


def describe_the_business(iris: Page) -> None:
    """Each field is kept as it is typed; what is malformed is said, and kept too."""
    website = iris.get_by_label("Website")
    website.fill("ftp://harbor.example")
    website.blur()
    expect(iris.get_by_text("Enter a valid URL")).to_be_visible()
    expect(website).to_have_attribute("aria-invalid", "true")
    iris.get_by_label("What is your main business?").select_option(label="Trading bot platform")
    with iris.expect_response(lambda answer: "field=model" in (answer.request.post_data or "")):
        iris.get_by_label("Both").check()
    expect(iris.locator("#saved")).to_contain_text(re.compile(r"Saved \d\d:\d\d:\d\d UTC"))
    iris.reload()
    expect(website).to_have_value("ftp://harbor.example")
    expect(iris.get_by_label("Both")).to_be_checked()
    look(iris)
    website.fill("https://harbor.example")
    iris.get_by_label("What do you offer your users?").fill("Bots that trade spot pairs.")
    iris.get_by_label("Expected users").fill("1,000")
    iris.get_by_label("Expected volume").fill("2,500,000")
    iris.get_by_role("button", name="Next: legal entity").click()


def describe_the_company(iris: Page) -> None:
    iris.get_by_label("Registration number").fill("7654321")
    iris.get_by_label("Date of registration").fill("2019-04-01")
    iris.get_by_label("Country of registration").select_option(index=5)
    iris.get_by_label("Registered address").fill("1 Quay Street")
    look(iris)
    iris.get_by_role("button", name="Next: people").click()


def name_the_people(iris: Page) -> None:
    iris.get_by_label("Full name").fill("Iris")
    for role in ("Director", "Beneficial owner", "Authorised signatory"):
        iris.get_by_label(role, exact=True).check()
    iris.get_by_label("Country of residence").select_option(index=5)
    iris.get_by_label("Share in percent").fill("60")
    iris.get_by_label("Email address").fill("iris@harbor.example")
    iris.get_by_role("button", name="Add this person").click()
    expect(iris.get_by_role("main").get_by_text("Iris").first).to_be_visible()
    look(iris)


def hand_in_documents(iris: Page) -> None:
    for name in (
        "Certificate of incorporation",
        "Proof of address",
        "Ownership chart",
        "ID of the authorised signatory",
    ):
        place = iris.get_by_role("region", name=name)
        if place.get_by_label("Valid until").count():
            place.get_by_label("Valid until").fill("2079-01-01")
        paper = {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": pdf(name)}
        place.get_by_label("File").set_input_files([paper])
        place.get_by_role("button", name="Hand in").click()
        expect(place.get_by_text("handed in", exact=True)).to_be_visible()
    look(iris)


def qualify(browser: Browser, site: Site) -> dict[str, Page]:
    """Two people approve; everybody of the exchange with the case open."""
    case = {}
    for who in ("account_manager", "compliance", "technical", "finance"):
        case[who] = sign_in(browser, site, who)
        case[who].goto("/console/?queue=all")
        look(case[who])
        case[who].get_by_role("link", name="Harbor").click()
    morgan = case["account_manager"]

    def is_screened() -> bool:
        morgan.reload()
        return morgan.get_by_role("button", name="Propose: approve").count() == 1

    wait_until(is_screened, "the screening of the application", 60)
    look(morgan)
    check(morgan)
    press(morgan, "Propose: approve")
    expect(morgan.get_by_text("You proposed this yourself")).to_be_visible()
    check(case["compliance"])
    look(case["compliance"])
    clear(case["compliance"], reason="Seen in the register.")
    press(case["compliance"], "Confirm")
    press(morgan, "Log the contact", note="Called Iris, contract is ready.")
    press(morgan, "Propose: send the contract")
    check(case["finance"])
    press(case["finance"], "Confirm")
    return case


def sign_contract(browser: Browser, site: Site, iris: Page, case: dict[str, Page]) -> None:
    iris.goto("/institution/harbor/contract/")
    look(iris)
    iris.get_by_label("Your full name").fill("Iris")
    sign_with_factor(iris, site, "applicant", "Sign the contract")
    cora = case["compliance"]
    cora.reload()
    cora.get_by_role("link", name="Read the contract and countersign").click()
    expect(cora.get_by_role("article", name="The contract")).to_contain_text("Harbor")
    look(cora)
    sign_with_factor(cora, site, "compliance", "Countersign and seal")
    expect(cora.get_by_role("status")).to_contain_text("sealed and in force")
    iris.goto("/institution/harbor/technical/")
    look(iris)
    iris.get_by_role("button", name="Hand in for review").click()
    expect(iris.get_by_text("Handed in")).to_be_visible()
    check(case["technical"])
    press(case["technical"], "Propose: give technical access")
    press(case["account_manager"], "Confirm")


def get_access(browser: Browser, site: Site, iris: Page, case: dict[str, Page]) -> dict[str, str]:
    """The OAuth client that was made for Harbor, with a fresh secret."""

    def is_there() -> bool:
        iris.goto("/institution/harbor/access/")
        return iris.locator("#client").count() == 1

    wait_until(is_there, "the OAuth client of Harbor", 60)
    return secret_of(iris, "/institution/harbor/access/")


def secret_of(iris: Page, address: str) -> dict[str, str]:
    """A client's id and a fresh secret, which the page shows once."""
    iris.goto(address)
    iris.get_by_role("button", name="Make a client secret").click()
    secret = iris.locator("#secret").inner_text()
    client_id = iris.locator("#client").inner_text()
    iris.goto(address)
    expect(iris.locator("#secret")).to_have_count(0)
    return {"client_id": client_id, "client_secret": secret}


def open_live_page(iris: Page) -> Page:
    iris.goto("/institution/harbor/")
    expect(iris.locator("#line")).to_have_text("Live")
    look(iris)
    return iris


def certify_and_go_live(
    site: Site, iris: Page, alice: Page, code: str, case: dict[str, Page]
) -> None:
    """Harbor's own client passes test trading on both channels; two people take it live."""
    iris.goto("/institution/harbor/certification/")
    look(iris)
    iris.get_by_role("button", name="Start a run").click()
    shown = [iris.locator(f"#{part}").inner_text() for part in ("api-key", "secret", "passphrase")]
    look(iris)
    exchange = Addresses(site.card["sandbox_url"], site.card["sandbox_ws_url"])
    signing_client(code, exchange, Credentials(*shown), passed_on(iris, "api"), "a").play()

    window = iris.context.new_page()
    client = secret_of(window, "/institution/harbor/access/test/")
    session = consent(site, alice, client)
    token = session.refresh_token(site.card["oauth"]["token_url"])["access_token"]
    gateway = Addresses(site.card["gateway_url"], site.card["gateway_ws_url"])
    bearing_client(code, gateway, token, passed_on(iris, "oauth"), "o").play()
    expect(iris.locator("#run").get_by_role("status")).to_contain_text("25 of 25", timeout=60_000)
    expect(iris.locator("#run").get_by_role("link", name="Report")).to_be_visible(timeout=30_000)

    theo = case["technical"]
    theo.reload()
    theo.get_by_role("link", name="Look at its test trading").click()
    expect(theo.locator("#runs tbody tr")).to_contain_text("Passed")
    look(theo)
    theo.go_back()
    press(theo, "Propose: go live")
    press(case["account_manager"], "Confirm")


def passed_on(iris: Page, channel: str) -> Callable[[str], None]:
    """Waits until the open page says of a check that it passed, and until the next has begun."""

    def until(check: str) -> None:
        ticked = iris.locator(f"#{channel}-{check}.is-passed")
        expect(ticked).to_have_count(1, timeout=30_000)
        following = {"order": "too_many", "too_many": "unknown"}.get(check)
        if following:
            waiting = iris.locator(f"#{channel}-{following}", has_text="Your next order")
            expect(waiting).to_have_count(1, timeout=30_000)

    return until


def consent(site: Site, alice: Page, client: dict[str, str]) -> OAuth2Session:
    """Alice allows Harbor to trade; Harbor's session with its tokens."""
    oauth = site.card["oauth"]
    session = OAuth2Session(
        **client, redirect_uri=CALLBACK, scope="read_only trade", code_challenge_method="S256"
    )
    verifier = "v" * 64
    url, _ = session.create_authorization_url(oauth["authorize_url"], code_verifier=verifier)
    came_back: list[str] = []

    def catch(route: Route) -> None:
        came_back.append(route.request.url)
        route.fulfill(body="back at Harbor")

    alice.context.route(f"{CALLBACK}**", catch)
    alice.goto(url)
    expect(alice.get_by_role("heading", name="Connect to Harbor?")).to_be_visible()
    look(alice)
    alice.get_by_role("button", name="Allow").click()
    wait_until(lambda: bool(came_back) or alice.wait_for_timeout(50), "the way back to Harbor", 30)
    session.fetch_token(
        oauth["token_url"], authorization_response=came_back[0], code_verifier=verifier
    )
    return session


def trade_through_the_gateway(site: Site, harbor: OAuth2Session, live: Page, code: str) -> None:
    gateway = site.card["gateway_url"] + "/api/v5"

    def post(path: str, body: dict[str, Any]) -> Any:
        return harbor.post(gateway + path, json=body).json()

    placed = post("/trade/order", ORDER | {"side": "buy", "clOrdId": "throughTheGateway"})
    assert placed["code"] == "0", placed
    row = live.locator("#fill-rows tr", has_text="throughTheGateway")
    expect(row).to_contain_text("Your code")
    expect(row).to_contain_text(code)

    foreign = post("/trade/order", ORDER | {"side": "buy", "tag": "SomebodyElse"})
    assert foreign["code"] != "0"
    strategy = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "sz": "0.001"}
    refused = post("/trade/order-algo", strategy | {"ordType": "trigger", "triggerPx": "1000"})
    assert refused["code"] == "50030", refused


def complete(site: Site, morgan: Page) -> None:
    """The last move: the first fill since Harbor went live was noted, and the orders of a week
    carried its code."""

    def is_noted() -> bool:
        morgan.reload()
        return morgan.get_by_role("link", name="Look at its fills").count() == 1

    wait_until(is_noted, "the first fill to be noted", 60)
    site.manage("clock", "--to", f"{business_day(site) + timedelta(days=8):%Y-%m-%d}T00:05")
    morgan.get_by_role("link", name="Look at its fills").click()
    morgan.get_by_role("button", name="Complete").click()
    expect(morgan.get_by_role("status")).to_contain_text("Complete: done, and noted")


def settle(finn: Page, cora: Page, site: Site, iris: Page) -> None:
    """Let the day pass, close it by one and issue it by another; Iris reads her statement."""
    today = business_day(site)
    site.manage("clock", "--to", f"{today + timedelta(days=1):%Y-%m-%d}T00:05")
    finn.goto("/console/statements/")
    finn.get_by_label("Day, UTC").fill(f"{today:%Y-%m-%d}")
    finn.get_by_role("button", name="Close this day").click()
    harbor = finn.locator("#statements tbody tr", has_text="Harbor")
    expect(harbor).to_have_count(1)
    look(finn)
    cora.goto("/console/statements/")
    cora.get_by_role("row", name="Harbor").get_by_role("link").click()
    cora.get_by_role("button", name="Issue this statement").click()

    iris.goto("/institution/harbor/statements/1/")
    expect(iris.get_by_role("heading", name="Statement 1", exact=True)).to_be_visible()
    look(iris)
    file = iris.request.get("/institution/harbor/statements/1.json")
    assert iris.locator(".hash").first.inner_text() == hashlib.sha256(file.body()).hexdigest()
    site.manage("close_day", "--day", f"{today:%Y-%m-%d}")
    again = iris.request.get("/institution/harbor/statements/1.json")
    assert again.body() == file.body()


def business_day(site: Site) -> Any:
    """Today by the business clock, in UTC."""
    said = re.search(r"\d{4}-\d{2}-\d{2}", site.manage("clock"))
    assert said
    return datetime.strptime(said[0], "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)


def end_the_connection(alice: Page, site: Site, harbor: OAuth2Session) -> None:
    alice.goto("/user/")
    look(alice)
    alice.get_by_role("link", name="End the connection to Harbor").click()
    alice.get_by_role("button", name="End the connection").click()
    expect(alice.get_by_role("status")).to_contain_text("Ended.")
    answer = harbor.get(site.card["gateway_url"] + "/api/v5/account/balance")
    assert answer.json()["code"] == "53003", answer.text
