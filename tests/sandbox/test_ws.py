"""The WebSocket conversation: paths, ping, login, subscriptions and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from connect_portal.sandbox.wire.ws.topics import CHANNELS, PATHS
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.sockets import PLACE, Socket, login_arg, opened, private

Make = Callable[..., Trader]
ORDERS = {"channel": "orders", "instType": "ANY"}
TICKERS = {"channel": "tickers", "instId": "BTC-USDT"}


def subscription(channel: str) -> dict[str, str]:
    """An argument that the channel accepts."""
    values = {"instType": "SPOT", "instId": "BTC-USDT"}
    return {"channel": channel} | {name: values[name] for name in CHANNELS[channel].needs}


def refusal(socket: Socket, message: Any) -> tuple[str, str]:
    """The event and code of the next answer."""
    answer = socket.ask(message)
    return answer["event"], answer["code"]


def test_text_ping_gets_text_pong(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        socket.raw.send("ping")
        assert socket.raw.recv(timeout=10) == "pong"


def test_protocol_ping_gets_protocol_pong(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        assert socket.raw.ping(b"still there?").wait(10)


@pytest.mark.parametrize("path", ["", "other", "public/", "private/more"])
def test_an_unknown_path_is_not_found(sandbox: Sandbox, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused, opened(sandbox, path):
        pass
    assert refused.value.response.status_code == 404


def test_login_is_acknowledged_with_the_id_it_came_with(
    sandbox: Sandbox, make_trader: Make
) -> None:
    with opened(sandbox, "private") as socket:
        answer = socket.ask({"id": "l1", "op": "login", "args": [login_arg(make_trader("Alice"))]})
        connection = answer.pop("connId")
        assert answer == {"id": "l1", "event": "login", "code": "0", "msg": ""}
        assert len(connection) == 8


def test_login_takes_the_timestamp_as_a_number(sandbox: Sandbox, make_trader: Make) -> None:
    arg = login_arg(make_trader("Alice"))
    with opened(sandbox, "private") as socket:
        asked = {"op": "login", "args": [arg | {"timestamp": int(arg["timestamp"])}]}
        assert socket.ask(asked)["event"] == "login"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sign": "AAAA"}, "60007"),
        ({"sign": None}, "60007"),
        ({"apiKey": "unknown"}, "60005"),
        ({"apiKey": ["unknown"]}, "60005"),
        ({"passphrase": "wrong"}, "60024"),
        ({"passphrase": 10**40}, "60024"),
        ({"timestamp": "1538054050"}, "60006"),
        ({"timestamp": "soon"}, "60004"),
        ({"timestamp": "2026-11-26T06:00:00.000Z"}, "60004"),
        ({"timestamp": True}, "60004"),
        ({"timestamp": 10**30}, "60004"),
    ],
)
def test_a_wrong_login_is_told_why_and_then_closed(
    sandbox: Sandbox, make_trader: Make, change: dict[str, Any], code: str
) -> None:
    with opened(sandbox, "private") as socket:
        answer = socket.login(make_trader("Alice"), **change)
        assert (answer["event"], answer["code"]) == ("error", code)
        assert socket.closing() == (4001, "Login failed.")


def test_a_second_login_is_refused_and_the_connection_stays(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice")
    with private(sandbox, alice) as socket:
        assert socket.login(alice)["code"] == "60031"
        socket.subscribe(ORDERS)


def test_logins_are_in_the_accounts_request_log(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice")
    for change in ({}, {"passphrase": "wrong"}, {"sign": "AAAA"}):
        with opened(sandbox, "business") as socket:
            socket.login(alice, **change)
    notes = sandbox.operate("GET", f"/accounts/{alice.uid}/requests")["requests"]
    assert [(note["path"], note["code"], note["signatureHeld"]) for note in notes] == [
        ("/ws/v5/business/login", "60007", False),
        ("/ws/v5/business/login", "60024", True),
        ("/ws/v5/business/login", "0", True),
    ]


def test_deleting_a_key_ends_its_connections_and_no_others(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice"), make_trader("Bob")
    with private(sandbox, alice) as socket, private(sandbox, bob) as other:
        sandbox.operate("DELETE", f"/accounts/{alice.uid}/keys/{alice.api_key}")
        assert socket.closing() == (
            4007,
            "API key has been updated or deleted. Please reconnect.",
        )
        assert other.alive()


def test_each_argument_is_acknowledged_by_itself(sandbox: Sandbox) -> None:
    args = [TICKERS, {"channel": "trades", "instId": "ETH-USDT"}, {"channel": "nothing"}]
    with opened(sandbox, "public") as socket:
        socket.send({"id": "s9", "op": "subscribe", "args": args})
        answers = [socket.answer("s9") for _ in args]
        assert [answer["event"] for answer in answers] == ["subscribe", "subscribe", "error"]
        assert [answer.get("arg") for answer in answers] == [*args[:2], None]
        assert len({answer["connId"] for answer in answers}) == 1


def test_unsubscribing_is_acknowledged_and_ends_the_pushes(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice", USDT="1000")
    with private(sandbox, alice) as socket:
        socket.subscribe(ORDERS, {"channel": "balance_and_position"})
        answer = socket.ask({"id": "u1", "op": "unsubscribe", "args": [ORDERS]})
        while answer.get("id") != "u1":
            answer = socket.next()
        assert (answer["event"], answer["arg"]) == ("unsubscribe", ORDERS)
        placed = socket.operate("order", PLACE)["data"][0]
        sandbox.operate(
            "POST",
            f"/accounts/{alice.uid}/faucet",
            {"reference": "more", "ccy": "BTC", "amt": "1"},
        )
        assert placed["sCode"] == "0"
        assert socket.next_push()["arg"]["channel"] == "balance_and_position"


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_every_channel_is_found_on_its_own_path_only(
    sandbox: Sandbox, make_trader: Make, channel: str
) -> None:
    terms = CHANNELS[channel]
    alice = make_trader("Alice")
    sandbox.operate("POST", f"/accounts/{alice.uid}/level", {"level": "VIP4"})
    for path in sorted(PATHS):
        with private(sandbox, alice, path) as socket:
            answer = socket.ask({"op": "subscribe", "args": [subscription(channel)]})
            if path == terms.path:
                assert (answer["event"], answer["arg"]) == ("subscribe", subscription(channel))
            elif "business" not in (path, terms.path):
                assert (answer["event"], answer["code"]) == ("error", "60018")
            else:
                moved = "64001" if terms.path == "business" else "64002"
                assert (answer["event"], answer["code"]) == ("error", moved)


@pytest.mark.parametrize("channel", sorted(c for c in CHANNELS if CHANNELS[c].login))
def test_an_accounts_channel_needs_a_login(sandbox: Sandbox, channel: str) -> None:
    with opened(sandbox, CHANNELS[channel].path) as socket:
        asked = {"op": "subscribe", "args": [subscription(channel)]}
        assert refusal(socket, asked) == ("error", "60011")


@pytest.mark.parametrize("channel", sorted(c for c in CHANNELS if CHANNELS[c].top_tiers))
def test_a_channel_of_the_top_tiers_is_refused_below_vip4(
    sandbox: Sandbox, make_trader: Make, channel: str
) -> None:
    alice = make_trader("Alice")
    sandbox.operate("POST", f"/accounts/{alice.uid}/level", {"level": "VIP3"})
    with private(sandbox, alice, CHANNELS[channel].path) as socket:
        asked = {"op": "subscribe", "args": [subscription(channel)]}
        assert refusal(socket, asked) == ("error", "64003")


@pytest.mark.parametrize(
    ("path", "message", "code"),
    [
        ("public", {"op": "subscribe", "args": [{"channel": "tickers"}]}, "60018"),
        ("public", {"op": "subscribe", "args": [TICKERS | {"instId": "BTC-USD"}]}, "60018"),
        ("public", {"op": "subscribe", "args": [{"channel": ["tickers"]}]}, "60012"),
        ("public", {"op": "subscribe", "args": [TICKERS | {"instId": 7}]}, "60012"),
        ("public", {"op": "subscribe", "args": [1]}, "60012"),
        ("public", {"op": "subscribe", "args": []}, "60012"),
        ("public", {"op": "subscribe"}, "60012"),
        ("public", {"op": "unsubscribe", "args": [{"channel": "nothing"}]}, "60018"),
        ("public", {"op": "order", "args": [{}]}, "60028"),
        ("business", {"op": "order", "args": [{}]}, "60028"),
        ("private", {"op": "order", "args": [{}]}, "60011"),
        ("public", {"op": "dance", "args": [{}]}, "60019"),
        ("public", {"op": 1, "args": [{}]}, "60012"),
        ("public", "hello", "60012"),
        ("public", [[[]]], "60012"),
    ],
)
def test_a_bad_message_is_refused_and_the_connection_stays(
    sandbox: Sandbox, path: str, message: Any, code: str
) -> None:
    with opened(sandbox, path) as socket:
        assert refusal(socket, message) == ("error", code)
        assert socket.alive()


def test_a_refusal_repeats_the_id_and_the_illegal_request(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        socket.raw.send('{"id":"q1","op":"subscribe","args":["spot/ticker:BTC-USDT"]}')
        answer = socket.next()
        assert (answer["id"], answer["event"], answer["code"]) == ("q1", "error", "60012")
        assert answer["msg"] == (
            'Illegal request: {"id":"q1","op":"subscribe","args":["spot/ticker:BTC-USDT"]}'
        )


def test_an_unknown_channel_is_named_in_the_refusal(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        asked = {"op": "subscribe", "args": [{"channel": "ticker", "instId": "BTC-USDT"}]}
        assert "channel:ticker,instId:BTC-USDT doesn't exist" in socket.ask(asked)["msg"]


@pytest.mark.parametrize("number", [7, "x" * 33, "a-b", "", None, {"a": 1}])
def test_an_id_that_is_none_is_not_repeated(sandbox: Sandbox, number: Any) -> None:
    with opened(sandbox, "public") as socket:
        assert "id" not in socket.ask({"id": number, "op": "subscribe", "args": [TICKERS]})


def test_two_books_of_one_instrument_are_refused_beside_the_deep_one(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice")
    sandbox.operate("POST", f"/accounts/{alice.uid}/level", {"level": "VIP5"})
    with private(sandbox, alice, "public") as socket:
        socket.subscribe({"channel": "books-l2-tbt", "instId": "BTC-USDT"})
        for channel in ("books", "books50-l2-tbt"):
            twice = {"id": "t", "op": "subscribe", "args": [subscription(channel)]}
            socket.send(twice)
            assert socket.answer("t")["code"] == "64004"
        socket.subscribe({"channel": "books", "instId": "ETH-USDT"})
