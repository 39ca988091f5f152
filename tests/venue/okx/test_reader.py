"""The catch-up's reads against a venue that answers by script."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from connect_portal.kit import clock
from connect_portal.venue.errors import (
    ClockSkewed,
    KeyRefused,
    MalformedAnswer,
    Throttled,
    Unavailable,
    VenueError,
)
from connect_portal.venue.okx import reader as reader_module
from connect_portal.venue.okx.reader import OkxReader
from connect_portal.venue.okx.sign import signature
from connect_portal.venue.okx.venue import OkxVenue
from connect_portal.venue.types import Credentials
from tests.venue.okx.payload import payload
from tests.venue.scripted import (
    CUT,
    DOWN,
    RESET,
    SILENCE,
    STALE,
    THROTTLED,
    Asked,
    Reply,
    ScriptedVenue,
)

FILLS = "/api/v5/trade/fills"
ARCHIVE = "/api/v5/trade/fills-history"
TIME = "/api/v5/public/time"

Result = TypeVar("Result")


def read(place: OkxVenue, call: Callable[[OkxReader], Awaitable[Result]]) -> Result:
    async def opened() -> Result:
        async with place.reader() as reader:
            return await call(reader)

    return asyncio.run(opened())


def fills_reply(*bill_ids: int) -> Reply:
    (row,) = json.loads(payload("fill_taker_buy"))["data"]
    rows = [row | {"billId": str(bill_id)} for bill_id in bill_ids]
    return Reply(json.dumps({"code": "0", "msg": "", "data": rows}).encode())


def signature_holds(asked: Asked, key: Credentials) -> bool:
    expected = signature(
        key.secret, asked.headers["OK-ACCESS-TIMESTAMP"], asked.method, asked.target
    )
    return asked.headers["OK-ACCESS-SIGN"] == expected


def test_a_gap_is_walked_from_the_newest_to_the_known(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(FILLS, fills_reply(9, 8), fills_reply(7, 6), fills_reply(5))

    async def walk(reader: OkxReader) -> list[str]:
        found: list[str] = []
        older_than = None
        while True:
            page = await reader.fills_page(key, older_than=older_than, newer_than="4", limit=2)
            found += [fill.bill_id for fill in page.rows]
            if page.is_last:
                return found
            older_than = page.oldest

    assert read(place, walk) == ["9", "8", "7", "6", "5"]
    assert server.targets() == [
        f"{FILLS}?instType=SPOT&before=4&limit=2",
        f"{FILLS}?instType=SPOT&after=8&before=4&limit=2",
        f"{FILLS}?instType=SPOT&after=6&before=4&limit=2",
    ]
    assert all(signature_holds(asked, key) for asked in server.asked)
    assert {asked.headers["OK-ACCESS-PASSPHRASE"] for asked in server.asked} == {key.passphrase}


def test_the_archive_is_another_address(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(ARCHIVE, fills_reply(3))
    page = read(place, lambda reader: reader.fills_page(key, archive=True))
    assert [fill.bill_id for fill in page.rows] == ["3"]
    assert server.targets() == [f"{ARCHIVE}?instType=SPOT&limit=100"]


def test_open_and_finished_orders_are_read_by_order_id(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers("/api/v5/trade/orders-pending", Reply(payload("order_live_limit")))
    server.answers("/api/v5/trade/orders-history", Reply(payload("order_canceled_post_only")))
    pending = read(place, lambda reader: reader.pending_orders_page(key, older_than="77"))
    finished = read(place, lambda reader: reader.finished_orders_page(key, newer_than="5"))
    assert [order.state for order in (*pending.rows, *finished.rows)] == ["live", "canceled"]
    assert server.targets() == [
        "/api/v5/trade/orders-pending?instType=SPOT&after=77&limit=100",
        "/api/v5/trade/orders-history?instType=SPOT&before=5&limit=100",
    ]


def test_one_order_is_found_or_known_not_to_exist(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(
        "/api/v5/trade/order",
        Reply(payload("order_partially_filled")),
        Reply(payload("order_not_found")),
    )
    found = read(place, lambda reader: reader.order(key, "ETH-USDT", "1963500000000000301"))
    assert found is not None
    assert found.state == "partially_filled"
    assert read(place, lambda reader: reader.order(key, "ETH-USDT", "1")) is None
    assert server.targets()[1] == "/api/v5/trade/order?instId=ETH-USDT&ordId=1"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (THROTTLED, Throttled),
        (DOWN, Unavailable),
        (RESET, Unavailable),
        (CUT, MalformedAnswer),
        (Reply(payload("envelope_html")), MalformedAnswer),
        (Reply(b"", 302, {"Location": "https://elsewhere.example/"}), MalformedAnswer),
        (Reply(payload("refused_key_invalid"), 401), KeyRefused),
    ],
    ids=["throttled", "down", "reset", "cut", "html", "redirect", "key refused"],
)
def test_a_read_that_fails_says_how_and_asks_once(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, reply: Reply, kind: type[VenueError]
) -> None:
    # aiohttp itself asks again, once, when a kept connection was reset before any answer.
    server.answers(FILLS, reply, RESET)
    with pytest.raises(VenueError) as failed:
        read(place, lambda reader: reader.fills_page(key))
    assert type(failed.value) is kind
    assert failed.value.retry_after == (7.0 if reply is THROTTLED else None)
    assert reply is RESET or len(server.asked) == 1


def test_a_silent_venue_is_given_up(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "READ_TIMEOUT_S", 0.2)
    server.answers(FILLS, SILENCE)
    with pytest.raises(Unavailable, match="no answer"):
        read(place, lambda reader: reader.fills_page(key))


def test_nobody_listening_is_unavailable(key: Credentials) -> None:
    nowhere = OkxVenue(name="okx", base_url="http://127.0.0.1:9", ws_url="ws://127.0.0.1:9")
    with pytest.raises(Unavailable):
        read(nowhere, lambda reader: reader.fills_page(key))


def test_an_endless_body_is_cut_off(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "MAX_BODY_BYTES", 1_000)
    server.answers(FILLS, Reply(b" " * 1_001))
    with pytest.raises(MalformedAnswer, match="larger"):
        read(place, lambda reader: reader.fills_page(key))


def test_a_stale_clock_is_set_by_the_venues_and_the_read_repeated(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    ahead = clock.now() + timedelta(minutes=5)
    server.answers(FILLS, STALE, fills_reply(1), fills_reply(2))
    server.answers(TIME, time_reply(clock.to_ms(ahead)))

    page = read(place, lambda reader: reader.fills_page(key))
    read(place, lambda reader: reader.fills_page(key))

    assert [fill.bill_id for fill in page.rows] == ["1"]
    assert [target.partition("?")[0] for target in server.targets()] == [FILLS, TIME, FILLS, FILLS]
    assert timedelta(minutes=4) < place.clock.offset < timedelta(minutes=6)
    stamps = [server.asked[number].headers["OK-ACCESS-TIMESTAMP"] for number in (2, 3)]
    assert all(stamp >= ahead.strftime("%Y-%m-%dT%H:%M") for stamp in stamps)
    assert "OK-ACCESS-SIGN" not in server.asked[1].headers


def test_a_clock_that_stays_stale_is_not_asked_about_twice(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(FILLS, STALE, STALE)
    server.answers(TIME, time_reply(clock.to_ms(clock.now())))
    with pytest.raises(ClockSkewed):
        read(place, lambda reader: reader.fills_page(key))
    assert len(server.asked) == 3


def time_reply(milliseconds: int) -> Reply:
    return Reply(b'{"code":"0","msg":"","data":[{"ts":"%d"}]}' % milliseconds)
