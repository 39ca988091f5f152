"""News on its way, one piece at a time: from a start in this process to an ear in another."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from statistics import median, quantiles

import redis

PIECES = 20
"""Pieces of news of one round."""
PAUSE = 0.05
"""Seconds between two of them."""
CHANNEL = "benchmark"


class Course:
    """One way, and the milliseconds of everything that went it.

    ``start`` sends piece number n and tells the moment at which its clock starts.
    """

    def __init__(self, ear: Connection, start: Callable[[int], float]) -> None:
        self._ear = ear
        self._start = start
        self._times: list[float] = []

    def run(self, number: int) -> float:
        """Round ``number``; its p50."""
        first = number * PIECES
        times = [self._time(one) for one in range(first, first + PIECES)]
        if number:  # round 0 warms up
            self._times += times
        return median(times)

    def spread(self) -> list[float]:
        """p50 and p99 over all rounds."""
        return [round(median(self._times), 3), round(quantiles(self._times, n=100)[98], 3)]

    def _time(self, number: int) -> float:
        started = self._start(number)
        heard = float(self._ear.recv())
        time.sleep(PAUSE)
        return 1000 * (heard - started)


def publish(publisher: redis.Redis, number: int) -> float:
    """The start of the bare hop: a message on `CHANNEL`."""
    started = time.monotonic()
    publisher.publish(CHANNEL, number)
    return started


@contextmanager
def ear(listen: Callable[..., None], *where: object) -> Iterator[Connection]:
    """``listen`` in a process of its own, once it hears; it sends the moment of each thing heard.

    All processes of a machine share the monotonic clock.
    """
    ours, theirs = multiprocessing.Pipe()
    fresh = multiprocessing.get_context("spawn")
    listener = fresh.Process(target=listen, args=(theirs, *where), daemon=True)
    listener.start()
    theirs.close()  # whoever waits for a listener that died is told so
    try:
        ours.recv()
        yield ours
    finally:
        listener.terminate()
        listener.join()
