"""The blocking calls against a venue that answers by script."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from connect_portal.kit import clock
from connect_portal.venue import transport
from connect_portal.venue.errors import (
    KeyRefused,
    MalformedAnswer,
    OutcomeUnknown,
    Throttled,
    Unavailable,
    VenueError,
)
from connect_portal.venue.okx.venue import OkxVenue
from connect_portal.venue.types import Credentials
from tests.venue.okx.payload import payload
from tests.venue.scripted import CUT, DOWN, RESET, SILENCE, STALE, THROTTLED, Reply, ScriptedVenue

CONFIG = "/api/v5/account/config"


def tickers(*rows: str) -> Reply:
    return Reply(f'{{"code":"0","msg":"","data":[{",".join(rows)}]}}'.encode())


def test_a_probe_tells_whose_key_it_is_and_what_it_may_do(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    server.answers(CONFIG, Reply(payload("config_withdraw_bound")))
    report = place.probe(key)
    assert (report.uid, report.bound_to_ips) == ("447000000000000001", True)
    assert "withdraw" in report.permissions
    (asked,) = server.asked
    assert asked.headers["OK-ACCESS-KEY"] == key.api_key
    assert "Authorization" not in asked.headers


def test_a_probe_corrects_a_stale_clock_once(
    server: ScriptedVenue, place: OkxVenue, key: Credentials
) -> None:
    ahead = clock.to_ms(clock.now() + timedelta(minutes=5))
    server.answers(CONFIG, STALE, Reply(payload("config_read_trade_unbound")))
    server.answers(
        "/api/v5/public/time", Reply(b'{"code":"0","msg":"","data":[{"ts":"%d"}]}' % ahead)
    )
    assert place.probe(key).permissions == {"read_only", "trade"}
    assert place.clock.offset > timedelta(minutes=4)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (THROTTLED, Throttled),
        (DOWN, Unavailable),
        (RESET, Unavailable),
        (CUT, MalformedAnswer),
        (Reply(payload("envelope_html")), MalformedAnswer),
        (Reply(b"", 302, {"Location": "https://elsewhere.example/"}), MalformedAnswer),
        (Reply(payload("config_malformed_without_perm")), MalformedAnswer),
        (Reply(payload("refused_key_invalid"), 401), KeyRefused),
    ],
    ids=["throttled", "down", "reset", "cut", "html", "redirect", "no rights told", "key refused"],
)
def test_a_probe_that_fails_says_how(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, reply: Reply, kind: type[VenueError]
) -> None:
    server.answers(CONFIG, reply)
    with pytest.raises(VenueError) as failed:
        place.probe(key)
    assert type(failed.value) is kind


def test_a_silent_venue_is_given_up(
    server: ScriptedVenue, place: OkxVenue, key: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT_S", 0.2)
    server.answers(CONFIG, SILENCE)
    with pytest.raises(Unavailable):
        place.probe(key)


def test_an_endless_body_is_cut_off(
    server: ScriptedVenue, place: OkxVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_BODY_BYTES", 1_000)
    server.answers("/api/v5/public/time", Reply(b" " * 1_001))
    with pytest.raises(MalformedAnswer, match="larger"):
        place.server_time()


def test_the_servers_time_is_exact(server: ScriptedVenue, place: OkxVenue) -> None:
    server.answers(
        "/api/v5/public/time", Reply(b'{"code":"0","msg":"","data":[{"ts":"1795341600123"}]}')
    )
    assert place.server_time() == datetime(2026, 11, 22, 10, 0, 0, 123_000, tzinfo=UTC)


def test_last_prices_leave_out_what_never_traded(server: ScriptedVenue, place: OkxVenue) -> None:
    server.answers(
        "/api/v5/market/tickers",
        tickers('{"instId":"BTC-USDT","last":"64250.10"}', '{"instId":"NEW-USDT","last":""}'),
    )
    prices = place.last_prices()
    assert prices == {"BTC-USDT": Decimal("64250.10")}
    assert str(prices["BTC-USDT"]) == "64250.10"
    assert server.targets() == ["/api/v5/market/tickers?instType=SPOT"]


def test_a_price_that_cannot_be_read_refuses_all(server: ScriptedVenue, place: OkxVenue) -> None:
    server.answers("/api/v5/market/tickers", tickers('{"instId":"BTC-USDT","last":1.5}'))
    with pytest.raises(MalformedAnswer):
        place.last_prices()


@pytest.mark.parametrize("fault", [RESET, CUT], ids=["reset", "cut"])
def test_a_write_whose_answer_is_lost_has_an_unknown_outcome(
    server: ScriptedVenue, fault: Reply
) -> None:
    server.answers("/write", fault)
    with pytest.raises(OutcomeUnknown) as lost:
        transport.exchange(
            "POST", f"{server.base_url}/write", headers={}, body=b"{}", repeatable=False
        )
    assert not lost.value.retryable


def test_a_write_that_never_left_is_merely_unavailable() -> None:
    with pytest.raises(Unavailable):
        transport.exchange("POST", "http://127.0.0.1:9/", headers={}, body=b"{}", repeatable=False)


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, None), ("", None), ("12", 12.0), ("soon", None), ("-3", None)]
)
def test_retry_after_in_seconds(header: str | None, seconds: float | None) -> None:
    assert transport.retry_after_seconds(header) == seconds


def test_retry_after_as_a_date() -> None:
    later = transport.retry_after_seconds(format_datetime(clock.now() + timedelta(hours=1)))
    assert later is not None
    assert 3500 < later <= 3600
    past = format_datetime(clock.now() - timedelta(hours=1))
    assert transport.retry_after_seconds(past) == 0.0
