"""The page of an account in Chromium, on a live exchange: sound, by keyboard, and up to date."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Locator, expect

from connect_portal.people.models import Person
from tests.authorizations.desk import FAR, PAIR, Desk, at_the_desk
from tests.faults import proxy as faults
from tests.faults.proxy import Proxy
from tests.pages.conftest import Look, assert_sound
from tests.sandbox.conftest import Sandbox
from tests.sandbox.signing import signed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ORDER = "/api/v5/trade/order"


@pytest.fixture
def desk(look: Look, client: Client, alice: Person, exchange: Sandbox) -> Desk:
    """Alice with money, in the browser."""
    desk = at_the_desk(client, alice, exchange)
    desk.give(USDT="100000", SOL="5")
    look.become(client)
    return desk


def form(look: Look) -> Locator:
    return look.page.locator("#order-form form")


def type_order(look: Look, *, price: str = FAR, size: str = "2") -> None:
    form(look).get_by_label("Price").fill(price)
    form(look).get_by_label("Size").fill(size)


def place(look: Look) -> None:
    form(look).get_by_role("button", name="Place the order").click()


def open_orders(look: Look) -> Locator:
    return look.page.locator("#order-rows tr:not(.empty-row)")


def trade(desk: Desk, price: str) -> None:
    """Somebody sells to somebody else on the pair."""
    seller = desk.exchange.trader(str(uuid4()), SOL="1")
    buyer = desk.exchange.trader(str(uuid4()), USDT="100000")
    common = {"instId": PAIR, "tdMode": "cash", "ordType": "limit", "sz": "1", "px": price}
    for trader, side in ((seller, "sell"), (buyer, "buy")):
        signed(desk.exchange, trader, "POST", ORDER, common | {"side": side})


def test_an_empty_account_is_sound(
    look: Look, client: Client, bob: Person, exchange: Sandbox
) -> None:
    empty = at_the_desk(client, bob, exchange)
    look.become(client)
    look.open(f"{empty.path}?pair=XRP-USDT")
    expect(look.page.get_by_text("No open orders.")).to_be_visible()
    assert_sound(look)


def test_a_full_account_is_sound(look: Look, desk: Desk) -> None:
    trade(desk, "140")
    desk.order()
    desk.order(side="sell", price="199", size="1", tag="ACMEcode1")
    look.open(f"{desk.path}?pair={PAIR}")
    expect(open_orders(look)).to_have_count(2)
    assert_sound(look)


def test_the_pages_of_keys_are_sound(look: Look, desk: Desk) -> None:
    look.open(f"{desk.path}keys/")
    assert_sound(look)
    look.widen(1440)
    look.page.get_by_label("Name").fill("My bot")
    look.page.get_by_label("Passphrase").fill("Correct-Horse-9")
    look.page.get_by_role("button", name="Create the key").click()
    expect(look.page.locator("h1")).to_have_text("Your new API key")
    secret = look.page.locator("#made-secret").inner_text()
    assert_sound(look)
    look.widen(1440)
    look.page.get_by_role("link", name="I have copied it").click()
    expect(look.page.get_by_role("cell", name="My bot", exact=True)).to_be_visible()
    assert secret not in look.page.content()


def test_a_double_click_makes_one_key_and_shows_its_secret(look: Look, desk: Desk) -> None:
    look.open(f"{desk.path}keys/")
    look.page.get_by_label("Name").fill("My bot")
    look.page.get_by_label("Passphrase").fill("Correct-Horse-9")
    look.page.get_by_role("button", name="Create the key").dblclick()
    expect(look.page.locator("#made-secret")).to_have_text(re.compile("[0-9A-F]{32}"))
    assert len(desk.shown()["keys"]) == 1


def test_an_order_is_placed_by_keyboard_alone(look: Look, desk: Desk) -> None:
    look.open(f"{desk.path}?pair={PAIR}")
    keyboard = look.page.keyboard
    form(look).get_by_label("Buy").focus()
    keyboard.press("ArrowRight")
    expect(form(look).get_by_label("Sell")).to_be_checked()
    keyboard.press("ArrowLeft")
    for typed in ("Limit", FAR, "2", "ACMEcode1", ""):
        keyboard.press("Tab")
        keyboard.type(typed)
    keyboard.press("Enter")

    expect(look.page.locator("#order-said")).to_contain_text(f"Buy 2 {PAIR} at 1.5: placed as")
    expect(open_orders(look)).to_contain_text(["ACMEcode1"])
    expect(form(look).get_by_role("button", name="Place the order")).to_be_focused()


def test_a_refused_order_stays_as_typed_and_leads_to_the_field(look: Look, desk: Desk) -> None:
    look.open(f"{desk.path}?pair={PAIR}")
    type_order(look, size="99999")
    place(look)
    size = form(look).get_by_label("Size")
    expect(size).to_be_focused()
    expect(size).to_have_value("99999")
    expect(size).to_have_accessible_description(re.compile("Insufficient USDT balance"))
    assert look.barriers() == []


def test_a_double_click_is_one_order(look: Look, desk: Desk) -> None:
    look.open(f"{desk.path}?pair={PAIR}")
    type_order(look)
    form(look).get_by_role("button", name="Place the order").dblclick()
    expect(open_orders(look)).to_have_count(1)
    expect(look.page.locator("#order-said")).to_contain_text("placed as order")
    assert len(desk.open_orders()) == 1


def test_an_order_is_cancelled_and_what_was_typed_stays(look: Look, desk: Desk) -> None:
    desk.order()
    look.open(f"{desk.path}?pair={PAIR}")
    type_order(look, price="7", size="3")
    look.page.get_by_role("button", name=f"Cancel the order to buy {PAIR}").press("Enter")
    expect(look.page.locator("#orders-said")).to_contain_text("is cancelled")
    expect(open_orders(look)).to_have_count(0)
    expect(look.page.locator("#orders-said")).to_be_focused()
    expect(form(look).get_by_label("Price")).to_have_value("7")


def test_what_happens_elsewhere_appears_by_itself(look: Look, desk: Desk) -> None:
    look.open(f"{desk.path}?pair={PAIR}")
    form(look).get_by_label("Size").fill("3")
    trade(desk, "147.11")
    desk.order(tag="ZENITH2")

    expect(look.page.locator("#ticker")).to_contain_text("147.11")
    expect(look.page.locator("#prints")).to_contain_text("147.11")
    expect(open_orders(look)).to_contain_text(["ZENITH2"])
    expect(form(look).get_by_label("Size")).to_have_value("3")
    expect(look.page.locator("#line")).to_have_text("Up to date")
    assert look.wrong() == []


def test_the_focus_stays_in_a_table_that_moves(look: Look, desk: Desk) -> None:
    desk.order()
    look.open(f"{desk.path}?pair={PAIR}")
    look.page.get_by_role("button", name="Cancel the order").focus()
    desk.order(price="1.25")
    expect(open_orders(look)).to_have_count(2)
    expect(look.page.get_by_role("button", name=f"buy {PAIR} at 1.5")).to_be_focused()


def test_a_price_of_the_book_is_taken_into_the_form(look: Look, desk: Desk) -> None:
    desk.order(side="sell", price="144.44", size="1")
    look.open(f"{desk.path}?pair={PAIR}")
    look.page.get_by_role("button", name="Ask 144.44").press("Enter")
    form(look).get_by_label("Size").fill("2")
    expect(form(look).get_by_label("Price")).to_have_value("144.44")
    expect(look.page.locator("#order-worth")).to_have_text("288.88 USDT")
    form(look).get_by_label("Type").select_option("market")
    expect(form(look).get_by_label("Price")).to_be_disabled()
    for order in desk.open_orders():
        desk.send("cancel/", {"order": f"{PAIR}:{order.order_id}"})


def test_candles_are_drawn_and_change_their_width(look: Look, desk: Desk) -> None:
    trade(desk, "145")
    look.open(f"{desk.path}?pair={PAIR}")
    expect(look.page.locator("#candles canvas")).to_be_visible()
    expect(look.page.locator("#candles .u-legend")).to_contain_text("145")
    look.page.get_by_role("link", name="1D").press("Enter")
    expect(look.page.locator("#candle-rows time").first).to_have_text(re.compile("00:00|16:00"))
    expect(look.page).to_have_url(re.compile("bar=1D"))
    expect(look.page.get_by_role("link", name="1D")).to_have_attribute("aria-current", "true")
    assert look.wrong() == []


def test_an_exchange_that_goes_away_is_said_until_it_is_back(
    look: Look, desk: Desk, proxy: Proxy
) -> None:
    look.open(f"{desk.path}?pair={PAIR}")
    type_order(look, size="3")
    proxy.spoil("/api/v5/", faults.DOWN, times=999)
    expect(look.page.locator("#line")).to_have_text("Exchange away")
    expect(look.page.locator("#trouble")).to_contain_text("The exchange does not answer.")
    expect(form(look).get_by_label("Size")).to_have_value("3")
    assert look.barriers() == []
    proxy.clear()
    expect(look.page.locator("#line")).to_have_text("Up to date", timeout=15_000)
    expect(look.page.locator("#trouble")).to_be_empty()


def test_a_site_that_does_not_answer_is_said_beside_the_form(look: Look, desk: Desk) -> None:
    look.open(f"{desk.path}?pair={PAIR}")
    type_order(look)
    look.page.route("**/order/*", lambda route: route.abort())
    place(look)
    expect(look.page.locator("#order-said")).to_have_text(re.compile("No answer came."))
    look.page.unroute("**/order/*")
    place(look)
    expect(look.page.locator("#order-said")).to_contain_text("placed as order")
    expect(open_orders(look)).to_have_count(1)


def test_live_and_demo_are_a_click_apart(look: Look, desk: Desk) -> None:
    look.open(f"{desk.path}?pair={PAIR}")
    look.page.get_by_role("link", name="Demo").click()
    look.page.get_by_role("button", name="Open a demo account").click()
    expect(look.page.get_by_text("No money yet.")).to_be_visible()
    look.page.get_by_role("button", name="Take paper money").click()
    expect(look.page.get_by_text("10,000 USDT of paper money given.")).to_be_visible()
    expect(look.page.locator("#balance-rows")).to_contain_text("10,000.00")
    look.page.get_by_role("link", name="Live").click()
    expect(look.page.locator("#balance-rows")).to_contain_text("100,000.00")


def test_the_page_works_without_script(look: Look, desk: Desk) -> None:
    browser = look.page.context.browser
    assert browser is not None
    quiet = browser.new_context(java_script_enabled=False)
    quiet.add_cookies(look.page.context.cookies())
    page = quiet.new_page()
    page.goto(f"{look.server}{desk.path}?pair={PAIR}")
    order = page.locator("#order-form form")
    order.get_by_label("Price").fill(FAR)
    order.get_by_label("Size").fill("2")
    order.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("status").first).to_contain_text("placed as order")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_role("status").first).to_contain_text("is cancelled")
    quiet.close()
