"""What a socket says to what is not right: logins, requests, channels, sizes, silence."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus

from connect_portal.authorizations.models import Grant, VenueAccount
from connect_portal.authorizations.queries import used_from
from connect_portal.gateway.models import Decision, Outcome
from connect_portal.gateway.wire.ws import connection, limits, outbox
from connect_portal.gateway.wire.ws.operations import VERBS
from connect_portal.venue.types import Credentials
from tests.gateway.ws.conftest import ORDERS, log_in, opened
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import signed
from tests.sandbox.sockets import PLACE, Socket, login_arg

pytestmark = pytest.mark.django_db(transaction=True)

SIMULATED = "x-simulated-trading"
CANDLES = {"channel": "candle1m", "instId": "BTC-USDT"}


# --- login --------------------------------------------------------------------------------------
def test_a_login_is_answered_with_its_id(portal: str, token: str) -> None:
    with opened(portal) as socket:
        answer = log_in(socket, token, id="l1")
        assert (answer["id"], answer["event"], answer["code"]) == ("l1", "login", "0")
        assert answer["connId"]
        assert log_in(socket, token)["code"] == "60031"
        assert socket.alive()


def test_a_login_counts_as_a_use_of_the_grant(acme_socket: Socket, grant: Grant) -> None:
    grant.refresh_from_db()
    assert grant.last_used_at is not None
    assert [use.address for use in used_from(grant)] == ["127.0.0.1"]


def test_the_request_that_opens_may_carry_the_token(portal: str, token: str) -> None:
    with opened(portal, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        assert socket.next()["event"] == "login"
        assert socket.operate("order", PLACE | {"px": "20000"})["code"] == "0"


@pytest.mark.parametrize("header", ["Bearer cxat_unknown", "Basic YTpi", "Bearer a b", "nonsense"])
def test_a_header_that_is_no_token_opens_nothing(portal: str, header: str) -> None:
    with opened(portal, additional_headers={"Authorization": header}) as socket:
        assert socket.next()["code"] == "53000"
        assert socket.closing()[0] == 4001


def test_whoever_has_a_key_is_sent_to_the_venue(portal: str, token: str, trader: Trader) -> None:
    signed = login_arg(trader)
    for argument, code in [(signed, "60005"), (signed | {"accessToken": token}, "60026")]:
        with opened(portal) as socket:
            answer = socket.ask({"op": "login", "args": [argument]})
            assert (answer["event"], answer["code"]) == ("error", code)
            assert socket.alive()


@pytest.mark.parametrize("argument", [{}, {"accessToken": None}, {"accessToken": ["x"]}, "x", 1])
def test_a_login_without_a_token_is_no_request(portal: str, argument: object) -> None:
    with opened(portal) as socket:
        assert socket.ask({"op": "login", "args": [argument]})["code"] == "60012"


def test_before_the_login_nothing_is_heard_and_nothing_done(portal: str) -> None:
    with opened(portal) as socket:
        for op, arg in (("subscribe", ORDERS), ("order", PLACE), ("unsubscribe", ORDERS)):
            assert socket.ask({"op": op, "args": [arg]})["code"] == "60011"
    assert not Decision.objects.exists()


def test_a_grant_has_so_many_connections_and_no_more(
    portal: str, acme_socket: Socket, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OF_A_GRANT", 1)
    with opened(portal) as socket:
        assert log_in(socket, token)["code"] == "60014"
        assert socket.closing()[0] == 4008
    assert acme_socket.alive()


@pytest.mark.parametrize("bound", ["IN_ALL", "FOR_ANYBODY", "OF_AN_ADDRESS"])
def test_a_full_house_turns_newcomers_away(
    portal: str, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(limits, bound, 0)
    with pytest.raises(InvalidStatus) as refused, opened(portal):
        pass
    assert refused.value.response.status_code == 503


# --- requests -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "60012"),
        ("pong", "60012"),
        ("[]", "60012"),
        ("null", "60012"),
        ("{", "60012"),
        ("[" * 60_000, "60012"),
        ('{"op":1}', "60012"),
        ('{"op":"subscribe"}', "60012"),
        ('{"op":"subscribe","args":[]}', "60012"),
        ('{"op":"subscribe","args":{}}', "60012"),
        ('{"op":"subscribe","args":[1]}', "60012"),
        ('{"op":"subscribe","args":[{"channel":1}]}', "60012"),
        ('{"op":"dance","args":[{}]}', "60019"),
        ('{"op":"mass-cancel","args":[{}]}', "60019"),
    ],
)
def test_what_is_no_request_is_refused_and_the_next_one_answered(
    acme_socket: Socket, text: str, code: str
) -> None:
    acme_socket.raw.send(text)
    answer = acme_socket.next()
    assert (answer["event"], answer["code"]) == ("error", code)
    assert acme_socket.alive()


@pytest.mark.parametrize(
    "args", [[], {}, None, [1], [[]], [PLACE, PLACE], ['{"a":1,"a":2}'], [{"a": [{}]}, 1]]
)
def test_an_operation_with_other_arguments_is_told_so_with_its_id(
    acme_socket: Socket, args: object
) -> None:
    acme_socket.send({"id": "x1", "op": "order", "args": args})
    answer = acme_socket.answer("x1")
    assert (answer["op"], answer["code"], answer["data"]) == ("order", "60013", [])
    assert answer["msg"] == "Invalid args"


def test_a_key_given_twice_has_two_meanings_and_is_refused(acme_socket: Socket) -> None:
    order = json.dumps(PLACE)[:-1] + ',"tag":"ACMEcode1","tag":"ZENITH2"}'
    acme_socket.raw.send(f'{{"id":"x1","op":"order","args":[{order}]}}')
    assert acme_socket.answer("x1")["code"] == "60013"
    assert not Decision.objects.exists()


words = st.sampled_from([*VERBS, "login", "subscribe", "unsubscribe", "mass-cancel"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
requests = st.fixed_dictionaries({"op": words, "args": st.lists(values, max_size=3) | values})


def test_any_text_is_answered_in_the_words_of_the_wire(acme_socket: Socket) -> None:
    @settings(max_examples=150, deadline=None, database=None)
    @given(st.text(max_size=200) | (requests | values).map(json.dumps))
    def say(text: str) -> None:
        acme_socket.raw.send(text)
        assert acme_socket.alive()

    say()
    assert not Outcome.objects.filter(code="0").exists()


@pytest.mark.parametrize("frame", [b"\xff\xff\xff\xff", b"\x81\x05hello", b"\x83\x80abcd"])
def test_bytes_that_are_no_frame_end_the_connection(acme_socket: Socket, frame: bytes) -> None:
    acme_socket.raw.socket.sendall(frame)
    assert acme_socket.closing()[0] == 1002


def test_twenty_one_orders_are_one_too_many(acme_socket: Socket) -> None:
    assert acme_socket.operate("batch-orders", *[PLACE] * 21)["code"] == "60013"


@pytest.mark.parametrize("moment", ["tomorrow", "-1", 12345678901234567])
def test_a_deadline_that_is_none_is_refused(acme_socket: Socket, moment: Any) -> None:
    assert acme_socket.operate("order", PLACE, expTime=moment)["code"] == "51000"


@pytest.mark.parametrize("size", [65 * 1024, 300 * 1024])
def test_a_message_that_is_too_large_ends_the_connection(acme_socket: Socket, size: int) -> None:
    acme_socket.raw.send("x" * size)
    assert acme_socket.closing()[0] == 1009


def test_bytes_are_read_as_text_and_half_characters_close(acme_socket: Socket) -> None:
    acme_socket.raw.send(b"\xff\xfe")
    assert acme_socket.next()["code"] == "60012"
    acme_socket.raw.send(b"\xff\xfe", text=True)
    assert acme_socket.closing()[0] == 1007


def test_whoever_sends_no_request_all_hour_is_closed(
    portal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REQUESTS_AN_HOUR", 2)
    with opened(portal) as socket:
        for _ in range(3):
            socket.raw.send("x")
        assert [socket.next()["code"] for _ in range(3)] == ["60012"] * 3
        assert socket.closing()[0] == 4002


def test_whoever_subscribes_too_often_is_asked_to_wait(
    portal: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REQUESTS_AN_HOUR", 2)
    with opened(portal) as socket:
        log_in(socket, token)
        socket.subscribe(ORDERS)
        socket.send({"id": "s2", "op": "subscribe", "args": [ORDERS]})
        assert socket.answer("s2")["code"] == "60014"
        assert socket.operate("order", PLACE | {"px": "20000"})["code"] == "0"


def test_silence_ends_a_connection(portal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SILENCE_S", 0.2)
    with opened(portal) as socket:
        assert socket.closing()[0] == 4004


def test_whoever_never_logs_in_is_closed_however_talkative(
    portal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LOGIN_WITHIN_S", 0.2)
    with opened(portal) as socket, opened(portal, "public") as other:
        socket.raw.send("ping")
        assert socket.closing()[0] == 4001
        assert other.alive()


def test_a_client_that_does_not_read_is_let_go(
    portal: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_UNREAD", 10)
    with opened(portal) as socket:
        socket.send({"op": "login", "args": [{"accessToken": token}]})
        assert socket.closing()[0] == 4005


# --- channels -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "argument", "code"),
    [
        ("private", {"channel": "orders-algo", "instType": "ANY"}, "50030"),
        ("private", {"channel": "tickers", "instId": "BTC-USDT"}, "60018"),
        ("private", {"channel": "deposit-info"}, "60018"),
        ("business", {"channel": "orders-algo", "instType": "ANY"}, "50030"),
        ("business", {"channel": "algo-advance", "instType": "ANY"}, "50030"),
        ("business", {"channel": "grid-orders-spot", "instType": "ANY"}, "50030"),
        ("business", ORDERS, "64002"),
        ("public", ORDERS, "60018"),
    ],
)
def test_a_channel_in_the_wrong_place_is_refused(
    portal: str, token: str, path: str, argument: dict[str, str], code: str
) -> None:
    with opened(portal, path) as socket:
        assert log_in(socket, token)["event"] == "login"
        answer = socket.ask({"id": "s1", "op": "subscribe", "args": [argument]})
        assert (answer["id"], answer["event"], answer["code"]) == ("s1", "error", code)


def test_channels_beside_a_refused_one_are_heard(acme_socket: Socket) -> None:
    strategies = {"channel": "orders-algo", "instType": "ANY"}
    acme_socket.send({"op": "subscribe", "args": [strategies, {"channel": "account"}]})
    assert acme_socket.next()["code"] == "50030"
    assert acme_socket.next_event("subscribe")["arg"] == {"channel": "account"}


def test_what_the_venue_refuses_is_told_in_its_own_words(acme_socket: Socket) -> None:
    acme_socket.send({"id": "s1", "op": "subscribe", "args": [{"channel": "orders"}]})
    assert acme_socket.answer("s1")["code"] == "60018"


def test_public_channels_need_no_token(portal: str) -> None:
    with opened(portal, "public") as socket:
        socket.subscribe({"channel": "books5", "instId": "BTC-USDT"})
        assert socket.next_push("books5")["data"]
        assert socket.ask({"op": "order", "args": [PLACE]})["code"] == "60028"
    with opened(portal, "business") as socket:
        socket.subscribe(CANDLES)
        assert socket.alive()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("private?brokerId=9999", []),
        ("private", [(SIMULATED, "1")]),
        ("private", [(SIMULATED, "0"), (SIMULATED, "1")]),
    ],
)
def test_demo_trading_is_not_mistaken_for_the_real_thing(
    portal: str, token: str, path: str, headers: list[tuple[str, str]]
) -> None:
    with opened(portal, path, additional_headers=headers) as socket:
        assert log_in(socket, token)["code"] == "50101"
        assert socket.closing()[0] == 4001


def test_a_grant_on_a_demo_account_trades_and_hears_on_the_demo_exchange(
    portal: str, grant: Grant, token: str, exchange: Sandbox
) -> None:
    demo = exchange.trader("demo-alice over a socket", demo=True, USDT="1000")
    VenueAccount.objects.filter(pk=grant.venue_account_id).update(environment="demo")
    grant.keep(Credentials(demo.api_key, demo.secret, demo.passphrase))
    grant.save()
    with opened(portal, "private?brokerId=9999") as socket:
        log_in(socket, token)
        socket.subscribe(ORDERS)
        socket.send({"id": "p1", "op": "order", "args": [PLACE | {"px": "20000"}]})
        assert socket.next_row("orders")["state"] == "live"
    target = "/api/v5/trade/orders-pending?instType=SPOT"
    there = signed(exchange, demo, "GET", target, **{"x-simulated-trading": "1"}).json()
    assert [row["tag"] for row in there["data"]] == ["ACMEcode1"]


@pytest.mark.parametrize("path", ["", "privat", "private/", "private/x", "PRIVATE"])
def test_another_path_does_not_exist(portal: str, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused, opened(portal, path):
        pass
    assert refused.value.response.status_code == 404
