"""What an account hears of its strategy orders: plan orders and stops on one channel, the advanced
kinds on another."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed
from tests.sandbox.sockets import private

Make = Callable[..., Trader]
PLAN = {"channel": "orders-algo", "instType": "SPOT"}
ADVANCED = {"channel": "algo-advance", "instType": "ANY"}
TRIGGER = {"ordType": "trigger", "triggerPx": "90", "orderPx": "-1"}
TWAP = {
    "ordType": "twap",
    "szLimit": "1",
    "pxLimit": "70",
    "timeInterval": "60",
    "pxSpread": "0.1",
}


@pytest.fixture(scope="module")
def sandbox(fresh_sandbox: Sandbox) -> Sandbox:
    """Books of these tests alone."""
    return fresh_sandbox


@pytest.fixture
def alice(make_trader: Make) -> Trader:
    return make_trader("Alice", USDT="10000", LTC="100")


def place(sandbox: Sandbox, trader: Trader, terms: dict[str, str], **more: str) -> str:
    """Place a strategy order to buy LTC; its id."""
    common = {"instId": "LTC-USDT", "tdMode": "cash", "side": "buy", "sz": "2", "tag": "ABCD"}
    body: dict[str, Any] = common | terms | more
    (row,) = signed(sandbox, trader, "POST", "/api/v5/trade/order-algo", body).json()["data"]
    assert row["sCode"] == "0", row
    return str(row["algoId"])


def trade(sandbox: Sandbox, make_trader: Make, px: str) -> None:
    """Let LTC trade at a price."""
    seller, buyer = make_trader("Zoe", LTC="1"), make_trader("Zac", USDT="1000")
    order(sandbox, seller, "sell", "0.1", px, instId="LTC-USDT")
    order(sandbox, buyer, "buy", "0.1", px, instId="LTC-USDT")


def test_a_plan_order_is_told_when_it_waits_and_when_it_has_placed_its_order(
    sandbox: Sandbox, make_trader: Make, alice: Trader
) -> None:
    trade(sandbox, make_trader, "80")
    with private(sandbox, alice, "business") as business, private(sandbox, alice) as orders:
        business.subscribe(PLAN)
        orders.subscribe({"channel": "orders", "instType": "SPOT"})
        algo_id = place(sandbox, alice, TRIGGER | {"orderPx": "60"})
        row = business.next_row("orders-algo")
        assert (row["algoId"], row["state"], row["tag"]) == (algo_id, "live", "ABCD")
        assert row["notionalUsd"] == "160"
        trade(sandbox, make_trader, "90")
        child = orders.next_row("orders")
        assert (child["algoId"], child["tag"], child["source"]) == (algo_id, "ABCD", "6")
        while row["state"] == "live":
            row = business.next_row("orders-algo")
        assert (row["state"], row["ordId"]) == ("effective", child["ordId"])


def test_an_advanced_order_that_waits_is_told_at_the_start_with_count_and_time(
    sandbox: Sandbox, make_trader: Make, alice: Trader
) -> None:
    trade(sandbox, make_trader, "80")
    algo_id = place(sandbox, alice, TWAP)
    place(sandbox, alice, TRIGGER)
    with private(sandbox, alice, "business") as socket:
        socket.subscribe(ADVANCED)
        row = socket.next_row("algo-advance")
        assert (row["algoId"], row["ordType"], row["count"]) == (algo_id, "twap", "1")
        assert row["pTime"]
        gone = [{"instId": "LTC-USDT", "algoId": algo_id}]
        signed(sandbox, alice, "POST", "/api/v5/trade/cancel-algos", gone)
        while row["state"] != "canceled":
            row = socket.next_row("algo-advance")
        assert row["algoId"] == algo_id


def test_each_channel_hears_of_its_own_kinds_and_of_the_order_it_names(
    sandbox: Sandbox, make_trader: Make, alice: Trader
) -> None:
    trade(sandbox, make_trader, "80")
    first, second = place(sandbox, alice, TRIGGER), place(sandbox, alice, TRIGGER)
    with private(sandbox, alice, "business") as socket:
        socket.subscribe(PLAN | {"algoId": second}, ADVANCED)
        for algo_id in (first, second):
            gone = [{"instId": "LTC-USDT", "algoId": algo_id}]
            signed(sandbox, alice, "POST", "/api/v5/trade/cancel-algos", gone)
        push = socket.next_push()
        assert push["arg"] == PLAN | {"algoId": second, "uid": alice.uid}
        assert push["data"][0]["algoId"] == second
