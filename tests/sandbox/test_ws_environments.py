"""Live and demo over WebSocket: behind a login the key decides, without one the address does."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import OPERATOR_KEY, PASSPHRASE, Sandbox, Trader
from tests.sandbox.signing import order, signed
from tests.sandbox.sockets import PLACE, opened, private

Make = Callable[..., Trader]
DEMO = {"x-simulated-trading": "1"}
DEMO_PUBLIC = "public?brokerId=9999"


def in_demo(sandbox: Sandbox, path: str, body: dict[str, Any]) -> Any:
    """Call the operator door of the demo environment."""
    return requests.post(
        f"{sandbox.base_url}/sandbox/v1{path}",
        json=body,
        headers={"Authorization": f"Bearer {OPERATOR_KEY}", **DEMO},
        timeout=10,
    ).json()


@pytest.fixture(scope="module")
def demo_alice(sandbox: Sandbox) -> Trader:
    """Alice's account in the demo environment."""
    person = {"reference": "Alice hears demo", "label": "Alice"}
    uid = in_demo(sandbox, "/accounts", person)["uid"]
    for ccy in ("BTC", "USDT"):
        asked = {"reference": f"1 {ccy}", "ccy": ccy, "amt": "100000"}
        in_demo(sandbox, f"/accounts/{uid}/faucet", asked)
    wanted = {"label": "demo", "passphrase": PASSPHRASE, "perm": "read_only,trade"}
    key = in_demo(sandbox, f"/accounts/{uid}/keys", wanted)
    return Trader(uid, key["apiKey"], key["secretKey"])


@pytest.mark.parametrize("path", ["private", "private?brokerId=9999"])
def test_a_demo_key_trades_and_hears_in_demo(
    sandbox: Sandbox, demo_alice: Trader, path: str
) -> None:
    with private(sandbox, demo_alice, path) as hearing, private(sandbox, demo_alice) as trading:
        hearing.subscribe({"channel": "orders", "instType": "SPOT"})
        placed = trading.operate("order", PLACE)["data"][0]
        assert hearing.next_row("orders")["ordId"] == placed["ordId"]
        target = f"/api/v5/trade/order?instId=BTC-USDT&ordId={placed['ordId']}"
        found = signed(sandbox, demo_alice, "GET", target, **DEMO).json()
        assert found["data"][0]["state"] == "live"


def test_a_live_key_means_live_whatever_the_address_says(
    sandbox: Sandbox, make_trader: Make
) -> None:
    bob = make_trader("Bob", USDT="1000")
    with private(sandbox, bob, "private?brokerId=9999") as socket:
        socket.subscribe({"channel": "orders", "instType": "SPOT"})
        order(sandbox, bob, "buy", "0.001", "50000")
        assert socket.next_row("orders")["px"] == "50000"


def test_public_news_is_of_the_environment_that_the_address_names(
    sandbox: Sandbox, demo_alice: Trader
) -> None:
    arg = {"channel": "books", "instId": "BTC-USDC"}
    with opened(sandbox, DEMO_PUBLIC) as demo, opened(sandbox, "public") as live:
        for socket in (demo, live):
            socket.subscribe(arg)
            assert socket.next_push("books")["data"][0]["asks"] == []
        offer = {"side": "sell", "px": "98765", "instId": "BTC-USDC"}
        with private(sandbox, demo_alice) as trading:
            assert trading.operate("order", PLACE | offer)["code"] == "0"
        assert demo.next_push("books")["data"][0]["asks"] == [["98765", "0.001", "0", "1"]]
        socket = live
        socket.send({"id": "u", "op": "unsubscribe", "args": [arg]})
        assert socket.next()["event"] == "unsubscribe"


def test_after_a_demo_login_on_the_business_path_candles_are_of_demo(
    sandbox: Sandbox, demo_alice: Trader
) -> None:
    with private(sandbox, demo_alice, "business") as socket:
        with private(sandbox, demo_alice) as trading:
            offer = PLACE | {"instId": "BTC-USDC", "px": "99000", "sz": "0.01"}
            trading.operate("order", offer | {"side": "sell"})
            bob = in_demo(sandbox, "/accounts", {"reference": "Bob takes", "label": "Bob"})["uid"]
            asked = {"reference": "1", "ccy": "USDC", "amt": "10000"}
            in_demo(sandbox, f"/accounts/{bob}/faucet", asked)
            wanted = {"label": "demo", "passphrase": PASSPHRASE, "perm": "read_only,trade"}
            key = in_demo(sandbox, f"/accounts/{bob}/keys", wanted)
        with private(sandbox, Trader(bob, key["apiKey"], key["secretKey"])) as taking:
            assert taking.operate("order", offer)["code"] == "0"
        socket.subscribe({"channel": "candle1Dutc", "instId": "BTC-USDC"})
        (row,) = socket.next_push("candle1Dutc")["data"]
        assert float(row[5]) > 0
