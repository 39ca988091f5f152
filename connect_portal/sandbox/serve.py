"""The exchange as one process: both environments, their markets and one wire. Needs no Django."""

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvloop

from connect_portal.sandbox.engine.commands import MoveClock
from connect_portal.sandbox.errors import SandboxError
from connect_portal.sandbox.history import UNFILLED_KEPT_MS
from connect_portal.sandbox.market import MarketMaker
from connect_portal.sandbox.store import COMMANDS_PER_SNAPSHOT, Store
from connect_portal.sandbox.wire.app import App
from connect_portal.sandbox.wire.environments import Venue
from connect_portal.sandbox.wire.http1 import server

log = logging.getLogger(__name__)
RARELY = (50_000, 20, 100)
"""When the collector looks for cycles: an order makes hundreds of objects and none of these."""

TURN_S = 0.00005
"""How long a thread that needs the interpreter waits at most: the disk's, above all."""


@dataclass(frozen=True)
class Config:
    """How to run: where the files are, which port (0 = any free one), who the operator is."""

    folder: Path
    operator_key: str
    host: str = "127.0.0.1"
    port: int = 0
    market: bool = True
    seed: int = 1
    operator_remote: bool = False
    commands_per_snapshot: int = COMMANDS_PER_SNAPSHOT
    unfilled_kept_ms: int = UNFILLED_KEPT_MS
    announce: Callable[[str], None] = log.info

    @property
    def folders(self) -> tuple[Path, Path]:
        """Where live and demo keep their files."""
        return self.folder, self.folder / "demo"


def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT. Raises SandboxError with one clear sentence."""
    sys.setswitchinterval(TURN_S)
    allow_many_clients()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(config))
    except OSError as error:
        raise SandboxError(f"The sandbox cannot use {config.folder}: {error.strerror}.") from error


def allow_many_clients() -> None:
    """Let the process open as many files as it may: each client is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # some systems name more than they allow
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def serve(config: Config) -> None:
    """The same inside a running loop."""
    listening = bind(config.host, config.port)
    with contextlib.closing(listening):
        async with contextlib.AsyncExitStack() as stack:
            live, demo = [await _open(stack, config, folder) for folder in config.folders]
            await _agree_on_time(live, demo)
            await _serve_venue(config, Venue(live, demo), listening)


async def _open(stack: contextlib.AsyncExitStack, config: Config, folder: Path) -> Store:
    store = Store(
        folder,
        commands_per_snapshot=config.commands_per_snapshot,
        unfilled_kept_ms=config.unfilled_kept_ms,
    )
    stack.push_async_callback(store.close)
    store.start()
    return store


async def _agree_on_time(*stores: Store) -> None:
    """One business clock for both: a stop between two moves leaves one behind."""
    ahead = max(store.exchange.state.offset_ms for store in stores)
    for store in stores:
        if store.exchange.state.offset_ms < ahead:
            await store.submit(MoveClock(offset_ms=ahead))


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SandboxError naming the port when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Naming TCP lets asyncio switch Nagle's algorithm off; otherwise answers wait 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        message = f"Port {port} on {host} is not free for the sandbox: {error.strerror}."
        raise SandboxError(message) from error
    return listening


async def _serve_venue(config: Config, venue: Venue, listening: socket.socket) -> None:
    app = App(venue, operator_key=config.operator_key, operator_remote=config.operator_remote)
    stop = asyncio.Event()
    _stop_on_signals(stop)
    side_tasks = [asyncio.create_task(each.hub.beat_forever()) for each in venue.both]
    if config.market:
        makers = [MarketMaker(each.store, config.seed + n) for n, each in enumerate(venue.both)]
        # The first caller finds a market already.
        await asyncio.gather(*(maker.attempt(maker.open) for maker in makers))
        side_tasks += [asyncio.create_task(maker.run_forever()) for maker in makers]
    gc.freeze()  # what was there at the start stays, and need not be looked through again
    gc.set_threshold(*RARELY)
    config.announce(f"sandbox listening on http://{config.host}:{listening.getsockname()[1]}")
    try:
        await server.serve(app, listening, stop)
    finally:
        for task in side_tasks:
            task.cancel()
        await asyncio.gather(*side_tasks, return_exceptions=True)


def _stop_on_signals(stop: asyncio.Event) -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


def main() -> int:
    """`python -m connect_portal.sandbox.serve FOLDER PORT OPERATOR_KEY [quiet]`, for tests.

    `SANDBOX_COMMANDS_PER_SNAPSHOT` in the environment makes snapshots as frequent as a test needs.
    """
    folder, port, operator_key, *quiet = sys.argv[1:]
    kept_s = int(os.environ.get("SANDBOX_UNFILLED_KEPT_S", UNFILLED_KEPT_MS // 1000))
    per_snapshot = int(os.environ.get("SANDBOX_COMMANDS_PER_SNAPSHOT", COMMANDS_PER_SNAPSHOT))

    def announce(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    config = Config(
        Path(folder),
        operator_key,
        port=int(port),
        market=not quiet,
        commands_per_snapshot=per_snapshot,
        unfilled_kept_ms=kept_s * 1000,
        announce=announce,
    )
    try:
        run(config)
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
