"""Race: an order's commit on its way to a private WebSocket, against one bare Redis hop.

Ours: the clock starts when the engine has applied the order, which is on disk by then, before the
exchange tells anybody (`stamped`); it stops when a client in a process of its own has read the
whole frame of the `orders` channel. Between lie the rows of the push, the answer over REST that
competes with it, and uvicorn. The yardstick: publish, and a blocking subscriber has read it.
"""

import base64
import hashlib
import hmac
import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis

from tests.benchmarks import flow, our_exchange, ours
from tests.benchmarks.asked import SignedOrders
from tests.benchmarks.courses import CHANNEL, PIECES, Course, ear, publish
from tests.benchmarks.ears import hear_orders, hear_redis
from tests.benchmarks.load import HOST, read_answer
from tests.benchmarks.rounds import in_turns, told

ROUNDS = 10


def races() -> Iterator[dict[str, Any]]:
    """One client, one order at a time."""
    url = os.environ["REDIS_URL"]
    with tempfile.TemporaryDirectory() as name:
        signed = SignedOrders(our_exchange.prepare(Path(name)), ours.pairs())
        stamps = Path(name) / "stamps"
        with (
            our_exchange.sandbox(Path(name), stamps=stamps) as (port, _),
            ear(hear_orders, port, _login(signed.traders[0])) as client,
            ear(hear_redis, url, CHANNEL) as subscriber,
            redis.Redis.from_url(url) as publisher,
            socket.create_connection((HOST, port)) as orders,
        ):
            order = _Orders(signed, orders, stamps)
            ours_course = Course(client, order.place)
            bare = Course(subscriber, lambda number: publish(publisher, number))
            rounds = list(in_turns(ROUNDS, ours_course.run, bare.run))
    yield told(
        "order_commit_to_private_frame", "ms", "lower", rounds, goal=2.0,
        ours_p50_p99=ours_course.spread(), yardstick_p50_p99=bare.spread(), orders_per_round=PIECES,
        clock="from the order applied, before its push is made, to the frame read",
    )  # fmt: skip


class _Orders:
    """Orders of the first trader, of which none fills."""

    def __init__(self, signed: SignedOrders, wire: socket.socket, stamps: Path) -> None:
        self._signed, self._wire, self._stamps = signed, wire, stamps
        count = (ROUNDS + 1) * PIECES
        limits = flow.limits(count, books=len(signed.pairs), crossing=False)
        self._limits = [order._replace(account=0, buys=True) for order in limits]

    def place(self, number: int) -> float:
        """Place one over REST; the moment at which it was applied."""
        self._wire.sendall(self._signed.request(self._limits[number], f"p{number}"))
        answer = read_answer(self._wire)
        assert self._signed.accepted in answer, answer
        return int(self._stamps.read_bytes().split()[-1]) / 1e9


def _login(trader: our_exchange.Trader) -> str:
    when = str(int(time.time()))
    prehash = f"{when}GET/users/self/verify".encode()
    digest = hmac.new(trader.secret.encode(), prehash, hashlib.sha256).digest()
    arg = {
        "apiKey": trader.api_key,
        "passphrase": our_exchange.PASSPHRASE,
        "timestamp": when,
        "sign": base64.b64encode(digest).decode(),
    }
    return json.dumps({"op": "login", "args": [arg]})
