"""The doorbell: a room says "there is news about this topic" and live pages look.

A ring carries no facts, only the topic's newest sequence number. It may be lost (Redis away, a
page between two connections); whoever listens also looks by itself now and then, because the
table is the truth.
"""

import logging

import redis
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

CHANNEL_PREFIX = "feed:"

_pool: redis.ConnectionPool | None = None


def ring_on_commit(topic: str, sequence: int) -> None:
    """Ring ``topic`` once this transaction commits; ``sequence`` is its newest number."""
    transaction.on_commit(lambda: ring(topic, sequence))


def ring(topic: str, sequence: int) -> None:
    """Ring ``topic`` now. A Redis that is away costs a log line."""
    try:
        redis.Redis(connection_pool=_connections()).publish(CHANNEL_PREFIX + topic, sequence)
    except redis.RedisError:
        log.warning("doorbell away, %s at %s is found by looking", topic, sequence)


def _connections() -> redis.ConnectionPool:
    global _pool
    if _pool is None:
        _pool = redis.ConnectionPool.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        )
    return _pool
