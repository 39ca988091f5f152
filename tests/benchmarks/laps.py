"""One lap: an engine carries out the whole stream of its standard input.

`python -m tests.benchmarks.laps MODULE CLASS` prints CPU seconds, and a hash of all fills. Standard
library only: every engine, a peer in its own Python too, is clocked by this same code.
"""

import gc
import hashlib
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from tests.benchmarks.flow import Command

Call = tuple[Callable[..., Any], tuple[Any, ...]]
Fill = tuple[int, int, int, int]
"""Maker, taker (numbers of the stream's orders), price in the stream's ticks, size."""


class Engine(Protocol):
    """Whatever can carry out the stream."""

    def work(self, stream: list[Command]) -> list[Call]:
        """A fresh engine's calls, one a command, with everything ready that a caller could have."""

    def fills(self, results: Iterable[Any]) -> Iterator[Fill]:
        """The fills that the results of the calls tell, in order."""


def lap(engine: Engine, stream: list[Command]) -> dict[str, Any]:
    """Clock one pass, whose results are dropped as they come; then read the fills off another."""
    work = engine.work(stream)
    gc.collect()
    gc.freeze()  # the stream and its calls are the race's own, not the engine's to walk through
    started = time.process_time()
    for call, arguments in work:
        call(*arguments)
    seconds = time.process_time() - started
    gc.unfreeze()
    digest, count = hashlib.sha256(), 0
    for fill in engine.fills([call(*arguments) for call, arguments in engine.work(stream)]):
        digest.update(b"%d %d %d %d\n" % tuple(fill))
        count += 1
    return {"cpu_seconds": seconds, "fills": count, "hash": digest.hexdigest()}


def main() -> None:
    """Clock the engine that the command line names."""
    module, name = sys.argv[1:]
    engine = getattr(importlib.import_module(module), name)()
    stream = [Command(*row) for row in json.load(sys.stdin)]
    sys.stdout.write(json.dumps(lap(engine, stream)) + "\n")


if __name__ == "__main__":
    main()
