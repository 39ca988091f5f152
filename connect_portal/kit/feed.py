"""The doorbell: a room says "there is news about this topic" and live pages look.

A ring carries no facts, only the topic's newest sequence number. It may be lost (Redis away, a
page between two connections); whoever listens also looks by itself now and then, because the
table is the truth.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import redis
import redis.asyncio
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

CHANNEL_PREFIX = "feed:"

LOOK_ANYWAY_AFTER = 5.0
"""Seconds of silence after which a listener looks by itself."""


@dataclass(frozen=True, slots=True)
class Ring:
    """News about a topic; without a topic it means "look at everything you care about"."""

    topic: str = ""
    sequence: int = 0


_bell: redis.Redis | None = None


def ring_on_commit(topic: str, sequence: int) -> None:
    """Ring ``topic`` once this transaction commits; ``sequence`` is its newest number."""
    transaction.on_commit(lambda: ring(topic, sequence))


def ring(topic: str, sequence: int) -> None:
    """Ring ``topic`` now. A Redis that is away costs a log line."""
    try:
        _connected().publish(CHANNEL_PREFIX + topic, sequence)
    except redis.RedisError:
        log.warning("doorbell away, %s at %s is found by looking", topic, sequence)


async def listen(pattern: str) -> AsyncIterator[Ring]:
    """Rings of the topics that match the glob ``pattern``, for ever.

    Yields an empty `Ring` at the start, after every silence of ``LOOK_ANYWAY_AFTER`` seconds and
    whenever Redis went away, so a caller that looks at each ring misses nothing.
    """
    while True:
        yield Ring()
        try:
            client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
            async with client, client.pubsub(ignore_subscribe_messages=True) as bell:
                await bell.psubscribe(CHANNEL_PREFIX + pattern)
                yield Ring()  # what rang between the last look and the subscription
                while True:
                    yield _heard(await bell.get_message(timeout=LOOK_ANYWAY_AFTER))
        except redis.RedisError:
            log.warning("doorbell away, looking by ourselves")
            await asyncio.sleep(1)


def _heard(message: dict[str, bytes] | None) -> Ring:
    if message is None:
        return Ring()
    topic = message["channel"].decode().removeprefix(CHANNEL_PREFIX)
    return Ring(topic, int(message["data"]))


def _connected() -> redis.Redis:
    """One client for all threads; it keeps a pool of connections."""
    global _bell
    if _bell is None:
        _bell = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    return _bell
