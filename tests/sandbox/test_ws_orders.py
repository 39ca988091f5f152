"""What an account hears of its orders, and order operations over the same connection."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed
from tests.sandbox.sockets import PLACE, Socket, opened, private

Make = Callable[..., Trader]
ORDERS = {"channel": "orders", "instType": "ANY"}
PROGRESS = ("state", "fillSz", "fillPx", "accFillSz", "avgPx", "fillFee", "fee", "tag")


@pytest.fixture(scope="module")
def sandbox(fresh_sandbox: Sandbox) -> Sandbox:
    """Books of these tests alone."""
    return fresh_sandbox


def told(socket: Socket, count: int, *names: str) -> list[tuple[str, ...]]:
    """These fields of the next rows of the orders channel."""
    rows = [socket.next_row("orders") for _ in range(count)]
    return [tuple(row[name] for name in names) for row in rows]


def code_of(sandbox: Sandbox, inst: str) -> int:
    """The number of an instrument."""
    listed = sandbox.public("public/instruments?instType=SPOT")["data"]
    return int(next(row["instIdCode"] for row in listed if row["instId"] == inst))


def test_each_fill_is_pushed_with_running_totals(sandbox: Sandbox, make_trader: Make) -> None:
    alice, bob = make_trader("Alice", ETH="1"), make_trader("Bob", USDT="100000")
    with private(sandbox, bob) as socket:
        socket.subscribe(ORDERS)
        for px in ("61000", "61001"):
            order(sandbox, alice, "sell", "0.01", px, instId="ETH-USDT")
        order(sandbox, bob, "buy", "0.03", "61001", tag="ABCD", instId="ETH-USDT")
        rows = [socket.next_row("orders") for _ in range(3)]
        socket.operate("cancel-order", {"instId": "ETH-USDT", "ordId": rows[0]["ordId"]})
    assert [tuple(row[name] for name in PROGRESS) for row in rows] == [
        ("live", "0", "", "0", "", "0", "0", "ABCD"),
        ("partially_filled", "0.01", "61000", "0.01", "61000", "-0.000035", "-0.000035", "ABCD"),
        ("partially_filled", "0.01", "61001", "0.02", "61000.5", "-0.000035", "-0.00007", "ABCD"),
    ]
    assert rows[0]["tradeId"] == rows[0]["fillTime"] == rows[0]["execType"] == ""
    assert (rows[1]["execType"], rows[1]["fillFeeCcy"]) == ("T", "ETH")
    assert rows[1]["tradeId"] != rows[2]["tradeId"]
    assert [row["notionalUsd"] for row in rows] == ["1830.03"] * 3
    assert [row["fillNotionalUsd"] for row in rows] == ["", "610", "610.01"]
    assert [row["lastPx"] for row in rows][2] == "61001"


def test_a_cancelled_remainder_is_the_last_push_and_carries_no_fill(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", XRP="100"), make_trader("Bob", USDT="1000")
    with private(sandbox, bob) as socket:
        socket.subscribe(ORDERS)
        order(sandbox, alice, "sell", "10", "2", instId="XRP-USDT")
        order(sandbox, bob, "buy", "30", "2", instId="XRP-USDT", ordType="ioc")
        names = ("state", "fillSz", "tradeId", "accFillSz", "cancelSource")
        _, (_, _, trade_id, *_), last = told(socket, 3, *names)
    assert trade_id
    assert last == ("canceled", "0", "", "10", "14")


def test_the_maker_hears_of_its_fill_too(sandbox: Sandbox, make_trader: Make) -> None:
    alice, bob = make_trader("Alice", ETH="1"), make_trader("Bob", USDT="10000")
    with private(sandbox, alice) as socket:
        socket.subscribe(ORDERS)
        order(sandbox, alice, "sell", "0.1", "71000", instId="ETH-USDT")
        order(sandbox, bob, "buy", "0.1", "71000", instId="ETH-USDT")
        assert told(socket, 2, "state", "execType", "fillFeeCcy") == [
            ("live", "", ""),
            ("filled", "M", "USDT"),
        ]


def test_a_post_only_order_that_would_take_is_pushed_as_cancelled_at_once(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", DOT="1"), make_trader("Bob", USDT="1000")
    with private(sandbox, bob) as socket:
        socket.subscribe(ORDERS)
        order(sandbox, alice, "sell", "0.1", "4", instId="DOT-USDT")
        order(sandbox, bob, "buy", "0.1", "4", instId="DOT-USDT", ordType="post_only")
        order(sandbox, bob, "buy", "0.1", "3", instId="DOT-USDT")
        assert told(socket, 2, "state", "cancelSource", "ordType") == [
            ("canceled", "31", "post_only"),
            ("live", "", "limit"),
        ]


def test_a_market_order_by_cost_is_worth_its_cost(sandbox: Sandbox, make_trader: Make) -> None:
    alice, bob = make_trader("Alice", LTC="10"), make_trader("Bob", USDT="1000")
    with private(sandbox, bob) as socket:
        socket.subscribe(ORDERS)
        order(sandbox, alice, "sell", "1", "80", instId="LTC-USDT")
        order(sandbox, bob, "buy", "20.5", instId="LTC-USDT", tgtCcy="quote_ccy")
        assert told(socket, 2, "px", "notionalUsd", "tgtCcy")[1] == ("", "20.5", "quote_ccy")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"newPx": "49000"}, ("live", "0.002", "49000", "0", "1")),
        ({"newSz": "0.001"}, ("live", "0.001", "50000", "0", "1")),
        ({"newPx": "50000.01", "cxlOnFail": True}, ("canceled", "0.002", "50000", "1", "1")),
    ],
)
def test_an_amendment_is_pushed_with_its_result_and_its_own_id(
    sandbox: Sandbox, make_trader: Make, change: dict[str, Any], said: tuple[str, ...]
) -> None:
    bob = make_trader("Bob", USDT="1000")
    with private(sandbox, bob) as socket:
        socket.subscribe(ORDERS)
        placed = socket.operate("order", PLACE | {"sz": "0.002"})["data"][0]
        asked = {"instId": "BTC-USDT", "ordId": placed["ordId"], "reqId": "r1", **change}
        signed(sandbox, bob, "POST", "/api/v5/trade/amend-order", asked)
        row = socket.next_row("orders")
        assert row["reqId"] == "r1"
        names = ("state", "sz", "px", "amendResult", "amendSource")
        assert tuple(row[name] for name in names) == said


def test_amending_down_to_what_is_filled_is_pushed_as_filled(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", UNI="1"), make_trader("Bob", USDT="1000")
    with private(sandbox, alice) as socket:
        socket.subscribe(ORDERS)
        resting = order(sandbox, alice, "sell", "0.5", "204", instId="UNI-USDT")
        order(sandbox, bob, "buy", "0.2", "204", instId="UNI-USDT")
        change = {"instId": "UNI-USDT", "ordId": resting["ordId"], "newSz": "0.2", "reqId": "r2"}
        assert signed(sandbox, alice, "POST", "/api/v5/trade/amend-order", change).json()["data"]
        names = ("state", "sz", "accFillSz", "fillSz", "reqId", "amendResult")
        assert told(socket, 3, *names)[2] == ("filled", "0.2", "0.2", "0", "r2", "0")


@pytest.mark.parametrize(
    ("arg", "heard"),
    [
        ({"instType": "SPOT"}, ["ATOM-USDC", "ALGO-USDC"]),
        ({"instType": "ANY", "instId": "ALGO-USDC"}, ["ALGO-USDC"]),
        ({"instType": "SWAP"}, []),
    ],
)
def test_a_subscription_hears_of_the_instruments_it_names(
    sandbox: Sandbox, make_trader: Make, arg: dict[str, str], heard: list[str]
) -> None:
    bob = make_trader("Bob", USDC="1000")
    with private(sandbox, bob) as socket:
        socket.subscribe({"channel": "orders", **arg}, {"channel": "balance_and_position"})
        for inst in ("ATOM-USDC", "ALGO-USDC"):
            assert order(sandbox, bob, "buy", "5", "3", instId=inst)["sCode"] == "0"
        body = {"reference": "end", "ccy": "ETH", "amt": "1"}
        sandbox.operate("POST", f"/accounts/{bob.uid}/faucet", body)
        orders = []
        while (push := socket.next_push())["data"][0].get("eventType") != "transferred":
            if push["arg"]["channel"] == "orders":
                orders.append(push)
        assert [push["data"][0]["instId"] for push in orders] == heard
        shown = {"channel": "orders", **arg, "uid": bob.uid}
        assert all(push["arg"] == shown for push in orders)


def test_nothing_is_pushed_at_the_start_and_nobody_else_hears(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", USDT="1000"), make_trader("Bob", USDT="1000")
    order(sandbox, bob, "buy", "0.0001", "50000")
    with private(sandbox, bob) as socket:
        socket.subscribe(ORDERS)
        order(sandbox, alice, "buy", "0.0001", "50001")
        order(sandbox, bob, "buy", "0.0001", "50002")
        assert told(socket, 1, "px") == [("50002",)]


def test_fills_are_pushed_by_themselves_to_the_top_tiers(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", LINK="1"), make_trader("Bob", USDT="1000")
    sandbox.operate("POST", f"/accounts/{bob.uid}/level", {"level": "VIP4"})
    with private(sandbox, bob) as socket:
        socket.subscribe({"channel": "fills", "instId": "LINK-USDT"})
        order(sandbox, alice, "sell", "0.1", "205", instId="LINK-USDT")
        placed = order(
            sandbox, bob, "buy", "0.1", "205", instId="LINK-USDT", clOrdId=f"f{bob.uid[-9:]}"
        )
        row = socket.next_row("fills")
        assert row.pop("ts")
        assert row.pop("tradeId")
        assert row == {
            "instId": "LINK-USDT",
            "fillSz": "0.1",
            "fillPx": "205",
            "side": "buy",
            "ordId": placed["ordId"],
            "clOrdId": placed["clOrdId"],
            "execType": "T",
            "count": "1",
        }


def test_orders_go_in_by_name_or_by_number(sandbox: Sandbox, make_trader: Make) -> None:
    bob = make_trader("Bob", USDT="1000")
    number = code_of(sandbox, "BTC-USDT")
    common = {name: value for name, value in PLACE.items() if name != "instId"}
    with private(sandbox, bob) as socket:
        for named in ({"instId": "BTC-USDT"}, {"instIdCode": number}, {"instIdCode": str(number)}):
            answer = socket.operate("order", common | named)
            assert (answer["op"], answer["code"], answer["msg"]) == ("order", "0", "")
            gone = {**named, "ordId": answer["data"][0]["ordId"]}
            ended = socket.operate("cancel-order", gone)
            assert (ended["code"], ended["data"][0]["sCode"]) == ("0", "0")
        unknown = socket.operate("order", common | {"instIdCode": 1})
        assert (unknown["code"], unknown["data"][0]["sCode"]) == ("1", "51001")


def test_an_answer_says_when_the_operation_came_and_when_it_left(
    sandbox: Sandbox, make_trader: Make
) -> None:
    with private(sandbox, make_trader("Bob", USDT="1000")) as socket:
        before = time.time_ns() // 1000
        answer = socket.operate("order", PLACE)
        assert before <= int(answer["inTime"]) <= int(answer["outTime"])
        assert {"id", "op", "code", "msg", "data", "inTime", "outTime"} == set(answer)


def test_a_refusal_is_dated_when_it_was_made_however_long_nothing_has_happened(
    fresh_sandbox: Sandbox,
) -> None:
    with private(fresh_sandbox, fresh_sandbox.trader("Bob", USDT="1000")) as socket:
        time.sleep(0.01)
        before = time.time_ns() // 1_000_000
        (row,) = socket.operate("order", PLACE | {"sz": "x"})["data"]
        assert int(row["ts"]) >= before
        for channel in ("books", "books5", "bbo-tbt"):
            with opened(fresh_sandbox, "public") as public:
                public.subscribe({"channel": channel, "instId": "BTC-USDT"})
                assert int(public.next_row(channel)["ts"]) >= before


@pytest.mark.parametrize(
    ("op", "args", "code", "s_codes"),
    [
        ("order", [PLACE | {"sz": "1"}], "1", ["51008"]),
        ("order", [PLACE | {"sz": "x"}], "1", ["51000"]),
        ("batch-orders", [PLACE, PLACE | {"sz": "1"}], "2", ["0", "51008"]),
        ("cancel-order", [{"instId": "BTC-USDT", "ordId": "1"}], "1", ["51400"]),
        ("batch-cancel-orders", [{"instId": "BTC-USDT", "ordId": "1"}] * 2, "1", ["51400"] * 2),
        ("amend-order", [{"instId": "BTC-USDT", "ordId": "1", "newPx": "1"}], "1", ["51503"]),
        (
            "batch-amend-orders",
            [{"instId": "BTC-USDT", "ordId": "1", "newPx": "1"}],
            "1",
            ["51503"],
        ),
    ],
)
def test_a_failed_item_tells_its_own_code_and_the_message_stays_empty(
    sandbox: Sandbox,
    make_trader: Make,
    op: str,
    args: list[dict[str, Any]],
    code: str,
    s_codes: list[str],
) -> None:
    with private(sandbox, make_trader("Bob", USDT="1000")) as socket:
        answer = socket.operate(op, *args)
        assert (answer["op"], answer["code"], answer["msg"]) == (op, code, "")
        assert [row["sCode"] for row in answer["data"]] == s_codes


@pytest.mark.parametrize(
    "args", ["none", [], [1], {}, PLACE, None, 7, [PLACE, PLACE]], ids=lambda args: str(args)[:9]
)
def test_misshapen_arguments_answer_60013_in_the_operations_own_envelope(
    sandbox: Sandbox, make_trader: Make, args: Any
) -> None:
    with private(sandbox, make_trader("Bob", USDT="1000")) as socket:
        answer = socket.ask({"id": "w", "op": "order", "args": args})
        assert (answer["id"], answer["code"], answer["msg"]) == ("w", "60013", "Invalid args")
        assert answer["data"] == []


def test_mass_cancel_is_refused_to_a_spot_account(sandbox: Sandbox, make_trader: Make) -> None:
    with private(sandbox, make_trader("Bob", USDT="1000")) as socket:
        answer = socket.operate("mass-cancel", {"instType": "OPTION", "instFamily": "BTC-USD"})
        assert (answer["op"], answer["code"], answer["data"]) == ("mass-cancel", "51010", [])


def test_a_batch_takes_twenty_orders_and_no_more(sandbox: Sandbox, make_trader: Make) -> None:
    with private(sandbox, make_trader("Bob", USDT="1000")) as socket:
        order_of_one = PLACE | {"sz": "0.0001"}
        assert socket.operate("batch-orders", *[order_of_one] * 20)["code"] == "0"
        assert socket.operate("batch-orders", *[order_of_one] * 21)["code"] == "60013"


def test_a_key_that_may_only_read_places_nothing(sandbox: Sandbox, make_trader: Make) -> None:
    with private(sandbox, make_trader("Bob", perm="read_only", USDT="1000")) as socket:
        answer = socket.operate("order", PLACE)
        assert (answer["code"], answer["data"]) == ("50120", [])


def test_an_expired_operation_is_not_carried_out(sandbox: Sandbox, make_trader: Make) -> None:
    with private(sandbox, make_trader("Bob", USDT="1000")) as socket:
        late, early = (str(int(time.time() * 1000) + ms) for ms in (-1000, 60_000))
        assert socket.operate("order", PLACE, expTime=late)["code"] == "50036"
        assert socket.operate("order", PLACE, expTime=early)["code"] == "0"


def test_operations_sent_without_waiting_are_carried_out_in_their_order(
    sandbox: Sandbox, make_trader: Make
) -> None:
    own_ids = [f"q{number}" for number in range(30)]
    with private(sandbox, make_trader("Bob", USDT="1000")) as socket:
        for own_id in own_ids:
            change = {"clOrdId": own_id, "sz": "0.0001"}
            socket.send({"id": own_id, "op": "order", "args": [PLACE | change]})
        answers = [socket.answer(own_id) for own_id in own_ids]
        placed = [int(answer["data"][0]["ordId"]) for answer in answers]
        assert placed == sorted(placed)


def test_operations_count_against_the_limits_of_rest(sandbox: Sandbox, make_trader: Make) -> None:
    bob = make_trader("Bob", USDT="1000")
    with private(sandbox, bob) as socket:
        for number in range(61):
            socket.send({"id": f"n{number}", "op": "order", "args": [PLACE | {"sz": "1"}]})
        codes = [socket.next()["data"][0]["sCode"] for _ in range(61)]
        assert sorted(codes) == ["50011"] + ["51008"] * 60
        answer = signed(sandbox, bob, "POST", "/api/v5/trade/order", PLACE)
        assert (answer.status_code, answer.json()["code"]) == (429, "50011")


def test_an_operation_is_in_the_accounts_request_log(sandbox: Sandbox, make_trader: Make) -> None:
    bob = make_trader("Bob", USDT="1000")
    with private(sandbox, bob) as socket:
        socket.operate("order", PLACE | {"clOrdId": "logged", "tag": "ABCD"})
        note = sandbox.operate("GET", f"/accounts/{bob.uid}/requests")["requests"][0]
        assert (note["method"], note["path"]) == ("WS", "/ws/v5/private/order")
        assert (note["clOrdId"], note["tag"], note["code"]) == ("logged", "ABCD", "0")


def test_an_operator_can_lose_the_answer_of_an_operation(
    sandbox: Sandbox, make_trader: Make
) -> None:
    bob = make_trader("Bob", USDT="1000")
    with private(sandbox, bob) as socket:
        asked = {"kind": "lose", "uid": bob.uid, "path": "/ws/v5/private/order"}
        sandbox.operate("POST", "/faults", asked | {"times": 1})
        assert socket.operate("order", PLACE)["code"] == "50004"
        pending = signed(sandbox, bob, "GET", "/api/v5/trade/orders-pending").json()["data"]
        assert len(pending) == 1


def test_an_operation_before_the_login_is_refused(sandbox: Sandbox) -> None:
    with opened(sandbox, "private") as socket:
        assert socket.operate("order", PLACE)["code"] == "60011"
