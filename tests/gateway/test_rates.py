"""How often a grant may ask, counted for all processes together."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from pytest_django import Settings

from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire import rates
from connect_portal.gateway.wire.endpoints import Rate
from connect_portal.gateway.wire.rates import Rates, open_rates
from tests.gateway.caller import Caller
from tests.gateway.conftest import fresh_id

MANY_SECONDS = 1_000_000
"""A window that a test does not outlive."""


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """On an event loop of its own."""
    return asyncio.run(work)


async def taken(counters: Rates, who: str, rate: Rate, tries: int, number: int = 1) -> int:
    """How many of the tries are let through."""
    passed = 0
    for _ in range(tries):
        try:
            await counters.take(who, rate, "BTC-USDT", number)
            passed += 1
        except Refused as refused:
            if refused.code != "50011" or refused.retry_after is None:
                raise
    return passed


def test_two_processes_share_one_limit() -> None:
    who, rate = fresh_id(), Rate("place", 60, MANY_SECONDS)

    async def both() -> int:
        async with open_rates() as one, open_rates() as other:
            halves = [await taken(counters, who, rate, 25) for counters in (one, other)]
            rest = await asyncio.gather(*(taken(each, who, rate, 30) for each in (one, other)))
            return sum(halves) + sum(rest)

    assert run(both()) == 60


def test_callers_at_the_same_time_are_all_let_through_up_to_the_limit() -> None:
    who, rate = fresh_id(), Rate("place", 60, MANY_SECONDS)

    async def at_once() -> int:
        async with open_rates() as counters:
            return sum(await asyncio.gather(*(taken(counters, who, rate, 1) for _ in range(80))))

    assert run(at_once()) == 60


def test_instruments_are_counted_apart_where_the_venue_does() -> None:
    who, rate = fresh_id(), Rate("place", 6, MANY_SECONDS, per_instrument=True)

    async def two() -> int:
        async with open_rates() as counters:
            passed = await taken(counters, who, rate, 10)
            await counters.take(who, rate, "ETH-USDT")
            return passed

    assert run(two()) == 6


def test_a_batch_counts_its_orders_all_or_none() -> None:
    who, rate = fresh_id(), Rate("place many", 50, MANY_SECONDS)

    async def batches() -> tuple[int, int]:
        async with open_rates() as counters:
            return await taken(counters, who, rate, 4, 20), await taken(counters, who, rate, 20)

    assert run(batches()) == (2, 10)


def test_without_redis_half_of_each_limit_holds(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    async def alone() -> int:
        async with open_rates() as counters:
            return await taken(counters, fresh_id(), Rate("place", 60, MANY_SECONDS), 100)

    assert run(alone()) == 30


def test_a_window_that_is_over_gives_way_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    who, rate = fresh_id(), Rate("place", 5, 2)
    moment = 1_000_000.0
    monkeypatch.setattr(rates.time, "time", lambda: moment)

    async def twice() -> list[int]:
        nonlocal moment
        async with open_rates() as counters:
            first = await taken(counters, who, rate, 9)
            moment += 2
            return [first, await taken(counters, who, rate, 9)]

    assert run(twice()) == [5, 5]


@pytest.mark.django_db(transaction=True)
def test_who_asks_too_often_is_told_to_wait(acme_caller: Caller) -> None:
    target = "/api/v5/account/config"
    time.sleep(2 - time.time() % 2)  # across two windows the venue, which counts too, is first
    answers = [acme_caller.get(target) for _ in range(12)]
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert refused[0].json() == {"code": "50011", "data": [], "msg": "Too Many Requests"}
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 2
