"""Races: an order over REST, answered when it is durable, from 16 keep-alive connections.

Ours checks the signature and every rule, holds money, keeps histories and makes events. The peer
is `matching-engine` behind its own gateway with fsync on, which checks no signature. The bare
server (`bare_exchange`) is about what asyncio can do. The load comes from a process of its own.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from connect_portal.kit.runtime.ports import answers_http, free_port
from connect_portal.kit.runtime.programs import Program
from tests.benchmarks import our_exchange, ours, peer
from tests.benchmarks.asked import ORDERS, PeerOrders, SignedOrders
from tests.benchmarks.load import CONNECTIONS, Generator, Source, generator
from tests.benchmarks.rounds import Round, all_in_turns, alone, told
from tests.benchmarks.services import ROOT, running

ROUNDS = 7
Server = AbstractContextManager[tuple[int, int]]


class Measured(NamedTuple):
    """One round of one server, and the CPU microseconds that an order cost it."""

    rate: float
    p50: float
    p99: float
    cpu_us: float


class Race(NamedTuple):
    """One line: what is compared, and the ratio to reach."""

    name: str
    unit: str
    better: str
    goal: float
    figure: Callable[[Measured], float]


AGAINST_PEER = (
    Race("order_rest_against_peer", "orders/s", "higher", 2.0, lambda one: one.rate),
    Race("order_rest_p99_against_peer", "ms", "lower", 1.0, lambda one: one.p99),
)
AGAINST_BARE = Race("order_rest_against_bare", "orders/s", "higher", 0.45, lambda one: one.rate)


def races() -> Iterator[dict[str, Any]]:
    """All servers in each round; a line for each goal."""
    facts: dict[str, Any] = {"connections": CONNECTIONS, "orders_per_round": ORDERS}
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3)]
        facts["disk_sync_ms"] = _disk_sync_ms(folders[1] / "probe")
        signed = SignedOrders(our_exchange.prepare(folders[0]), ours.pairs())
        runners = [
            _runner(stack, our_exchange.sandbox(folders[0]), signed),
            _runner(stack, _bare(folders[1], signed), signed),
        ]
        try:
            runners.append(_runner(stack, peer.gateway(folders[2]), PeerOrders()))
            facts["peer"] = peer.version()
        except peer.NotAvailable as error:
            facts["peer"] = str(error)
        us, bare, *peers = zip(*all_in_turns(ROUNDS, *runners), strict=True)
    for race in AGAINST_PEER:
        yield _line(race, us, peers[0] if peers else None, **facts)
    yield _line(AGAINST_BARE, us, bare, **facts)


def _line(
    race: Race, us: Sequence[Measured], them: Sequence[Measured] | None, **facts: Any
) -> dict[str, Any]:
    name, unit, better, goal, figure = race
    facts = {"goal": goal, **facts, "ours_p50_p99_ms_cpu_us": _told(us)}
    if them is None:
        return alone(name, unit, better, list(map(figure, us)), peer.NOT_AVAILABLE, **facts)
    rounds = [Round(figure(our), figure(their)) for our, their in zip(us, them, strict=True)]
    return told(name, unit, better, rounds, **facts, yardstick_p50_p99_ms_cpu_us=_told(them))


def _told(rounds: Sequence[Measured]) -> list[float]:
    columns = ([one.p50 for one in rounds], [one.p99 for one in rounds], [r.cpu_us for r in rounds])
    return [round(median(column), 2) for column in columns]


def _runner(stack: ExitStack, server: Server, source: Source) -> Callable[[int], Measured]:
    """The server, started, and its generator; a function that runs a round."""
    port, pid = stack.enter_context(server)
    return partial(_run, stack.enter_context(generator(port, source)), pid)


def _run(load: Generator, pid: int, number: int) -> Measured:
    before = _cpu_seconds(pid)
    volley = load.fire(number)
    cpu_us = 1e6 * (_cpu_seconds(pid) - before) / ORDERS
    return Measured(volley.per_second, volley.p50_ms, volley.p99_ms, cpu_us)


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads: proc(5), fields 14 and 15 of stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _disk_sync_ms(path: Path) -> float:
    """What a write of 8 KiB that is on disk takes here now: the floor under every answer."""
    took = []
    with path.open("wb", buffering=0) as file:
        for _ in range(100):
            began = time.perf_counter()
            file.write(bytes(8192))
            os.fdatasync(file.fileno())
            took.append(1000 * (time.perf_counter() - began))
    return round(median(took), 2)


@contextmanager
def _bare(folder: Path, signed: SignedOrders) -> Iterator[tuple[int, int]]:
    port = free_port()
    keys = [(trader.api_key, trader.secret, our_exchange.PASSPHRASE) for trader in signed.traders]
    command = (
        *(sys.executable, "-m", "tests.benchmarks.bare_exchange"),
        *(str(port), str(folder / "log"), json.dumps(keys)),
    )
    program = Program("bare", command, ready=partial(answers_http, port), folder=ROOT)
    with running(program, folder) as pid:
        yield port, pid
