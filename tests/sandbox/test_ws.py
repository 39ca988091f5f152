"""The WebSocket wire, message by message."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, sign, signed

Make = Callable[..., Trader]
ORDERS = {"channel": "orders", "instType": "ANY"}


class Socket:
    """A connection that speaks JSON."""

    def __init__(self, raw: ClientConnection) -> None:
        self.raw = raw

    def ask(self, message: Any) -> Any:
        """Send a message; the next answer."""
        self.raw.send(json.dumps(message))
        return self.next()

    def next(self) -> Any:
        """The next message within ten seconds."""
        return json.loads(self.raw.recv(timeout=10))

    def next_push(self) -> Any:
        """The next message that carries data."""
        while "data" not in (message := self.next()):
            pass
        return message

    def login(self, trader: Trader, **change: Any) -> Any:
        """Log in as the documentation says."""
        when = str(int(time.time()))
        arg = {
            "apiKey": trader.api_key,
            "passphrase": trader.passphrase,
            "timestamp": when,
            "sign": sign(trader.secret, f"{when}GET/users/self/verify"),
        }
        return self.ask({"op": "login", "args": [arg | change]})


@contextmanager
def opened(sandbox: Sandbox, path: str) -> Iterator[Socket]:
    with connect(f"{sandbox.ws_url}/{path}") as raw:
        yield Socket(raw)


def subscribed(socket: Socket, arg: dict[str, str]) -> None:
    ack = socket.ask({"id": "s1", "op": "subscribe", "args": [arg]})
    assert {name: ack[name] for name in ("id", "event", "arg")} == {
        "id": "s1",
        "event": "subscribe",
        "arg": arg,
    }


def test_text_ping_gets_text_pong(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        socket.raw.send("ping")
        assert socket.raw.recv(timeout=10) == "pong"


def test_one_push_per_fill_with_running_totals(sandbox: Sandbox, make_trader: Make) -> None:
    alice, bob = make_trader("Alice", BTC="1"), make_trader("Bob", USDT="100000")
    with opened(sandbox, "private") as socket:
        assert socket.login(bob)["event"] == "login"
        subscribed(socket, ORDERS)
        for px in ("61000", "61001"):
            order(sandbox, alice, "sell", "0.01", px)
        order(sandbox, bob, "buy", "0.03", "61001", tag="ABCD")
        seen = [socket.next_push()["data"][0] for _ in range(3)]
        signed(
            sandbox,
            bob,
            "POST",
            "/api/v5/trade/cancel-order",
            {"instId": "BTC-USDT", "ordId": seen[0]["ordId"]},
        )
        seen.append(socket.next_push()["data"][0])
    told = [
        (row["state"], row["fillSz"], row["fillPx"], row["accFillSz"], row["fillFee"], row["tag"])
        for row in seen
    ]
    assert told == [
        ("live", "0", "", "0", "0", "ABCD"),
        ("partially_filled", "0.01", "61000", "0.01", "-0.000035", "ABCD"),
        ("partially_filled", "0.01", "61001", "0.02", "-0.000035", "ABCD"),
        ("canceled", "0", "", "0.02", "0", "ABCD"),
    ]
    assert seen[1]["tradeId"] != seen[2]["tradeId"]


def test_account_starts_with_a_snapshot_and_follows_events(
    sandbox: Sandbox, make_trader: Make
) -> None:
    bob = make_trader("Bob", USDT="1000")
    with opened(sandbox, "private") as socket:
        socket.login(bob)
        subscribed(socket, {"channel": "account"})
        first = socket.next_push()
        assert (first["eventType"], first["curPage"], first["lastPage"]) == ("snapshot", 1, True)
        order(sandbox, bob, "buy", "0.01", "50000")
        after = socket.next_push()
        assert after["eventType"] == "event_update"
        assert after["data"][0]["details"][0]["frozenBal"] == "500"


def test_orders_go_in_by_name_or_by_number(sandbox: Sandbox, make_trader: Make) -> None:
    bob = make_trader("Bob", USDT="1000")
    code = next(
        row["instIdCode"]
        for row in sandbox.public("public/instruments?instType=SPOT")["data"]
        if row["instId"] == "BTC-USDT"
    )
    common = {"tdMode": "cash", "side": "buy", "ordType": "limit", "px": "50000", "sz": "0.001"}
    with opened(sandbox, "private") as socket:
        socket.login(bob)
        for number, named in enumerate(({"instId": "BTC-USDT"}, {"instIdCode": code})):
            answer = socket.ask({"id": f"o{number}", "op": "order", "args": [common | named]})
            assert (answer["id"], answer["op"], answer["code"]) == (f"o{number}", "order", "0")
            gone = {**named, "ordId": answer["data"][0]["ordId"]}
            ended = socket.ask({"id": "c", "op": "cancel-order", "args": [gone]})
            assert (ended["code"], ended["data"][0]["sCode"]) == ("0", "0")
        short = {**common, "instId": "BTC-USDT", "sz": "1"}
        failed = socket.ask({"id": "f", "op": "batch-orders", "args": [short]})
        assert (failed["code"], failed["msg"], failed["data"][0]["sCode"]) == ("1", "", "51008")
        wrong = socket.ask({"id": "w", "op": "order", "args": "none"})
        assert (wrong["code"], wrong["msg"], wrong["data"]) == ("60013", "Invalid args", [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sign": "AAAA"}, "60007"),
        ({"apiKey": "unknown"}, "60005"),
        ({"passphrase": "wrong"}, "60024"),
        ({"timestamp": "1538054050"}, "60006"),
        ({"timestamp": "soon"}, "60004"),
    ],
)
def test_wrong_logins_are_refused(
    sandbox: Sandbox, make_trader: Make, change: dict[str, str], code: str
) -> None:
    with opened(sandbox, "private") as socket:
        answer = socket.login(make_trader("Alice"), **change)
        assert (answer["event"], answer["code"]) == ("error", code)


def test_second_login_is_refused_and_the_connection_stays(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice")
    with opened(sandbox, "private") as socket:
        assert socket.login(alice)["event"] == "login"
        assert socket.login(alice)["code"] == "60031"
        subscribed(socket, ORDERS)


@pytest.mark.parametrize(
    ("path", "message", "code"),
    [
        ("private", {"op": "subscribe", "args": [ORDERS]}, "60011"),
        ("public", {"op": "subscribe", "args": [ORDERS]}, "60018"),
        ("public", {"op": "subscribe", "args": [{"channel": "tickers"}]}, "60018"),
        (
            "public",
            {"op": "subscribe", "args": [{"channel": "tickers", "instId": "BTC-USD"}]},
            "60018",
        ),
        ("public", {"op": "subscribe", "args": [{"channel": ["tickers"]}]}, "60012"),
        ("public", {"op": "order", "args": [{}]}, "60028"),
        ("private", {"op": "order", "args": [{}]}, "60011"),
        ("public", {"op": "dance", "args": [{}]}, "60019"),
        ("public", {"op": "subscribe", "args": [1]}, "60012"),
        ("public", "hello", "60012"),
        ("public", [[[]]], "60012"),
    ],
)
def test_bad_messages_are_refused_and_the_connection_stays(
    sandbox: Sandbox, path: str, message: Any, code: str
) -> None:
    with opened(sandbox, path) as socket:
        answer = socket.ask(message)
        assert (answer["event"], answer["code"]) == ("error", code)
        socket.raw.send("ping")
        assert socket.raw.recv(timeout=10) == "pong"


def test_book_is_a_snapshot_and_then_chained_changes(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice", SOL="10")
    arg = {"channel": "books", "instId": "SOL-USDT"}

    def sell(px: str) -> None:
        placed = order(sandbox, alice, "sell", "0.5", px, instId="SOL-USDT")
        assert placed["sCode"] == "0"

    sell("150")
    with opened(sandbox, "public") as socket:
        subscribed(socket, arg)
        first = socket.next_push()
        book = first["data"][0]
        assert (first["action"], book["prevSeqId"]) == ("snapshot", -1)
        assert ["150", "0.5", "0", "1"] in book["asks"]
        sell("151")
        update = socket.next_push()
        change = update["data"][0]
        assert (update["action"], change["prevSeqId"]) == ("update", book["seqId"])
        assert (change["asks"], change["bids"]) == ([["151", "0.5", "0", "1"]], [])
        pending = "/api/v5/trade/orders-pending?instId=SOL-USDT"
        ids = [row["ordId"] for row in signed(sandbox, alice, "GET", pending).json()["data"]]
        gone = {"instId": "SOL-USDT", "ordId": ids[0]}
        signed(sandbox, alice, "POST", "/api/v5/trade/cancel-order", gone)
        assert socket.next_push()["data"][0]["asks"] == [["151", "0", "0", "0"]]


def test_strategy_orders_are_pushed_on_the_business_path(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice", USDT="1000")
    with opened(sandbox, "business") as socket:
        socket.login(alice)
        subscribed(socket, {"channel": "orders-algo", "instType": "SPOT"})
        body = {
            "instId": "ETH-USDT",
            "tdMode": "cash",
            "side": "buy",
            "ordType": "trigger",
            "sz": "0.1",
            "triggerPx": "9000",
            "orderPx": "-1",
            "tag": "ABCD",
        }
        signed(sandbox, alice, "POST", "/api/v5/trade/order-algo", body)
        (row,) = socket.next_push()["data"]
        assert (row["state"], row["tag"], row["ordPx"]) == ("live", "ABCD", "-1")


def test_deleting_a_key_ends_its_connections(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice")
    with opened(sandbox, "private") as socket:
        socket.login(alice)
        sandbox.operate("DELETE", f"/accounts/{alice.uid}/keys/{alice.api_key}")
        with pytest.raises(ConnectionClosed) as closed:
            socket.next()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4007
