"""How often a caller may ask: what is counted together, what apart, and how the refusal looks."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from websockets.sync.client import connect

from connect_portal.sandbox.wire import limits, rest
from connect_portal.sandbox.wire.endpoints import ENDPOINTS
from connect_portal.sandbox.wire.limits import CALLERS_KEPT, Limit, Limiter
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import signed
from tests.sandbox.sockets import Socket

Make = Callable[..., Trader]
ORDER, BATCH = "/api/v5/trade/order", "/api/v5/trade/batch-orders"
TOO_MANY = '{"msg":"Too Many Requests","code":"50011"}'
REFUSED: dict[str, Any] = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "px": "50000",
    "sz": "1",
}
"""An order that the account cannot pay for: it costs nothing but its place in the count."""


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(limiter: Limiter, limit: Limit, caller: str, part: str = "") -> int:
    """How many more the limiter admits right now."""
    return next(n for n in range(10_000) if not limiter.take(limit, caller, part))


def test_window_admits_the_published_count_and_opens_again_after_its_seconds(clock: Clock) -> None:
    limiter, limit = Limiter(clock), Limit(60)
    assert taken(limiter, limit, "Alice") == 60
    clock.now += 1.999
    assert not limiter.take(limit, "Alice")
    clock.now += 0.001
    assert taken(limiter, limit, "Alice") == 60


def test_callers_parts_and_limits_are_counted_apart(clock: Clock) -> None:
    limiter = Limiter(clock)
    for limit in (limits.PLACE, limits.CANCEL, limits.AMEND):
        for caller in ("Alice", "Bob"):
            for part in ("BTC-USDT", "ETH-USDT"):
                assert taken(limiter, limit, caller, part) == 60


def test_callers_who_left_are_forgotten(clock: Clock) -> None:
    limiter = Limiter(clock)
    for number in range(3 * CALLERS_KEPT):
        clock.now += 0.001
        limiter.take(Limit(60), str(number))
    assert len(limiter._windows) <= CALLERS_KEPT


def every_endpoint() -> Iterator[tuple[str, Limit]]:
    """Method and path of each endpoint with what limits it."""
    assert rest.__all__
    for path, methods in ENDPOINTS.items():
        for method, endpoint in methods.items():
            yield f"{method} {path.removeprefix('/api/v5/')}", endpoint.limit


PUBLISHED = {
    "GET public/time": "10/2 s",
    "GET public/instruments": "20/2 s per instType",
    "GET market/tickers": "20/2 s",
    "GET market/ticker": "20/2 s",
    "GET market/books": "40/2 s",
    "GET market/candles": "40/2 s",
    "GET market/trades": "100/2 s",
    "GET system/status": "1/5 s",
    "GET account/balance": "10/2 s",
    "GET account/config": "5/2 s",
    "GET account/instruments": "20/2 s per instType",
    "GET account/trade-fee": "5/2 s",
    "GET account/bills": "5/1 s",
    "POST account/set-position-mode": "5/2 s",
    "GET asset/balances": "6/1 s",
    "GET asset/currencies": "6/1 s",
    "POST trade/order": "60/2 s per instId",
    "POST trade/batch-orders": "300/2 s per instId",
    "POST trade/cancel-order": "60/2 s per instId",
    "POST trade/cancel-batch-orders": "300/2 s per instId",
    "POST trade/amend-order": "60/2 s per instId",
    "POST trade/amend-batch-orders": "300/2 s per instId",
    "GET trade/order": "60/2 s per instId",
    "GET trade/orders-pending": "60/2 s",
    "GET trade/orders-history": "40/2 s",
    "GET trade/orders-history-archive": "20/2 s",
    "GET trade/fills": "60/2 s",
    "GET trade/fills-history": "10/2 s",
    "POST trade/order-algo": "20/2 s per instId",
    "POST trade/cancel-algos": "20/2 s per instId",
    "GET trade/order-algo": "20/2 s",
    "GET trade/orders-algo-pending": "20/2 s",
    "GET trade/orders-algo-history": "20/2 s",
}


@pytest.mark.parametrize(("name", "figure"), PUBLISHED.items())
def test_endpoint_has_its_published_limit(name: str, figure: str) -> None:
    assert str(dict(every_endpoint())[name]) == figure


def until_refused(ask: Callable[[], requests.Response], most: int) -> requests.Response:
    """Ask in a hurry until the answer is a refusal for haste."""
    for _ in range(most):
        if (answer := ask()).status_code == 429:
            return answer
    raise AssertionError(f"{most} requests and no refusal")


def test_too_many_private_requests_answer_429_to_that_account_only(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice"), make_trader("Bob")
    config = "/api/v5/account/config"
    refusal = until_refused(lambda: signed(sandbox, alice, "GET", config), 60)
    assert (refusal.status_code, refusal.text) == (429, TOO_MANY)
    assert signed(sandbox, bob, "GET", config).json()["code"] == "0"


def test_too_many_public_requests_answer_429(sandbox: Sandbox) -> None:
    status = f"{sandbox.base_url}/api/v5/system/status"
    refusal = until_refused(lambda: requests.get(status, timeout=10), 20)
    assert (refusal.status_code, refusal.text) == (429, TOO_MANY)


def test_batch_counts_its_orders_and_refuses_those_beyond_the_limit_one_by_one(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice", USDT="1")
    rows: list[dict[str, str]] = []
    while len(rows) < 2000 and not any(row["sCode"] == "50011" for row in rows):
        batch = [REFUSED] * 19
        answer = signed(sandbox, alice, "POST", BATCH, batch)
        rows += answer.json()["data"]
    first = next(at for at, row in enumerate(rows) if row["sCode"] == "50011")
    assert first >= 300
    assert {row["sCode"] for row in rows[:first]} == {"51008"}
    other = {**REFUSED, "instId": "ETH-USDT"}
    answer = signed(sandbox, alice, "POST", BATCH, [other, REFUSED])
    assert answer.json()["data"][0]["sCode"] != "50011"


def test_batch_of_one_counts_as_a_single_order(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice", USDT="1")

    with requests.Session() as session:

        def place() -> requests.Response:
            signed(sandbox, alice, "POST", BATCH, [REFUSED], via=session)
            return signed(sandbox, alice, "POST", ORDER, REFUSED, via=session)

        assert until_refused(place, 300).text == TOO_MANY
    assert signed(sandbox, alice, "POST", BATCH, [REFUSED]).json()["data"][0]["sCode"] == "50011"
    two = signed(sandbox, alice, "POST", BATCH, [REFUSED] * 2).json()["data"]
    assert {row["sCode"] for row in two} == {"51008"}


def test_websocket_and_rest_share_their_counts(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice", USDT="1")
    with connect(f"{sandbox.ws_url}/private") as raw:
        assert Socket(raw).login(alice)["code"] == "0"
        for _ in range(59):
            raw.send(json.dumps({"id": "1", "op": "order", "args": [REFUSED]}))
        rows = [json.loads(raw.recv(timeout=10))["data"][0] for _ in range(59)]
        assert {row["sCode"] for row in rows} == {"51008"}
        with requests.Session() as session:
            answer = until_refused(
                lambda: signed(sandbox, alice, "POST", ORDER, REFUSED, via=session), 100
            )
        assert answer.text == TOO_MANY
        again = Socket(raw).ask({"id": "2", "op": "order", "args": [REFUSED]})
        assert (again["code"], again["msg"]) == ("1", "")
        assert again["data"][0]["sCode"] == "50011"


def test_account_places_at_most_a_thousand_orders_on_all_instruments(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bases = make_trader("Alice", USDT="1"), ("BTC", "ETH", "SOL", "XRP", "LTC")
    codes: list[str] = []
    with requests.Session() as session:
        for number in range(200):
            item = {**REFUSED, "instId": f"{bases[number % 5]}-USDT"}
            batch = signed(sandbox, alice, "POST", BATCH, [item] * 20, via=session).json()
            codes += [row["sCode"] for row in batch["data"]]
            if "50061" in codes:
                break
        answer = signed(sandbox, alice, "POST", ORDER, REFUSED, via=session)
    assert codes.index("50061") >= 1000
    assert (answer.status_code, answer.json()["data"][0]["sCode"]) == (200, "50061")
