"""The exchange as one process: store, wire and market on one port. Needs no Django."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from connect_portal.sandbox.errors import SandboxError
from connect_portal.sandbox.market import MarketMaker
from connect_portal.sandbox.store import COMMANDS_PER_SNAPSHOT, Store
from connect_portal.sandbox.wire.app import build_app

log = logging.getLogger(__name__)


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
    announce: Callable[[str], None] = log.info


class Server(uvicorn.Server):
    """Leaves signals to `serve`, which still has a snapshot to write after the last answer."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT. Raises SandboxError with one clear sentence."""
    try:
        asyncio.run(serve(config))
    except OSError as error:
        raise SandboxError(f"The sandbox cannot use {config.folder}: {error.strerror}.") from error


async def serve(config: Config) -> None:
    """The same inside a running loop."""
    listening = bind(config.host, config.port)
    with contextlib.closing(listening):
        store = Store(config.folder, commands_per_snapshot=config.commands_per_snapshot)
        store.start()
        try:
            await _serve_store(config, store, listening)
        finally:
            await store.close()


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


async def _serve_store(config: Config, store: Store, listening: socket.socket) -> None:
    app = build_app(store, operator_key=config.operator_key, operator_remote=config.operator_remote)
    server = Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            ws_max_size=1 << 17,
            timeout_graceful_shutdown=1,
        )
    )
    _stop_on_signals(server)
    side_tasks = [asyncio.create_task(app.state.hub.beat_forever())]
    if config.market:
        side_tasks.append(asyncio.create_task(MarketMaker(store, config.seed).run_forever()))
    config.announce(f"sandbox listening on http://{config.host}:{listening.getsockname()[1]}")
    try:
        await server.serve(sockets=[listening])
    finally:
        for task in side_tasks:
            task.cancel()
        await asyncio.gather(*side_tasks, return_exceptions=True)


def _stop_on_signals(server: uvicorn.Server) -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)


def main() -> int:
    """`python -m connect_portal.sandbox.serve FOLDER PORT OPERATOR_KEY [quiet]`, for tests."""
    folder, port, operator_key, *quiet = sys.argv[1:]

    def announce(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    config = Config(Path(folder), operator_key, port=int(port), market=not quiet, announce=announce)
    try:
        run(config)
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
