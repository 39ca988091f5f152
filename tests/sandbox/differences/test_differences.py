"""Every known difference between the sandbox and the venue, one test each, named after its line."""

import socket
import time
from typing import Any

import pytest

from connect_portal.sandbox.wire.differences import DIFFERENCES
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed

ALGO = "/api/v5/trade/order-algo"
STOP = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "sell",
    "ordType": "conditional",
    "sz": "0.01",
    "slTriggerPx": "1000",
    "slOrdPx": "-1",
}


@pytest.fixture(scope="module")
def alice(sandbox: Sandbox) -> Trader:
    return sandbox.trader("Alice of the differences", BTC="10", USDT="1000000")


def said(answer: Any) -> str:
    """The code of an answer's only row, or of the answer."""
    return str(answer["data"][0]["sCode"] if answer["data"] else answer["code"])


def test_every_difference_has_its_test() -> None:
    assert {f"test_{name}" for name in DIFFERENCES} <= globals().keys()


def test_stablecoin_fee_group(sandbox: Sandbox, alice: Trader) -> None:
    (pair,) = sandbox.public("public/instruments?instType=SPOT&instId=USDT-USD")["data"]
    fee = signed(
        sandbox, alice, "GET", "/api/v5/account/trade-fee?instType=SPOT&instId=USDT-USD"
    ).json()["data"][0]
    assert (pair["groupId"], fee["maker"]) == ("11", "0")


def test_position_sides_on_spot(sandbox: Sandbox) -> None:
    bob = sandbox.trader("Bob in hedge mode", BTC="1")

    def stop() -> Any:
        return signed(sandbox, bob, "POST", ALGO, STOP | {"posSide": "long"}).json()

    assert said(stop()) == "51000"
    mode = {"posMode": "long_short_mode"}
    signed(sandbox, bob, "POST", "/api/v5/account/set-position-mode", mode)
    placed = stop()
    assert placed["code"] == "0"
    target = f"{ALGO}?algoId={placed['data'][0]['algoId']}"
    assert signed(sandbox, bob, "GET", target).json()["data"][0]["posSide"] == "long"
    limit = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "limit"}
    asked = limit | {"sz": "0.01", "px": "99000", "posSide": "long"}
    assert said(signed(sandbox, bob, "POST", "/api/v5/trade/order", asked).json()) == "51000"


def test_failed_strategy_order(sandbox: Sandbox, alice: Trader) -> None:
    answer = signed(sandbox, alice, "POST", ALGO, STOP | {"sz": "0.000001"}).json()
    assert (answer["code"], answer["data"][0]["sCode"]) == ("1", "51020")


def test_off_tick_price(sandbox: Sandbox, alice: Trader) -> None:
    assert order(sandbox, alice, "buy", "0.01", "50000.01")["sCode"] == "51150"


def test_market_order_without_counterparts(sandbox: Sandbox) -> None:
    carol = sandbox.trader("Carol alone", LTC="1")
    asked = {"instId": "LTC-USDC", "tdMode": "cash", "side": "sell", "ordType": "market"}
    answer = signed(sandbox, carol, "POST", "/api/v5/trade/order", asked | {"sz": "1"}).json()
    assert answer["data"][0]["sCode"] == "51109"


def test_no_way_out(sandbox: Sandbox, alice: Trader) -> None:
    listed = signed(sandbox, alice, "GET", "/api/v5/asset/currencies").json()["data"]
    assert {(row["canDep"], row["canWd"]) for row in listed} == {(False, False)}


def test_business_clock(fresh_sandbox: Sandbox) -> None:
    bob = fresh_sandbox.trader("Bob next month", USDT="1000")
    ahead = int(time.time() * 1000) + 40 * 86_400_000
    fresh_sandbox.operate("POST", "/clock", {"to": str(ahead)})
    row = order(fresh_sandbox, bob, "buy", "0.001", "50000")
    assert int(row["ts"]) >= ahead
    told = int(fresh_sandbox.public("public/time")["data"][0]["ts"])
    assert abs(told - time.time() * 1000) < 60_000


def test_candles_since_two_days(sandbox: Sandbox) -> None:
    long_ago = str(int(time.time() * 1000) - 3 * 86_400_000)
    for path in ("candles", "history-candles"):
        assert sandbox.public(f"market/{path}?instId=BTC-USDT&after={long_ago}")["data"] == []


def test_reports_soon(sandbox: Sandbox) -> None:
    acme = sandbox.trader("Acme's own account", perm="read_only")
    terms = {"code": "SOON", "kind": "api", "rate": "0.3"}
    made = sandbox.operate("POST", f"/accounts/{acme.uid}/broker", terms)
    assert int(made["report_ms"]) == 30_000


def test_withdraw_is_only_data(sandbox: Sandbox) -> None:
    dave = sandbox.trader("Dave who may withdraw", perm="read_only,withdraw", BTC="1")
    perm = signed(sandbox, dave, "GET", "/api/v5/account/config").json()["data"][0]["perm"]
    assert perm == "read_only,withdraw"
    answer = signed(sandbox, dave, "POST", "/api/v5/asset/withdrawal", {"ccy": "BTC", "amt": "1"})
    assert answer.status_code == 404


def test_connections_wait(sandbox: Sandbox) -> None:
    host, port = sandbox.base_url.removeprefix("http://").split(":")
    asked = (
        f"GET /ws/v5/public HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    callers = []
    for _ in range(40):
        caller = socket.create_connection((host, int(port)), 10, source_address=("127.0.0.77", 0))
        caller.sendall(asked)
        callers.append(caller)
    answers = [
        caller.recv(64).split(b"\r\n")[0] for caller in (callers[0], callers[5], callers[-1])
    ]
    for caller in callers:
        caller.close()
    assert answers == [
        b"HTTP/1.1 101 Switching Protocols",
        b"HTTP/1.1 101 Switching Protocols",
        b"HTTP/1.1 429 Too Many Requests",
    ]


@pytest.mark.parametrize(("seconds", "code"), [("4", "51269"), ("5", "0"), ("121", "51269")])
def test_twap_interval(sandbox: Sandbox, alice: Trader, seconds: str, code: str) -> None:
    slices = {"pxVar": "0.01", "szLimit": "0.001", "pxLimit": "50000", "timeInterval": seconds}
    kept = {name: STOP[name] for name in ("instId", "tdMode", "side")}
    asked = kept | {"ordType": "twap", "sz": "0.01"} | slices
    assert said(signed(sandbox, alice, "POST", ALGO, asked).json()) == code
