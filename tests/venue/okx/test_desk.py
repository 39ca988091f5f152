"""One account, as its owner works with it, against a venue that answers by script."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from connect_portal.kit import clock
from connect_portal.venue.errors import (
    KeyRefused,
    MalformedAnswer,
    OrderRefused,
    OutcomeUnknown,
    Throttled,
    Unavailable,
    VenueError,
)
from connect_portal.venue.okx.desk import OkxDesk
from connect_portal.venue.okx.venue import OkxVenue
from connect_portal.venue.types import Balance, Credentials, Environment, NewOrder
from tests.venue.okx.payload import payload
from tests.venue.scripted import CUT, DOWN, RESET, SILENCE, STALE, THROTTLED, Reply, ScriptedVenue

BALANCE = "/api/v5/account/balance"
FEES = "/api/v5/account/trade-fee"
ORDER = "/api/v5/trade/order"
CANCEL = "/api/v5/trade/cancel-order"
FILLS = "/api/v5/trade/fills"
PENDING = "/api/v5/trade/orders-pending"
LIMIT = NewOrder("BTC-USDT", "buy", "limit", Decimal("0.010"), Decimal("9E+4"), "mine1", "ACME1")


@pytest.fixture
def desk(place: OkxVenue, key: Credentials) -> OkxDesk:
    """Alice at her live account."""
    return place.desk(key)


def receipt(number: str = "0", message: str = "", code: str = "0") -> Reply:
    row = {"ordId": "" if number != "0" else "77", "sCode": number, "sMsg": message}
    return Reply(json.dumps({"code": code, "msg": "", "data": [row]}).encode())


def test_balances_are_read_exactly(server: ScriptedVenue, desk: OkxDesk) -> None:
    detail = {"ccy": "BTC", "eq": "1.5", "availBal": "1", "frozenBal": "0.5", "eqUsd": ""}
    body = {"code": "0", "msg": "", "data": [{"totalEq": "1", "details": [detail]}]}
    server.answers(BALANCE, Reply(json.dumps(body).encode()))
    half, one = Decimal("0.5"), Decimal(1)
    assert desk.balances() == (
        Balance(currency="BTC", total=one + half, available=one, frozen=half, usd=Decimal(0)),
    )


def test_fees_are_read_as_what_is_charged(server: ScriptedVenue, desk: OkxDesk) -> None:
    row = {"level": "VIP1", "maker": "0.0001", "taker": "-0.0035"}
    server.answers(FEES, Reply(json.dumps({"code": "0", "msg": "", "data": [row]}).encode()))
    fees = desk.fees("BTC-USDT")
    assert (fees.level, fees.maker_percent) == ("VIP1", Decimal("-0.01"))
    assert fees.taker_percent == Decimal("0.35")
    assert server.targets() == [f"{FEES}?instType=SPOT&instId=BTC-USDT"]


def test_orders_and_fills_are_read_like_everywhere(server: ScriptedVenue, desk: OkxDesk) -> None:
    server.answers(PENDING, Reply(payload("order_live_limit")))
    server.answers(FILLS, Reply(payload("fill_taker_buy")))
    (order,) = desk.open_orders(100)
    (fill,) = desk.fills(50)
    assert (order.state, fill.liquidity) == ("live", "taker")
    assert server.targets() == [
        f"{PENDING}?instType=SPOT&limit=100",
        f"{FILLS}?instType=SPOT&limit=50",
    ]


def test_a_row_that_is_not_understood_spoils_the_whole_answer(
    server: ScriptedVenue, desk: OkxDesk
) -> None:
    server.answers(FILLS, Reply(payload("fills_one_of_three_malformed")))
    with pytest.raises(MalformedAnswer):
        desk.fills(50)


def test_an_order_goes_out_in_plain_figures(server: ScriptedVenue, desk: OkxDesk) -> None:
    server.answers(ORDER, receipt())
    assert desk.place(LIMIT) == "77"
    (asked,) = server.asked
    assert json.loads(asked.body) == {
        "instId": "BTC-USDT",
        "tdMode": "cash",
        "side": "buy",
        "ordType": "limit",
        "sz": "0.01",
        "px": "90000",
        "clOrdId": "mine1",
        "tag": "ACME1",
    }
    assert "x-simulated-trading" not in asked.headers


def test_a_market_order_says_that_its_size_is_in_base(server: ScriptedVenue, desk: OkxDesk) -> None:
    server.answers(ORDER, receipt())
    desk.place(NewOrder("BTC-USDT", "buy", "market", Decimal(1), None, "mine2"))
    body = json.loads(server.asked[0].body)
    assert (body["tgtCcy"], "px" in body, "tag" in body) == ("base_ccy", False, False)


def test_the_demo_environment_is_asked_for_by_its_header(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(ORDER, receipt())
    server.answers(CANCEL, receipt())
    desk = place.desk(key, Environment.DEMO)
    desk.place(LIMIT)
    desk.cancel("BTC-USDT", "77")
    assert [asked.headers["x-simulated-trading"] for asked in server.asked] == ["1", "1"]


@pytest.mark.parametrize(
    ("number", "message", "about"),
    [
        ("51008", "Order failed. Insufficient USDT balance in account", "size"),
        ("51020", "Your order should meet or exceed the minimum order amount.", "size"),
        ("51185", "The maximum value allowed per order is 20000000 USD", "size"),
        ("51150", "The precision exceeds the limit.", "price"),
        ("51001", "Instrument ID doesn't exist.", "instrument"),
        ("51109", "Order failed. There are no offers in the market.", "kind"),
        ("51000", "Parameter px error", "price"),
        ("51000", "Parameter tdMode error", ""),
        ("50014", "Parameter sz cannot be empty.", "size"),
        ("51016", "Client order ID already exists.", ""),
        ("99999", "Something new", ""),
    ],
)
def test_a_refused_order_keeps_the_venues_words_and_says_about_what(
    server: ScriptedVenue, desk: OkxDesk, number: str, message: str, about: str
) -> None:
    whole = json.dumps({"code": number, "msg": message, "data": []}).encode()
    server.answers(ORDER, receipt(number, message, code="1"), Reply(whole, 400))
    for _ in range(2):
        with pytest.raises(OrderRefused) as refused:
            desk.place(LIMIT)
        error = refused.value
        assert (error.venue_code, error.message, error.about) == (number, message, about)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (THROTTLED, Throttled),
        (Reply(payload("refused_key_invalid"), 401), KeyRefused),
        (DOWN, OutcomeUnknown),
        (RESET, OutcomeUnknown),
        (CUT, OutcomeUnknown),
        (Reply(payload("envelope_html")), OutcomeUnknown),
        (Reply(b'{"code":"50001","msg":"Service temporarily unavailable"}', 503), OutcomeUnknown),
        (receipt("50004", "Endpoint request timeout", code="1"), OutcomeUnknown),
    ],
    ids=["throttled", "key", "down", "reset", "cut", "html", "50001", "50004"],
)
def test_a_write_without_an_answer_is_an_unknown_outcome(
    server: ScriptedVenue, desk: OkxDesk, reply: Reply, kind: type[VenueError]
) -> None:
    server.answers(ORDER, reply)
    with pytest.raises(VenueError) as failed:
        desk.place(LIMIT)
    assert type(failed.value) is kind


def test_a_read_without_an_answer_may_be_tried_again(server: ScriptedVenue, desk: OkxDesk) -> None:
    server.answers(BALANCE, DOWN)
    with pytest.raises(Unavailable):
        desk.balances()


def test_what_a_page_shows_is_not_waited_for_long(
    server: ScriptedVenue, desk: OkxDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connect_portal.venue.okx.desk.PAGE_TIMEOUT_S", 0.2)
    server.answers(BALANCE, SILENCE)
    with pytest.raises(Unavailable):
        desk.balances()


def test_a_stale_clock_is_corrected_before_an_order_is_sent_again(
    server: ScriptedVenue, desk: OkxDesk
) -> None:
    ahead = clock.to_ms(clock.now() + timedelta(minutes=5))
    server.answers(ORDER, STALE, receipt())
    server.answers(
        "/api/v5/public/time", Reply(b'{"code":"0","msg":"","data":[{"ts":"%d"}]}' % ahead)
    )
    assert desk.place(LIMIT) == "77"


def test_an_order_is_found_by_the_callers_own_id(server: ScriptedVenue, desk: OkxDesk) -> None:
    server.answers(ORDER, Reply(payload("order_live_limit")), Reply(payload("order_not_found")))
    found = desk.placed("BTC-USDT", "mine1")
    assert found is not None
    assert desk.placed("BTC-USDT", "mine1") is None
    assert server.targets() == [f"{ORDER}?instId=BTC-USDT&clOrdId=mine1"] * 2
