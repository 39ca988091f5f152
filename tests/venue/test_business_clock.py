"""Business time: the sandbox's word where there is a sandbox, the wall clock everywhere else."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from connect_portal.kit.clock import now
from connect_portal.venue import business_clock, sandbox_operator
from connect_portal.venue.errors import Refused
from tests.venue.scripted import DOWN, Reply, ScriptedVenue

CLOCK = "/sandbox/v1/clock"
DAY_AHEAD = Reply(b'{"ts":1795341600123,"offset_ms":86400000}')


@pytest.fixture(autouse=True)
def _the_venue_is_the_sandbox(server: ScriptedVenue) -> Iterator[None]:
    business_clock.forget()
    with override_settings(
        VENUE_NAME="sandbox", VENUE_URL=server.base_url, SANDBOX_OPERATOR_KEY="op-key"
    ):
        yield
    business_clock.forget()


def days_ahead() -> int:
    return round((business_clock.business_now() - now()) / timedelta(days=1))


def test_business_time_runs_as_far_ahead_as_the_sandbox_says(server: ScriptedVenue) -> None:
    server.answers(CLOCK, DAY_AHEAD)
    assert days_ahead() == 1


def test_many_questions_within_a_second_cost_one_request(server: ScriptedVenue) -> None:
    server.answers(CLOCK, DAY_AHEAD)
    assert [days_ahead() for _ in range(20)] == [1] * 20
    assert len(server.asked) <= 2


def test_a_sandbox_that_is_away_leaves_the_last_word_standing(
    server: ScriptedVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(business_clock, "ASK_EVERY_S", 0)
    server.answers(CLOCK, DOWN)
    assert days_ahead() == 0
    server.answers(CLOCK, DAY_AHEAD)
    assert days_ahead() == 1
    server.answers(CLOCK, DOWN)
    assert days_ahead() == 1


def test_a_real_venue_lives_on_the_wall_clock(server: ScriptedVenue) -> None:
    with override_settings(VENUE_NAME="okx"):
        assert days_ahead() == 0
    assert server.asked == []


def test_the_clock_is_moved_to_a_moment(server: ScriptedVenue) -> None:
    server.answers(CLOCK, Reply(b'{"ts":1796083200000,"offset_ms":741599877}'))
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    assert sandbox_operator.clock_to(moment).now == moment
    (asked,) = server.asked
    assert (asked.method, json.loads(asked.body)) == ("POST", {"to": "1796083200000"})


def test_a_clock_that_would_go_back_is_refused_in_the_doors_words(server: ScriptedVenue) -> None:
    said = b'{"error":"backward","detail":"The business clock only moves forward."}'
    server.answers(CLOCK, Reply(said, 400))
    with pytest.raises(Refused, match="only moves forward"):
        sandbox_operator.clock_to(datetime(2020, 1, 1, tzinfo=UTC))
