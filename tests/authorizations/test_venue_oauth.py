"""The portal as a client of the venue's own OAuth. The venue is another portal, in a process of its
own before the exchange: it speaks OKX's dialect and its gateway takes Bearer tokens."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import BrowserContext
from pytest_django import Settings

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.models import Grant, VenueAccount
from connect_portal.institutions.actions import issue_code, open_institution
from connect_portal.institutions.enums import BusinessKind, Channel, CodeState
from connect_portal.kit.clock import now
from connect_portal.kit.runtime.ports import free_port
from connect_portal.people.models import Person
from connect_portal.venue.types import AccountKey, Credentials, VenueToken
from tests import cast
from tests.authorizations.oauth import CALLBACK, Browser, authorize_path, carried, client_of
from tests.authorizations.okx import Integration, signed
from tests.faults.exchange import environment, rich_trader
from tests.faults.proxy import Proxy
from tests.portal import served
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

CODE = "ACMEcode1"
BALANCE = "/api/v5/account/balance"
ORDER = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "sz": "0.001",
    "px": "20000",
}


@pytest.fixture(scope="module")
def venue_site(django_db_setup: None, running_proxy: Proxy) -> Iterator[str]:
    """The portal that plays the venue, for all tests here."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.other_portal", str(port)],
        env=environment(running_proxy) | {"PUBLIC_URL": url, "PORTAL_PORT": str(port)},
    )
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(f"{url}/healthz", timeout=1)
            return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError("the venue did not start")


@dataclass
class Scene:
    """Alice with a browser, signed in at both; Acme's server before the portal; her account."""

    person: Person
    browser: Browser
    at_venue: Browser
    acme: Integration
    account: VenueAccount
    callback: str
    exchange: Sandbox

    def consent(self, **choice: str) -> requests.Response:
        """Allow on the portal's page; where the browser is sent."""
        form = {"decision": "allow", "scopes": ["read_only", "trade"], "days": "90"}
        return self.browser.send(self.path, form | choice)

    @property
    def path(self) -> str:
        """Acme's request to the portal."""
        return self.acme.authorize_path("read_only,trade")

    def consent_at_venue(self, address: str, decision: str = "allow") -> str:
        """Decide on the venue's page; where the browser is sent."""
        assert address.startswith(self.at_venue.site)
        form = {"decision": decision, "scopes": ["read_only", "trade"], "days": "90"}
        path = address.removeprefix(self.at_venue.site)
        answer = self.at_venue.send(path, form | {"account": self.account.pk})
        assert answer.status_code == 302, answer.text
        return str(answer.headers["Location"])

    def come_back(self, address: str) -> requests.Response:
        """Follow the venue's answer to the portal, and on to where that leads."""
        assert address.startswith(self.callback)
        landing = self.browser.get(address.removeprefix(self.browser.site))
        found = re.search(r'content="0;url=([^"]+)"', landing.text)
        return self.browser.get(unescape(found[1])) if found else landing

    def whole(self) -> requests.Response:
        """The way there and back."""
        to_venue = self.consent().headers["Location"]
        return self.come_back(self.consent_at_venue(to_venue))

    def token(self) -> str:
        """Acme's access token after the whole way."""
        code = self.acme.callback(self.whole().headers["Location"])
        return str(self.acme.redeem(code).json()["access_token"])


@pytest.fixture
def scene(
    transactional_db: None,
    venue_site: str,
    exchange: Sandbox,
    alice: Person,
    settings: Settings,
) -> Iterator[Scene]:
    """The portal in this process, whose venue is the other one."""
    trader = rich_trader(exchange)
    account = actions.adopt_account(alice.pk, "sandbox", trader.uid, actor=cast.ACTOR)
    portal = cast.institution("The portal", code=CODE)
    settings.VENUE_NAME, settings.VENUE_URL = "okx", venue_site
    with served() as base_url:
        host = base_url.replace("127.0.0.1", "localhost")
        callback = f"{host}/oauth/venue/callback/"
        client, secret = client_of(portal, callback)
        settings.PUBLIC_URL, settings.VENUE_OAUTH_URL = host, venue_site
        settings.VENUE_OAUTH_CLIENT_ID = client.client_id
        settings.VENUE_OAUTH_CLIENT_SECRET = secret
        browser, at_venue = Browser(host).sign_in(alice), Browser(venue_site).sign_in(alice)
        yield Scene(alice, browser, at_venue, _acme(host), account, callback, exchange)


def _acme(host: str) -> Integration:
    acme = open_institution(
        name="Acme",
        kind=BusinessKind.BOT_PLATFORM,
        channels=[Channel.API, Channel.OAUTH],
        actor=cast.ACTOR,
    )
    issue_code(acme.pk, venue="okx", actor=cast.ACTOR, state=CodeState.ACTIVE, code=CODE)
    client, secret = client_of(acme)
    return Integration(host, client.client_id, secret, CALLBACK, (host,))


def ours() -> Grant:
    """The grant at the portal, not the one at the venue."""
    return Grant.objects.get(institution__name="Acme")


def run_out() -> None:
    """Let the venue's access token run out for us; the venue itself still takes it."""
    Grant.objects.filter(institution__name="Acme").update(token_expires_at=now())


def test_trade_with_the_venues_own_token_behind_the_grant(scene: Scene) -> None:
    token = scene.token()
    placed = scene.acme.call(token, "POST", "/api/v5/trade/order", ORDER).json()
    assert placed["data"][0]["sCode"] == "0", placed

    query = urlencode({"instId": "BTC-USDT", "ordId": placed["data"][0]["ordId"]})
    shown = scene.acme.call(token, "GET", f"/api/v5/trade/order?{query}").json()
    assert (shown["data"][0]["tag"], shown["data"][0]["state"]) == (CODE, "live")
    grant = ours()
    assert (grant.venue_account.venue, grant.venue_account.uid) == ("okx", scene.account.uid)
    assert isinstance(queries.bearer(token).credentials, VenueToken)
    assert [one.source for one in queries.accesses([grant.venue_account_id])] == [
        f"grant:{grant.pk}"
    ]


def test_end_the_grant_cancels_its_orders_with_the_token_it_had(scene: Scene) -> None:
    token = scene.token()
    placed = scene.acme.call(token, "POST", "/api/v5/trade/order", ORDER).json()["data"][0]
    grant = ours()
    actions.end_grant(grant.pk, owner_id=scene.person.pk, actor=cast.ACTOR, cancel_orders=True)
    assert actions.cancel_due() == 1
    query = urlencode({"instId": "BTC-USDT", "ordId": placed["ordId"]})
    theirs = queries.accesses([scene.account.pk])[0].credentials
    shown = signed(scene.exchange.base_url, as_key(theirs), "GET", f"/api/v5/trade/order?{query}")
    assert shown.json()["data"][0]["state"] == "canceled"


def as_key(credentials: AccountKey) -> dict[str, str]:
    """A key of ours in OKX's words."""
    assert isinstance(credentials, Credentials)
    return {
        "apiKey": credentials.api_key,
        "secretKey": credentials.secret,
        "passphrase": credentials.passphrase,
    }


def test_what_is_kept_of_the_venue_is_sealed(scene: Scene) -> None:
    scene.token()
    grant = ours()
    pair = grant.pair()
    kept = bytes(grant.sealed_credentials or b"")
    assert pair.access_token.encode() not in kept
    assert pair.refresh_token.encode() not in kept
    assert pair.access_token not in repr(pair)


def test_the_token_is_replaced_before_it_runs_out(scene: Scene) -> None:
    token = scene.token()
    before = ours().pair()
    assert actions.refresh_due() == 0
    Grant.objects.filter(pk=ours().pk).update(token_expires_at=now() + timedelta(minutes=9))
    assert actions.refresh_due() == 1
    after = ours().pair()
    assert {after.access_token, after.refresh_token}.isdisjoint(
        {before.access_token, before.refresh_token}
    )
    assert after.expires_at > now() + timedelta(minutes=50)
    assert scene.acme.call(token, "GET", BALANCE).json()["code"] == "0"


def test_a_call_that_finds_the_token_run_out_gets_the_next_one(scene: Scene) -> None:
    token = scene.token()
    before = ours().pair()
    run_out()
    assert scene.acme.call(token, "GET", BALANCE).json()["code"] == "0"
    assert ours().pair().access_token != before.access_token


def test_the_grant_ends_when_the_venue_refuses_it(scene: Scene) -> None:
    token = scene.token()
    theirs = Grant.objects.get(institution__name="The portal")
    actions.end_grant(theirs.pk, owner_id=scene.person.pk, actor=cast.ACTOR)
    assert scene.acme.call(token, "GET", BALANCE).json()["code"] == "53009"

    source = f"grant:{ours().pk}"
    actions.degrade(source, trouble="Access token revoked.", actor=cast.ACTOR)
    assert ours().state == "active"
    actions.refresh_due()
    assert (ours().state, ours().ended_by) == ("ended", "venue")
    assert scene.acme.call(token, "GET", BALANCE).json()["code"] == "53003"


def test_a_venue_that_is_away_ends_nothing(scene: Scene, settings: Settings) -> None:
    token = scene.token()
    settings.VENUE_URL = "http://127.0.0.1:1"
    run_out()
    assert actions.refresh_due() == 0
    assert ours().state == "active"
    assert scene.acme.call(token, "GET", BALANCE).json()["code"] == "50001"


def test_deny_at_the_venue_connects_nothing_and_says_so(scene: Scene) -> None:
    to_venue = scene.consent().headers["Location"]
    page = scene.come_back(scene.consent_at_venue(to_venue, "deny"))
    assert "gave no permission" in page.text
    assert not Grant.objects.exists()


def test_an_answer_for_another_site_is_not_followed(scene: Scene) -> None:
    back = scene.consent_at_venue(scene.consent().headers["Location"])
    said = dict(parse_qsl(urlsplit(back).query)) | {"domain": "https://evil.example"}
    page = scene.come_back(f"{scene.callback}?{urlencode(said)}")
    assert "another site" in page.text
    assert not Grant.objects.filter(institution__name="Acme").exists()


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(scene: Scene, bob: Person) -> None:
    back = scene.consent_at_venue(scene.consent().headers["Location"])
    stranger = Browser(scene.browser.site).sign_in(bob)
    path = back.removeprefix(scene.browser.site)
    assert stranger.get(path).status_code == 400
    forged = re.sub("state=[^&]+", "state=x", path)
    assert scene.browser.get(forged).status_code == 400
    assert scene.come_back(back).status_code == 302
    assert scene.browser.get(path).status_code == 400


@pytest.mark.browser
def test_a_browser_is_led_there_and_back_under_the_policies_of_both_sites(
    scene: Scene, context: BrowserContext
) -> None:
    for place in (scene.browser, scene.at_venue):
        known = [(cookie.name, str(cookie.value)) for cookie in place.session.cookies]
        context.add_cookies(
            [{"name": name, "value": text, "url": place.site} for name, text in known]
        )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.route("**/static/**", lambda route: route.fulfill(body=""))
    page.goto(scene.browser.site + scene.path)
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{scene.at_venue.site}/**")
    with page.expect_request(lambda request: request.url.startswith(CALLBACK)) as back:
        page.get_by_role("button", name="Allow").click()
    assert scene.acme.callback(back.value.url)
    assert not [said for said in complaints if "Content Security Policy" in said]


def test_the_standard_dialect_leads_over_the_venue_too(scene: Scene) -> None:
    path = authorize_path(client_id=scene.acme.client_id)
    form = {"decision": "allow", "scopes": ["read_only", "trade"], "days": "90"}
    to_venue = scene.browser.send(path, form).headers["Location"]
    assert "code" in carried(scene.come_back(scene.consent_at_venue(to_venue)))
