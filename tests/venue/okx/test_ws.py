"""The push channel against a venue that converses by script."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

import pytest
from aiohttp import web

from connect_portal.kit import clock
from connect_portal.venue.errors import KeyRefused, Throttled, Unavailable
from connect_portal.venue.okx.line import ConnectPace
from connect_portal.venue.okx.sign import signature
from connect_portal.venue.okx.venue import OkxVenue
from connect_portal.venue.okx.ws import OrdersChannel, wait_before_retry
from connect_portal.venue.port import VenueEvent
from connect_portal.venue.types import Connected, Credentials, Disconnected, VenuePush
from tests.venue.okx.payload import payload
from tests.venue.scripted import Conversation, Reply, ScriptedVenue

CONFIG = "/api/v5/account/config"


def quick_follow(place: OkxVenue, key: Credentials) -> AsyncGenerator[VenueEvent, None]:
    """As `OkxVenue.follow`, with waits in hundredths of a second."""

    async def events() -> AsyncGenerator[VenueEvent, None]:
        async with place.reader() as reader:
            channel = OrdersChannel(
                reader,
                place.private_url,
                key,
                pace=ConnectPace(gap_s=0.0),
                silence_s=0.05,
                pong_s=0.2,
                first_wait_s=0.01,
            )
            async with aclosing(channel.follow()) as inner:
                async for event in inner:
                    yield event

    return events()


def first(count: int, following: AsyncGenerator[VenueEvent, None]) -> list[VenueEvent]:
    """The first events, then hang up."""

    async def collect() -> list[VenueEvent]:
        async with aclosing(following), asyncio.timeout(10):
            return [await anext(following) for _ in range(count)]

    return asyncio.run(collect())


def welcome(server: ScriptedVenue, *messages: str, stay: bool = True) -> Conversation:
    """Accept the login and the subscription, push `messages`, answer pings until left."""

    async def converse(socket: web.WebSocketResponse) -> None:
        await server.hear(socket)
        await socket.send_str('{"event":"login","code":"0","msg":"","connId":"c1"}')
        asked = json.loads(await server.hear(socket))
        await socket.send_json({"event": "subscribe", "arg": asked["args"][0], "connId": "c1"})
        await socket.send_str('{"event":"channel-conn-count","channel":"orders","connCount":"1"}')
        for message in messages:
            await socket.send_str(message)
        while stay and await server.hear(socket):
            await socket.send_str("pong")

    return converse


def says(server: ScriptedVenue, message: str) -> Conversation:
    """Answer the login with one message and close."""

    async def converse(socket: web.WebSocketResponse) -> None:
        await server.hear(socket)
        await socket.send_str(message)

    return converse


def kinds(events: list[VenueEvent]) -> list[type]:
    return [type(event) for event in events]


def test_a_login_is_signed_orders_are_asked_for_and_pushes_arrive(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    pushes = [payload("push_fill").decode(), payload("push_cancel").decode()]
    server.converses(welcome(server, *pushes))

    events = first(3, quick_follow(place, key))

    connected, fill, cancel = events
    assert isinstance(connected, Connected)
    assert isinstance(fill, VenuePush)
    assert isinstance(cancel, VenuePush)
    assert (fill.order_id, fill.trade_id, fill.instrument) == (
        "1963500000000000301",
        "55",
        "ETH-USDT",
    )
    assert cancel.trade_id is None
    login, subscribe = (json.loads(text) for text in server.heard[0][:2])
    (argument,) = login["args"]
    assert argument["sign"] == signature(
        key.secret, argument["timestamp"], "GET", "/users/self/verify"
    )
    assert subscribe == {"op": "subscribe", "args": [{"channel": "orders", "instType": "ANY"}]}


def test_follow_itself_listens_at_the_private_address(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.converses(welcome(server, payload("push_fill").decode()))
    assert kinds(first(2, place.follow(key))) == [Connected, VenuePush]


def test_silence_is_bridged_by_ping_and_pong(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    quiet_pings = 3

    async def push_after_pings(socket: web.WebSocketResponse) -> None:
        await welcome(server, stay=False)(socket)
        for _ in range(quiet_pings):
            await server.hear(socket)
            await socket.send_str("pong")
        await socket.send_str(payload("push_fill").decode())
        await server.hear(socket)

    server.converses(push_after_pings)
    assert kinds(first(2, quick_follow(place, key))) == [Connected, VenuePush]
    assert server.heard[0][2 : 2 + quiet_pings] == ["ping"] * quiet_pings


def test_a_ping_without_a_pong_is_a_break_and_it_comes_back(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    async def fall_silent(socket: web.WebSocketResponse) -> None:
        await welcome(server, stay=False)(socket)
        while await server.hear(socket):
            pass

    server.converses(fall_silent, welcome(server))
    events = first(3, quick_follow(place, key))
    assert kinds(events) == [Connected, Disconnected, Connected]
    assert isinstance(events[1], Disconnected)
    assert events[1].code == "venue.unavailable"


@pytest.mark.parametrize(
    "message",
    [
        '{"event":"notice","code":"64008","msg":"The connection will soon be closed","connId":"a"}',
        '{"event":"error","code":"60014","msg":"Requests too frequent","connId":"a"}',
        '{"arg":{"channel":"orders"},"data":[{"instId":"BTC-USDT"}]}',
        "<html>",
    ],
    ids=["about to restart", "too frequent", "push without an order", "html"],
)
def test_a_passing_trouble_is_told_and_it_comes_back(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, message: str
) -> None:
    server.converses(welcome(server, message), welcome(server))
    assert kinds(first(3, quick_follow(place, key))) == [Connected, Disconnected, Connected]


@pytest.mark.parametrize("number", ["60005", "60007", "60024", "60032"])
def test_a_login_refused_for_the_key_ends_it(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, number: str
) -> None:
    server.converses(says(server, f'{{"event":"error","code":"{number}","msg":"no","connId":"a"}}'))
    with pytest.raises(KeyRefused) as refused:
        first(1, quick_follow(place, key))
    assert refused.value.venue_code == number


def test_a_key_deleted_while_listening_ends_it(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    async def delete_the_key(socket: web.WebSocketResponse) -> None:
        await welcome(server, stay=False)(socket)
        await socket.close(code=4007)

    server.converses(delete_the_key)
    with pytest.raises(KeyRefused):
        first(2, quick_follow(place, key))


LOGIN_FAILED = '{"event":"error","code":"60009","msg":"Login failed.","connId":"a"}'


def test_an_unexplained_login_failure_ends_it_if_rest_refuses_the_key(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.converses(says(server, LOGIN_FAILED))
    server.answers(CONFIG, Reply(payload("refused_key_invalid"), 401))
    with pytest.raises(KeyRefused) as refused:
        first(1, quick_follow(place, key))
    assert refused.value.venue_code == "50111"


def test_an_unexplained_login_failure_passes_if_rest_accepts_the_key(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.converses(says(server, LOGIN_FAILED), welcome(server))
    server.answers(CONFIG, Reply(payload("config_read_trade_unbound")))
    assert kinds(first(2, quick_follow(place, key))) == [Disconnected, Connected]


def test_a_login_too_late_sets_the_clock_and_comes_back(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    stale = '{"event":"error","code":"60006","msg":"Timestamp request expired","connId":"a"}'
    ahead = clock.to_ms(clock.now() + timedelta(minutes=5))
    server.converses(says(server, stale), welcome(server))
    server.answers(
        "/api/v5/public/time", Reply(b'{"code":"0","msg":"","data":[{"ts":"%d"}]}' % ahead)
    )
    assert kinds(first(2, quick_follow(place, key))) == [Disconnected, Connected]
    stamps = [int(json.loads(heard[0])["args"][0]["timestamp"]) for heard in server.heard]
    assert 290 < stamps[1] - stamps[0] < 310


def test_nobody_listening_is_told_again_and_again(key: Credentials) -> None:
    nowhere = OkxVenue(name="okx", base_url="http://127.0.0.1:9", ws_url="ws://127.0.0.1:9")
    events = first(3, quick_follow(nowhere, key))
    assert kinds(events) == [Disconnected] * 3


def test_waits_double_to_a_quarter_minute_and_heed_the_venue() -> None:
    broken = Unavailable("gone")
    for breaks, longest in [(0, 1.0), (1, 2.0), (3, 8.0), (4, 15.0), (500, 15.0)]:
        wait = wait_before_retry(broken, breaks, first_wait_s=1.0)
        assert longest / 2 <= wait <= longest
    asked = Throttled("slow down", retry_after=90.0)
    assert wait_before_retry(asked, 0, first_wait_s=1.0) == 90.0


def test_connections_are_spaced_and_an_idle_time_saves_nothing_up() -> None:
    pace = ConnectPace(gap_s=0.5)
    assert [pace.reserve(now) for now in (100.0, 100.0, 100.25, 200.0, 200.0)] == [
        0.0,
        0.5,
        0.75,
        0.0,
        0.5,
    ]
