"""The migrated database, made once for all the processes that share a run.

Migrating takes as long as collecting all tests does. So the process that hands tests out has it
done beside those that run them, while they collect; each begins with a copy, in a server of its
own. Used by `tests.services` and the conftest. `python -m tests.migrated` is what does it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from connect_portal.kit.runtime.postgres import find_binaries

DUMP = "MIGRATED_DUMP"  # the variable that says where it lies, or will
TEMPLATE = "migrated"


@contextmanager
def migrating() -> Iterator[None]:
    """Have it made in the background, and say to the processes to come where it will lie."""
    with TemporaryDirectory(prefix="portal-test-") as folder:
        os.environ[DUMP] = f"{folder}/migrated.sql"
        module = (sys.executable, "-m")
        child = subprocess.Popen(
            [*module, "tests.services", *module, "tests.migrated"],
            cwd=Path(__file__).parents[1],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # where it fails, who migrates in its place says why
        )
        try:
            yield
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGINT)
            child.wait()


def main() -> None:
    """Migrate the database of the environment and dump it; an empty file says that it failed."""
    dump = Path(os.environ[DUMP])
    unfinished = dump.with_suffix(".unfinished")
    unfinished.touch()
    try:
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True)
        _run("pg_dump", "connect_portal", "--no-owner", f"--file={unfinished}")
    finally:
        unfinished.rename(dump)


def begin_with_it() -> None:
    """Let the test database be a copy of it, once it is there; else Django migrates as ever."""
    if DUMP not in os.environ:
        return
    dump = Path(os.environ[DUMP])
    while not dump.exists():
        time.sleep(0.05)
    if dump.stat().st_size == 0:
        return
    _run("psql", "postgres", "--quiet", f"--command=CREATE DATABASE {TEMPLATE}")
    quietly = ("--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction")
    _run("psql", TEMPLATE, *quietly, f"--file={dump}")
    connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


def _run(tool: str, database: str, *options: str) -> None:
    """One of PostgreSQL's own programs, on a database of our server."""
    address = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database}"
    subprocess.run([find_binaries() / tool, f"--dbname={address}", *options], check=True)


if __name__ == "__main__":
    main()
