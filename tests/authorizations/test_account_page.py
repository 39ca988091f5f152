"""The page of an account at the sandbox exchange: what it shows, orders placed and cancelled there,
the key that it signs with, and what it says when the exchange is away."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import serializers
from django.db import connection
from django.test import Client, override_settings

from connect_portal.audit.models import Event
from connect_portal.authorizations import actions
from connect_portal.authorizations import desk as reads
from connect_portal.authorizations.errors import NotYourAccount
from connect_portal.authorizations.models import PageKey, VenueAccount, VenueKey
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue.types import Credentials
from tests import cast
from tests.authorizations.desk import FAR, PAIR, Desk, at_the_desk, notes, words
from tests.faults import proxy as faults
from tests.faults.exchange import bound, rich_trader
from tests.faults.proxy import Proxy
from tests.sandbox.conftest import PASSPHRASE, Sandbox, Trader
from tests.sandbox.signing import signed

pytestmark = pytest.mark.django_db

TRADE = "/api/v5/trade/"
ORDER, CANCEL = f"{TRADE}order", f"{TRADE}cancel-order"
AWAY = "The exchange does not answer."


@pytest.fixture
def desk(client: Client, alice: Person, exchange: Sandbox) -> Desk:
    """Alice at her fresh account."""
    return at_the_desk(client, alice, exchange)


@pytest.fixture
def rich(desk: Desk) -> Desk:
    """The same, with money on both sides of the pair."""
    desk.give(USDT="100000", SOL="5")
    return desk


def test_an_account_is_opened_once_for_a_person_and_told_to_the_trail(desk: Desk) -> None:
    assert desk.client.post("/user/account/")["Location"] == desk.path
    assert VenueAccount.objects.count() == 1
    event = Event.objects.get(tag="authorizations:account:adopted")
    assert event.data["uid"] == desk.account.uid


def test_a_fresh_account_says_what_to_do_next(desk: Desk) -> None:
    page = desk.read()
    assert f"Account {desk.account.uid}" in page
    for hint in ("Take some paper money below", "No open orders.", "No fills yet."):
        assert hint in page


def test_somebody_with_a_bound_account_finds_it_here(
    client: Client, alice: Person, exchange: Sandbox
) -> None:
    account = bound(alice, rich_trader(exchange))
    cast.sign_in(client, alice)
    assert client.get("/user/account/")["Location"] == f"/user/account/{account.pk}/"
    assert "100,000,000.00" in words(client.get(f"/user/account/{account.pk}/"))


def test_live_and_demo_are_two_accounts_with_money_of_their_own(rich: Desk) -> None:
    rich.client.post("/user/account/demo/")
    demo = VenueAccount.objects.get(environment="demo")
    assert rich.client.get("/user/account/demo/")["Location"] == f"/user/account/{demo.pk}/"
    page = words(rich.client.get(f"/user/account/{demo.pk}/"))
    assert "Take some paper money below" in page
    assert "100,000.00" in rich.read()


def test_a_demo_account_is_offered_to_no_institution(desk: Desk) -> None:
    desk.client.post("/user/account/demo/")
    demo = VenueAccount.objects.get(environment="demo")
    with pytest.raises(NotYourAccount):
        actions.account_to_use(desk.person.pk, demo.pk, actor="person:1")


@pytest.mark.parametrize("below", ["", "prices/", "holdings/", "keys/", "keys/some-key/delete/"])
def test_the_account_of_another_person_is_not_there(desk: Desk, bob: Person, below: str) -> None:
    stranger = cast.sign_in(Client(), bob)
    assert stranger.get(desk.path + below).status_code == 404


@pytest.mark.parametrize("below", ["order/", "cancel/", "money/", "keys/"])
def test_nobody_acts_on_the_account_of_another_person(desk: Desk, bob: Person, below: str) -> None:
    stranger = cast.sign_in(Client(), bob)
    assert stranger.post(desk.path + below).status_code == 404


def test_another_venue_has_no_such_page(desk: Desk) -> None:
    with override_settings(VENUE_NAME="okx", SANDBOX_OPERATOR_KEY=""):
        assert "trades at okx" in words(desk.client.get("/user/account/"))
        assert "trades at okx" in words(desk.client.post("/user/account/demo/"))
        assert desk.client.get(desk.path).status_code == 404


def test_money_orders_and_fills_are_those_of_the_exchange(rich: Desk) -> None:
    sell(rich, "0.02", "140")
    rich.order(side="buy", size="0.03", price="140", tag="ACMEcode1")

    (left,) = rich.open_orders()
    assert (left.filled_size, left.size) == (Decimal("0.02"), Decimal("0.03"))
    page = rich.read()
    assert "Buy 140 USDT 0.02 SOL" in page
    assert "1.40 in orders" in page
    assert page.count("ACMEcode1") == 2
    rich.send("cancel/", {"order": f"{PAIR}:{left.order_id}"})


def test_a_page_full_of_open_orders_says_that_these_are_the_newest(rich: Desk) -> None:
    assert "Open orders newest first" in rich.read()
    body = {"label": "many", "passphrase": PASSPHRASE, "perm": "read_only,trade"}
    key = rich.exchange.operate("POST", f"/accounts/{rich.account.uid}/keys", body)
    trader = Trader(rich.account.uid, key["apiKey"], key["secretKey"])
    resting = {"instId": PAIR, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": FAR}
    placed = []
    for _ in range(5):
        batch = [resting | {"sz": "1"}] * 20
        answer = signed(rich.exchange, trader, "POST", f"{TRADE}batch-orders", batch).json()
        assert answer["code"] == "0", answer
        placed.append([{"instId": PAIR, "ordId": row["ordId"]} for row in answer["data"]])
    assert "Open orders the newest 100" in rich.read()
    for batch in placed:
        signed(rich.exchange, trader, "POST", f"{TRADE}cancel-batch-orders", batch)


def test_prices_depth_and_trades_of_the_pair_are_shown(rich: Desk) -> None:
    sell(rich, "0.75", "151.25")
    rich.order(side="buy", size="0.5", price="151.25", kind="ioc")
    rich.fresh()
    part = rich.read(f"prices/?pair={PAIR}")
    assert "151.25 0.250000" in part
    assert "Buy 151.25 0.500000" in part
    candle = rich.client.get(f"{rich.path}prices/?pair={PAIR}").context["prices"].candles[0]
    assert candle.high == candle.close == Decimal("151.25")
    rich.order(side="buy", size="0.25", price="151.25", kind="ioc")


def test_many_pages_ask_for_prices_as_often_as_one(
    desk: Desk, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PRICES_S", "CANDLES_S"):
        monkeypatch.setattr(reads, name, 60)
    desk.read("prices/")
    asked = len(proxy.asked)
    desk.read("prices/")
    assert len(proxy.asked) == asked


def test_an_exchange_that_asks_for_patience_is_not_said_to_be_away(
    desk: Desk, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "PRICES_S", 0)
    desk.read("prices/")
    proxy.spoil("/api/v5/market/", faults.THROTTLED, times=99)
    assert AWAY not in desk.read("prices/")


def test_a_page_that_has_the_older_candles_gets_the_newest_alone(desk: Desk) -> None:
    sell(desk, "0.5", "143")
    buy(desk, "0.5", "143")
    desk.fresh()
    every, few = (
        desk.client.get(f"{desk.path}prices/?pair={PAIR}{more}").context["prices"].candles
        for more in ("", "&few=1")
    )
    assert few == every[:3]


def test_the_fees_of_the_account_are_said(desk: Desk) -> None:
    page = desk.read()
    assert "Fee level" in page
    assert re.search(r"maker [\d.]+ % , taker [\d.]+ %", page)


def test_a_pair_or_bar_that_is_not_there_gives_way_to_one_that_is(desk: Desk) -> None:
    page = desk.client.get(desk.path, {"pair": "NO-SUCH", "bar": "7 years"})
    asked = page.context["asked"]
    assert (page.status_code, asked.instrument, asked.bar) == (200, "BTC-USDT", "1m")


def test_the_order_form_offers_the_codes_of_connections(
    desk: Desk, acme: Institution, exchange: Sandbox
) -> None:
    bound(desk.person, rich_trader(exchange), acme)
    page = desk.client.get(desk.path)
    assert page.context["codes"] == {"ACMEcode1": "Acme"}
    assert '<option value="ACMEcode1">Acme</option>' in page.content.decode()


def test_a_placed_order_is_told_and_the_next_form_is_another_order(rich: Desk) -> None:
    first = rich.typed()
    answer = rich.send(f"order/?pair={PAIR}&bar=5m", first)
    assert answer["Location"] == f"{rich.path}?pair={PAIR}&bar=5m"
    (placed,) = rich.open_orders()
    assert (placed.instrument, placed.client_order_id) == (PAIR, first["client_order_id"])
    assert rich.typed()["client_order_id"] != first["client_order_id"]


def test_a_script_gets_the_parts_that_changed(rich: Desk) -> None:
    answer = rich.send("order/", rich.typed() | {"tag": "ACMEcode1"}, hx_request="true")
    assert f"Buy 2 {PAIR} at 1.5: placed as order" in words(answer)
    form = answer.context["order_form"]
    assert (form["size"].value(), form["price"].value()) == ("", FAR)
    assert form["tag"].value() == "ACMEcode1"
    assert "<h1>" not in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"size": "9999"}, "size", "Insufficient USDT balance"),
        ({"side": "sell", "size": "1", "price": "140"}, "size", "Insufficient SOL balance"),
        ({"size": "0.0000001"}, "size", "lot size"),
        ({"size": "0.0005"}, "size", "minimum order amount"),
        ({"price": "1.005"}, "price", "precision"),
        ({"price": ""}, "price", "A price is needed"),
        ({"price": "cheap"}, "price", "number"),
        ({"size": "-1"}, "size", "More than zero"),
        ({"tag": "no code"}, "tag", "Letters and digits"),
        ({"tag": "seventeenLetters1"}, "tag", "16"),
        ({"kind": "fok"}, "", ""),
        ({"instrument": "NO-SUCH"}, "", "Instrument ID"),
        ({"kind": "iceberg"}, "kind", "valid choice"),
    ],
)
def test_a_refused_order_says_why_beside_the_field_and_loses_nothing(
    desk: Desk, changes: dict[str, str], field: str, sentence: str
) -> None:
    desk.give(USDT="1000")
    typed = desk.typed() | changes
    answer = desk.send("order/", typed)
    if not sentence:  # a fill-or-kill that meets nobody is taken, and ends at once
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    assert list(notes(answer)) == [field]
    assert sentence in notes(answer)[field]
    form = answer.context["order_form"]
    kept = {name: form[name].value() for name in typed if name != "client_order_id"}
    assert kept == {name: value for name, value in typed.items() if name != "client_order_id"}
    assert desk.open_orders() == []


def test_a_form_sent_twice_is_one_order(rich: Desk) -> None:
    typed = rich.typed()
    assert rich.send("order/", typed)["Location"] == rich.send("order/", typed)["Location"]
    assert len(rich.open_orders()) == 1


def test_a_market_order_sent_twice_fills_once(rich: Desk) -> None:
    sell(rich, "1", "142")
    typed = rich.typed() | {"kind": "market", "price": "", "size": "0.5"}
    for _ in range(2):
        assert rich.send("order/", typed).status_code == 302
    fills = rich.client.get(rich.path).context["holdings"].fills
    assert [fill.size for fill in fills] == [Decimal("0.5")]
    rich.order(side="buy", size="0.5", price="142", kind="ioc")


def test_an_order_whose_answer_is_lost_is_looked_for(rich: Desk) -> None:
    rich.fault("lose", ORDER)
    assert rich.order().status_code == 302
    assert len(rich.open_orders()) == 1


def test_an_order_that_nobody_heard_of_is_not_taken_for_placed(rich: Desk, proxy: Proxy) -> None:
    typed = rich.typed()
    proxy.spoil(ORDER, faults.DOWN)
    answer = rich.send("order/", typed)
    assert "nobody knows whether it happened" in notes(answer)[""]
    assert answer.context["order_form"]["size"].value() == "2"
    assert rich.open_orders() == []


def test_an_order_too_many_is_told_from_an_exchange_that_is_away(rich: Desk, proxy: Proxy) -> None:
    typed = rich.typed()
    proxy.spoil(ORDER, faults.THROTTLED)
    assert "takes no more requests for the moment" in notes(rich.send("order/", typed))[""]
    assert rich.send("order/", typed).status_code == 302, "it was not sent, so it may be now"


def test_what_was_typed_survives_an_exchange_that_is_away(rich: Desk, proxy: Proxy) -> None:
    typed = rich.typed() | {"tag": "ACMEcode1"}
    proxy.spoil("/api/v5/", faults.DOWN, times=99)
    for headers, sentence in (({}, "nobody knows"), ({"hx_request": "true"}, "already sent")):
        answer = rich.send("order/", typed, **headers)
        assert answer.status_code == 422
        assert answer.context["order_form"]["tag"].value() == "ACMEcode1"
        assert sentence in words(answer)


def test_an_open_order_is_cancelled(rich: Desk) -> None:
    rich.order()
    (placed,) = rich.open_orders()
    answer = rich.send("cancel/", {"order": f"{PAIR}:{placed.order_id}"}, hx_request="true")
    assert f"Order {placed.order_id} is cancelled." in words(answer)
    assert rich.open_orders() == []


@pytest.mark.parametrize("order", ["", "SOL-USDT:1", "nonsense", "NO-SUCH:x"])
def test_an_order_that_is_not_open_cannot_be_cancelled(desk: Desk, order: str) -> None:
    answer = desk.send("cancel/", {"order": order}, hx_request="true")
    assert "is not cancelled" in words(answer)
    assert desk.send("cancel/", {"order": order})["Location"].startswith(desk.path)


def test_a_cancellation_whose_answer_is_lost_says_so(rich: Desk) -> None:
    rich.order()
    (placed,) = rich.open_orders()
    rich.fault("lose", CANCEL)
    answer = rich.send("cancel/", {"order": f"{PAIR}:{placed.order_id}"}, hx_request="true")
    assert "nobody knows whether it happened" in words(answer)


def test_the_page_signs_with_one_key_of_its_own_that_is_stored_sealed(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pages = [desk.read() for _ in range(2)]
    (key,) = desk.shown()["keys"]
    assert key["label"].startswith("Portal page ")
    assert key["perm"] == "read_only,trade"

    credentials = PageKey.objects.get().credentials()
    assert credentials.api_key == key["apiKey"]
    event = Event.objects.get(tag="authorizations:page_key:made")
    assert (event.actor, event.subject) == (desk.person.actor, f"account:{desk.account.pk}")
    stored = serializers.serialize("json", [*PageKey.objects.all(), *Event.objects.all()])
    for secret in (credentials.secret, credentials.passphrase):
        for place in (stored, caplog.text, *pages):
            assert secret not in place


def test_a_key_that_is_gone_at_the_exchange_is_made_anew(desk: Desk) -> None:
    desk.read()
    old = PageKey.objects.get()
    let_it_age()
    path = f"/accounts/{desk.account.uid}/keys/{old.credentials().api_key}"
    desk.exchange.operate("DELETE", path)

    assert "No open orders." in desk.read()
    (key,) = desk.shown()["keys"]
    assert PageKey.objects.get().credentials().api_key == key["apiKey"]
    assert VenueKey.objects.get(pk=old.venue_key_id).delete_at is not None


def test_a_key_that_does_not_open_here_is_made_anew(desk: Desk) -> None:
    desk.read()
    PageKey.objects.update(sealed_credentials=b"spoilt")
    assert "No open orders." in desk.read()
    assert PageKey.objects.get().credentials()


def test_a_fresh_key_that_is_refused_is_not_made_again_and_again(desk: Desk, proxy: Proxy) -> None:
    desk.read()
    proxy.spoil("/api/v5/account/balance", faults.KEY_GONE, times=99)
    assert "The exchange refuses: Invalid OK-ACCESS-KEY." in desk.read()
    assert len(desk.shown()["keys"]) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_broker")
def test_pages_opened_at_once_share_one_key_and_the_others_are_deleted(desk: Desk) -> None:
    def look(_: int) -> Credentials:
        try:
            return actions.page_key(desk.account, actor=desk.person.actor)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pages:
        (key,) = set(pages.map(look, range(4)))
    actions.delete_due()
    assert [row["apiKey"] for row in desk.shown()["keys"]] == [key.api_key]


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_four_times_at_once_is_one_order(rich: Desk) -> None:
    typed = rich.typed()

    def send(_: int) -> int:
        try:
            client = Client()
            client.cookies.update(rich.client.cookies)
            return int(client.post(f"{rich.path}order/", typed).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clicks:
        statuses = set(clicks.map(send, range(4)))
    assert statuses <= {302, 422}, "told where it is, or that it was sent already"
    assert len(rich.open_orders()) == 1


@pytest.mark.parametrize(
    "fault", [faults.DOWN, faults.RESET, faults.CUT, faults.HTML, faults.NULL, faults.MAINTENANCE]
)
def test_an_exchange_that_is_away_is_said_and_never_breaks_the_page(
    desk: Desk, proxy: Proxy, fault: faults.Fault
) -> None:
    desk.read()
    desk.fresh()
    proxy.spoil("/", fault, times=999)
    for below in ("", "prices/", "holdings/", "keys/", "keys/some-key/delete/"):
        answer = desk.client.get(desk.path + below)
        assert (answer.status_code, AWAY in words(answer)) == (200, True), below


def test_an_account_that_cannot_be_opened_now_is_offered_again(
    client: Client, alice: Person, proxy: Proxy
) -> None:
    cast.sign_in(client, alice)
    proxy.spoil("/sandbox/", faults.DOWN)
    answer = client.post("/user/account/")
    assert AWAY in words(answer)
    assert "Open my account" in words(answer)


def test_no_page_of_an_account_is_stored_by_a_browser(desk: Desk) -> None:
    for below in ("", "prices/", "holdings/", "keys/"):
        assert "no-store" in desk.client.get(desk.path + below)["Cache-Control"]


def sell(desk: Desk, size: str, price: str) -> None:
    """Somebody offers exactly this on the pair."""
    maker = desk.exchange.trader(str(uuid4()), SOL=size)
    body = {"instId": PAIR, "tdMode": "cash", "side": "sell", "ordType": "limit"}
    answer = signed(desk.exchange, maker, "POST", ORDER, body | {"sz": size, "px": price})
    assert answer.json()["code"] == "0", answer.text


def buy(desk: Desk, size: str, price: str) -> None:
    """Somebody takes it, or what is cheaper."""
    taker = desk.exchange.trader(str(uuid4()), USDT="100000")
    body = {"instId": PAIR, "tdMode": "cash", "side": "buy", "ordType": "ioc"}
    signed(desk.exchange, taker, "POST", ORDER, body | {"sz": size, "px": price})


def let_it_age() -> None:
    """The page's key is no longer a fresh one."""
    PageKey.objects.update(made_at=now() - timedelta(hours=1))
