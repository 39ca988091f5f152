"""Races: an order through the gateway against the same order sent straight to the sandbox.

One client, one order at a time on one connection, each way with an account of its own; orders rest,
none fills. Straight the order is signed with the account's key; through the gateway it carries a
token, whose grant, scope and institution are read, the tag filled, the decision committed to disk,
and the order signed and sent on. With 1, 1,000 and 100,000 live grants. Beside them the bare relay,
which writes one row and passes on what it does not read: what any decision on disk would add. And
how long a grant that was ended still answers: not once.
"""

import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from django.test import override_settings

from connect_portal.authorizations.actions import end_grant
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests import cast
from tests.benchmarks import flow, grants, our_exchange, ours
from tests.benchmarks.asked import TARGET, SignedOrders, post
from tests.benchmarks.load import HOST, read_answer
from tests.benchmarks.rounds import Round, all_in_turns, alone, durability, told
from tests.benchmarks.services import bare_relay, web_process

ROUNDS = 7
ORDERS = 60
"""Of one round; spread over the pairs they stay below every limit."""
POPULATIONS = (1, 1_000, 100_000)
REVOCATIONS = 10


def races() -> Iterator[dict[str, Any]]:
    """A line for each population, and one for revocation."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        signed = SignedOrders(our_exchange.prepare(folder), ours.pairs())
        exchange, _ = stack.enter_context(our_exchange.sandbox(folder))
        url = f"http://{HOST}:{exchange}"
        names = {"VENUE_URL": url, "SANDBOX_OPERATOR_KEY": our_exchange.OPERATOR_KEY}
        os.environ.update(names)
        stack.enter_context(override_settings(**names))
        acme, alice = cast.institution("Acme", code="ACMEcode1"), cast.person("Alice")
        portal = stack.enter_context(web_process())
        token = grants.token_of(grants.granted(alice, acme, signed.traders[0]))
        straight = Way(exchange, signed, lambda order, name: signed.request(order, name), 1)
        through = Way(portal, signed, lambda order, name: _with(token, signed, order, name), 0)
        relay = stack.enter_context(bare_relay(exchange))
        relayed = Way(relay, signed, lambda order, name: signed.request(order, name), 2)
        live = 1
        for population in POPULATIONS:
            grants.multiply(live, population)
            live = population
            yield _round_trips(population, through, straight, relayed)
        yield _revocations(portal, signed, acme, alice)


def _round_trips(population: int, *ways: "Way") -> dict[str, Any]:
    for way in ways:
        way.times.clear()
    took = list(all_in_turns(ROUNDS, *(way.run for way in ways)))
    through, straight, relayed = (way.spread() for way in ways)
    return told(
        f"gateway_order_with_{population}_grants", "ms", "lower", [Round(*one[:2]) for one in took],
        goal=2.0, ours_p50_p99=through, yardstick_p50_p99=straight, bare_relay_p50_p99=relayed,
        bare_relay_ratio=round(median(one[2] / one[1] for one in took), 3),
        orders_per_round=ORDERS, database=durability(),
    )  # fmt: skip


def _revocations(
    portal: int, signed: SignedOrders, acme: Institution, alice: Person
) -> dict[str, Any]:
    """From the end of the call that ended a grant to the refusal read; each next request must be
    refused."""
    took = []
    with socket.create_connection((HOST, portal)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(2, 2 + REVOCATIONS):
            grant = grants.granted(alice, acme, signed.traders[number])
            token = grants.token_of(grant)
            (order,) = flow.limits(1, books=len(signed.pairs), seed=number, crossing=False)
            wire.sendall(_with(token, signed, order, f"before{number}"))
            assert signed.accepted in read_answer(wire)
            end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)
            began = time.perf_counter()
            wire.sendall(_with(token, signed, order, f"after{number}"))
            answer = read_answer(wire)
            took.append(1000 * (time.perf_counter() - began))
            if b"53003" not in answer:
                raise RuntimeError(answer.decode())
    return alone("revoke_to_refusal", "ms", "lower", took, None, slowest=round(max(took), 2))


class Way:
    """One way to the exchange, and the milliseconds of every order that went it."""

    def __init__(
        self,
        port: int,
        signed: SignedOrders,
        request: Callable[[flow.Command, str], bytes],
        account: int,
    ) -> None:
        self.times: list[float] = []
        self._signed, self._request, self._account = signed, request, account
        self._port, self._sent = port, 0

    def run(self, number: int) -> float:
        """Round ``number``; its p50. Raises RuntimeError on a no."""
        orders = flow.limits(ORDERS, books=1, seed=number, crossing=False)
        with socket.create_connection((HOST, self._port)) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            took = [self._time(wire, order) for order in orders]
        if number:  # round 0 warms up
            self.times += took
        time.sleep(2)  # a window of every limit
        return median(took)

    def _time(self, wire: socket.socket, order: flow.Command) -> float:
        self._sent += 1
        book = self._sent % len(self._signed.pairs)
        mine = order._replace(account=self._account, book=book)
        request = self._request(mine, f"w{self._account}n{self._sent}")
        began = time.perf_counter()
        wire.sendall(request)
        answer = read_answer(wire)
        took = 1000 * (time.perf_counter() - began)
        if self._signed.accepted not in answer:
            raise RuntimeError(answer.decode(errors="replace"))
        return took

    def spread(self) -> list[float]:
        """p50 and p99 over all rounds."""
        return [round(median(self.times), 3), round(quantiles(self.times, n=100)[98], 3)]


def _with(token: str, signed: SignedOrders, order: flow.Command, name: str) -> bytes:
    """The order under a token, without a tag."""
    body = json.dumps(signed.fields(order, name))
    return post(TARGET, body, {"Authorization": f"Bearer {token}"})
