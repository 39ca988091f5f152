"""Race: a committed fill on its way to an open page, against one bare Redis hop.

Both ways start in this process and end in a process of their own that waits at a socket. Ours: the
clock starts after the commit, just before the feed is rung, and stops when the socket has read the
whole `fills` event; between lie Redis, the web process, its query and its writing of the row.
The yardstick: publish, and a blocking subscriber has read it.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from statistics import median, quantiles
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

from connect_portal.kit.clock import now
from connect_portal.kit.runtime.ports import HOST
from connect_portal.trades.actions.ingest import record_fills
from tests import cast
from tests.benchmarks.ears import hear_page, hear_redis
from tests.benchmarks.rounds import durability, in_turns, told
from tests.benchmarks.services import web_process
from tests.monitoring.streams import session_of
from tests.trades.making import bound_account, fill

ROUNDS = 10
FILLS = 20
"""Fills, and bare messages, of one round."""
PAUSE = 0.05
"""Seconds between two of them."""
CHANNEL = "benchmark"

Ear = Callable[..., None]


def fill_to_event() -> dict[str, Any]:
    """One open page, one fill at a time."""
    beta = cast.institution("Beta", code="BETAcode1")
    session = session_of(cast.member("Bob", beta))
    account_id = bound_account(cast.person("Carol"), beta, uid="7101").pk
    with (
        web_process() as port,
        _ear(hear_page, HOST, port, beta.slug, session) as page,
        _ear(hear_redis, settings.REDIS_URL, CHANNEL) as subscriber,
        redis.Redis.from_url(settings.REDIS_URL) as publisher,
    ):
        ours = _Course(page, lambda number: _commit(account_id, number))
        bare = _Course(subscriber, lambda number: _publish(publisher, number))
        rounds = list(in_turns(ROUNDS, ours.run, bare.run))
    return told(
        "fill_committed_to_event", "ms", "lower", rounds,
        ours_p50_p99=ours.spread(), yardstick_p50_p99=bare.spread(), fills_per_round=FILLS,
        clock="from after the commit, before the ring, to the event read", database=durability(),
    )  # fmt: skip


class _Course:
    """One of the two ways, and the milliseconds of everything that went it."""

    def __init__(self, ear: Connection, start: Callable[[int], float]) -> None:
        self._ear = ear
        self._start = start
        self._times: list[float] = []

    def run(self, number: int) -> float:
        """Round ``number``; its p50."""
        first = number * FILLS
        times = [self._time(one) for one in range(first, first + FILLS)]
        if number:  # round 0 warms up
            self._times += times
        return median(times)

    def spread(self) -> list[float]:
        """p50 and p99 over all rounds."""
        return [round(median(self._times), 3), round(quantiles(self._times, n=100)[98], 3)]

    def _time(self, number: int) -> float:
        started = self._start(number)
        heard = float(self._ear.recv())
        time.sleep(PAUSE)
        return 1000 * (heard - started)


def _commit(account_id: int, number: int) -> float:
    """Record one fill; the moment between its commit and the ring."""
    committed: list[float] = []
    one = fill(number, tag="BETAcode1", filled_at=now())
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.monotonic()))
        record_fills(account_id, [one])
    return committed[0]


def _publish(publisher: redis.Redis, number: int) -> float:
    started = time.monotonic()
    publisher.publish(CHANNEL, number)
    return started


@contextmanager
def _ear(listen: Ear, *where: object) -> Iterator[Connection]:
    """``listen`` in a process of its own, once it hears; it sends the moment of each thing heard.

    All processes of a machine share the monotonic clock.
    """
    ours, theirs = multiprocessing.Pipe()
    fresh = multiprocessing.get_context("spawn")
    listener = fresh.Process(target=listen, args=(theirs, *where), daemon=True)
    listener.start()
    try:
        ours.recv()
        yield ours
    finally:
        listener.terminate()
        listener.join()
