"""A generator of load in a process of its own: 16 keep-alive connections, one request open on each.

Requests of a round are made, signed and laid ready before its clock starts; every answer is
checked. Standard library only, one thread, epoll.
"""

import multiprocessing
import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from statistics import median, quantiles
from typing import Protocol

CONNECTIONS = 16
HOST = "127.0.0.1"


class Source(Protocol):
    """What is asked of a server. Travels to the generator's process."""

    @property
    def accepted(self) -> bytes:
        """Stands in every good answer and in no other."""

    def requests(self, number: int) -> list[bytes]:
        """The whole HTTP requests of a round."""


@dataclass(frozen=True)
class Volley:
    """What one round measured."""

    per_second: float
    p50_ms: float
    p99_ms: float


class Generator:
    """The other end of the generator's process."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def fire(self, number: int) -> Volley:
        """Send the round's requests; returns when all are answered. Raises RuntimeError on a no."""
        self._pipe.send(number)
        answer = self._pipe.recv()
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer


@contextmanager
def generator(port: int, source: Source) -> Iterator[Generator]:
    """A process that fires what the source asks at a port of this machine."""
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(there, port, source), daemon=True
    )
    child.start()
    try:
        yield Generator(here)
    finally:
        child.terminate()
        child.join()


def _serve(pipe: Connection, port: int, source: Source) -> None:
    while True:
        try:
            pipe.send(_fire(port, source.requests(pipe.recv()), source.accepted))
        except RuntimeError as error:
            pipe.send(str(error))


def _fire(port: int, requests: Sequence[bytes], accepted: bytes) -> Volley:
    waiting = iter(requests)
    took: list[float] = []
    open_ends: dict[int, socket.socket] = {}
    poll = select.epoll()
    for _ in range(CONNECTIONS):
        end = socket.create_connection((HOST, port))
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        open_ends[end.fileno()] = end
        poll.register(end, select.EPOLLIN)
    began = time.perf_counter()
    sent = {number: _send_next(end, waiting) for number, end in open_ends.items()}
    while len(took) < len(requests):
        for number, _ in poll.poll():
            end = open_ends[number]
            answer = read_answer(end)
            took.append(time.perf_counter() - sent[number])
            if accepted not in answer:
                raise RuntimeError(answer.decode(errors="replace"))
            sent[number] = _send_next(end, waiting)
    seconds = time.perf_counter() - began
    poll.close()
    for end in open_ends.values():
        end.close()
    return Volley(len(took) / seconds, 1000 * median(took), 1000 * quantiles(took, n=100)[98])


def _send_next(end: socket.socket, waiting: Iterator[bytes]) -> float:
    request = next(waiting, None)
    began = time.perf_counter()
    if request is not None:
        end.sendall(request)
    return began


def read_answer(end: socket.socket) -> bytes:
    """One whole answer; its head names the length of its body."""
    answer = end.recv(65536)
    while (gap := answer.find(b"\r\n\r\n")) < 0:
        answer += _more(end)
    head = answer[:gap].lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(answer) < gap + 4 + length:
        answer += _more(end)
    return answer


def _more(end: socket.socket) -> bytes:
    part = end.recv(65536)
    if not part:
        raise RuntimeError("the server hung up")
    return part
