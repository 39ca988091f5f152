"""Placing, cancelling and amending over the wire: every rule and every refusal of an order."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, Trader, start_sandbox, stop_sandbox
from tests.sandbox.signing import code_of, get, signed

Make = Callable[..., Trader]
PAIR = "SOL-USDC"
ORDER, BATCH = "trade/order", "trade/batch-orders"
CANCEL, AMEND = "trade/cancel-order", "trade/amend-order"
AMEND_BATCH = "trade/amend-batch-orders"
GOOD = {
    "instId": PAIR,
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "px": "100",
    "sz": "1",
}
SALE = GOOD | {"side": "sell"}


def post(sandbox: Sandbox, trader: Trader, path: str, body: Any, **headers: str) -> Any:
    """The whole answer to a signed POST under /api/v5/."""
    return signed(sandbox, trader, "POST", f"/api/v5/{path}", body, **headers).json()


def one(sandbox: Sandbox, trader: Trader, path: str, body: Any) -> Any:
    """The only row of an answer, or the refusal of the whole request with its code as sCode."""
    answer = post(sandbox, trader, path, body)
    return answer["data"][0] if answer.get("data") else {"sCode": answer["code"], **answer}


def placed(sandbox: Sandbox, trader: Trader, **change: Any) -> str:
    """An accepted order; its id."""
    row = one(sandbox, trader, ORDER, GOOD | change)
    assert row["sCode"] == "0", row
    return str(row["ordId"])


def read(sandbox: Sandbox, trader: Trader, order_id: str) -> Any:
    """An order as it stands now."""
    (row,) = get(sandbox, trader, f"trade/order?instId={PAIR}&ordId={order_id}")
    return row


def withdraw_all(sandbox: Sandbox, trader: Trader) -> None:
    """Leave no open order behind."""
    for row in get(sandbox, trader, "trade/orders-pending"):
        post(sandbox, trader, CANCEL, {"instId": PAIR, "ordId": row["ordId"]})


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """An exchange of this module's own with a quiet market."""
    running = start_sandbox(tmp_path_factory.mktemp("orders"), "quiet")
    yield running
    assert stop_sandbox(running) == 0


@pytest.fixture
def make(venue: Sandbox, request: pytest.FixtureRequest) -> Make:
    """Traders of this test alone."""
    return lambda name, **money: venue.trader(f"{request.node.nodeid} {name}"[-100:], **money)


@pytest.fixture
def alice(venue: Sandbox, make: Make) -> Iterator[Trader]:
    """Alice, whose open orders end with the test."""
    trader = make("Alice", USDC="1000000", SOL="10000")
    yield trader
    withdraw_all(venue, trader)


@pytest.fixture
def bob(venue: Sandbox, make: Make) -> Iterator[Trader]:
    """Bob, likewise."""
    trader = make("Bob", USDC="1000000", SOL="10000")
    yield trader
    withdraw_all(venue, trader)


PLACED = ["clOrdId", "ordId", "sCode", "sMsg", "subCode", "tag", "ts"]


def test_answer_has_every_field_and_its_times(venue: Sandbox, alice: Trader) -> None:
    answer = post(venue, alice, ORDER, GOOD | {"clOrdId": "a1", "tag": "ACMEcode1"})
    assert sorted(answer) == ["code", "data", "inTime", "msg", "outTime"]
    (row,) = answer["data"]
    assert sorted(row) == PLACED
    assert (row["clOrdId"], row["tag"], row["sCode"], row["sMsg"]) == (
        *("a1", "ACMEcode1", "0", "Order placed"),
    )
    assert (answer["code"], answer["msg"]) == ("0", "")
    assert int(answer["inTime"]) <= int(answer["outTime"])


def test_ids_that_came_as_numbers_are_given_back_as_texts(venue: Sandbox, alice: Trader) -> None:
    row = one(venue, alice, ORDER, GOOD | {"clOrdId": 20261126, "tag": 7})
    assert (row["clOrdId"], row["tag"]) == ("20261126", "7")
    named = {"instId": PAIR, "ordId": int(row["ordId"])}
    amended = one(venue, alice, "trade/amend-order", {**named, "newSz": 2, "reqId": 5})
    assert (amended["sCode"], amended["reqId"], amended["clOrdId"]) == ("0", "5", "20261126")
    unknown = one(venue, alice, "trade/cancel-order", {"instId": PAIR, "ordId": 77})
    assert (unknown["sCode"], unknown["ordId"]) == ("51400", "77")


def test_order_that_cannot_be_paid_fails_inside_a_success_of_http(
    venue: Sandbox, make: Make
) -> None:
    answer = post(venue, make("Poor", USDC="1"), ORDER, GOOD)
    assert (answer["code"], answer["msg"]) == ("1", "All operations failed")
    (row,) = answer["data"]
    assert (row["sCode"], row["subCode"], row["ordId"]) == ("51008", "1000", "")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ordType": "optimal_limit_ioc"}, "51000"),
        ({"ordType": "mmp"}, "51000"),
        ({"ordType": "elp"}, "51000"),
        ({"tdMode": "isolated"}, "51010"),
        ({"tdMode": "spot_isolated"}, "51010"),
        ({"tdMode": ""}, "50014"),
        ({"side": ""}, "50014"),
        ({"sz": ""}, "50014"),
        *(({"ordType": kind, "px": ""}, "51204") for kind in ("limit", "post_only", "fok", "ioc")),
        ({"posSide": "long"}, "51000"),
        ({"sz": "0.0000001"}, "51121"),
        ({"sz": "0.0009"}, "51020"),
        ({"px": "100.001"}, "51150"),
        ({"px": "0"}, "51000"),
        ({"instId": "SOL-EUR"}, "51001"),
        ({"tradeQuoteCcy": "EUR"}, "51000"),
        ({"stpMode": "none"}, "51000"),
        ({"ordType": "fok", "stpMode": "cancel_both"}, "54036"),
        ({"pxAmendType": "2"}, "51000"),
        ({"slippagePct": "0.01"}, "50016"),
        ({"tag": "with-dash"}, "51000"),
        ({"clOrdId": "x" * 33}, "51000"),
    ],
)
def test_order_that_is_wrong_in_one_point_is_refused_for_it(
    venue: Sandbox, alice: Trader, change: dict[str, Any], code: str
) -> None:
    assert one(venue, alice, ORDER, GOOD | change)["sCode"] == code
    (row,) = post(venue, alice, BATCH, [GOOD | change])["data"]
    assert row["sCode"] == code


@pytest.mark.parametrize("ccy", ["USD", "USDC"])
def test_quote_currency_of_the_list_is_kept_with_the_order(
    venue: Sandbox, alice: Trader, ccy: str
) -> None:
    order_id = placed(venue, alice, tradeQuoteCcy=ccy)
    assert read(venue, alice, order_id)["tradeQuoteCcy"] == ccy


def test_cross_mode_is_taken_for_spot_and_echoed(venue: Sandbox, alice: Trader) -> None:
    assert read(venue, alice, placed(venue, alice, tdMode="cross"))["tdMode"] == "cross"


def test_order_canceled_by_its_owner_says_so_in_the_venues_words(
    venue: Sandbox, alice: Trader
) -> None:
    order_id = placed(venue, alice)
    post(venue, alice, "trade/cancel-order", {"instId": PAIR, "ordId": order_id})
    row = read(venue, alice, order_id)
    assert (row["cancelSource"], row["cancelSourceReason"]) == ("1", "Order was canceled by you")


@pytest.mark.parametrize(
    ("kind", "source", "filled"),
    [("post_only", "31", "0"), ("fok", "13", "0"), ("ioc", "14", "0.5")],
)
def test_order_that_may_not_rest_or_take_ends_with_the_reason(
    venue: Sandbox, alice: Trader, bob: Trader, kind: str, source: str, filled: str
) -> None:
    placed(venue, alice, side="sell", sz="0.5")
    row = read(venue, bob, placed(venue, bob, ordType=kind))
    assert (row["state"], row["cancelSource"], row["accFillSz"]) == ("canceled", source, filled)
    assert row["cancelSourceReason"]


@pytest.mark.parametrize(
    ("mode", "resting", "taker"),
    [
        ("cancel_maker", "canceled", "live"),
        ("cancel_taker", "live", "canceled"),
        ("cancel_both", "canceled", "canceled"),
    ],
)
def test_self_trade_is_prevented_as_the_taker_asks(
    venue: Sandbox, alice: Trader, mode: str, resting: str, taker: str
) -> None:
    first = placed(venue, alice, side="sell")
    second = placed(venue, alice, stpMode=mode)
    assert read(venue, alice, first)["state"] == resting
    assert read(venue, alice, second)["state"] == taker
    canceled = [first] * (resting == "canceled") + [second] * (taker == "canceled")
    assert {read(venue, alice, order_id)["cancelSource"] for order_id in canceled} == {"32"}


MARKET = {"ordType": "market", "px": ""}


def test_market_order_shrinks_to_the_balance_unless_that_is_banned(
    venue: Sandbox, alice: Trader, make: Make
) -> None:
    placed(venue, alice, side="sell", sz="5")
    poor = make("Poor", USDC="150")
    big = GOOD | MARKET | {"sz": "300", "banAmend": "true"}
    assert one(venue, poor, ORDER, big)["sCode"] == "51008"
    row = read(venue, poor, placed(venue, poor, **MARKET, sz="300"))
    assert (row["state"], row["sz"], row["accFillSz"]) == ("filled", "150", "1.5")
    assert (row["tgtCcy"], row["px"]) == ("quote_ccy", "")


def test_market_order_with_slippage_stops_at_its_worst_price(
    venue: Sandbox, alice: Trader, bob: Trader
) -> None:
    for px in ("100", "101", "101.01"):
        placed(venue, alice, side="sell", px=px)
    market = MARKET | {"tgtCcy": "base_ccy", "sz": "3", "slippagePct": "0.01"}
    row = read(venue, bob, placed(venue, bob, **market))
    assert (row["state"], row["accFillSz"], row["avgPx"]) == ("canceled", "2", "100.5")
    assert row["cancelSource"] == "15"


def test_sale_with_slippage_stops_at_its_worst_price(
    venue: Sandbox, alice: Trader, bob: Trader
) -> None:
    for px in ("100", "99", "98.99"):
        placed(venue, alice, px=px)
    market = MARKET | {"side": "sell", "tgtCcy": "quote_ccy", "sz": "250", "slippagePct": "0.01"}
    assert read(venue, bob, placed(venue, bob, **market))["accFillSz"] == "2"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"slippagePct": "0.051", "tgtCcy": "base_ccy"}, "51000"),
        ({"slippagePct": "0.00001", "tgtCcy": "base_ccy"}, "51000"),
        ({"slippagePct": "-0.01", "tgtCcy": "base_ccy"}, "51000"),
        ({"slippagePct": "0.01", "tgtCcy": "quote_ccy"}, "50016"),
        ({"slippagePct": "0.01"}, "50016"),
    ],
)
def test_slippage_is_for_market_orders_sized_in_what_they_receive(
    venue: Sandbox, alice: Trader, change: dict[str, str], code: str
) -> None:
    assert one(venue, alice, ORDER, GOOD | MARKET | change)["sCode"] == code


def test_market_order_without_a_counterpart_is_refused(venue: Sandbox, alice: Trader) -> None:
    assert one(venue, alice, ORDER, GOOD | MARKET)["sCode"] == "51109"


@pytest.fixture
def at_hundred(venue: Sandbox, alice: Trader, bob: Trader) -> None:
    """The last price is 100: buys go up to 1000, sales down to 10."""
    placed(venue, alice, side="sell")
    placed(venue, bob)


@pytest.mark.usefixtures("at_hundred")
def test_price_outside_the_band_is_refused_with_the_bands_edge(
    venue: Sandbox, alice: Trader
) -> None:
    high = one(venue, alice, ORDER, GOOD | {"px": "1000.01"})
    assert (high["sCode"], high["sMsg"]) == (
        "51137",
        "The highest price limit for buy orders is 1000.",
    )
    low = one(venue, alice, ORDER, SALE | {"px": "9.99"})
    assert (low["sCode"], low["sMsg"]) == ("51138", "The lowest price limit for sell orders is 10.")


@pytest.mark.usefixtures("at_hundred")
def test_price_outside_the_band_moves_to_its_edge_where_the_client_allows_it(
    venue: Sandbox, alice: Trader
) -> None:
    order_id = placed(venue, alice, px="2000", pxAmendType="1")
    assert read(venue, alice, order_id)["px"] == "1000"
    amended = {"instId": PAIR, "ordId": order_id, "newPx": "1500"}
    assert one(venue, alice, AMEND, amended)["sCode"] == "51137"
    assert one(venue, alice, AMEND, amended | {"pxAmendType": "1"})["sCode"] == "0"


def milliseconds(seconds: float = 0) -> str:
    """A moment so many seconds from now, as expTime writes it."""
    return str(int((time.time() + seconds) * 1000))


@pytest.mark.parametrize("path", [ORDER, BATCH, AMEND, AMEND_BATCH])
def test_request_that_comes_after_its_expiry_does_nothing(
    venue: Sandbox, alice: Trader, path: str
) -> None:
    item = GOOD | {"ordId": placed(venue, alice), "newPx": "99"}
    body = [item] if "batch" in path else item
    late = post(venue, alice, path, body, expTime=milliseconds(-1))
    assert (late["code"], late["data"]) == ("50036", [])
    assert len(get(venue, alice, "trade/orders-pending")) == 1
    assert post(venue, alice, path, body, expTime=milliseconds(60))["code"] == "0"
    assert post(venue, alice, path, body, expTime="soon")["code"] == "51000"


def test_request_that_waits_beyond_its_expiry_is_refused_as_expired(
    venue: Sandbox, alice: Trader
) -> None:
    fault = {"kind": "latency", "ms": "4500", "path": "/api/v5/trade/order", "uid": alice.uid}
    venue.operate("POST", "/faults", fault)
    late = post(venue, alice, ORDER, GOOD, expTime=milliseconds(4))
    assert (late["code"], late["data"]) == ("50037", [])


def test_batch_answers_item_by_item_in_the_order_asked(venue: Sandbox, alice: Trader) -> None:
    items = [GOOD | {"clOrdId": f"n{number}"} for number in range(4)]
    items[1] |= {"px": "NaN"}
    items[2] |= {"sz": "100000"}
    answer = post(venue, alice, BATCH, items)
    assert (answer["code"], answer["msg"]) == ("2", "Bulk operation partially succeeded.")
    rows = [(row["clOrdId"], row["sCode"]) for row in answer["data"]]
    assert rows == [("n0", "0"), ("n1", "51000"), ("n2", "51008"), ("n3", "0")]
    failed = post(venue, alice, BATCH, items[1:3])
    assert (failed["code"], failed["msg"]) == ("1", "All operations failed")


def test_client_order_id_names_one_order_of_a_batch(venue: Sandbox, alice: Trader) -> None:
    brief = GOOD | {"ordType": "ioc", "clOrdId": "twin"}
    answer = post(venue, alice, BATCH, [brief, brief, brief | {"clOrdId": "other"}])
    assert [row["sCode"] for row in answer["data"]] == ["0", "51016", "0"]
    assert post(venue, alice, BATCH, [brief])["code"] == "0"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (BATCH, 200, "51111"),
        ("trade/cancel-batch-orders", 400, "51406"),
        (AMEND_BATCH, 400, "51501"),
        ("trade/cancel-algos", 200, "50025"),
    ],
)
def test_more_items_than_the_list_takes_are_refused_together(
    venue: Sandbox, alice: Trader, path: str, status: int, code: str
) -> None:
    assert code_of(venue, alice, path, [GOOD] * 21) == (status, code)


@pytest.mark.parametrize(
    ("path", "item", "code"),
    [
        (ORDER, GOOD | {"px": "NaN"}, "51000"),
        (ORDER, GOOD | {"tag": "not-a-tag"}, "51000"),
        (ORDER, GOOD | {"side": ""}, "50014"),
        (ORDER, GOOD | {"ordType": "optimal_limit_ioc"}, "51000"),
        (CANCEL, {"instId": PAIR, "ordId": "one"}, "51000"),
        (AMEND, {"instId": PAIR, "ordId": "1", "newSz": "much"}, "51000"),
    ],
)
def test_order_with_a_wrong_parameter_fails_in_its_row_as_in_a_batch(
    venue: Sandbox, alice: Trader, path: str, item: dict[str, str], code: str
) -> None:
    answer = signed(venue, alice, "POST", f"/api/v5/{path}", item | {"clOrdId": "mine"})
    told = answer.json()
    assert (answer.status_code, told["code"], told["msg"]) == (200, "1", "All operations failed")
    (row,) = told["data"]
    assert (row["sCode"], row["clOrdId"], row["ordId"]) == (code, "mine", item.get("ordId", ""))
    (parameter,) = item.keys() & set(row["sMsg"].split())
    assert item[parameter] != GOOD.get(parameter)


CANCELED = ["clOrdId", "ordId", "sCode", "sMsg", "ts"]


def test_cancel_takes_either_id_and_the_venues_wins(venue: Sandbox, alice: Trader) -> None:
    first, second = (placed(venue, alice, clOrdId=name) for name in ("c1", "c2"))
    row = one(venue, alice, CANCEL, {"instId": PAIR, "ordId": first, "clOrdId": "c2"})
    assert sorted(row) == CANCELED
    assert (row["ordId"], row["clOrdId"], row["sCode"], row["sMsg"]) == (first, "c1", "0", "")
    assert one(venue, alice, CANCEL, {"instId": PAIR, "clOrdId": "c2"})["ordId"] == second


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"instId": PAIR, "ordId": "1"}, "51400"),
        ({"instId": PAIR, "clOrdId": "never"}, "51400"),
        ({"instId": PAIR}, "51407"),
        ({"ordId": "1"}, "50014"),
        ({"instId": "SOL-EUR", "ordId": "1"}, "51001"),
        ({"instId": PAIR, "ordId": "one"}, "51000"),
    ],
)
def test_cancel_of_nothing_gets_a_code(
    venue: Sandbox, alice: Trader, item: dict[str, str], code: str
) -> None:
    assert one(venue, alice, CANCEL, item)["sCode"] == code


def test_cancel_of_an_order_that_has_ended_fails(venue: Sandbox, alice: Trader) -> None:
    item = {"instId": PAIR, "ordId": placed(venue, alice)}
    assert one(venue, alice, CANCEL, item)["sCode"] == "0"
    answer = post(venue, alice, CANCEL, item)
    assert (answer["code"], answer["data"][0]["sCode"]) == ("1", "51400")


AMENDED = ["clOrdId", "ordId", "reqId", "sCode", "sMsg", "subCode", "ts"]


def test_amendment_changes_price_and_size_and_echoes_the_request(
    venue: Sandbox, alice: Trader
) -> None:
    order_id = placed(venue, alice)
    change = {"instId": PAIR, "ordId": order_id, "newSz": "2", "newPx": "99", "reqId": "r1"}
    row = one(venue, alice, AMEND, change)
    assert sorted(row) == AMENDED
    assert (row["ordId"], row["reqId"], row["sCode"]) == (order_id, "r1", "0")
    seen = read(venue, alice, order_id)
    assert (seen["sz"], seen["px"], seen["state"]) == ("2", "99", "live")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "51500"),
        ({"newSz": "1.0000001"}, "51121"),
        ({"newPx": "99.001"}, "51150"),
        ({"newSz": "100000"}, "51502"),
        ({"newSz": "2", "ordId": ""}, "51003"),
        ({"newSz": "2", "ordId": "1"}, "51503"),
    ],
)
def test_amendment_that_cannot_be_made_is_refused_and_changes_nothing(
    venue: Sandbox, alice: Trader, change: dict[str, str], code: str
) -> None:
    order_id = placed(venue, alice)
    row = one(venue, alice, AMEND, {"instId": PAIR, "ordId": order_id} | change)
    assert row["sCode"] == code
    seen = read(venue, alice, order_id)
    assert (seen["sz"], seen["px"], seen["state"]) == ("1", "100", "live")


def test_amended_post_only_order_may_not_take(venue: Sandbox, alice: Trader, bob: Trader) -> None:
    placed(venue, bob, side="sell", px="101")
    order_id = placed(venue, alice, ordType="post_only")
    change = {"instId": PAIR, "ordId": order_id, "newPx": "101"}
    assert one(venue, alice, AMEND, change)["sCode"] == "51511"
    assert one(venue, alice, AMEND, change | {"cxlOnFail": True})["sCode"] == "51511"
    assert read(venue, alice, order_id)["state"] == "canceled"


def test_size_amended_down_to_what_is_filled_ends_the_order(
    venue: Sandbox, alice: Trader, bob: Trader
) -> None:
    order_id = placed(venue, alice)
    placed(venue, bob, side="sell", sz="0.4")
    change = {"instId": PAIR, "ordId": order_id, "newSz": "0.4"}
    assert one(venue, alice, AMEND, change)["sCode"] == "0"
    row = read(venue, alice, order_id)
    assert (row["state"], row["accFillSz"], row["sz"]) == ("filled", "0.4", "0.4")


def test_batch_may_not_amend_an_order_twice(venue: Sandbox, alice: Trader) -> None:
    order_id = placed(venue, alice, clOrdId="twice")
    by_id = {"instId": PAIR, "ordId": order_id, "newPx": "98"}
    by_name = {"instId": PAIR, "clOrdId": "twice", "newPx": "97"}
    spelled = by_id | {"ordId": f"0{order_id}"}
    for items in ([by_id, by_id], [by_name, by_name], [by_id, by_name], [by_id, spelled]):
        answer = post(venue, alice, AMEND_BATCH, items)
        assert (answer["code"], answer["data"]) == ("51512", [])
    assert read(venue, alice, order_id)["px"] == "100"
    assert post(venue, alice, AMEND_BATCH, [by_id])["code"] == "0"


def test_countdown_is_set_and_taken_back(venue: Sandbox, alice: Trader) -> None:
    answer = post(venue, alice, "trade/cancel-all-after", {"timeOut": "60", "tag": "ACMEcode1"})
    (row,) = answer["data"]
    assert (row["tag"], sorted(row)) == ("ACMEcode1", ["tag", "triggerTime", "ts"])
    assert abs(int(row["triggerTime"]) - int(row["ts"]) - 60_000) < 5_000
    (off,) = post(venue, alice, "trade/cancel-all-after", {"timeOut": 0})["data"]
    assert (off["triggerTime"], off["tag"]) == ("0", "")


@pytest.mark.parametrize("seconds", ["5", "9", "121", "-1", "ten"])
def test_countdown_runs_ten_to_a_hundred_and_twenty_seconds(
    venue: Sandbox, alice: Trader, seconds: str
) -> None:
    body = {"timeOut": seconds}
    assert code_of(venue, alice, "trade/cancel-all-after", body) == (400, "51000")


def test_countdown_that_runs_out_cancels_open_orders_of_its_tag(
    venue: Sandbox, alice: Trader
) -> None:
    tagged, other = placed(venue, alice, tag="ACMEcode1"), placed(venue, alice)
    post(venue, alice, "trade/cancel-all-after", {"timeOut": "10", "tag": "ACMEcode1"})
    now = int(venue.operate("GET", "/clock")["ts"])
    venue.operate("POST", "/clock", {"to": str(now + 11_000)})
    while read(venue, alice, tagged)["state"] == "live":
        time.sleep(0.05)
    assert read(venue, alice, tagged)["cancelSource"] == "20"
    assert read(venue, alice, other)["state"] == "live"


def test_mass_cancel_is_not_for_spot(venue: Sandbox, alice: Trader) -> None:
    options = {"instType": "OPTION", "instFamily": "BTC-USD"}
    assert code_of(venue, alice, "trade/mass-cancel", options) == (200, "51010")
    spot = options | {"instType": "SPOT"}
    assert code_of(venue, alice, "trade/mass-cancel", spot) == (400, "51000")
