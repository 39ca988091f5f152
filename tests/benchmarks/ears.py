"""What listens in a process of its own: at the live line, and at Redis. Light, no Django.

Each sends one word when it is ready, then the moment (of the machine's monotonic clock) at which
each piece of news had been read.
"""

import http.client
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
