"""The fault switchboard: each disturbance strikes the account and path it is made for, and ends."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, sign, signed
from tests.sandbox.sockets import opened, private

BALANCE = "/api/v5/account/balance"
ORDER = "/api/v5/trade/order"


@pytest.fixture
def disturb(sandbox: Sandbox) -> Iterator[Any]:
    """Set faults; all of them end with the test."""

    def set_fault(kind: str, **options: Any) -> int:
        made = sandbox.operate("POST", "/faults", {"kind": kind, **options})
        return int(made["id"])

    yield set_fault
    sandbox.operate("DELETE", "/faults")


@pytest.fixture
def alice(make_trader: Callable[..., Trader]) -> Trader:
    return make_trader("Alice", BTC="10", USDT="1000000")


@pytest.fixture
def bob(make_trader: Callable[..., Trader]) -> Trader:
    return make_trader("Bob", BTC="10", USDT="1000000")


@pytest.mark.parametrize(
    ("code", "status"), [("50011", 429), ("50001", 503), ("50013", 429), ("50004", 400)]
)
def test_refusal_strikes_as_often_as_asked_and_only_the_account_and_path_named(
    sandbox: Sandbox, alice: Trader, bob: Trader, disturb: Any, code: str, status: int
) -> None:
    disturb("refuse", code=code, uid=alice.uid, path=BALANCE, times=1)
    answer = signed(sandbox, alice, "GET", "/api/v5/account/config")
    assert answer.json()["code"] == "0"
    assert signed(sandbox, bob, "GET", BALANCE).json()["code"] == "0"
    answer = signed(sandbox, alice, "GET", BALANCE)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert signed(sandbox, alice, "GET", BALANCE).json()["code"] == "0"


def test_throttled_answer_has_the_shape_of_the_real_limiter(
    sandbox: Sandbox, alice: Trader, disturb: Any
) -> None:
    disturb("refuse", code="50011", uid=alice.uid, times=1)
    answer = signed(sandbox, alice, "GET", BALANCE)
    assert answer.text == '{"msg":"Too Many Requests","code":"50011"}'


def test_lost_answer_leaves_the_order_placed(sandbox: Sandbox, alice: Trader, disturb: Any) -> None:
    disturb("lose", uid=alice.uid, path=ORDER, times=1)
    row = order(sandbox, alice, "buy", "0.001", "30000", clOrdId="lost1")
    assert row["code"] == "50004"
    found = signed(sandbox, alice, "GET", f"{ORDER}?instId=BTC-USDT&clOrdId=lost1").json()
    assert found["data"][0]["state"] == "live"


def test_dropped_connection_places_nothing(sandbox: Sandbox, alice: Trader, disturb: Any) -> None:
    disturb("drop", uid=alice.uid, path=ORDER, times=1)
    with pytest.raises(requests.ConnectionError):
        order(sandbox, alice, "buy", "0.001", "30000", clOrdId="dropped1")
    found = signed(sandbox, alice, "GET", f"{ORDER}?instId=BTC-USDT&clOrdId=dropped1").json()
    assert found["code"] == "51603"


def test_connection_dropped_afterwards_leaves_the_order_placed(
    sandbox: Sandbox, alice: Trader, disturb: Any
) -> None:
    disturb("drop_after", uid=alice.uid, path=ORDER, times=1)
    with pytest.raises(requests.ConnectionError):
        order(sandbox, alice, "buy", "0.001", "30000", clOrdId="dropped2")
    found = signed(sandbox, alice, "GET", f"{ORDER}?instId=BTC-USDT&clOrdId=dropped2").json()
    assert found["code"] == "0"


def test_latency_delays_the_answer(sandbox: Sandbox, alice: Trader, disturb: Any) -> None:
    disturb("latency", uid=alice.uid, path=BALANCE, ms=300)
    before = time.monotonic()
    assert signed(sandbox, alice, "GET", BALANCE).json()["code"] == "0"
    assert time.monotonic() - before >= 0.3


def test_duplicated_and_late_pages_show_rows_twice_or_not_yet(
    sandbox: Sandbox, alice: Trader, disturb: Any
) -> None:
    path = "/api/v5/trade/orders-pending"
    order(sandbox, alice, "buy", "0.001", "29000", clOrdId="paged1")
    shown = signed(sandbox, alice, "GET", path).json()["data"]
    disturb("duplicate", uid=alice.uid, path=path, times=1)
    twice = signed(sandbox, alice, "GET", path).json()["data"]
    assert [row["ordId"] for row in twice] == [r["ordId"] for r in shown for _ in range(2)]
    disturb("late", uid=alice.uid, path=path, ms=60_000)
    assert signed(sandbox, alice, "GET", path).json()["data"] == []


def test_skewed_clock_refuses_signatures_of_the_right_time_and_takes_those_of_its_own(
    sandbox: Sandbox, alice: Trader, bob: Trader, disturb: Any
) -> None:
    disturb("skew", uid=alice.uid, ms=-120_000)
    assert signed(sandbox, alice, "GET", BALANCE).json()["code"] == "50102"
    then = f"{time.time() - 120:.3f}"
    assert signed(sandbox, alice, "GET", BALANCE, timestamp=then).json()["code"] == "0"
    assert signed(sandbox, bob, "GET", BALANCE).json()["code"] == "0"


def test_skewed_clock_judges_the_login_of_a_websocket_too(
    sandbox: Sandbox, alice: Trader, bob: Trader, disturb: Any
) -> None:
    disturb("skew", uid=alice.uid, ms=-120_000)
    then = str(int(time.time()) - 120)
    its_own = {"timestamp": then, "sign": sign(alice.secret, f"{then}GET/users/self/verify")}
    with opened(sandbox, "private") as socket:
        assert socket.login(alice)["code"] == "60006"
    with opened(sandbox, "private") as socket:
        assert socket.login(alice, **its_own)["event"] == "login"
    with opened(sandbox, "private") as socket:
        assert socket.login(bob)["event"] == "login"


def test_skew_strikes_the_path_it_is_made_for_and_no_other(
    sandbox: Sandbox, alice: Trader, disturb: Any
) -> None:
    disturb("skew", uid=alice.uid, ms=-120_000, path=BALANCE)
    assert signed(sandbox, alice, "GET", BALANCE).json()["code"] == "50102"
    assert signed(sandbox, alice, "GET", "/api/v5/account/config").json()["code"] == "0"
    with opened(sandbox, "private") as socket:
        assert socket.login(alice)["event"] == "login"


def test_skew_for_everybody_moves_public_time(sandbox: Sandbox, disturb: Any) -> None:
    disturb("skew", ms=3_600_000)
    told = int(sandbox.public("public/time")["data"][0]["ts"])
    assert abs(told - 3_600_000 - time.time() * 1000) < 60_000


def test_drop_ends_the_open_connections_of_the_account_on_the_path(
    sandbox: Sandbox, alice: Trader, bob: Trader, disturb: Any
) -> None:
    with (
        private(sandbox, alice) as one,
        private(sandbox, alice, "business") as other,
        private(sandbox, bob) as neighbour,
    ):
        disturb("drop", uid=alice.uid, path="/ws/v5/business")
        assert other.closing()[0] == 4006
        assert one.alive()
        disturb("drop", uid=alice.uid, path="/ws/v5/private/order")
        assert one.alive()
        disturb("drop", uid=alice.uid)
        assert one.closing()[0] == 4006
        assert neighbour.alive()


def test_faults_are_listed_until_cleared(sandbox: Sandbox, alice: Trader, disturb: Any) -> None:
    number = disturb("latency", uid=alice.uid, ms=1)
    listed = sandbox.operate("GET", "/faults")["faults"]
    assert [(fault["id"], fault["kind"]) for fault in listed] == [(number, "latency")]
    assert sandbox.operate("DELETE", f"/faults/{number}") == {"ended": 1}
    assert sandbox.operate("GET", "/faults") == {"faults": []}


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "earthquake"},
        {"kind": "refuse"},
        {"kind": "refuse", "code": "1"},
        {"kind": "skew", "ms": 1, "times": 1},
        {},
    ],
)
def test_unknown_fault_is_refused_in_words(sandbox: Sandbox, asked: dict[str, Any]) -> None:
    answer = requests.post(
        f"{sandbox.base_url}/sandbox/v1/faults",
        json=asked,
        headers={"Authorization": f"Bearer {sandbox.operator_key}"},
        timeout=10,
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_parameter")


def test_disturbance_of_one_request_leaves_others_of_the_same_address_alone(
    sandbox: Sandbox, alice: Trader, disturb: Any
) -> None:
    exactly = f"POST {ORDER},WS /ws/v5/private/order"
    disturb("refuse", code="50011", uid=alice.uid, path=exactly, times=1)
    answer = signed(sandbox, alice, "GET", f"{ORDER}?instId=BTC-USDT&clOrdId=nothing")
    assert answer.json()["code"] == "51603"
    assert signed(sandbox, alice, "POST", ORDER, {"instId": "BTC-USDT"}).status_code == 429
