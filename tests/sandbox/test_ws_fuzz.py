"""Anything may come in: each message gets an answer in the venue's shape, and nothing is left over
when a client has gone."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.sandbox.wire.ws.operations import OPERATIONS
from connect_portal.sandbox.wire.ws.topics import CHANNELS, PATHS
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.house import House, Wire
from tests.sandbox.sockets import PLACE, opened, private

NASTY = [
    "",
    " ",
    "null",
    "true",
    "0",
    '"ping"',
    "PING",
    "{",
    "[" * 60_000,
    '{"a":' * 10_000,
    '{"op":"subscribe","args":[{"channel":"tickers","instId":"BTC-USDT"}]}}',
    '{"op":"subscribe","op":"login","args":[{}]}',
    '{"op":"subscribe","args":[{"channel":"\\ud800","instId":"BTC-USDT"}]}',
    '{"op":"subscribe","args":[{"channel":"\\u0000"}]}',
    '{"op":"subscribe","args":[{"channel":"tickers","instId":1e999}]}',
    '{"op":"subscribe","args":[{"channel":"tickers","instId":"' + "x" * 50_000 + '"}]}',
    '{"op":"' + "y" * 50_000 + '"}',
    '{"op":"login","args":[{"timestamp":' + "9" * 5000 + "}]}",
    '{"op":"login","args":[{"timestamp":1e999,"apiKey":{},"sign":[],"passphrase":null}]}',
    '{"op":"order","id":"1","args":[{"instIdCode":' + "9" * 4000 + "}]}",
    '{"op":"order","id":"1","args":[{"instIdCode":[1]}],"expTime":{"a":1}}',
    '{"op":"order","id":"1","args":[{"instId":{},"sz":NaN}]}',
    "\ufeff{}",
    "{\u2028}",
    "Ω≈ç√∫˜µ≤≥÷ 田中さん 🇺🇸",
]
JSON_KINDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
WORDS = st.sampled_from(["SPOT", "ANY", "BTC-USDT", "BTC", "1", "", "x"])
ARGS = st.fixed_dictionaries(
    {"channel": st.sampled_from(sorted(CHANNELS)) | JSON_KINDS},
    optional=dict.fromkeys(
        ("instType", "instId", "ccy", "algoId", "extraParams"), WORDS | JSON_KINDS
    ),
)
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        name: st.just(value) | WORDS | JSON_KINDS for name, value in {**PLACE, "ordId": "1"}.items()
    },
)
VERBS = st.sampled_from(["subscribe", "unsubscribe", "login", *OPERATIONS]) | JSON_KINDS
MESSAGES = JSON_KINDS | st.fixed_dictionaries(
    {"op": VERBS},
    optional={
        "id": JSON_KINDS,
        "args": st.lists(ARGS | ORDERS, max_size=3) | JSON_KINDS,
        "expTime": JSON_KINDS,
    },
)


def subscriptions(path: str) -> st.SearchStrategy[tuple[str, list[Any]]]:
    """A path with arguments that it accepts."""
    args = [
        {"channel": name, "instType": kind, "instId": "BTC-USDT"}
        for name, terms in CHANNELS.items()
        for kind in ("SPOT", "SWAP")
        if terms.path == path and not name.startswith("candle")
    ]
    return st.tuples(st.just(path), st.lists(st.sampled_from(args), max_size=9))


@pytest.fixture(scope="module")
def bob(sandbox: Sandbox) -> Trader:
    trader = sandbox.trader("Bob of the noise", USDT="1000")
    sandbox.operate("POST", f"/accounts/{trader.uid}/level", {"level": "VIP9"})
    return trader


@pytest.mark.parametrize("path", sorted(PATHS))
@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_noise_gets_an_answer_in_shape(sandbox: Sandbox, bob: Trader, path: str, text: str) -> None:
    with private(sandbox, bob, path) as socket:
        socket.raw.send(text)
        answer = socket.next()
        assert answer.get("event") in ("error", "subscribe") or answer["op"] in OPERATIONS
        assert answer.get("code", "0").isdecimal()
        if answer.get("code") not in ("60004", "60005", "60006"):
            assert socket.alive()


@pytest.mark.parametrize(
    "raw", [b"\x00", b"\xff\xfe\xfd", b"{\xff}", b"\xed\xa0\x80", b"\x80" * 999]
)
def test_bytes_that_are_no_text_are_an_illegal_request(sandbox: Sandbox, raw: bytes) -> None:
    with opened(sandbox, "public") as socket:
        socket.raw.send(raw)
        assert socket.next()["code"] == "60012"
        assert socket.alive()


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def house(
    loop: asyncio.AbstractEventLoop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    loop.run_until_complete(house.open())
    yield house
    loop.run_until_complete(house.close())


@given(path=st.sampled_from(sorted(PATHS)), messages=st.lists(MESSAGES, max_size=6))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_conversation_is_answered_in_shape_and_leaves_nothing_behind(
    house: House, loop: asyncio.AbstractEventLoop, path: str, messages: list[Any]
) -> None:
    async def visit() -> Wire:
        wire = house.enter(path)
        for message in messages:
            wire.say(message)
        await house.trade()
        await house.finish(wire)
        return wire

    for told in loop.run_until_complete(visit()).messages:
        assert "event" in told or "op" in told or {"arg", "data"} <= set(told), told
        assert told.get("code", "0") not in ("50026", "64007"), told
    assert house.left_over() == []


@given(asked=st.sampled_from(sorted(PATHS)).flatmap(subscriptions), room=st.integers(0, 20))
@settings(max_examples=300, deadline=None)
def test_a_client_that_is_cut_off_at_any_message_disturbs_nobody_and_leaves_nothing_behind(
    house: House, loop: asyncio.AbstractEventLoop, asked: tuple[str, list[Any]], room: int
) -> None:
    path, args = asked
    subscribing = {"op": "subscribe", "args": args}

    async def visit() -> Wire:
        slow, other = house.enter(path, Wire(room)), house.enter(path)
        for wire in (slow, other):
            wire.say(subscribing)
        await house.trade()
        slow.say({"op": "unsubscribe", "args": args[::-1]})
        await house.trade()
        for wire in (slow, other):
            await house.finish(wire)
        return other

    events = [told.get("event") for told in loop.run_until_complete(visit()).messages]
    assert events[0] == "login"
    assert house.left_over() == []
