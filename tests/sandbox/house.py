"""The WebSocket wire without a network: both exchanges in this process, and clients whose socket
keeps what was sent through it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from connect_portal.sandbox.engine.commands import AddKey, Faucet, OpenAccount, Place, SetLevel
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.auth import hash_passphrase
from connect_portal.sandbox.wire.environments import Venue
from connect_portal.sandbox.wire.ws.connection import Connection
from connect_portal.sandbox.wire.ws.limits import Limits
from connect_portal.sandbox.wire.ws.reception import Reception
from tests.sandbox.conftest import PASSPHRASE, Trader
from tests.sandbox.sockets import login_arg

LATE_S = 1e9
"""A moment of the event loop at which every beat is due."""


class Wire:
    """A socket that keeps what was sent through it; it takes no more than `room` messages."""

    def __init__(self, room: int = 10**6) -> None:
        self.address, self.closed, self.room = "127.0.0.1", 0, room
        self.messages: list[Any] = []
        self.talk: Connection

    def send(self, frame: bytes) -> None:
        if self.closed:
            return
        if len(self.messages) >= self.room:
            return self.close(4005)
        head = {126: 4, 127: 10}.get(frame[1], 2)
        self.messages.append(json.loads(frame[head:]))
        return None

    def close(self, code: int) -> None:
        if not self.closed:
            self.closed = code
            self.talk.leave()

    def say(self, message: Any) -> None:
        """What the client sends, unless the connection is closed."""
        if not self.closed:
            self.talk.hear(json.dumps(message))


class House:
    """Both environments in this process, with Bob in live."""

    def __init__(self, folder: Path) -> None:
        folders = [folder / name for name in ("live", "demo")]
        for each in folders:
            each.mkdir()
        self.live, self.demo = (Store(each) for each in folders)
        self.venue = Venue(self.live, self.demo)
        limits = Limits(requests_per_hour=10**6, topics=20, topics_of_key=4)
        self.reception = Reception(self.venue, limits)
        self.bob: Trader

    async def open(self) -> None:
        """Start both stores; give Bob an account, money, the best tier and a key."""
        self.live.start()
        self.demo.start()
        account = (await self.live.submit(OpenAccount(reference="bob", label="Bob"))).value
        await self.live.submit(Faucet(uid=account.uid, reference="1", ccy="USDT", amt="1000"))
        await self.live.submit(SetLevel(uid=account.uid, level="VIP9"))
        key = {"uid": account.uid, "api_key": "bobs-key", "secret": "bobs-secret"}
        hashed = hash_passphrase(PASSPHRASE)
        await self.live.submit(AddKey(**key, passphrase_hash=hashed, perm="read_only,trade"))
        self.bob = Trader(account.uid, key["api_key"], key["secret"])

    async def close(self) -> None:
        """Stop both stores."""
        await self.live.close()
        await self.demo.close()

    def enter(self, path: str, wire: Wire | None = None) -> Wire:
        """A client comes and logs in as Bob."""
        wire = wire or Wire()
        wire.talk = self.reception.talk(wire, f"/ws/v5/{path}")
        wire.say({"op": "login", "args": [login_arg(self.bob)]})
        return wire

    async def trade(self) -> None:
        """Bob places an order, and everything that is due is told."""
        order = {"uid": self.bob.uid, "inst": "BTC-USDT", "side": "buy", "kind": "limit"}
        await self.live.submit(Place(**order, sz="0.00001", px="50000"))
        self.venue.live.hub._beat(LATE_S)

    async def finish(self, wire: Wire) -> None:
        """The client leaves when its operations are done."""
        while wire.talk._operations._running:
            await asyncio.sleep(0)
        wire.close(1000)

    def left_over(self) -> list[Any]:
        """What is still known of clients."""
        hubs = [each.hub for each in self.venue.both]
        kept = [(hub.guests, hub.size, hub._rooms, hub._desks) for hub in hubs]
        markets = [(m._rooms, m._books, m._candles) for m in (hub.market for hub in hubs)]
        return [found for each in (*kept, *markets) for found in each if found]
