"""Strategy orders live by the exchange's clock, wake by themselves, and outlive a crash."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, Trader, start_sandbox, stop_sandbox
from tests.sandbox.signing import get, order, signed
from tests.sandbox.test_algos import KINDS

INST = "LTC-USDT"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Sandbox]:
    """An exchange for this test alone, where the last price is 100."""
    running = start_sandbox(tmp_path / "exchange", "quiet")
    trade(running, "100")
    yield running
    stop_sandbox(running)


def trader(sandbox: Sandbox, name: str) -> Trader:
    """Someone with plenty of both currencies, the same person each time."""
    return sandbox.trader(name, LTC="100000", USDT="10000000")


def place(sandbox: Sandbox, who: Trader, side: str, sz: str, px: str) -> None:
    """An accepted limit order."""
    assert order(sandbox, who, side, sz, px, instId=INST)["sCode"] == "0"


def trade(sandbox: Sandbox, px: str) -> None:
    """Let two bystanders trade at this price."""
    place(sandbox, trader(sandbox, "Seller"), "sell", "1", px)
    place(sandbox, trader(sandbox, "Buyer"), "buy", "1", px)


def ask(sandbox: Sandbox, who: Trader, kind: str, **more: Any) -> str:
    """An accepted strategy order that sells 3; its id."""
    body = {"instId": INST, "tdMode": "cash", "side": "sell", "ordType": kind, "sz": "3"}
    body |= KINDS[kind] | more
    answer = signed(sandbox, who, "POST", "/api/v5/trade/order-algo", body).json()
    assert answer["data"][0]["sCode"] == "0", answer
    return str(answer["data"][0]["algoId"])


def shown(sandbox: Sandbox, who: Trader, algo_id: str) -> dict[str, Any]:
    """The strategy order."""
    (row,) = get(sandbox, who, f"trade/order-algo?algoId={algo_id}")
    return dict(row)


def move_clock(sandbox: Sandbox, ms: int) -> None:
    """Let business time jump ahead."""
    now = sandbox.operate("GET", "/clock")["offset_ms"] + time.time_ns() // 1_000_000
    sandbox.operate("POST", "/clock", {"to": str(now + ms)})


def pending(sandbox: Sandbox, who: Trader) -> list[dict[str, Any]]:
    """Every strategy order that waits."""
    return [
        row
        for kind in KINDS
        for row in get(sandbox, who, f"trade/orders-algo-pending?ordType={kind}")
    ]


def test_a_twap_takes_its_parts_by_the_business_clock(own: Sandbox) -> None:
    bob = trader(own, "Bob")
    place(own, trader(own, "Buyer"), "buy", "10", "100")
    place(own, trader(own, "Seller"), "sell", "10", "100.5")
    algo_id = ask(own, bob, "twap", tag="ABCD")
    assert shown(own, bob, algo_id)["actualSz"] == "1"
    move_clock(own, 30_000)
    wait_for(own, bob, algo_id, actualSz="2")
    move_clock(own, 30 * 86_400_000)
    row = wait_for(own, bob, algo_id, state="effective")
    assert (row["actualSz"], row["actualPx"], len(row["ordIdList"])) == ("3", "100", 3)
    fills = get(own, bob, f"trade/fills-history?instType=SPOT&instId={INST}")
    assert [(fill["fillSz"], fill["tag"]) for fill in fills] == [("1", "ABCD")] * 3


def test_an_iceberg_goes_on_by_itself_when_nobody_calls(own: Sandbox) -> None:
    bob = trader(own, "Bob")
    place(own, trader(own, "Buyer"), "buy", "10", "101")
    algo_id = ask(own, bob, "iceberg", pxSpread="0", pxLimit="50")
    assert shown(own, bob, algo_id)["actualSz"] == "1"
    wait_for(own, bob, algo_id, state="effective", actualSz="3", actualPx="101")


def test_the_history_forgets_what_ended_three_months_ago(own: Sandbox) -> None:
    bob = trader(own, "Bob")
    early, late = ask(own, bob, "trigger"), ask(own, bob, "trigger")
    listed = "trade/orders-algo-history?ordType=trigger&state=canceled"
    for algo_id in (early, late):
        body = [{"instId": INST, "algoId": algo_id}]
        signed(own, bob, "POST", "/api/v5/trade/cancel-algos", body)
        move_clock(own, 60 * 86_400_000)
    assert [row["algoId"] for row in get(own, bob, listed)] == [late]


def test_strategies_outlive_a_crash_and_act_afterwards(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path, "quiet")
    trade(first, "100")
    bob = trader(first, "Bob")
    place(first, trader(first, "Buyer"), "buy", "1", "100")
    ids = {kind: ask(first, bob, kind, tag="ABCD", algoClOrdId=f"my{kind[:4]}") for kind in KINDS}
    resting = ask(first, bob, "trigger", triggerPx="100", orderPx="100.1")
    place(first, trader(first, "Buyer"), "buy", "1", "100.1")
    before, half_done = pending(first, bob), shown(first, bob, resting)
    assert len(before) == len(KINDS)
    assert (half_done["state"], half_done["actualSz"]) == ("effective", "1")
    first.child.send_signal(signal.SIGKILL)
    first.child.wait()

    second = start_sandbox(tmp_path, "quiet")
    assert pending(second, bob) == before
    assert shown(second, bob, resting) == half_done
    place(second, trader(second, "Buyer"), "buy", "2", "100.1")
    whole = wait_for(second, bob, resting, actualSz="3")
    assert (whole["state"], whole["actualPx"]) == ("effective", "100.1")
    place(second, trader(second, "Buyer"), "buy", "9", "80")
    trade(second, "90")
    for kind in ("conditional", "oco", "move_order_stop"):
        row = shown(second, bob, ids[kind])
        assert (row["state"], row["tag"]) == ("effective", "ABCD")
    move_clock(second, 30_000)
    wait_for(second, bob, ids["twap"], state="pause")
    done = [shown(second, bob, algo_id) for algo_id in ids.values()]
    assert stop_sandbox(second) == 0

    third = start_sandbox(tmp_path, "quiet")
    assert [shown(third, bob, algo_id) for algo_id in ids.values()] == done
    assert stop_sandbox(third) == 0


def wait_for(sandbox: Sandbox, who: Trader, algo_id: str, **wanted: str) -> dict[str, Any]:
    """The strategy order once it shows these values."""
    row: dict[str, Any] = {}
    for _ in range(200):
        row = shown(sandbox, who, algo_id)
        if wanted.items() <= row.items():
            return row
        time.sleep(0.1)
    raise AssertionError(row)
