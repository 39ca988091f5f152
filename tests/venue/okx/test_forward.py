"""Sending on what others ask, to a venue that answers by script: signed, exact, at most once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from connect_portal.kit import clock
from connect_portal.venue import transport
from connect_portal.venue.errors import (
    KeyRefused,
    OutcomeUnknown,
    Throttled,
    Unavailable,
    VenueError,
)
from connect_portal.venue.okx.forward import OkxForwarder
from connect_portal.venue.okx.sign import signature
from connect_portal.venue.okx.venue import OkxVenue
from connect_portal.venue.types import Credentials, Forwarded, VenueOrder
from tests.venue.okx.payload import payload
from tests.venue.scripted import (
    CUT,
    DOWN,
    RESET,
    SILENCE,
    STALE,
    THROTTLED,
    Reply,
    ScriptedVenue,
)

ORDER = "/api/v5/trade/order"
TIME = "/api/v5/public/time"
BODY = '{"instId":"BTC-USDT", "clOrdId":"über1"}'.encode()
TIMED_OUT = Reply(b'{"code":"50004","data":[],"msg":"API endpoint request timeout"}', 400)
HTML = Reply(b"<html>Just a moment</html>")


def using(place: OkxVenue, call: Callable[[OkxForwarder], Awaitable[object]]) -> object:
    """What `call` gives with an open forwarder."""

    async def run() -> object:
        async with place.forwarder() as forwarder:
            return await call(forwarder)

    return asyncio.run(run())


def sent(place: OkxVenue, key: Credentials, body: bytes = BODY, **more: str) -> Forwarded:
    """The answer to an order."""
    told = using(place, lambda way: way.forward(key, "POST", ORDER, body, **more))
    assert isinstance(told, Forwarded)
    return told


def test_a_request_goes_signed_and_byte_for_byte(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(ORDER, Reply())
    target = f"{ORDER}?instId=BTC-USDT&x=%2C,+%41"
    using(place, lambda way: way.forward(key, "POST", target, BODY, expires="1795341600123"))
    (asked,) = server.asked
    assert (asked.method, asked.target, asked.body) == ("POST", target, BODY)
    when = asked.headers["OK-ACCESS-TIMESTAMP"]
    expected = signature(key.secret, when, "POST", target, BODY.decode())
    assert asked.headers["OK-ACCESS-SIGN"] == expected
    assert asked.headers["expTime"] == "1795341600123"
    assert "Authorization" not in asked.headers


def test_without_credentials_nothing_is_signed(server: ScriptedVenue, place: OkxVenue) -> None:
    server.answers(TIME, Reply())
    using(place, lambda way: way.forward(None, "GET", TIME))
    assert [name for name in server.asked[0].headers if name.startswith("OK-")] == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b'{"code":"1","data":[{"sCode":"51008"}], "msg":"All operations failed"}'),
        Reply(b'{"code":"50001","data":[],"msg":"maintenance"}', 503),
        Reply(b'{"code":404,"data":{},"msg":"Not Found"}', 404),
        THROTTLED,
    ],
    ids=["refused", "maintenance", "no such address", "throttled"],
)
def test_a_refusal_comes_back_as_the_venue_wrote_it(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, reply: Reply
) -> None:
    server.answers(ORDER, reply)
    told = sent(place, key)
    assert (told.status, told.body) == (reply.status, reply.body)
    assert told.content_type.startswith("application/json")
    assert told.retry_after == reply.headers.get("Retry-After", "")


@pytest.mark.parametrize(
    "reply", [RESET, CUT, DOWN, HTML, TIMED_OUT], ids=["reset", "cut", "down", "html", "50004"]
)
def test_a_write_without_a_usable_answer_is_sent_once_and_unknown(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, reply: Reply
) -> None:
    server.answers(ORDER, reply, Reply())
    with pytest.raises(OutcomeUnknown):
        sent(place, key)
    assert server.targets() == [ORDER]


def test_a_silent_venue_is_given_up(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT_S", 0.2)
    server.answers(ORDER, SILENCE)
    with pytest.raises(OutcomeUnknown):
        sent(place, key)


@pytest.mark.parametrize("reply", [CUT, DOWN, HTML], ids=["cut", "down", "html"])
def test_a_read_without_a_usable_answer_taught_nothing(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, reply: Reply
) -> None:
    server.answers(ORDER, reply)
    with pytest.raises(Unavailable):
        using(place, lambda way: way.forward(key, "GET", ORDER))


def test_a_write_that_never_left_is_merely_unavailable(key: Credentials) -> None:
    nobody = OkxVenue(name="okx", base_url="http://127.0.0.1:9", ws_url="ws://127.0.0.1:9")
    with pytest.raises(Unavailable):
        sent(nobody, key)


def test_a_throttle_that_is_not_the_venues_own_says_how_long(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(ORDER, Reply(b"<html>slow down</html>", 429, {"Retry-After": "7"}))
    with pytest.raises(Throttled) as refused:
        sent(place, key)
    assert refused.value.retry_after == 7


def test_a_refused_key_is_ours_not_the_callers_affair(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(ORDER, Reply(payload("refused_key_invalid"), 401))
    with pytest.raises(KeyRefused):
        sent(place, key)


def test_a_stale_clock_is_corrected_and_the_unread_order_sent_again(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    ahead = clock.to_ms(clock.now() + timedelta(minutes=5))
    server.answers(ORDER, STALE, Reply())
    server.answers(TIME, Reply(b'{"code":"0","msg":"","data":[{"ts":"%d"}]}' % ahead))
    assert sent(place, key).status == 200
    assert server.targets() == [ORDER, TIME, ORDER]
    assert place.clock.offset > timedelta(minutes=4)


def test_a_clock_that_stays_stale_is_said_so(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    now = clock.to_ms(clock.now())
    server.answers(ORDER, STALE, STALE)
    server.answers(TIME, Reply(b'{"code":"0","msg":"","data":[{"ts":"%d"}]}' % now))
    with pytest.raises(VenueError, match="clock_skewed"):
        sent(place, key)


def test_an_order_is_found_by_its_client_order_id(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(ORDER, Reply(payload("order_live_limit")))
    found = using(place, lambda way: way.placed(key, "ETH-USDT", "acme0002"))
    assert isinstance(found, VenueOrder)
    assert (found.state, found.tag) == ("live", "ABCD")
    assert server.targets() == [f"{ORDER}?instId=ETH-USDT&clOrdId=acme0002"]


def test_an_order_that_is_not_there_is_none(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(ORDER, Reply(payload("order_not_found")))
    assert using(place, lambda way: way.placed(key, "BTC-USDT", "mine1")) is None
