"""The stream process: listens to every bound account and looks the moment the venue speaks.

It adds speed, never truth: what it misses, the worker's catch-up reads within seconds. It holds
no state that a restart would lose.
"""

import asyncio
import contextlib
import logging
from collections import deque
from contextlib import aclosing

from django.db import DatabaseError

from connect_portal.authorizations.actions import STANDING_TOPIC, degrade
from connect_portal.authorizations.queries import Access, accesses, working_account_ids
from connect_portal.kit import feed
from connect_portal.kit.databases import in_database
from connect_portal.trades.actions.sync import Trade, look
from connect_portal.venue.errors import KeyRefused, VenueError
from connect_portal.venue.port import Reader, VenueEvent
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Disconnected, VenuePush

log = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = (0.05, 0.2, 0.5, 1.0, 2.0)
"""Seconds between looks while the venue's listing still lags behind what it pushed."""
LISTEN_AGAIN_AFTER = 60.0
"""Seconds before an account is listened to again after the venue refused it."""
REMEMBERED_TRADES = 1_000
"""How many trades of an account are known to have been seen: a push may come after the look."""


async def stream() -> None:
    """Follow all accounts with a working key, as keys come and go, until canceled."""
    async with venue().reader() as reader:
        ears = Ears(reader)
        try:
            async for _ in feed.listen(STANDING_TOPIC):
                try:
                    await ears.listen_to(await in_database(_wanted)())
                except DatabaseError:
                    log.warning("the database is away, listening on to what is known")
        finally:
            await ears.listen_to([])


def _wanted() -> list[Access]:
    return accesses(working_account_ids())


class Ears:
    """One listening task per key; a new key of an account replaces the old one."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def listen_to(self, wanted: list[Access]) -> None:
        """Start and stop listening so that exactly ``wanted`` are followed."""
        by_source = {access.source: access for access in wanted}
        over = {name for name, task in self._tasks.items() if name not in by_source or task.done()}
        leaving = [self._tasks.pop(name) for name in over]
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        for name in by_source.keys() - self._tasks.keys():
            self._tasks[name] = asyncio.create_task(Ear(self._reader, by_source[name]).listen())


class Ear:
    """Listens to one account and looks whenever something was heard."""

    def __init__(self, reader: Reader, access: Access) -> None:
        self._reader = reader
        self._access = access
        self._name = access.account_id
        self._heard = asyncio.Event()
        self._announced: set[Trade] = set()
        self._read: deque[Trade] = deque(maxlen=REMEMBERED_TRADES)

    async def listen(self) -> None:
        """Follow the account until canceled, or until the venue refuses; then rest and end, to be
        started anew if the account is still wanted. Never raises."""
        looking = asyncio.create_task(self._look_when_heard())
        try:
            await self._follow()
        except KeyRefused as error:
            log.warning("account %s: %s", self._name, error)
            await self._degrade(error)
        except VenueError as error:
            log.warning(
                "account %s: nothing is heard, the catch-up reads on: %s", self._name, error
            )
        except Exception:
            log.exception("account %s: nothing is heard, the catch-up reads on", self._name)
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        await asyncio.sleep(LISTEN_AGAIN_AFTER)

    async def _follow(self) -> None:
        async with aclosing(venue().follow(self._access.credentials)) as events:
            async for event in events:
                self._note(event)

    async def _degrade(self, error: KeyRefused) -> None:
        try:
            await in_database(degrade)(
                self._access.source, trouble=error.message, actor="system:stream"
            )
        except DatabaseError:
            log.warning("account %s: the database is away, the catch-up will say so", self._name)

    def _note(self, event: VenueEvent) -> None:
        if isinstance(event, Disconnected):
            log.info("account %s: %s", self._name, event.reason)
            return
        if isinstance(event, VenuePush) and event.trade_id:
            self._announced |= {(event.instrument, event.trade_id)}.difference(self._read)
        self._heard.set()

    async def _look_when_heard(self) -> None:
        while True:
            await self._heard.wait()
            for pause in LOOK_AGAIN_AFTER:
                self._heard.clear()
                read = await look(self._reader, self._access)
                self._read.extend(read)
                self._announced -= read
                if not self._announced:
                    break
                await self._heard_within(pause)
            else:
                self._announced.clear()  # the catch-up will find what the venue shows later

    async def _heard_within(self, pause: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), pause)
