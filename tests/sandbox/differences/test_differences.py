"""Every known difference between the sandbox and the venue, one test each, named after its line."""

import socket
import time
from decimal import Decimal
from typing import Any

import pytest

from connect_portal import facts
from connect_portal.sandbox.wire.differences import DIFFERENCES
from connect_portal.sandbox.wire.limits import Limit, Limiter
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import code_of, get, order, signed

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


@pytest.mark.parametrize(("bar", "days"), [("1m", 3), ("30m", 3), ("1H", 91), ("1D", 91)])
def test_bars_since_two_days(sandbox: Sandbox, bar: str, days: int) -> None:
    long_ago = int(time.time() * 1000) - days * 86_400_000
    answer = sandbox.public(f"market/history-candles?instId=BTC-USDT&bar={bar}&after={long_ago}")
    assert (answer["code"], answer["data"]) == ("0", [])


def test_prints_of_late(sandbox: Sandbox) -> None:
    prints = sandbox.public("market/history-trades?instId=BTC-USDT&after=1")
    assert (prints["code"], prints["data"]) == ("0", [])


def test_price_band(fresh_sandbox: Sandbox) -> None:
    bob = fresh_sandbox.trader("Bob of the band", BTC="1", USDT="1000000")
    for trader, side in (
        (fresh_sandbox.trader("Alice of the band", BTC="1"), "sell"),
        (bob, "buy"),
    ):
        assert order(fresh_sandbox, trader, side, "0.001", "50000")["sCode"] == "0"
    (limit,) = fresh_sandbox.public("public/price-limit?instId=BTC-USDT")["data"]
    assert (limit["buyLmt"], limit["sellLmt"]) == ("500000", "5000")
    assert order(fresh_sandbox, bob, "buy", "0.001", "500000.1")["sCode"] == "51137"
    assert order(fresh_sandbox, bob, "sell", "0.001", "4999.9")["sCode"] == "51138"


def test_own_index(moving_sandbox: Sandbox) -> None:
    (index,) = moving_sandbox.public("market/index-tickers?instId=ETH-USDC")["data"]
    traded = moving_sandbox.public("market/trades?instId=ETH-USDC&limit=500")["data"]
    assert index["idxPx"] in {row["px"] for row in traded}


def test_exchange_rate(sandbox: Sandbox) -> None:
    assert sandbox.public("market/exchange-rate")["data"] == [{"usdCny": "7.1"}]


def test_size_limits(sandbox: Sandbox) -> None:
    for row in sandbox.public("public/instruments?instType=SPOT")["data"]:
        assert row["maxLmtSz"].strip("0") == "1"
        worth = Decimal(row["maxLmtSz"]) * facts.pairs()[row["instId"]].start_price
        assert 10**9 < worth <= 10**10


def test_one_account(sandbox: Sandbox, alice: Trader) -> None:
    funding = get(sandbox, alice, "asset/balances")
    trading = get(sandbox, alice, "account/balance")[0]["details"]
    assert {row["ccy"]: row["bal"] for row in funding} == {r["ccy"]: r["cashBal"] for r in trading}


@pytest.mark.parametrize("level", ["2", "3", "4"])
def test_spot_mode_only(sandbox: Sandbox, alice: Trader, level: str) -> None:
    body = {"acctLv": level}
    assert code_of(sandbox, alice, "account/set-account-level", body) == (200, "51070")


def test_fee_in_what_is_received(sandbox: Sandbox, alice: Trader) -> None:
    assert code_of(sandbox, alice, "account/set-fee-type", {"feeType": "1"}) == (200, "50062")


def test_account_rate_limit(sandbox: Sandbox, alice: Trader) -> None:
    (row,) = get(sandbox, alice, "trade/account-rate-limit")
    assert (row["accRateLimit"], row["fillRatio"]) == ("1000", "")


def test_quote_currency_of_the_pair(sandbox: Sandbox) -> None:
    erin = sandbox.trader("Erin who quotes dollars", USDC="1000", USD="1000")
    named = {"instId": "BTC-USDC", "tradeQuoteCcy": "USD"}
    placed = order(sandbox, erin, "buy", "0.01", "40000", **named)
    target = f"trade/order?instId=BTC-USDC&ordId={placed['ordId']}"
    assert get(sandbox, erin, target)[0]["tradeQuoteCcy"] == "USD"
    details = get(sandbox, erin, "account/balance")[0]["details"]
    assert {row["ccy"]: row["frozenBal"] for row in details} == {"USD": "0", "USDC": "400"}
    refused = order(sandbox, erin, "buy", "0.01", "40000", **named | {"tradeQuoteCcy": "USDT"})
    assert (refused["sCode"], refused["sMsg"]) == ("51000", "Parameter tradeQuoteCcy error")


def test_keys_last(fresh_sandbox: Sandbox) -> None:
    frank = fresh_sandbox.trader("Frank who was away")
    clock = fresh_sandbox.operate("GET", "/clock")
    later = int(clock["ts"]) + 15 * 86_400_000
    fresh_sandbox.operate("POST", "/clock", {"to": str(later)})
    assert get(fresh_sandbox, frank, "account/config")[0]["perm"] == "read_only,trade"


def test_cross_is_cash(sandbox: Sandbox) -> None:
    carol = sandbox.trader("Carol across", USDT="1000")
    placed = order(sandbox, carol, "buy", "0.01", "40000", tdMode="cross")
    target = f"trade/order?instId=BTC-USDT&ordId={placed['ordId']}"
    assert get(sandbox, carol, target)[0]["tdMode"] == "cross"
    (detail,) = get(sandbox, carol, "account/balance")[0]["details"]
    assert (detail["frozenBal"], detail["liab"]) == ("400", "")


def test_windows_of_limits() -> None:
    moments = iter([10.0, 11.9, 11.99, 12.0, 13.9, 14.1])
    limiter, limit = Limiter(lambda: next(moments)), Limit(2)
    admitted = [limiter.take(limit, "Alice") for _ in range(6)]
    assert admitted == [True, True, False, True, True, True]


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
