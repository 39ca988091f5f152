"""The data folder of one installation: its lock, its secrets, the addresses of what runs.

`settings` reads `secrets.json` and `run.json`; only the `up` command writes them, through here.
"""

import base64
import errno
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import CannotStart

ROOM_NEEDED = 300 * 1024 * 1024  # bytes: a new cluster with its write-ahead log, and static files
SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "VAULT_KEYS": lambda: "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
    "SANDBOX_OPERATOR_KEY": lambda: secrets.token_urlsafe(32),
    "POSTGRES_PASSWORD": lambda: secrets.token_urlsafe(24),
    "VALKEY_PASSWORD": lambda: secrets.token_urlsafe(24),
}


class DataDir:
    """One data folder. `with DataDir.opened(path) as data:` holds its lock meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    @contextmanager
    def opened(cls, path: Path, room: int = ROOM_NEEDED) -> Iterator["DataDir"]:
        """Make the folder, check `room` bytes on its disk, and hold its lock.

        Raises CannotStart when it cannot be written, has no room, or another `up` holds it.
        """
        with explained(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _require_room(path, room)
            descriptor = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, path)
            yield cls(path)
        finally:
            os.close(descriptor)

    def secrets(self) -> dict[str, str]:
        """The secrets of this installation; those that are missing are made and kept (0600)."""
        known = self._read("secrets.json")
        missing = {name: make() for name, make in SECRETS.items() if name not in known}
        if missing:
            self._write("secrets.json", known | missing)
        return {str(name): str(value) for name, value in (known | missing).items()}

    def run(self) -> dict[str, Any]:
        """What the last run wrote: `database_url`, `redis_url`, ports, `pid` (null = stopped)."""
        return self._read("run.json")

    def write_run(self, facts: dict[str, Any]) -> None:
        """Write `facts` over what `run.json` says."""
        self._write("run.json", self.run() | facts)

    def _read(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return {}
        except ValueError:
            raise CannotStart(
                f"{self.path / name} is not valid JSON: repair it, or move it away."
            ) from None
        return dict(content)

    def _write(self, name: str, content: dict[str, Any]) -> None:
        """Whole or not at all, and readable by the owner alone from its first byte."""
        unfinished = self.path / f"{name}.new"
        with explained(self.path):
            unfinished.unlink(missing_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(content, file, indent=2)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.path / name)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the failures of a disk into a sentence about the data folder at `path`."""
    try:
        yield
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CannotStart(f"The disk that holds {path} is full: make room on it.") from failure
        raise CannotStart(
            f"The data folder {path} cannot be used ({failure.strerror}):"
            " give this user the right to write there, or set DATA_DIR to another folder."
        ) from failure


def _require_room(path: Path, room: int) -> None:
    free = shutil.disk_usage(path).free
    if free < room:
        raise CannotStart(
            f"The disk that holds {path} is full: it has {free // 2**20} MB free,"
            f" and {room // 2**20} MB are needed."
        )


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 32).decode().strip() or "?"
        raise CannotStart(
            f"The site is already running on {path} (process {holder}):"
            " stop it first, or set DATA_DIR to another folder."
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
