"""What a child program is, and how one is started and stopped outside the supervisor.

Used by `postgres`, `valkey`, `supervisor`, the `up` command and `tests.services`.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import CannotStart
from .identity import OURSELVES, Identity, before_exec


@dataclass(frozen=True)
class Program:
    """One long-running child: how to start it, know it is ready, and stop it."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool] | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
    identity: Identity = OURSELVES
    stop_signal: signal.Signals = signal.SIGTERM
    # Sent by the kernel if we die first.
    death_signal: signal.Signals = signal.SIGKILL
    # Seconds between the stop signal and SIGKILL.
    patience: float = 4.0
    # Lines that contain one of these are known to mean nothing and are not shown.
    noise: tuple[str, ...] = ()

    def popen_arguments(self) -> dict[str, Any]:
        """Keyword arguments for Popen and asyncio alike: own session, identity, bound life."""
        return {
            "env": dict(self.environment),
            "cwd": self.folder,
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            "start_new_session": True,
            "preexec_fn": before_exec(self.identity, self.death_signal),
        }


def start(program: Program, log: Path, within: float = 30.0) -> subprocess.Popen[bytes]:
    """Start `program` with its output in the file `log`, and return when it is ready.

    Raises CannotStart when it exits first or is not ready `within` so many seconds. Must be called
    from the main thread: the kernel binds the child's life to the thread that forked it.
    """
    with log.open("ab") as output:
        arguments = program.popen_arguments() | {"stdout": output}
        child = subprocess.Popen(program.command, **arguments)
    try:
        _wait_until_ready(program, child, log, time.monotonic() + within)
    except BaseException:
        stop(program, child)
        raise
    return child


def _wait_until_ready(
    program: Program, child: "subprocess.Popen[bytes]", log: Path, deadline: float
) -> None:
    while program.ready is not None and not program.ready():
        if child.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"{program.name} did not start: {last_line(log)}")
        time.sleep(0.02)


def stop(program: Program, child: "subprocess.Popen[bytes]") -> None:
    """Stop `child` by its own signal, or after its patience by SIGKILL."""
    if child.poll() is None:
        child.send_signal(program.stop_signal)
        try:
            child.wait(program.patience)
        except subprocess.TimeoutExpired:
            kill_group(child.pid)
            child.wait()


def kill_group(pid: int) -> None:
    """SIGKILL the session led by `pid`, whatever is left of it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def last_line(log: Path) -> str:
    """The last line that a program wrote, or a word that it wrote none."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
