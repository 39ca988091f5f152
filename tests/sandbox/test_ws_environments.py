"""Live and demo over WebSocket: behind a login the key decides, without one the address does."""

from collections.abc import Callable

import pytest

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed
from tests.sandbox.sockets import PLACE, opened, private

Make = Callable[..., Trader]
DEMO = {"x-simulated-trading": "1"}
DEMO_PUBLIC = "public?brokerId=9999"


@pytest.fixture(scope="module")
def demo_alice(sandbox: Sandbox) -> Trader:
    """Alice's account in the demo environment."""
    return sandbox.trader("Alice hears demo", demo=True, BTC="100000", USDT="100000")


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
        bob = sandbox.trader("Bob takes", demo=True, USDC="10000")
        with private(sandbox, bob) as taking:
            assert taking.operate("order", offer)["code"] == "0"
        socket.subscribe({"channel": "candle1Dutc", "instId": "BTC-USDC"})
        (row,) = socket.next_push("candle1Dutc")["data"]
        assert float(row[5]) > 0
