"""Anything may come in: each message gets an answer in the venue's shape, and nothing is left over
when a client has gone."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.sandbox.engine.commands import AddKey, Faucet, OpenAccount, Place, SetLevel
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.auth import hash_passphrase
from connect_portal.sandbox.wire.environments import Venue
from connect_portal.sandbox.wire.ws.connection import Connection
from connect_portal.sandbox.wire.ws.limits import Limits
from connect_portal.sandbox.wire.ws.operations import OPERATIONS
from connect_portal.sandbox.wire.ws.reception import Reception
from connect_portal.sandbox.wire.ws.topics import CHANNELS, PATHS
from tests.sandbox.conftest import PASSPHRASE, Sandbox, Trader
from tests.sandbox.sockets import PLACE, login_arg, opened, private

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


class Wire:
    """A socket that keeps what was sent through it."""

    def __init__(self) -> None:
        self.address, self.frames, self.closed = "127.0.0.1", list[bytes](), 0
        self.talk: Connection | None = None

    def send(self, frame: bytes) -> None:
        if not self.closed:
            self.frames.append(frame)

    def close(self, code: int) -> None:
        if not self.closed and self.talk is not None:
            self.closed = code
            self.talk.leave()

    def messages(self) -> Iterator[Any]:
        """What was sent, without the head of each frame."""
        for frame in self.frames:
            head = {126: 4, 127: 10}.get(frame[1], 2)
            yield frame[head:]


class House:
    """Both environments in this process, with Bob in live."""

    def __init__(self, folder: Path) -> None:
        self.stores = [Store(folder / name) for name in ("live", "demo")]
        self.venue = Venue(*self.stores)
        limits = Limits(requests_per_hour=10**6, topics=5, topics_of_key=4)
        self.reception = Reception(self.venue, limits)
        self.bob: Trader

    async def open(self) -> None:
        for store in self.stores:
            store.start()
        live = self.stores[0]
        account = (await live.submit(OpenAccount(reference="bob", label="Bob"))).value
        await live.submit(Faucet(uid=account.uid, reference="1", ccy="USDT", amt="1000"))
        await live.submit(SetLevel(uid=account.uid, level="VIP9"))
        hashed = hash_passphrase(PASSPHRASE)
        key = AddKey(
            uid=account.uid,
            api_key="bobs-key",
            secret="bobs-secret",
            passphrase_hash=hashed,
            perm="read_only,trade",
        )
        await live.submit(key)
        self.bob = Trader(account.uid, "bobs-key", "bobs-secret")

    async def close(self) -> None:
        for store in self.stores:
            await store.close()

    async def visit(self, path: str, messages: list[Any]) -> Wire:
        """A client logs in, says all this, and leaves."""
        wire = Wire()
        talk = wire.talk = self.reception.talk(wire, f"/ws/v5/{path}")
        wire.talk.hear(json.dumps({"op": "login", "args": [login_arg(self.bob)]}))
        for message in messages:
            if not wire.closed:
                talk.hear(json.dumps(message))
        order = {"uid": self.bob.uid, "inst": "BTC-USDT", "side": "buy", "kind": "limit"}
        await self.stores[0].submit(Place(**order, sz="0.00001", px="50000"))
        while talk._operations._running:
            await asyncio.sleep(0)
        self.venue.live.hub._beat(1e9)
        wire.close(1000)
        return wire


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def house(
    loop: asyncio.AbstractEventLoop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    for name in ("live", "demo"):
        (folder / name).mkdir()
    house = House(folder)
    loop.run_until_complete(house.open())
    yield house
    loop.run_until_complete(house.close())


@given(path=st.sampled_from(sorted(PATHS)), messages=st.lists(MESSAGES, max_size=6))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_conversation_is_answered_in_shape_and_leaves_nothing_behind(
    house: House, loop: asyncio.AbstractEventLoop, path: str, messages: list[Any]
) -> None:
    wire = loop.run_until_complete(house.visit(path, messages))
    for message in wire.messages():
        told = json.loads(message)
        assert "event" in told or "op" in told or {"arg", "data"} <= set(told), told
        assert told.get("code", "0") not in ("50026", "64007"), told
    for each in house.venue.both:
        hub, market = each.hub, each.hub.market
        left = [hub.guests, hub.size, hub._rooms, hub._desks, market._rooms, market._books]
        assert not any([*left, market._candles]), left
