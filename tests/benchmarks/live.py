"""Race: a committed fill on its way to an open page, against one bare Redis hop.

Both ways start in this process and end in a process of their own that waits at a socket. Ours: the
clock starts after the commit, just before the feed is rung, and stops when the socket has read the
whole `fills` event; between lie Redis, the web process, its query and its writing of the row.
The yardstick: publish, and a blocking subscriber has read it.
"""

import time
from collections.abc import Iterator
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

from connect_portal.kit.clock import now
from connect_portal.kit.runtime.ports import HOST
from connect_portal.trades.actions.ingest import record_fills
from tests import cast
from tests.benchmarks.courses import CHANNEL, PIECES, Course, ear, publish
from tests.benchmarks.ears import hear_page, hear_redis
from tests.benchmarks.rounds import durability, in_turns, told
from tests.benchmarks.services import web_process
from tests.monitoring.streams import session_of
from tests.trades.making import bound_account, fill

ROUNDS = 10


def races() -> Iterator[dict[str, Any]]:
    """The one."""
    yield fill_to_event()


def fill_to_event() -> dict[str, Any]:
    """One open page, one fill at a time."""
    beta = cast.institution("Beta", code="BETAcode1")
    session = session_of(cast.member("Bob", beta))
    account_id = bound_account(cast.person("Carol"), beta, uid="7101").pk
    with (
        web_process() as port,
        ear(hear_page, HOST, port, beta.slug, session) as page,
        ear(hear_redis, settings.REDIS_URL, CHANNEL) as subscriber,
        redis.Redis.from_url(settings.REDIS_URL) as publisher,
    ):
        ours = Course(page, lambda number: _commit(account_id, number))
        bare = Course(subscriber, lambda number: publish(publisher, number))
        rounds = list(in_turns(ROUNDS, ours.run, bare.run))
    return told(
        "fill_committed_to_event", "ms", "lower", rounds,
        ours_p50_p99=ours.spread(), yardstick_p50_p99=bare.spread(), fills_per_round=PIECES,
        clock="from after the commit, before the ring, to the event read", database=durability(),
    )  # fmt: skip


def _commit(account_id: int, number: int) -> float:
    """Record one fill; the moment between its commit and the ring."""
    committed: list[float] = []
    one = fill(number, tag="BETAcode1", filled_at=now())
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.monotonic()))
        record_fills(account_id, [one])
    return committed[0]
