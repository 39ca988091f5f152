"""Icebergs by the implicit calls of ccxt, unmodified: a method for each endpoint, any field."""

from collections.abc import Iterator
from typing import Any

import ccxt
import pytest

from tests.sandbox.clients.addresses import ccxt_options
from tests.sandbox.conftest import Sandbox

INST = "RLUSD-USDT"
KINDS: dict[str, dict[str, str]] = {
    "iceberg": {"pxSpread": "0.01", "szLimit": "20", "pxLimit": "0.5"},
    "smart_iceberg": {"szLimit": "20", "lmtOrderNumber": "2", "aggressiveness": "conservative"},
}


@pytest.fixture(scope="module", autouse=True)
def book(sandbox: Sandbox) -> None:
    """Bob's bid and ask and a last price, for that is what icebergs look at."""
    for name, side, px in (("bids", "buy", "1"), ("asks", "sell", "1.1"), ("sells", "sell", "1")):
        trader = sandbox.trader(f"Bob {name} RLUSD", RLUSD="100", USDT="100")
        order = {"instId": INST, "tdMode": "cash", "ordType": "limit", "sz": "9", "side": side}
        ccxt.okx(ccxt_options(sandbox, trader)).private_post_trade_order({**order, "px": px})


@pytest.fixture(params=KINDS)
def iceberg(
    sandbox: Sandbox, request: pytest.FixtureRequest
) -> Iterator[tuple[ccxt.okx, dict[str, Any]]]:
    """Alice's client and her iceberg over 100 RLUSD, 20 shown at a time; it ends with the test."""
    kind: str = request.param
    trader = sandbox.trader(request.node.name, RLUSD="100")
    client = ccxt.okx(ccxt_options(sandbox, trader))
    asked = {"instId": INST, "tdMode": "cash", "side": "sell", "ordType": kind, "sz": "100"}
    placed = client.private_post_trade_order_algo(
        {**asked, **KINDS[kind], "tag": "ABCD", "algoClOrdId": "mine1"}
    )
    (row,) = placed["data"]
    assert (row["sCode"], row["algoClOrdId"], row["tag"]) == ("0", "mine1", "ABCD")
    yield client, {"instId": INST, "algoId": row["algoId"], "ordType": kind}
    for left in pending(client, kind):
        client.private_post_trade_cancel_algos([{"instId": INST, "algoId": left["algoId"]}])


def pending(client: ccxt.okx, kind: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]]
    rows = client.private_get_trade_orders_algo_pending({"ordType": kind})["data"]
    return rows


def children(client: ccxt.okx) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.private_get_trade_orders_pending({"instId": INST})["data"]
    return rows


def test_an_iceberg_is_listed_with_its_terms_and_cancelled(
    iceberg: tuple[ccxt.okx, dict[str, Any]],
) -> None:
    client, asked = iceberg
    kind = asked["ordType"]
    (row,) = pending(client, kind)
    assert (row["algoId"], row["tag"], row["sz"]) == (asked["algoId"], "ABCD", "100")
    assert {name: row[name] for name in KINDS[kind]} == KINDS[kind]
    ended = client.private_post_trade_cancel_algos([{"instId": INST, "algoId": asked["algoId"]}])
    assert ended["data"][0]["sCode"] == "0"
    assert (pending(client, kind), children(client)) == ([], [])
    history = client.private_get_trade_orders_algo_history({"ordType": kind, "state": "canceled"})
    assert [row["algoId"] for row in history["data"]] == [asked["algoId"]]


def test_children_of_an_iceberg_show_a_part_and_carry_its_ids_and_tag(
    iceberg: tuple[ccxt.okx, dict[str, Any]],
) -> None:
    client, asked = iceberg
    shown = children(client)
    assert shown
    for child in shown:
        assert (child["algoId"], child["algoClOrdId"]) == (asked["algoId"], "mine1")
        assert (child["tag"], child["side"], child["sz"]) == ("ABCD", "sell", "20")
