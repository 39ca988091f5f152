"""The REST wire without a network: both exchanges in this process, asked as a connection asks."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from connect_portal.sandbox.engine.commands import AddKey, Faucet, OpenAccount
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.app import App
from connect_portal.sandbox.wire.auth import hash_passphrase, sign
from connect_portal.sandbox.wire.environments import Venue
from connect_portal.sandbox.wire.http1.messages import Request
from connect_portal.sandbox.wire.limits import Limiter
from tests.sandbox.conftest import PASSPHRASE
from tests.sandbox.envelopes import well_formed

KEY, SECRET = "alices-key", "alices-secret"
Done = TypeVar("Done")


class Counter:
    """An application and Alice, who may ask as often as she likes."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.done(self._open(folder))

    def done(self, work: Awaitable[Done]) -> Done:
        """Wait for something of the exchange."""
        return self.loop.run_until_complete(work)

    async def _open(self, folder: Path) -> None:
        for name in ("live", "demo"):
            (folder / name).mkdir()
        self.live, self.demo = Store(folder / "live"), Store(folder / "demo")
        self.live.start()
        self.demo.start()
        self.app = App(Venue(self.live, self.demo), operator_key="operator")
        account = (await self.live.submit(OpenAccount(reference="alice", label="Alice"))).value
        for ccy in ("BTC", "USDT"):
            await self.live.submit(Faucet(uid=account.uid, reference=ccy, ccy=ccy, amt="1000"))
        hashed = hash_passphrase(PASSPHRASE)
        key = AddKey(uid=account.uid, api_key=KEY, secret=SECRET, passphrase_hash=hashed, perm="")
        key.perm = "read_only,trade"
        await self.live.submit(key)

    def close(self) -> None:
        """Stop both exchanges."""
        self.done(self.live.close())
        self.done(self.demo.close())
        self.loop.close()

    def ask(
        self, method: str, path: str, query: bytes = b"", body: bytes = b"", **headers: str
    ) -> tuple[int, Any]:
        """One signed request; its status and its JSON, which must be an answer of the wire."""
        self.app.venue.live.gate.limiter = Limiter()
        when = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        target = path.encode() + (b"?" + query if query else b"")
        sent = {
            "content-type": "application/json",
            "ok-access-key": KEY,
            "ok-access-passphrase": PASSPHRASE,
            "ok-access-timestamp": when,
            "ok-access-sign": sign(SECRET, f"{when}{method}".encode() + target + body),
            **headers,
        }
        given = {name.encode(): value.encode() for name, value in sent.items()}
        asked = Request("127.0.0.1", method, target, path, given, body)
        answer = self.done(self.app.answer(asked))
        assert isinstance(answer.body, bytes)
        return answer.status, well_formed(answer.status, answer.body)
