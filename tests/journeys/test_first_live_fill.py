"""The road's first half, walked by its people and their programs against the whole site."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.clients import accepted, ccxt_client, python_okx
from tests.journeys.people import bind, sign_in
from tests.journeys.site import PROCESSES, Site, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def code_of(site: Site, institution: str) -> str:
    return str(site.card["institutions"][institution]["connect_code"])


def rows(page: Page, words: str) -> Any:
    return page.locator("#fill-rows tr", has_text=words)


def test_a_tagged_order_of_an_unmodified_client_appears_live(site: Site, browser: Browser) -> None:
    keys = site.card["venue_accounts"]["trader"]["keys"]
    alice = sign_in(browser, site, "trader")
    expect(alice.get_by_role("heading", name="No connections yet")).to_be_visible()

    bind(alice, "Acme", keys["trade"] | {"secret": "wrong"})
    expect(alice.get_by_label("Secret key")).to_have_attribute("aria-invalid", "true")
    expect(alice.get_by_label("API key", exact=True)).to_have_value(keys["trade"]["api_key"])
    bind(alice, "Acme", keys["trade"])
    expect(alice.get_by_role("status")).to_contain_text("Bound to Acme")

    ada = sign_in(browser, site, "acme_owner")
    expect(ada.locator("#line")).to_have_text("Live")
    ada.evaluate("window.neverReloaded = true")
    rival = sign_in(browser, site, "zenith_owner")
    expect(rival.locator("#line")).to_have_text("Live")

    acme, zenith = code_of(site, "acme"), code_of(site, "zenith")
    exchange = ccxt_client(site, code=acme)
    exchange.load_markets()
    assert exchange.fetch_balance()["free"]["USDT"] > 0
    placed = exchange.create_order("BTC/USDT", "market", "buy", 0.01)
    told = rows(ada, acme)
    expect(told).to_have_count(1, timeout=5000)
    expect(told).to_contain_text("Your code")
    expect(ada.locator("#tile-fills")).to_have_text("1")
    expect(ada.locator("#volume-table tbody tr, #volume canvas").first).to_be_attached()
    trades = exchange.fetch_my_trades("BTC/USDT")
    assert [trade["order"] for trade in trades] == [placed["id"]]

    trade = python_okx(site)
    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "market"}
    accepted(trade.place_order(**order, sz="0.002", tag=acme, clOrdId="fromPythonOkx"))
    expect(rows(ada, "fromPythonOkx")).to_contain_text("Your code")
    accepted(trade.place_order(**order, sz="0.002", clOrdId="withoutTag"))
    expect(rows(ada, "withoutTag")).to_contain_text("No tag")
    accepted(trade.place_order(**order, sz="0.002", tag=zenith, clOrdId="withForeignTag"))
    expect(rows(ada, "withForeignTag")).to_contain_text("Foreign tag")
    expect(ada.locator("#tile-fills")).to_have_text("2")
    expect(ada.locator("#tile-other")).to_have_text("2")

    assert ada.evaluate("window.neverReloaded") is True
    expect(rival.locator("#fill-rows tr[data-sequence]")).to_have_count(0)
    outsider = sign_in(browser, site, "outsider")
    answer = outsider.goto("/institution/acme/")
    assert answer is not None
    assert answer.status == 403


def test_an_order_rests_is_seen_open_and_is_canceled(site: Site) -> None:
    exchange = ccxt_client(site, code=code_of(site, "acme"))
    exchange.load_markets()
    order = exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 1000)
    assert order["id"] in [one["id"] for one in exchange.fetch_open_orders("BTC/USDT")]
    exchange.cancel_order(order["id"], "BTC/USDT")
    assert exchange.fetch_open_orders("BTC/USDT") == []


@pytest.mark.parametrize("name", PROCESSES)
def test_any_process_killed_comes_back_and_no_fill_is_lost_or_doubled(
    site: Site, browser: Browser, name: str
) -> None:
    ada = sign_in(browser, site, "acme_owner")
    expect(ada.locator("#line")).to_have_text("Live")
    trade = python_okx(site)
    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "market"}
    tag = code_of(site, "acme")
    before = accepted(trade.place_order(**order, sz="500", tag=tag, clOrdId=f"before{name}"))
    site.kill(name)
    after = _until_accepted(trade, order | {"sz": "500", "tag": tag, "clOrdId": f"after{name}"})
    expect(rows(ada, f"after{name}")).not_to_have_count(0, timeout=60_000)
    ada.reload()
    for placed, words in ((before, f"before{name}"), (after, f"after{name}")):
        fills = trade.get_fills(ordId=placed)["data"]
        assert fills
        expect(rows(ada, words)).to_have_count(len(fills))


def test_ctrl_c_ends_everything_and_a_second_run_resumes_with_the_data(
    site: Site, browser: Browser
) -> None:
    running = site.pids()
    assert set(running) == set(PROCESSES)
    assert site.stop() == 0
    wait_until(lambda: not [pid for pid in running.values() if Path(f"/proc/{pid}").exists()], "")
    code = code_of(site, "acme")
    site.start()
    assert code_of(site, "acme") == code
    ada = sign_in(browser, site, "acme_owner")
    expect(rows(ada, "fromPythonOkx")).to_have_count(1)
    assert "chain intact" in site.manage("verify_audit")


def test_even_a_killed_supervisor_leaves_no_orphan(site: Site) -> None:
    running = site.pids()
    assert site.up is not None
    os.kill(site.up.pid, signal.SIGKILL)
    site.up.wait()
    wait_until(lambda: not [pid for pid in running.values() if Path(f"/proc/{pid}").exists()], "")


def _until_accepted(trade: Any, order: dict[str, str]) -> str:
    """Place an order as a patient client does: until the venue has said yes, and only once."""
    taken: list[str] = []

    def placed() -> bool:
        try:
            answer = trade.place_order(**order)
            known = trade.get_order(instId=order["instId"], clOrdId=order["clOrdId"])
        except Exception:  # whatever the client raises while the venue is away
            return False
        if answer["code"] == "0" or known["code"] == "0":
            taken.append(str((known["data"] or answer["data"])[0]["ordId"]))
        return bool(taken)

    wait_until(placed, "the venue to take an order", 60)
    return taken[0]
