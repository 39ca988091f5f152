"""How often a grant may ask: the venue's own limits, counted in Redis for all processes together.

A process takes a share of a window at a time and counts that down by itself, so that most calls ask
nobody; its first share it takes at once and books behind, so that nobody waits for Redis who asks
seldom. At worst each further process lets one such share too much through, and the venue, which
counts too, says no to that. While Redis is away each process lets half of every limit through.
https://www.okx.com/docs-v5/en/#overview-rate-limits
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import redis.asyncio
from django.conf import settings

from connect_portal.gateway.errors import Refused
from connect_portal.gateway.rules import Asked
from connect_portal.gateway.wire.endpoints import Endpoint, Rate

log = logging.getLogger(__name__)

SHARES: Final = 6
"""Into how many shares a window is cut."""
TOGETHER_S: Final = 0.02
"""How long a share that was taken already waits for others before it is booked."""
PATIENCE_S: Final = 0.25
AWAY_S: Final = 5.0
MOST_WINDOWS: Final = 20_000

Name = tuple[str, str, str]
"""Who, what, and about which instrument."""


@dataclass(slots=True)
class _Window:
    number: int
    share: int = 0
    is_alone: bool = False
    is_empty: bool = False
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    booking: "asyncio.Task[None] | None" = None


class _Booking(NamedTuple):
    """A share of a window, under its key in Redis, and for how long it counts."""

    key: str
    share: int
    seconds: int


def _key(name: Name, window: _Window) -> str:
    return ":".join(("rate", *name, str(window.number)))


class Rates:
    """The counters of this process."""

    def __init__(self, server: redis.asyncio.Redis) -> None:
        self._server = server
        self._windows: dict[Name, _Window] = {}
        self._away_until = 0.0
        self._behind: list[_Booking] = []
        self._booking: asyncio.Task[None] | None = None

    async def take_orders(self, grant_id: int, endpoint: Endpoint, asked: Sequence[Asked]) -> None:
        """Count the orders of a request by instrument. Raises Refused (50011)."""
        for instrument, number in Counter(one.instrument for one in asked).items():
            rate = endpoint.rate_of(len(asked))
            await self.take(f"grant:{grant_id}", rate, instrument, number)

    async def take(self, who: str, rate: Rate, instrument: str = "", number: int = 1) -> None:
        """Count ``number`` more, all or none. Raises Refused (50011) with the time to wait."""
        moment = time.time()
        name = (who, rate.name, instrument[:32] if rate.per_instrument else "")
        window = self._window(name, int(moment // rate.seconds), rate)
        if window.share < number and not window.is_empty:
            # One asks for all who wait, so that nobody is refused before a share comes in.
            async with window.asking:
                if window.share < number and not window.is_empty:
                    more = await self._share(name, window, rate, number)
                    window.share += more
                    window.is_empty = not more
        if window.share < number:
            raise Refused("50011", retry_after=rate.seconds - moment % rate.seconds)
        window.share -= number

    def _window(self, name: Name, number: int, rate: Rate) -> _Window:
        window = self._windows.get(name)
        if window is None or window.number != number:
            if len(self._windows) >= MOST_WINDOWS:
                self._windows.clear()
            window = self._windows[name] = _Window(number, rate.count // SHARES)
            if window.share:
                window.booking = self._book_soon(_key(name, window), window.share, rate)
        return window

    async def _share(self, name: Name, window: _Window, rate: Rate, number: int) -> int:
        """A further share of the window, as far as there is one."""
        wanted = max(number, rate.count // SHARES)
        if window.booking is not None:
            await asyncio.wait([window.booking])
        taken = await self._book([_Booking(_key(name, window), wanted, rate.seconds)])
        if taken is not None:
            return max(0, min(wanted, rate.count - (taken - wanted)))
        if window.is_alone:
            return 0
        window.is_alone = True
        return max(1, rate.count // 2 - rate.count // SHARES)

    def _book_soon(self, key: str, share: int, rate: Rate) -> "asyncio.Task[None]":
        """Count a share that was taken already, together with those that are taken meanwhile."""
        self._behind.append(_Booking(key, share, rate.seconds))
        if self._booking is None:
            self._booking = asyncio.create_task(self._book_behind())
        return self._booking

    async def _book_behind(self) -> None:
        await asyncio.sleep(TOGETHER_S)
        behind, self._behind, self._booking = self._behind, [], None
        await self._book(behind)

    async def _book(self, bookings: Sequence[_Booking]) -> int | None:
        """Count shares in Redis; how much of the last one's window is taken then, None while it is
        away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            async with self._server.pipeline(transaction=False) as pipeline:
                for one in bookings:
                    pipeline.incrby(one.key, one.share)
                    pipeline.expire(one.key, 2 * one.seconds)
                told = await pipeline.execute()
            return int(told[-2])
        except (redis.RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + AWAY_S
            log.warning("the counters are away, half of each limit holds: %r", error)
            return None


@asynccontextmanager
async def open_rates() -> AsyncIterator[Rates]:
    """The counters, with connections of their own."""
    server = redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
    )
    try:
        yield Rates(server)
    finally:
        await server.aclose()
