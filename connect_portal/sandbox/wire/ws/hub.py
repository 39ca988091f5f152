"""Who listens to what on one exchange, and how its news reaches them.

Private news goes out with the command that made it: from `hear`, which the store calls right after
the command, each push goes straight into the sockets of those who asked for it. Public news is
gathered and told at beats. An account and an instrument nobody listens to cost a look-up each.
"""

import asyncio
import logging
from typing import Protocol

from connect_portal.sandbox.alarm import Alarm
from connect_portal.sandbox.engine.events import (
    AlgoChanged,
    BalanceChanged,
    Billed,
    Event,
    FaultSet,
    KeyDropped,
    OrderChanged,
    Outcome,
    Traded,
)
from connect_portal.sandbox.engine.model import Bill, Fault, Key
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.ws.market import Market
from connect_portal.sandbox.wire.ws.private import AccountDesk
from connect_portal.sandbox.wire.ws.rooms import Listener, Room
from connect_portal.sandbox.wire.ws.topics import Topic

log = logging.getLogger(__name__)
BEAT_MS, FAST_BEAT_MS = 100, 10


class Guest(Protocol):
    """A connection that means this exchange, logged in or not."""

    key: Key | None
    topics: dict[Topic, "Hub"]

    def lose_key(self, api_key: str) -> None:
        """Leave if this is the key it is logged in with."""

    def hang_up(self, fault: Fault) -> None:
        """Leave as if the venue had broken, if the disturbance is made for it."""

    def give_notice(self) -> None:
        """Be told that the service will stop in about a minute."""


class Hub:
    """All listeners of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.guests: set[Guest] = set()
        self.size = 0
        self.market = Market(store)
        self._rooms: dict[Topic, Room] = {}
        self._desks: dict[str, AccountDesk] = {}
        self._alarm = Alarm()
        store.listeners.append(self.hear)

    def join(self, listener: Listener, topic: Topic) -> None:
        """Start a subscription with its first pushes; asked again, those are said again."""
        room = self._rooms.get(topic)
        if room is None:
            room = self._rooms[topic] = Room(topic)
            self._desk(topic).open(room)
            self._alarm.reset()
        self.size += listener not in room.listeners
        room.listeners.add(listener)
        room.welcome(listener, self._desk(topic).first(room))

    def leave(self, listener: Listener, topic: Topic) -> None:
        """End a subscription that was joined."""
        room = self._rooms[topic]
        room.listeners.discard(listener)
        self.size -= 1
        if room.listeners:
            return
        del self._rooms[topic]
        self._desk(topic).shut(room)
        if topic.uid and not self._desks[topic.uid].rooms:
            del self._desks[topic.uid]

    def listeners_of(self, uid: str, channel: str) -> set[Listener]:
        """Who listens to a channel of an account."""
        desk = self._desks.get(uid)
        rooms = desk.rooms if desk else ()
        return {one for room in rooms if room.topic.channel == channel for one in room.listeners}

    def hear(self, outcome: Outcome) -> None:
        """Pass on what one command did."""
        if outcome.books:
            self.market.note_books(outcome.books)
        moved: list[str] = []
        bills: list[Bill] = []
        for event in outcome.events:
            if type(event) is OrderChanged:
                if desk := self._desks.get(event.order.uid):
                    desk.tell_order(event)
            elif type(event) is Billed:
                bills.append(event.bill)
            elif type(event) is BalanceChanged:
                moved.append(event.uid)
            elif type(event) is Traded:
                self.market.note_trade(event)
            elif type(event) is AlgoChanged:
                if desk := self._desks.get(event.algo.uid):
                    desk.tell_algo(event.algo)
            else:
                self._turn_out(event)
        for uid in moved:
            if desk := self._desks.get(uid):
                desk.tell_money([bill for bill in bills if bill.uid == uid])

    def _turn_out(self, event: Event) -> None:
        """End the connections whose key is gone, or that an operator wants broken."""
        match event:
            case KeyDropped(api_key):
                for guest in tuple(self.guests):
                    guest.lose_key(api_key)
            case FaultSet(fault):
                for guest in tuple(self.guests):
                    guest.hang_up(fault)

    def give_notice(self) -> int:
        """Tell every client that the service will stop in about a minute (64008); how many."""
        for guest in tuple(self.guests):
            guest.give_notice()
        return len(self.guests)

    async def beat_forever(self) -> None:
        """Tell gathered public news ten times a second, and every 10 ms while someone wants it."""
        loop = asyncio.get_running_loop()
        while True:
            await self._alarm.sleep(FAST_BEAT_MS if self.market.hurried else BEAT_MS)
            try:
                self._beat(loop.time())
            except Exception:
                log.exception("news could not be sent")

    def _beat(self, now: float) -> None:
        self.market.beat(now)
        for desk in tuple(self._desks.values()):
            desk.repeat_account(now)

    def _desk(self, topic: Topic) -> "AccountDesk | Market":
        if not topic.uid:
            return self.market
        if topic.uid not in self._desks:
            self._desks[topic.uid] = AccountDesk(self.store, topic.uid)
        return self._desks[topic.uid]
