"""What listens in a process of its own: at the live line, and at Redis. Light, no Django.

Each sends one word when it is ready, then the moment (of the machine's monotonic clock) at which
each piece of news had been read.
"""

import base64
import http.client
import os
import socket
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

import redis


def hear_page(heard: Connection, host: str, port: int, slug: str, session: str) -> None:
    """The ``fills`` events of an open page. Ready after the first summary."""
    page = http.client.HTTPConnection(host, port, timeout=60)
    page.request("GET", f"/live/institution/{slug}/", headers={"Cookie": f"sessionid={session}"})
    answer = page.getresponse()
    ready = False
    for kind in _kinds(answer):
        if kind == b"fills":
            heard.send(time.monotonic())
        elif kind == b"chart" and not ready:
            ready = True
            heard.send("ready")


def _kinds(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """The kind of each event, once its last line was read."""
    kind = b""
    while line := answer.readline():
        if line.startswith(b"event: "):
            kind = line.split()[1]
        elif line == b"\n":
            yield kind
            kind = b""


def hear_redis(heard: Connection, url: str, channel: str) -> None:
    """The messages of a channel."""
    with redis.Redis.from_url(url) as client, client.pubsub() as subscription:
        subscription.subscribe(channel)
        for message in subscription.listen():
            heard.send(time.monotonic() if message["type"] == "message" else "ready")


def hear_orders(heard: Connection, port: int, login: str) -> None:
    """The frames of the private `orders` channel of who logs in. Ready after the subscription."""
    wire = Frames(port, "/ws/v5/private")
    wire.send(login.encode())
    wire.send(b'{"op":"subscribe","args":[{"channel":"orders","instType":"ANY"}]}')
    while b'"channel-conn-count"' not in wire.read():
        pass
    heard.send("ready")
    while True:
        frame, moment = wire.read(), time.monotonic()
        if b'"data"' in frame:
            heard.send(moment)


class Frames:
    """A WebSocket as RFC 6455 has it, bare: whole text frames, and an answer to pings."""

    def __init__(self, port: int, path: str) -> None:
        self._raw = socket.create_connection(("127.0.0.1", port))
        self._raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self._raw.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._read = self._raw.makefile("rb")
        while self._read.readline() != b"\r\n":
            pass

    def send(self, body: bytes, opcode: int = 1) -> None:
        """One frame, under a mask of zeros."""
        length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2)
        self._raw.sendall(bytes([0x80 | opcode]) + length + bytes(4) + body)

    def read(self) -> bytes:
        """The next text."""
        while True:
            opcode, length = self._read.read(2)
            if length > 125:
                length = int.from_bytes(self._read.read(2 if length == 126 else 8))
            body = self._read.read(length)
            if opcode & 15 == 1:
                return body
            if opcode & 15 == 9:
                self.send(body, opcode=10)
