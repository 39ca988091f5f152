"""The private push channel: login, subscribe to orders, tell the caller to look, keep alive,
come back after a break.

https://www.okx.com/docs-v5/en/#overview-websocket. Order of events on one connection: connect,
login, subscribe, Connected, pushes. Whatever ends it is a VenueError; only one that is not
retryable ends `follow`.
"""

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing

from connect_portal.kit import clock
from connect_portal.venue.errors import MalformedAnswer, VenueError
from connect_portal.venue.okx import parse
from connect_portal.venue.okx.line import (
    OPEN_TIMEOUT_S,
    PONG_TIMEOUT_S,
    SILENCE_BEFORE_PING_S,
    ConnectPace,
    Message,
    OkxLine,
    open_line,
)
from connect_portal.venue.okx.reader import OkxReader
from connect_portal.venue.port import VenueEvent
from connect_portal.venue.types import AccountKey, Connected, Disconnected, VenuePush

FIRST_WAIT_S = 1.0
# Short, for the pace already spares the venue: it is what a live page waits after an outage.
LONGEST_WAIT_S = 15.0

SUBSCRIBE = json.dumps({"op": "subscribe", "args": [{"channel": "orders", "instType": "ANY"}]})


class OrdersChannel:
    """One account's pushes over one connection after another."""

    def __init__(
        self,
        reader: OkxReader,
        url: str,
        credentials: AccountKey,
        *,
        pace: ConnectPace,
        silence_s: float = SILENCE_BEFORE_PING_S,
        pong_s: float = PONG_TIMEOUT_S,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        self.reader = reader
        self.url = url
        self.credentials = credentials
        self.pace = pace
        self.silence_s = silence_s
        self.pong_s = pong_s
        self.first_wait_s = first_wait_s

    async def follow(self) -> AsyncGenerator[VenueEvent, None]:
        """Events for ever; raises the first refusal that is not retryable."""
        breaks = 0
        while True:
            try:
                async with aclosing(self._listen()) as events:
                    async for event in events:
                        breaks = 0
                        yield event
            except VenueError as error:
                if not error.retryable:
                    raise
                retry_in = wait_before_retry(error, breaks, first_wait_s=self.first_wait_s)
                yield Disconnected(code=error.code, reason=error.message, retry_in=retry_in)
                breaks += 1
                await asyncio.sleep(retry_in)

    async def _listen(self) -> AsyncGenerator[Connected | VenuePush, None]:
        """One connection, from opening to whatever ends it."""
        async with open_line(
            self.reader,
            self.url,
            self.credentials,
            pace=self.pace,
            silence_s=self.silence_s,
            pong_s=self.pong_s,
        ) as line:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                await _subscribe(line)
            yield Connected(clock.now())
            while True:
                for push in _pushes(await line.next_message()):
                    yield push


async def _subscribe(line: OkxLine) -> None:
    await line.send(SUBSCRIBE)
    await line.await_event("subscribe")


def wait_before_retry(error: VenueError, breaks: int, *, first_wait_s: float) -> float:
    """Seconds to wait after `breaks` failures in a row: doubling, half of it by chance so that
    many accounts do not come back together, and never less than the venue asked for."""
    longest = min(LONGEST_WAIT_S, first_wait_s * 2 ** min(breaks, 16))
    wait = random.uniform(longest / 2, longest)
    return max(wait, error.retry_after or 0.0)


def _pushes(message: Message) -> list[VenuePush]:
    try:
        return [parse.push(raw) for raw in message.data]
    except parse.UNREADABLE as error:
        raise MalformedAnswer(f"unreadable push: {error}") from error
