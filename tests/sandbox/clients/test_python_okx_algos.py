"""Strategy orders through python-okx, unmodified: every kind that a spot venue has."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from okx import Trade

from tests.sandbox.conftest import Sandbox, Trader

INST = "ATOM-USDT"
KINDS: dict[str, dict[str, str]] = {
    "stop loss": {"ordType": "conditional", "slTriggerPx": "1", "slOrdPx": "-1"},
    "take profit": {"ordType": "conditional", "tpTriggerPx": "9", "tpOrdPx": "-1"},
    "oco": {
        "ordType": "oco",
        "tpTriggerPx": "9",
        "tpOrdPx": "-1",
        "slTriggerPx": "1",
        "slOrdPx": "-1",
    },
    "plan order": {"ordType": "trigger", "triggerPx": "9", "orderPx": "8.9"},
    "trailing stop": {"ordType": "move_order_stop", "callbackRatio": "0.05"},
    "iceberg": {"ordType": "iceberg", "pxVar": "0.01", "szLimit": "2", "pxLimit": "1"},
    "twap": {
        "ordType": "twap",
        "pxVar": "0.01",
        "szLimit": "2",
        "pxLimit": "4",
        "timeInterval": "60",
    },
}


def client_of(sandbox: Sandbox, trader: Trader) -> Trade.TradeAPI:
    return Trade.TradeAPI(
        trader.api_key, trader.secret, trader.passphrase, flag="0", domain=sandbox.base_url
    )


@pytest.fixture(scope="module")
def bob(sandbox: Sandbox) -> Callable[[str], None]:
    """Bob, who sells and buys at a price, which is then the last one; he also bids far below."""
    sells = client_of(sandbox, sandbox.trader("Bob sells ATOM", ATOM="1000000"))
    buys = client_of(sandbox, sandbox.trader("Bob buys ATOM", USDT="1000000"))
    assert buys.place_order(INST, "cash", "buy", "limit", "100000", px="0.5")["code"] == "0"

    def trade_at(px: str) -> None:
        for client, side in ((sells, "sell"), (buys, "buy")):
            placed = client.place_order(INST, "cash", side, "limit", "1", px=px)
            assert placed["code"] == "0"

    trade_at("4")
    return trade_at


@pytest.fixture
def alice(
    sandbox: Sandbox, bob: Callable[[str], None], request: pytest.FixtureRequest
) -> Iterator[Trade.TradeAPI]:
    """Alice, while the last price is 4; she leaves nothing behind."""
    bob("4")
    client = client_of(sandbox, sandbox.trader(request.node.name[-100:], ATOM="100", USDT="1000"))
    yield client
    for kind in ("conditional,oco", "trigger", "move_order_stop", "iceberg", "twap"):
        for row in client.order_algos_list(ordType=kind)["data"]:
            client.cancel_algo_order([{"instId": INST, "algoId": row["algoId"]}])
    for row in client.get_order_list(instId=INST)["data"]:
        client.cancel_order(INST, ordId=row["ordId"])


def place(client: Trade.TradeAPI, kind: str, **more: str) -> str:
    """Sell 10 ATOM by a strategy of this kind; its algoId."""
    placed = client.place_algo_order(INST, "cash", "sell", sz="10", **KINDS[kind], **more)
    (row,) = placed["data"]
    assert (placed["code"], row["sCode"]) == ("0", "0")
    algo_id: str = row["algoId"]
    return algo_id


def found(client: Trade.TradeAPI, algo_id: str) -> dict[str, Any]:
    row: dict[str, Any]
    (row,) = client.get_algo_order_details(algoId=algo_id)["data"]
    return row


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_placed_listed_shown_and_cancelled(alice: Trade.TradeAPI, kind: str) -> None:
    algo_id = place(alice, kind, tag="ABCD", algoClOrdId="mine1")
    listing = KINDS[kind]["ordType"]
    (waiting,) = alice.order_algos_list(ordType=listing)["data"]
    assert (waiting["algoId"], waiting["tag"]) == (algo_id, "ABCD")
    (shown,) = alice.get_algo_order_details(algoClOrdId="mine1")["data"]
    assert shown["algoId"] == algo_id
    assert {name: shown[name] for name in KINDS[kind] if name != "orderPx"} == {
        name: value for name, value in KINDS[kind].items() if name != "orderPx"
    }
    ended = alice.cancel_algo_order([{"instId": INST, "algoId": algo_id}])
    assert ended["data"][0]["sCode"] == "0"
    assert alice.order_algos_list(ordType=listing)["data"] == []
    (kept,) = alice.order_algos_history(listing, state="canceled")["data"]
    assert kept["algoId"] == algo_id


@pytest.mark.parametrize(
    ("kind", "px", "source"),
    [("plan order", "9", "6"), ("take profit", "9", "7"), ("stop loss", "1", "7")],
)
def test_a_price_that_is_reached_places_a_child_with_the_parents_tag(
    alice: Trade.TradeAPI, bob: Callable[[str], None], kind: str, px: str, source: str
) -> None:
    algo_id = place(alice, kind, tag="ABCD", algoClOrdId="mine1")
    bob(px)
    parent = found(alice, algo_id)
    assert parent["state"] == "effective"
    (child,) = alice.get_order(INST, ordId=parent["ordIdList"][0])["data"]
    assert (child["algoId"], child["algoClOrdId"], child["tag"], child["source"]) == (
        algo_id,
        "mine1",
        "ABCD",
        source,
    )


def test_one_leg_of_an_oco_ends_the_other(
    alice: Trade.TradeAPI, bob: Callable[[str], None]
) -> None:
    algo_id = place(alice, "oco")
    bob("9")
    assert found(alice, algo_id)["actualSide"] == "tp"
    bob("1")
    assert len(found(alice, algo_id)["ordIdList"]) == 1


def test_a_trailing_stop_follows_the_price_up_and_fires_on_the_way_down(
    alice: Trade.TradeAPI, bob: Callable[[str], None]
) -> None:
    algo_id = place(alice, "trailing stop")
    bob("6")
    bob("5.8")
    assert found(alice, algo_id)["state"] == "live"
    bob("5.7")
    assert found(alice, algo_id)["state"] != "live"


def test_an_iceberg_shows_one_part_at_a_time(alice: Trade.TradeAPI) -> None:
    algo_id = place(alice, "iceberg", tag="ABCD")
    (shown,) = alice.get_order_list(instId=INST)["data"]
    assert (shown["algoId"], shown["sz"], shown["tag"]) == (algo_id, "2", "ABCD")


def test_a_plan_order_is_amended(alice: Trade.TradeAPI) -> None:
    algo_id = place(alice, "plan order")
    amended = alice.amend_algo_order(INST, algoId=algo_id, newSz="20", newTriggerPx="8")
    assert amended["data"][0]["sCode"] == "0"
    shown = found(alice, algo_id)
    assert (shown["sz"], shown["triggerPx"]) == ("20", "8")


def test_an_attached_stop_is_born_when_its_order_has_filled(
    alice: Trade.TradeAPI, sandbox: Sandbox
) -> None:
    stop = [{"slTriggerPx": "1", "slOrdPx": "-1", "attachAlgoClOrdId": "guard1"}]
    placed = alice.place_order(
        INST, "cash", "buy", "limit", "5", px="3", tag="ABCD", attachAlgoOrds=stop
    )
    assert placed["data"][0]["sCode"] == "0"
    assert alice.order_algos_list(ordType="conditional")["data"] == []
    seller = client_of(sandbox, sandbox.trader("sells to Alice", ATOM="5"))
    assert seller.place_order(INST, "cash", "sell", "limit", "5", px="3")["code"] == "0"
    (born,) = alice.order_algos_list(ordType="conditional")["data"]
    assert (born["algoClOrdId"], born["slTriggerPx"], born["tag"]) == ("guard1", "1", "ABCD")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ordType": "trigger", "triggerPx": "x", "orderPx": "-1"}, "51000"),
        ({"ordType": "chase"}, "51000"),
        ({"ordType": "twap", **KINDS["twap"], "timeInterval": "1"}, "51269"),
    ],
)
def test_a_senseless_strategy_is_refused(
    alice: Trade.TradeAPI, wrong: dict[str, str], code: str
) -> None:
    answer = alice.place_algo_order(INST, "cash", "sell", sz="10", **wrong)
    refused = answer["data"][0]["sCode"] if answer["data"] else answer["code"]
    assert refused == code
