"""The peer: `matching-engine` from PyPI, in an environment of its own Python, kept in the cache.

Where no such Python is found, or the package cannot be installed, the peer is not available.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

from connect_portal.kit.runtime.ports import answers_http, free_port
from connect_portal.kit.runtime.programs import Program
from tests.benchmarks.services import running

PACKAGE = "matching-engine"
NOT_AVAILABLE = "peer not available"
REQUIREMENTS = (f"{PACKAGE}[gateway]==0.1.1", "uvloop>=0.22")
"""uvloop because our own server has it: the peer's finds it and uses it."""
AT_LEAST = "3.13"
MARKET = "BTC-USDT"


class NotAvailable(Exception):
    """The peer cannot run here; the message says why."""


@cache
def python() -> Path:
    """The Python of the peer's environment, made at the first call. Raises NotAvailable."""
    folder = _cache() / f"{PACKAGE}-0.1.1"
    theirs = folder / "bin" / "python"
    if _runs(theirs, "import matching_engine.gateway, uvloop"):
        return theirs
    base = _interpreter()
    try:
        _quietly(base, "-m", "venv", "--clear", str(folder))
        _quietly(theirs, "-m", "pip", "install", "--quiet", *REQUIREMENTS)
    except (OSError, subprocess.SubprocessError) as error:
        raise NotAvailable(f"{PACKAGE} could not be installed") from error
    return theirs


@cache
def version() -> str:
    """What is raced against, in one line."""
    code = "import sys; print(*sys.version_info[:3], sep='.')"
    said = subprocess.check_output([python(), "-c", code], text=True)
    return f"{PACKAGE} 0.1.1, Python {said.strip()}"


@contextmanager
def gateway(folder: Path) -> Iterator[tuple[int, int]]:
    """Its own HTTP server with its own settings, fsync on, one market; yields port and pid.

    One market is its best case: each of its markets syncs a log of its own.
    """
    port = free_port()
    settings = {
        "ME_DATA_DIR": str(folder),
        "ME_MARKETS": f"{MARKET}:0.1:0.00001",
        "ME_FSYNC": "1",
    }
    program = Program(
        "peer",
        (str(python()), "-m", "matching_engine", "serve", "--port", str(port)),
        ready=partial(answers_http, port),
        environment={**os.environ, **settings},
        folder=folder,
    )
    with running(program, folder) as pid:
        yield port, pid


def _interpreter() -> str:
    """A Python that is new enough: the one named by PEER_PYTHON, on the path, or among pyenv's."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    named = (os.environ.get("PEER_PYTHON"), "python3.13", "python3.14", "python3")
    installed = sorted(root.glob("versions/3.1[3-9]*/bin/python3"))
    for found in (*filter(None, named), *map(str, installed)):
        path = shutil.which(found)
        if path and _runs(path, f"import sys; assert sys.version_info >= {_tuple(AT_LEAST)}"):
            return path
    raise NotAvailable(f"no Python {AT_LEAST} or newer was found")


def _tuple(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _runs(interpreter: str | Path, code: str) -> bool:
    try:
        return subprocess.run([interpreter, "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def _quietly(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=600)


def _cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "connect-portal-benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
