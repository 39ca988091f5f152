"""What every process should remember for some seconds, and none may depend on.

It is kept in Redis, so that all processes know it. While Redis is away each remembers what it saw
itself: a replay is then found out by the process that was asked before, and nobody is answered
with an error.
"""

import logging
import threading
import time
from typing import Final

import redis
from django.conf import settings

log = logging.getLogger(__name__)

_PREFIX: Final = "memory:"
_MOST: Final = 50_000
"""How many names a process remembers alone, at most; the oldest are forgotten first."""

_server: redis.Redis | None = None
_alone: dict[str, float] = {}
_one_at_a_time = threading.Lock()


def first_time(name: str, seconds: int) -> bool:
    """Whether ``name`` was not seen in the last ``seconds``; from now on it was."""
    try:
        return bool(_connected().set(_PREFIX + name, b"1", ex=seconds, nx=True))
    except redis.RedisError:
        log.warning("memory away, this process remembers alone")
        return _first_time_here(name, seconds)


def keep(name: str, value: bytes, seconds: int) -> None:
    """Keep ``value`` for ``seconds``, or not at all while Redis is away."""
    try:
        _connected().set(_PREFIX + name, value, ex=seconds)
    except redis.RedisError:
        log.warning("memory away, nothing is kept")


def kept(name: str) -> bytes | None:
    """What is kept under ``name``; None as well while Redis is away."""
    try:
        value: bytes | None = _connected().get(_PREFIX + name)  # type: ignore[assignment]
    except redis.RedisError:
        log.warning("memory away, nothing is remembered")
        return None
    return value


def _first_time_here(name: str, seconds: int) -> bool:
    moment = time.monotonic()
    with _one_at_a_time:
        is_new = _alone.pop(name, 0.0) <= moment
        _alone[name] = moment + seconds
        while len(_alone) > _MOST:
            del _alone[next(iter(_alone))]
    return is_new


def _connected() -> redis.Redis:
    """One client for all threads; it keeps a pool of connections."""
    global _server
    if _server is None:
        _server = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5
        )
    return _server
