"""Reads an institution's news once per process and hands it to every page that listens.

A listener joins first and reads its backlog after, so between the two nothing can be missed; each
row carries its sequence number, so nothing is told twice. A listener too slow to keep up is let
go: its browser reconnects and resumes by number.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from django.db import DatabaseError

from connect_portal.kit import feed
from connect_portal.kit.databases import in_database
from connect_portal.monitoring.live import words
from connect_portal.trades.queries import newest_sequence, news

log = logging.getLogger(__name__)

PAGE = 200
PATIENCE = 64
"""Messages a listener may fall behind before it is let go."""
SUMMARY_AFTER = 0.02
"""Seconds that a summary waits, so that the rows it sums are on their way first."""
SUMMARY_EVERY = 0.5
"""Seconds between two summaries of one institution, however many fills come in."""


@dataclass(frozen=True, slots=True)
class Message:
    """Either rows of fills, or a summary already written."""

    rows: tuple[words.Row, ...] = ()
    summary: bytes = b""


@dataclass(eq=False)
class Listener:
    """One open page."""

    queue: asyncio.Queue[Message | None] = field(
        default_factory=lambda: asyncio.Queue(maxsize=PATIENCE)
    )

    def tell(self, message: Message) -> bool:
        """Hand over a message; False when the listener lags too far behind."""
        if self.queue.full():
            return False
        self.queue.put_nowait(message)
        return True

    def let_go(self) -> None:
        """End the stream after what is already queued is dropped."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


@dataclass(eq=False)
class Room:
    """The listeners of one institution, how far its news has been told them, and the minute of
    their last sums."""

    told: int
    listeners: set[Listener] = field(default_factory=set)
    summary_due: asyncio.Task[None] | None = None
    summed_at: float = 0

    def tell(self, message: Message) -> None:
        """Hand a message to everybody; whoever lags too far is let go."""
        slow = [one for one in self.listeners if not one.tell(message)]
        for one in slow:
            self.listeners.discard(one)
            one.let_go()


class Hub:
    """All rooms of this process. `open` runs while the process serves."""

    def __init__(self) -> None:
        self._rooms: dict[int, Room] = {}
        self._opening: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def open(self, _: object = None) -> AsyncIterator[None]:
        """Listen to the doorbell while this is open."""
        listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            listening.cancel()
            for room in self._rooms.values():
                for listener in room.listeners:
                    listener.let_go()

    async def stream(self, institution_id: int, after: int) -> AsyncIterator[bytes]:
        """Events of an institution newer than number ``after``, for ever, with pings between."""
        room = await self._room(institution_id)
        listener = Listener()
        room.listeners.add(listener)
        try:
            yield words.GREETING
            seen = after
            while backlog := await in_database(_written_news)(institution_id, seen):
                seen = backlog[-1].sequence
                yield words.fills_event(backlog)
            yield await in_database(words.summary_events)(institution_id)
            while (message := await _next(listener)) is not None:
                fresh = [row for row in message.rows if row.sequence > seen]
                if fresh:
                    seen = fresh[-1].sequence
                    yield words.fills_event(fresh)
                elif not message.rows:
                    yield message.summary or words.PING
        finally:
            room.listeners.discard(listener)
            if not room.listeners:
                self._rooms.pop(institution_id, None)

    async def _room(self, institution_id: int) -> Room:
        async with self._opening[institution_id]:
            if institution_id not in self._rooms:
                told = await in_database(newest_sequence)(institution_id)
                self._rooms[institution_id] = Room(told)
            return self._rooms[institution_id]

    async def _listen(self) -> None:
        async for ring in feed.listen("institution:*"):
            try:
                await self._look(ring)
            except DatabaseError:
                log.warning("the database is away, news waits")

    async def _look(self, ring: feed.Ring) -> None:
        wanted = list(self._rooms) if not ring.topic else [int(ring.topic.partition(":")[2])]
        for institution_id in wanted:
            room = self._rooms.get(institution_id)
            if room is not None and (not ring.topic or ring.sequence > room.told):
                await self._tell_news(institution_id, room)

    async def _tell_news(self, institution_id: int, room: Room) -> None:
        more = True
        while more and (rows := await in_database(_written_news)(institution_id, room.told)):
            room.told = rows[-1].sequence
            room.tell(Message(rows=tuple(rows)))
            self._sum_up(institution_id, room)
            more = len(rows) == PAGE  # what is committed after this look rings again
        if room.summed_at != time.time() // 60:
            self._sum_up(institution_id, room)  # time alone moves the sums too

    def _sum_up(self, institution_id: int, room: Room) -> None:
        if room.summary_due is None:
            room.summary_due = asyncio.create_task(self._tell_summary(institution_id, room))

    async def _tell_summary(self, institution_id: int, room: Room) -> None:
        """Tell the sums now and again while news comes in, but never in a hurry."""
        told = None
        try:
            while told != room.told:
                await asyncio.sleep(SUMMARY_AFTER)
                told = room.told
                room.summed_at = time.time() // 60
                room.tell(Message(summary=await in_database(words.summary_events)(institution_id)))
                await asyncio.sleep(SUMMARY_EVERY)
        except DatabaseError:
            log.warning("the database is away, the sums of %s wait", institution_id)
        finally:
            room.summary_due = None


async def _next(listener: Listener) -> Message | None:
    """The next message, an empty one when a ping is due, None when it is time to go."""
    try:
        return await asyncio.wait_for(listener.queue.get(), timeout=15)
    except TimeoutError:
        return Message()


def _written_news(institution_id: int, after: int) -> list[words.Row]:
    return [words.row(one) for one in news(institution_id, after=after, limit=PAGE)]
