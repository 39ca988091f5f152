"""Reading orders and fills back: every field, filters, pages, and how long each is kept."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, Trader, start_sandbox, stop_sandbox
from tests.sandbox.fields import FILL, ORDER
from tests.sandbox.signing import code_of, get, order, signed

Make = Callable[..., Trader]
PAIR = "ADA-USDT"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def place(sandbox: Sandbox, trader: Trader, side: str, sz: str, px: str, **more: str) -> str:
    """An accepted ADA-USDT order; its id."""
    row = order(sandbox, trader, side, sz, px, instId=PAIR, **more)
    assert row["sCode"] == "0", row
    return str(row["ordId"])


def cancel(sandbox: Sandbox, trader: Trader, order_id: str) -> None:
    """Take an order back."""
    item = {"instId": PAIR, "ordId": order_id}
    assert code_of(sandbox, trader, "trade/cancel-order", item) == (200, "0")


@pytest.fixture
def alice(make_trader: Make) -> Trader:
    return make_trader("Alice", ADA="10000", USDT="10000")


@pytest.fixture
def bob(make_trader: Make) -> Trader:
    return make_trader("Bob", ADA="10000", USDT="10000")


def ids(rows: Any, name: str = "ordId") -> list[str]:
    """One column."""
    return [row[name] for row in rows]


def test_order_looks_the_same_wherever_it_is_read(
    sandbox: Sandbox, alice: Trader, bob: Trader
) -> None:
    mine = place(sandbox, alice, "sell", "100", "0.5", clOrdId="a1", tag="ACMEcode1")
    pending = get(sandbox, alice, f"trade/orders-pending?instId={PAIR}")
    assert get(sandbox, alice, f"trade/order?instId={PAIR}&ordId={mine}") == pending
    assert get(sandbox, alice, f"trade/order?instId={PAIR}&clOrdId=a1") == pending
    assert sorted(pending[0]) == ORDER
    place(sandbox, bob, "buy", "100", "0.5")
    done = get(sandbox, alice, "trade/orders-history?instType=SPOT")
    assert get(sandbox, alice, f"trade/order?instId={PAIR}&ordId={mine}") == done
    assert get(sandbox, alice, "trade/orders-history-archive?instType=SPOT") == done
    assert get(sandbox, alice, "trade/orders-pending") == []
    assert (done[0]["state"], done[0]["accFillSz"], done[0]["tag"]) == (
        "filled",
        "100",
        "ACMEcode1",
    )


def test_fields_that_a_spot_order_has_no_use_for_are_empty_texts(
    sandbox: Sandbox, alice: Trader
) -> None:
    place(sandbox, alice, "buy", "100", "0.1")
    (row,) = get(sandbox, alice, "trade/orders-pending")
    wanted = {"lever": "", "pxUsd": "", "source": "", "fillPx": "", "tgtCcy": "", "tradeId": ""}
    wanted |= {"avgPx": "", "fillTime": "", "fillSz": "0"}
    wanted |= {"posSide": "net", "category": "normal", "reduceOnly": "false", "accFillSz": "0"}
    wanted |= {"linkedAlgoOrd": {"algoId": ""}, "attachAlgoOrds": [], "isTpLimit": "false"}
    assert {name: row[name] for name in wanted} == wanted
    cancel(sandbox, alice, row["ordId"])


def test_latest_order_answers_to_a_client_id_that_was_used_twice(
    sandbox: Sandbox, alice: Trader
) -> None:
    cancel(sandbox, alice, place(sandbox, alice, "buy", "100", "0.1", clOrdId="twice"))
    second = place(sandbox, alice, "buy", "100", "0.1", clOrdId="twice")
    cancel(sandbox, alice, second)
    (row,) = get(sandbox, alice, f"trade/order?instId={PAIR}&clOrdId=twice")
    assert (row["ordId"], row["state"], row["cancelSource"]) == (second, "canceled", "1")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"trade/order?instId={PAIR}", 200, "51003"),
        (f"trade/order?instId={PAIR}&ordId=1", 200, "51603"),
        (f"trade/order?instId={PAIR}&clOrdId=none", 200, "51603"),
        ("trade/order?ordId=1", 400, "50014"),
        ("trade/order?instId=ADA-EUR&ordId=1", 200, "51001"),
        ("trade/orders-history", 400, "50014"),
        ("trade/orders-history-archive", 400, "50014"),
        ("trade/fills-history", 400, "50014"),
        ("trade/orders-history?instType=SPOT&state=live", 400, "51000"),
        ("trade/orders-history?instType=SPOT&instId=ADA-EUR", 200, "51001"),
        ("trade/orders-pending?state=filled", 400, "51000"),
    ],
)
def test_queries_that_miss_or_mistake_something_get_a_code(
    sandbox: Sandbox, alice: Trader, path: str, status: int, code: str
) -> None:
    assert code_of(sandbox, alice, path) == (status, code)


def test_order_that_is_unknown_answers_without_rows(sandbox: Sandbox, alice: Trader) -> None:
    target = f"/api/v5/trade/order?instId={PAIR}&ordId=1"
    answer = signed(sandbox, alice, "GET", target)
    assert answer.json() == {"code": "51603", "data": [], "msg": "Order does not exist"}


def test_pending_orders_are_filtered_and_paged_newest_first(
    sandbox: Sandbox, alice: Trader
) -> None:
    made = [place(sandbox, alice, "buy", "100", f"0.{px}") for px in range(11, 16)]
    made.append(place(sandbox, alice, "buy", "100", "0.1", ordType="post_only"))
    newest = made[::-1]
    pending = "trade/orders-pending?instType=SPOT"
    assert ids(get(sandbox, alice, pending)) == newest
    assert ids(get(sandbox, alice, f"{pending}&limit=2")) == newest[:2]
    assert ids(get(sandbox, alice, f"{pending}&after={newest[1]}&limit=2")) == newest[2:4]
    assert ids(get(sandbox, alice, f"{pending}&before={newest[1]}")) == newest[:1]
    assert ids(get(sandbox, alice, f"{pending}&ordType=post_only,fok")) == newest[:1]
    assert ids(get(sandbox, alice, f"{pending}&state=partially_filled")) == []
    assert get(sandbox, alice, f"{pending}&instId=BTC-USDT") == []
    assert get(sandbox, alice, "trade/orders-pending?instType=SWAP") == []
    for order_id in made:
        cancel(sandbox, alice, order_id)


def test_finished_orders_are_filtered_and_paged_newest_first(
    sandbox: Sandbox, alice: Trader, bob: Trader
) -> None:
    for _ in range(3):
        place(sandbox, alice, "sell", "100", "0.5")
        place(sandbox, bob, "buy", "100", "0.5", ordType="ioc")
    canceled = place(sandbox, bob, "buy", "100", "0.1")
    cancel(sandbox, bob, canceled)
    done = "trade/orders-history?instType=SPOT"
    every = ids(get(sandbox, bob, done))
    assert (len(every), every[0]) == (4, canceled)
    assert every == sorted(every, key=int, reverse=True)
    assert ids(get(sandbox, bob, f"{done}&state=canceled")) == [canceled]
    assert ids(get(sandbox, bob, f"{done}&ordType=ioc")) == every[1:]
    assert ids(get(sandbox, bob, f"{done}&after={every[1]}&limit=1")) == every[2:3]
    assert ids(get(sandbox, bob, f"{done}&before={every[1]}")) == every[:1]
    assert ids(get(sandbox, bob, f"{done}&category=normal&instId={PAIR}")) == every
    assert get(sandbox, bob, f"{done}&category=adl") == []
    assert get(sandbox, bob, f"{done}&begin=1&end=2") == []
    assert ids(get(sandbox, bob, "trade/orders-history-archive?instType=SPOT")) == every[1:]
    assert get(sandbox, bob, "trade/orders-history?instType=SWAP") == []


def test_fill_has_every_field_and_is_found_by_order_side_and_pair(
    sandbox: Sandbox, alice: Trader, bob: Trader
) -> None:
    asked = place(sandbox, alice, "sell", "100", "0.5")
    place(sandbox, bob, "buy", "40", "0.5", tag="ACMEcode1", clOrdId="b1")
    place(sandbox, bob, "buy", "60", "0.5")
    first, second = get(sandbox, bob, "trade/fills")[::-1]
    assert sorted(first) == FILL
    shown = ("fillPx", "fillSz", "side", "execType", "feeCcy", "fee", "feeRate", "tag", "clOrdId")
    assert [first[name] for name in shown] == [
        *("0.5", "40", "buy", "T", "ADA", "-0.14", "-0.0035", "ACMEcode1", "b1")
    ]
    assert first["tradeQuoteCcy"] == "USDT"
    maker = get(sandbox, alice, f"trade/fills-history?instType=SPOT&ordId={asked}")
    assert ids(maker, "tradeId") == [second["tradeId"], first["tradeId"]]
    assert ids(get(sandbox, bob, "trade/fills?subType=2"), "billId") == []
    assert len(get(sandbox, bob, f"trade/fills?subType=1&instId={PAIR}&instType=SPOT")) == 2
    assert get(sandbox, bob, "trade/fills?instType=SWAP") == []


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """An exchange of this module's own, whose clock its tests move."""
    running = start_sandbox(tmp_path_factory.mktemp("aged"), "quiet")
    yield running
    assert stop_sandbox(running) == 0


def pass_time(sandbox: Sandbox, milliseconds: int) -> None:
    """Let business time go on."""
    now = int(sandbox.operate("GET", "/clock")["ts"])
    sandbox.operate("POST", "/clock", {"to": str(now + milliseconds)})


def test_records_leave_the_short_lists_with_time_and_stay_in_the_long_ones(
    aged: Sandbox,
) -> None:
    alice, bob = aged.trader("Alice", ADA="1000"), aged.trader("Bob", USDT="1000")
    place(aged, alice, "sell", "100", "0.5")
    place(aged, bob, "buy", "100", "0.5")

    def seen() -> list[int]:
        paths = (
            "fills",
            "fills-history?instType=SPOT",
            "orders-history?instType=SPOT",
            "orders-history-archive?instType=SPOT",
        )
        return [len(get(aged, bob, f"trade/{path}")) for path in paths]

    assert seen() == [1, 1, 1, 1]
    pass_time(aged, 3 * DAY_MS + HOUR_MS)
    assert seen() == [0, 1, 1, 1]
    pass_time(aged, 4 * DAY_MS)
    assert seen() == [0, 1, 0, 1]
    pass_time(aged, 90 * DAY_MS)
    assert seen() == [0, 0, 0, 0]


def test_order_canceled_without_a_fill_is_forgotten_after_two_hours(aged: Sandbox) -> None:
    alice = aged.trader("Alice of the two hours", ADA="1000")
    order_id = place(aged, alice, "sell", "100", "0.5")
    cancel(aged, alice, order_id)
    done = "trade/orders-history?instType=SPOT"
    assert ids(get(aged, alice, done)) == [order_id]
    assert get(aged, alice, "trade/orders-history-archive?instType=SPOT") == []
    pass_time(aged, 2 * HOUR_MS + 1000)
    assert get(aged, alice, done) == []
    assert code_of(aged, alice, f"trade/order?instId={PAIR}&ordId={order_id}")[1] == "51603"


def test_how_long_unfilled_orders_are_known_is_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_UNFILLED_KEPT_S", "60")
    sandbox = start_sandbox(tmp_path, "quiet")
    alice = sandbox.trader("Alice", ADA="1000")
    cancel(sandbox, alice, place(sandbox, alice, "sell", "100", "0.5"))
    pass_time(sandbox, 61_000)
    assert get(sandbox, alice, "trade/orders-history?instType=SPOT") == []
    assert stop_sandbox(sandbox) == 0
