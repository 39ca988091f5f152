"""Figures without a yardstick: memory and the seconds of a restart of an exchange that was killed.

Once with 100,000 open orders, once after 1,000,000 journaled commands of the seeded stream; with
BENCH_QUICK=1 a tenth of both. A restart reads a snapshot and replays the tail: here a tail as long
as it is on average. The clock runs from the start of the process to its first answer over HTTP;
memory is what is resident then.
"""

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks import flow, our_exchange, ours
from tests.benchmarks.flow import Command
from tests.benchmarks.rounds import alone

ROUNDS = 3
SHARE = 10 if os.environ.get("BENCH_QUICK") else 1
OPEN_ORDERS, COMMANDS = 100_000 // SHARE, 1_000_000 // SHARE


def races() -> Iterator[dict[str, Any]]:
    """Two lines for each exchange: seconds, and megabytes."""
    books = len(ours.pairs())
    still = flow.limits(OPEN_ORDERS, books=books, crossing=False)
    yield from _figures(f"{OPEN_ORDERS}_open_orders", list(still))
    yield from _figures(f"{COMMANDS}_commands", list(flow.commands(COMMANDS, books=books)))


def _figures(name: str, commands: list[Command]) -> Iterator[dict[str, Any]]:
    seconds, megabytes = [], []
    with tempfile.TemporaryDirectory() as folder:
        _live_through(Path(folder), commands)
        facts = {"replayed": our_exchange.MEAN_TAIL, "snapshot_mb": _snapshot_mb(Path(folder))}
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with our_exchange.sandbox(Path(folder), stop_signal=signal.SIGKILL) as (_, pid):
                seconds.append(time.perf_counter() - began)
                megabytes.append(_resident_mb(pid))
    yield alone(f"restart_{name}", "s", "lower", seconds, None, goal=None, **facts)
    yield alone(f"memory_{name}", "MB", "lower", megabytes, None, goal=None, **facts)


def _live_through(folder: Path, commands: list[Command]) -> None:
    fresh = multiprocessing.get_context("spawn")
    child = fresh.Process(
        target=our_exchange.live_through, args=(folder, commands, our_exchange.MEAN_TAIL)
    )
    child.start()
    child.join()
    assert child.exitcode == 0


def _snapshot_mb(folder: Path) -> float:
    return round(max(folder.glob("snapshot-*")).stat().st_size / 1e6, 1)


def _resident_mb(pid: int) -> float:
    """VmRSS of proc(5)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
