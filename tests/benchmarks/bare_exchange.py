"""The yardstick of the order path: a bare asyncio server that checks, logs and matches, no more.

`python -m tests.benchmarks.bare_exchange PORT LOG KEYS`: httptools, the four headers with their
HMAC and window, JSON, the plain book, the answer in the v5 shape. An answer leaves when its order
is on disk; orders that wait together share one fdatasync. No accounts, no money, no push, no rules.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import sys
import time
import zlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import httptools
import msgspec
import uvloop

from tests.benchmarks.plain_book import PlainBook

WINDOW_S = 30
SCALE = 18
Keys = dict[str, tuple[bytes, bytes]]


class Refused(Exception):
    """The code of a refusal."""


class Order(msgspec.Struct):
    """The body of an order."""

    instId: str
    side: str
    px: str
    sz: str
    clOrdId: str = ""
    tag: str = ""


class Exchange:
    """The books and their log."""

    def __init__(self, log: Path, keys: Keys) -> None:
        self.keys = keys
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._disk = ThreadPoolExecutor(1)
        self._books: dict[str, PlainBook] = defaultdict(PlainBook)
        self._waiting: list[tuple[Order, bytes, Wire]] = []
        self._wake = asyncio.Event()
        self._count = 0

    def submit(self, order: Order, body: bytes, wire: "Wire") -> None:
        """Queue an order; its wire is answered later."""
        self._waiting.append((order, body, wire))
        self._wake.set()

    async def write_forever(self) -> None:
        """All that wait go to disk together, then into the books one by one."""
        loop = asyncio.get_running_loop()
        while await self._wake.wait():
            self._wake.clear()
            while self._waiting:
                batch, self._waiting = self._waiting, []
                block = b"".join(b"%08x %s\n" % (zlib.crc32(body), body) for _, body, _ in batch)
                await loop.run_in_executor(self._disk, self._write, block)
                for order, _, wire in batch:
                    wire.answer(self._place(order))

    def _write(self, block: bytes) -> None:
        os.write(self._log, block)
        os.fdatasync(self._log)

    def _place(self, order: Order) -> dict[str, object]:
        self._count += 1
        book, buys = self._books[order.instId], order.side == "buy"
        book.limit(self._count, buys, units(order.px), units(order.sz))
        now = time.time_ns()
        row = {
            "ordId": str(self._count),
            "clOrdId": order.clOrdId,
            "tag": order.tag,
            "ts": str(now // 1_000_000),
            "sCode": "0",
            "sMsg": "Order placed",
            "subCode": "",
        }
        return {
            "code": "0",
            "data": [row],
            "inTime": str(now // 1000),
            "outTime": str(now // 1000),
            "msg": "",
        }


class Wire(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._parser = httptools.HttpRequestParser(self)
        self.on_message_begin()

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._target, self._body, self._headers = b"", b"", dict[bytes, bytes]()

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        try:
            self._authenticate()
            order = msgspec.json.decode(self._body, type=Order)
        except (Refused, msgspec.DecodeError, ValueError, KeyError) as error:
            return self.answer({"code": "1", "data": [], "msg": repr(error)})
        self._exchange.submit(order, self._body, self)

    def answer(self, answer: dict[str, object]) -> None:
        """Send it as JSON."""
        body = msgspec.json.encode(answer)
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self._transport.write(head % len(body) + body)

    def _authenticate(self) -> None:
        given = self._headers
        when = given[b"ok-access-timestamp"]
        moment = datetime.fromisoformat(when.decode()).timestamp()
        if abs(moment - time.time()) > WINDOW_S:
            raise Refused("50102")
        secret, passphrase = self._exchange.keys[given[b"ok-access-key"].decode()]
        prehash = when + self._parser.get_method() + self._target + self._body
        right = base64.b64encode(hmac.new(secret, prehash, hashlib.sha256).digest())
        if not hmac.compare_digest(right, given[b"ok-access-sign"]):
            raise Refused("50113")
        if not hmac.compare_digest(passphrase, given[b"ok-access-passphrase"]):
            raise Refused("50105")


def units(text: str) -> int:
    """A decimal text in units of 1e-18."""
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(SCALE, "0"))


async def main() -> None:
    """Serve until killed."""
    port, log, keys = int(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    known = {key: (secret.encode(), phrase.encode()) for key, secret, phrase in keys}
    exchange = Exchange(log, known)
    await asyncio.get_running_loop().create_server(lambda: Wire(exchange), "127.0.0.1", port)
    await exchange.write_forever()


if __name__ == "__main__":
    uvloop.run(main())
