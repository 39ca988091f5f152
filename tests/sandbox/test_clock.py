"""The business clock: forward only, kept through a crash, felt by trades and by nothing else."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ccxt
import pytest
import requests

from connect_portal.sandbox.engine.commands import MoveClock
from connect_portal.sandbox.journal import Journal
from tests.sandbox.conftest import OPERATOR_KEY, Sandbox, start_sandbox, stop_sandbox
from tests.sandbox.signing import order, signed

MONTH_MS = 30 * 86_400_000
CLOSE_MS = 60_000


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Sandbox]:
    """An exchange for this test alone, because a moved clock does not come back."""
    running = start_sandbox(tmp_path / "exchange", "quiet")
    yield running
    stop_sandbox(running)


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def move(sandbox: Sandbox, to: str) -> requests.Response:
    """Ask the operator door to move the clock."""
    return requests.post(
        f"{sandbox.base_url}/sandbox/v1/clock",
        json={"to": to},
        headers={"Authorization": f"Bearer {OPERATOR_KEY}"},
        timeout=10,
    )


def trade_once(sandbox: Sandbox) -> dict[str, str]:
    """One fill between two new traders; the buyer's fill as the venue lists it."""
    seller = sandbox.trader(f"seller {wall_ms()}", BTC="1")
    buyer = sandbox.trader(f"buyer {wall_ms()}", USDT="100000")
    order(sandbox, seller, "sell", "0.01", "40000")
    order(sandbox, buyer, "buy", "0.01", "40000", tag="ABCD")
    (fill,) = signed(sandbox, buyer, "GET", "/api/v5/trade/fills").json()["data"]
    return dict(fill)


def test_the_clock_moves_trades_and_leaves_the_wall_clock_alone(own: Sandbox) -> None:
    before = trade_once(own)
    target = wall_ms() + MONTH_MS
    told = move(own, str(target)).json()
    assert abs(told["offset_ms"] - MONTH_MS) < CLOSE_MS
    after = trade_once(own)
    assert abs(int(before["fillTime"]) - wall_ms()) < CLOSE_MS
    assert 0 <= int(after["fillTime"]) - target < CLOSE_MS
    assert int(after["billId"]) > int(before["billId"])
    assert int(own.public("market/ticker?instId=BTC-USDT")["data"][0]["ts"]) >= target
    newest = own.public("market/candles?instId=BTC-USDT")["data"][0]
    assert int(newest[0]) >= target - target % 60_000
    server = int(own.public("public/time")["data"][0]["ts"])
    assert abs(server - wall_ms()) < CLOSE_MS


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("0", "backward"),
        ("9" * 15, "too_far"),
        ("tomorrow", "bad_parameter"),
        ("-5", "bad_parameter"),
    ],
)
def test_a_clock_that_would_go_back_or_nowhere_is_refused(
    sandbox: Sandbox, to: str, error: str
) -> None:
    answer = move(sandbox, to)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert sandbox.operate("GET", "/clock")["offset_ms"] == 0


def test_a_moment_that_is_just_passing_is_refused_as_the_past(own: Sandbox) -> None:
    errors = set()
    for ahead in (0, 1, 2, 3) * 8:
        answer = move(own, str(own.operate("GET", "/clock")["ts"] + ahead))
        errors |= {answer.json().get("error", "")}
    assert errors <= {"", "backward"}


def test_both_environments_have_one_clock(own: Sandbox) -> None:
    told = move(own, str(wall_ms() + MONTH_MS)).json()["offset_ms"]
    assert stop_sandbox(own) == 0
    for folder in (own.folder, own.folder / "demo"):
        with closing(Journal(folder)) as journal:
            moves = [one for _, one in journal.read(0) if isinstance(one, MoveClock)]
        assert [move.offset_ms for move in moves] == [told]


def test_a_moved_clock_survives_a_crash_and_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "exchange"
    first = start_sandbox(folder, "quiet")
    offset = move(first, str(wall_ms() + MONTH_MS)).json()["offset_ms"]
    first.child.kill()
    first.child.wait(20)
    second = start_sandbox(folder, "quiet")
    assert second.operate("GET", "/clock")["offset_ms"] == offset
    stop_sandbox(second)
    third = start_sandbox(folder, "quiet")
    assert third.operate("GET", "/clock")["offset_ms"] == offset
    stop_sandbox(third)


def test_ccxt_trades_on_after_a_month_has_passed_at_once(own: Sandbox) -> None:
    trader = own.trader("traveller", BTC="2", USDT="100000")
    client = ccxt.okx(
        {
            "apiKey": trader.api_key,
            "secret": trader.secret,
            "password": trader.passphrase,
            "urls": {"api": {"rest": own.base_url}},
        }
    )
    resting = client.create_order("BTC/USDT", "limit", "buy", 0.01, 50_000, {"tag": "ABCD"})
    target = datetime.now(UTC) + timedelta(milliseconds=MONTH_MS)
    assert move(own, str(int(target.timestamp() * 1000))).status_code == 200

    assert [row["id"] for row in client.fetch_open_orders("BTC/USDT")] == [resting["id"]]
    seller = own.trader("seller", BTC="1")
    order(own, seller, "sell", "0.01", "50000")
    (fill,) = client.fetch_my_trades("BTC/USDT")
    assert (fill["order"], fill["info"]["tag"]) == (resting["id"], "ABCD")
    assert fill["timestamp"] >= int(target.timestamp() * 1000)
    client.create_order(
        "BTC/USDT", "limit", "buy", 0.01, 30_000, {"tag": "ABCD", "expTime": wall_ms() + 5000}
    )
    assert client.fetch_ohlcv("BTC/USDT")[-1][0] >= int(target.timestamp() * 1000) - 60_000
