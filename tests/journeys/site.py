"""The site as `make run` starts it: every process real, in a folder and on ports of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROCESSES = {
    "postgres": "postgres -D",
    "valkey": "valkey",
    "sandbox": "manage.py sandbox",
    "web": "uvicorn connect_portal.asgi",
    "worker": "connect_portal worker",
    "beat": "connect_portal beat",
    "stream": "manage.py stream",
}
PATIENCE = 120


@dataclass
class Site:
    """One installation: where its data lies, its ports, the process that holds it up, and what
    browsers complained of in its pages."""

    folder: Path
    portal_port: int
    sandbox_port: int
    up: "subprocess.Popen[bytes] | None" = None
    card: dict[str, Any] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What a person would type before `make run`; the test services are not the site's."""
        ours = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "VAULT_KEYS", "SANDBOX_OPERATOR_KEY")
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        return inherited | {
            "DATA_DIR": str(self.folder),
            "PORTAL_PORT": str(self.portal_port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "CERTIFICATION_QUIET_S": "3",
        }

    def start(self) -> None:
        """Bring everything up and wait until it says so."""
        log = self.folder.with_suffix(".log")
        with log.open("ab") as output:
            before = output.tell()
            self.up = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: b"is running" in log.read_bytes()[before:] or not self.is_up(), log)
        assert self.is_up(), log.read_text()
        self.card = json.loads(self.manage("demo", "--json"))

    def stop(self) -> int:
        """Press Ctrl-C and wait; the exit status."""
        assert self.up is not None
        self.up.send_signal(signal.SIGINT)
        return self.up.wait(60)

    def is_up(self) -> bool:
        """Whether the process that holds the others still runs."""
        return self.up is not None and self.up.poll() is None

    def manage(self, *words: str) -> str:
        """What a `manage.py` command prints."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def pids(self) -> dict[str, int]:
        """The children by name, as they run now."""
        assert self.up is not None
        children = Path(f"/proc/{self.up.pid}/task/{self.up.pid}/children").read_text().split()
        lines = {int(pid): _command_line(int(pid)) for pid in children}
        return {
            name: pid
            for name, words in PROCESSES.items()
            for pid, line in lines.items()
            if words in line
        }

    def kill(self, name: str) -> None:
        """`kill -9` one process and wait until another stands in its place."""
        old = self.pids()[name]
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: self.pids().get(name, old) != old, f"{name} to come back")


def wait_until(happened: Any, what: object, patience: float = PATIENCE) -> None:
    """Look again and again, and give up loudly."""
    deadline = time.monotonic() + patience
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still waiting for {what}")
        time.sleep(0.1)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
