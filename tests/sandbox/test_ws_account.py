"""What an account hears of its money: account, balance_and_position, positions."""

from collections.abc import Callable
from typing import Any

import pytest

from connect_portal.sandbox.wire.ws.private import CURRENCIES_PER_PAGE
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed
from tests.sandbox.sockets import PLACE, Socket, private

Make = Callable[..., Trader]
QUIET = {"channel": "account", "extraParams": '{"updateInterval": "0"}'}
BALANCES = {"channel": "balance_and_position"}


@pytest.fixture(scope="module")
def sandbox(fresh_sandbox: Sandbox) -> Sandbox:
    """Books of these tests alone."""
    return fresh_sandbox


def give(sandbox: Sandbox, trader: Trader, ccy: str, amt: str) -> None:
    body = {"reference": f"more {ccy}", "ccy": ccy, "amt": amt}
    sandbox.operate("POST", f"/accounts/{trader.uid}/faucet", body)


def details(push: Any) -> dict[str, tuple[str, str, str]]:
    """Equity, available and frozen by currency."""
    (row,) = push["data"]
    return {
        each["ccy"]: (each["eq"], each["availBal"], each["frozenBal"]) for each in row["details"]
    }


def started(socket: Socket, arg: dict[str, str]) -> Any:
    """Subscribe; the first push."""
    socket.subscribe(arg)
    return socket.next_push(arg["channel"])


def test_account_starts_with_a_snapshot_of_every_currency(
    sandbox: Sandbox, make_trader: Make
) -> None:
    bob = make_trader("Bob", USDT="1000", BTC="2")
    with private(sandbox, bob) as socket:
        first = started(socket, QUIET)
        assert first["arg"] == {"channel": "account", "uid": bob.uid}
        assert (first["eventType"], first["curPage"], first["lastPage"]) == ("snapshot", 1, True)
        assert details(first) == {"BTC": ("2", "2", "0"), "USDT": ("1000", "1000", "0")}
        by_name = {each["ccy"]: each for each in first["data"][0]["details"]}
        assert by_name["USDT"]["coinUsdPrice"] == "1"
        rest = signed(sandbox, bob, "GET", "/api/v5/account/balance").json()["data"][0]
        assert rest["details"][0].items() <= by_name["BTC"].items()
        assert rest["totalEq"] == first["data"][0]["totalEq"]


def test_account_events_carry_only_what_has_changed(sandbox: Sandbox, make_trader: Make) -> None:
    bob = make_trader("Bob", USDT="1000", BTC="2")
    with private(sandbox, bob) as socket:
        started(socket, QUIET)
        order(sandbox, bob, "buy", "0.001", "50000")
        held = socket.next_push("account")
        assert (held["eventType"], "curPage" in held) == ("event_update", False)
        assert details(held) == {"USDT": ("1000", "950", "50")}


def test_account_tells_a_currency_that_is_used_up(sandbox: Sandbox, make_trader: Make) -> None:
    alice, bob = make_trader("Alice", ADA="20"), make_trader("Bob", USDC="1000")
    order(sandbox, bob, "buy", "20", "0.5", instId="ADA-USDC")
    with private(sandbox, alice) as socket:
        started(socket, QUIET)
        order(sandbox, alice, "sell", "20", "0.5", instId="ADA-USDC")
        told = details(socket.next_push("account"))
        assert told == {"ADA": ("0", "0", "0"), "USDC": ("9.965", "9.965", "0")}


def test_account_of_one_currency_hears_of_that_one(sandbox: Sandbox, make_trader: Make) -> None:
    bob = make_trader("Bob", USDT="1000", BTC="2")
    with private(sandbox, bob) as socket:
        assert list(details(started(socket, QUIET | {"ccy": "BTC"}))) == ["BTC"]
        order(sandbox, bob, "buy", "0.001", "50000")
        give(sandbox, bob, "BTC", "1")
        assert details(socket.next_push("account")) == {"BTC": ("3", "3", "0")}


def test_account_without_money_starts_with_an_empty_snapshot(
    sandbox: Sandbox, make_trader: Make
) -> None:
    with private(sandbox, make_trader("Bob")) as socket:
        first = started(socket, QUIET)
        assert (details(first), first["data"][0]["totalEq"]) == ({}, "0")


def test_a_long_account_comes_in_pages(sandbox: Sandbox, make_trader: Make) -> None:
    listed = sandbox.public("public/instruments?instType=SPOT")["data"]
    currencies = sorted({row["baseCcy"] for row in listed})[: CURRENCIES_PER_PAGE + 1]
    with private(sandbox, make_trader("Bob", **dict.fromkeys(currencies, "1"))) as socket:
        pages = [started(socket, QUIET), socket.next_push("account")]
        assert [(page["curPage"], page["lastPage"]) for page in pages] == [(1, False), (2, True)]
        assert sorted(ccy for page in pages for ccy in details(page)) == currencies


def test_account_repeats_its_snapshot_unless_only_events_are_wanted(
    sandbox: Sandbox, make_trader: Make
) -> None:
    bob = make_trader("Bob", USDT="1000")
    with private(sandbox, bob) as socket, private(sandbox, bob) as events_only:
        started(socket, {"channel": "account"})
        started(events_only, QUIET)
        assert socket.next_push("account")["eventType"] == "snapshot"
        give(sandbox, bob, "BTC", "1")
        assert events_only.next_push("account")["eventType"] == "event_update"


def test_balances_start_with_a_snapshot_and_follow_money_that_comes_in(
    sandbox: Sandbox, make_trader: Make
) -> None:
    bob = make_trader("Bob", USDT="1000")
    with private(sandbox, bob) as socket:
        (first,) = started(socket, BALANCES)["data"]
        assert (first["eventType"], first["posData"], first["trades"]) == ("snapshot", [], [])
        assert [(row["ccy"], row["cashBal"]) for row in first["balData"]] == [("USDT", "1000")]
        give(sandbox, bob, "BTC", "2")
        row = socket.next_row(BALANCES["channel"])
        assert row["eventType"] == "transferred"
        assert [(each["ccy"], each["cashBal"]) for each in row["balData"]] == [("BTC", "2")]


def test_balances_name_the_trades_that_moved_them_and_not_what_is_only_held(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", SUI="100"), make_trader("Bob", USDC="1000")
    with private(sandbox, bob) as socket:
        started(socket, BALANCES)
        socket.subscribe({"channel": "orders", "instType": "SPOT"})
        for px in ("2", "2.1"):
            order(sandbox, alice, "sell", "10", px, instId="SUI-USDC")
        order(sandbox, bob, "buy", "1", "1", instId="SUI-USDC")
        order(sandbox, bob, "buy", "30", "2.1", instId="SUI-USDC")
        row = socket.next_row(BALANCES["channel"])
        fills = signed(sandbox, bob, "GET", "/api/v5/trade/fills?instId=SUI-USDC").json()["data"]
        assert row["eventType"] == "filled"
        assert row["trades"] == [
            {"instId": "SUI-USDC", "tradeId": fill["tradeId"]} for fill in reversed(fills)
        ]
        cash = {each["ccy"]: each["cashBal"] for each in row["balData"]}
        assert cash == {"SUI": "19.93", "USDC": "959"}


def test_positions_of_a_spot_account_are_empty(sandbox: Sandbox, make_trader: Make) -> None:
    with private(sandbox, make_trader("Bob", USDT="1000")) as socket:
        first = started(socket, {"channel": "positions", "instType": "ANY"})
        assert (first["eventType"], first["data"]) == ("snapshot", [])
        assert socket.operate("order", PLACE)["code"] == "0"


def test_the_count_of_listening_connections_is_told(sandbox: Sandbox, make_trader: Make) -> None:
    bob = make_trader("Bob")
    for channel in ("account", "orders", "positions", "balance_and_position"):
        arg = {"channel": channel, "instType": "SPOT"}
        with private(sandbox, bob) as one, private(sandbox, bob) as other:
            for socket, count in ((one, "1"), (other, "2"), (one, "2")):
                socket.subscribe(arg)
                told = socket.next()
                while told.get("event") != "channel-conn-count":
                    told = socket.next()
                assert told["connId"]
                assert (told["channel"], told["connCount"]) == (channel, count)
