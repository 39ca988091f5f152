"""kill -9 of a real exchange under load: everything acknowledged is there once, nothing twice."""

import signal
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from tests.sandbox.conftest import Sandbox, Trader, start_sandbox, stop_sandbox
from tests.sandbox.signing import order, signed

ORDERS_BEFORE_THE_KILL = 60


class Load(threading.Thread):
    """Places small orders one after the other and remembers which were acknowledged."""

    def __init__(self, sandbox: Sandbox, trader: Trader, side: str, prefix: str) -> None:
        super().__init__(daemon=True)
        self.sandbox, self.trader, self.side, self.prefix = sandbox, trader, side, prefix
        self.acknowledged: dict[str, str] = {}
        self.enough = threading.Event()

    def run(self) -> None:
        for number in range(10_000):
            own_id = f"{self.prefix}{number}"
            more = {"clOrdId": own_id, "tag": "ABCD"}
            try:
                row = order(self.sandbox, self.trader, self.side, "0.001", "50000", **more)
            except (requests.RequestException, ValueError):
                return
            assert row["sCode"] == "0", row
            self.acknowledged[own_id] = row["ordId"]
            if len(self.acknowledged) >= ORDERS_BEFORE_THE_KILL:
                self.enough.set()


def all_pages(sandbox: Sandbox, trader: Trader, path: str, cursor: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        target = f"/api/v5/{path}?instType=SPOT&after={after}"
        page = signed(sandbox, trader, "GET", target).json()["data"]
        rows += page
        if len(page) < 100:
            return rows
        after = page[-1][cursor]


def all_orders(sandbox: Sandbox, trader: Trader) -> list[dict[str, Any]]:
    return [
        *all_pages(sandbox, trader, "trade/orders-pending", "ordId"),
        *all_pages(sandbox, trader, "trade/orders-history", "ordId"),
    ]


def test_kill_under_load_loses_nothing_acknowledged_and_doubles_nothing(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path, "quiet")
    traders = [running.trader(name, BTC="100", USDT="10000000") for name in ("Alice", "Bob")]
    sides = (("buy", "a"), ("sell", "b"))
    loads = [Load(running, t, side, p) for t, (side, p) in zip(traders, sides, strict=True)]
    for load in loads:
        load.start()
    for load in loads:
        assert load.enough.wait(60)
    running.child.send_signal(signal.SIGKILL)
    running.child.wait()
    for load in loads:
        load.join(20)

    again = start_sandbox(tmp_path, "quiet")
    try:
        filled: list[int] = []
        for load in loads:
            orders = all_orders(again, load.trader)
            found = {row["clOrdId"]: row["ordId"] for row in orders}
            assert load.acknowledged.items() <= found.items()
            assert len(found) == len(orders) <= len(load.acknowledged) + 1
            fills = all_pages(again, load.trader, "trade/fills", "billId")
            assert not [n for n in Counter(row["billId"] for row in fills).values() if n > 1]
            per_order = Counter(row["ordId"] for row in fills)
            done = {row["ordId"] for row in orders if row["state"] == "filled"}
            assert per_order == Counter(done)
            filled.append(len(fills))
        assert filled[0] == filled[1] > 0
    finally:
        assert stop_sandbox(again) == 0


def test_a_clean_stop_leaves_a_snapshot_and_an_empty_journal(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path, "quiet")
    alice = first.trader("Alice", BTC="1")
    assert stop_sandbox(first) == 0
    assert [path.stat().st_size for path in tmp_path.glob("journal-*.log")] == [0]
    again = start_sandbox(tmp_path, "quiet")
    details = signed(again, alice, "GET", "/api/v5/account/balance").json()["data"][0]["details"]
    assert [(row["ccy"], row["availBal"]) for row in details] == [("BTC", "1")]
    assert stop_sandbox(again) == 0
