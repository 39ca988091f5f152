"""The services of a benchmark: throw-away, but as durable as the ones that `make run` starts."""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from connect_portal.kit.runtime.ports import HOST, answers_http, free_port
from connect_portal.kit.runtime.postgres import Postgres
from connect_portal.kit.runtime.programs import Program, start, stop
from tests.services import throwaway_services

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def durable_services() -> Iterator[None]:
    """A PostgreSQL that writes to disk at each commit (its defaults), and a Valkey.

    Services that the environment names are left alone: a benchmark writes only into its own.
    """
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-bench-")))
        server = Postgres(folder / "postgres", free_port(), secrets.token_urlsafe(16))
        server.prepare()
        stack.enter_context(running(server.program(), folder))
        os.environ["DATABASE_URL"] = server.url
        stack.enter_context(throwaway_services())
        yield


@contextmanager
def web_process() -> Iterator[int]:
    """The site's web process, started as `make run` starts it; yields its port."""
    port = free_port()
    command = (
        *(sys.executable, "-m", "uvicorn", "connect_portal.asgi:application"),
        *("--host", HOST, "--port", str(port), "--log-level", "warning"),
        *("--timeout-graceful-shutdown", "1", "--no-proxy-headers"),
    )
    web = Program("web", command, ready=partial(answers_http, port), folder=ROOT)
    with tempfile.TemporaryDirectory() as folder, running(web, Path(folder)):
        yield port


@contextmanager
def bare_relay(venue: int) -> Iterator[int]:
    """The relay to the exchange on a port of this machine; yields its own."""
    port = free_port()
    command = (sys.executable, "-m", "tests.benchmarks.relay", str(port), str(venue))
    relay = Program("relay", command, ready=partial(answers_http, port), folder=ROOT)
    with tempfile.TemporaryDirectory() as folder, running(relay, Path(folder)):
        yield port


@contextmanager
def running(program: Program, folder: Path, within: float = 30) -> Iterator[int]:
    """The program as a child that writes its log into the folder; yields its process id."""
    child = start(program, folder / f"{program.name}.log", within)
    try:
        yield child.pid
    finally:
        stop(program, child)
