"""A pytest plugin: throw-away PostgreSQL and Valkey for one run, and what each mark needs.

Loaded by `-p tests.services` (pyproject.toml) before Django reads its settings. Where DATABASE_URL
or REDIS_URL is set, that service is used and not started. With `-n` each process of pytest-xdist
starts its own. Benchmarks use `throwaway_services`; `python -m tests.services COMMAND ...` runs one
command with such services.
"""

import base64
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from connect_portal.kit.runtime import postgres, valkey
from connect_portal.kit.runtime.ports import free_port
from connect_portal.kit.runtime.programs import Program, start, stop
from tests import migrated

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
NODE_AT_LEAST = 20
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # noqa: S108 - every name below it is random

_running = ExitStack()


@contextmanager
def throwaway_services() -> Iterator[dict[str, str]]:
    """Start what is not set in the environment, export its address, and forget it all at the end.

    Yields the exported variables: DATABASE_URL, REDIS_URL, DATA_DIR and fresh secrets.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-test-")))
        exported = {"DATA_DIR": str(folder), **_fresh_secrets()}
        if "DATABASE_URL" not in os.environ:
            exported["DATABASE_URL"] = stack.enter_context(_postgres(folder))
        if "REDIS_URL" not in os.environ:
            exported["REDIS_URL"] = stack.enter_context(_valkey(folder))
        stack.enter_context(_exported(exported))
        yield exported


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    server = postgres.Postgres(
        folder / "postgres", free_port(), secrets.token_urlsafe(16), options=postgres.THROWAWAY
    )
    server.prepare()
    with _started(server.program(), folder):
        yield server.url


@contextmanager
def _valkey(folder: Path) -> Iterator[str]:
    server = valkey.Valkey(folder / "valkey", free_port(), secrets.token_urlsafe(16))
    server.prepare()
    with _started(server.program(), folder):
        yield server.url


@contextmanager
def _started(program: Program, folder: Path) -> Iterator[None]:
    child = start(program, folder / f"{program.name}.log")
    try:
        yield
    finally:
        stop(program, child)


def _fresh_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "VAULT_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "SANDBOX_OPERATOR_KEY": secrets.token_urlsafe(32),
    }


@contextmanager
def _exported(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _work_in_memory() -> None:
    """Let temporary files lie in memory where that has room, unless TMPDIR says where.

    Tests kill processes and not machines: waiting for a disk to sync would prove no more.
    """
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    if has_room and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start the services. A wrapper, so that it runs before pytest-django reads the settings."""
    _work_in_memory()
    hands_out = early_config.known_args_namespace.numprocesses
    if hands_out and "PYTEST_XDIST_WORKER" not in os.environ:
        # The processes that run the tests read `-p` too late; the variable they heed in time.
        os.environ["PYTEST_PLUGINS"] = "tests.services"
        if "DATABASE_URL" not in os.environ:
            _running.enter_context(migrated.migrating())
    else:
        _running.enter_context(throwaway_services())
    try:
        return (yield)
    except BaseException:
        _running.close()
        raise


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Half as many processes again as there are cores: a test waits for others a third of its
    time."""
    cores = yield
    return cores + cores // 2


def pytest_unconfigure() -> None:
    """Stop the services, also after Ctrl-C; after SIGKILL of pytest the kernel stops them."""
    _running.close()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with a plain sentence, what this machine cannot run; in CI that is a failure."""
    for mark, sentence in (("browser", _chromium_is_missing()), ("npm", _node_is_missing())):
        if sentence and item.get_closest_marker(mark):
            if "CI" in os.environ:
                pytest.fail(sentence, pytrace=False)
            pytest.skip(sentence)  # a contributor without a browser or Node runs all the rest


def _chromium_is_missing() -> str | None:
    if Path(CHROMIUM).is_file():
        return None
    return f"Not run: no Chromium at {CHROMIUM} (install it, or set CHROMIUM)."


def _node_is_missing() -> str | None:
    found = shutil.which("node")
    words = subprocess.check_output([found, "--version"], text=True) if found else "v0"
    major = int(re.sub(r"\D.*", "", words.strip().removeprefix("v")))
    return None if major >= NODE_AT_LEAST else f"Not run: Node {NODE_AT_LEAST} or newer is missing."


def run_with_services(command: list[str]) -> int:
    """Run one command with throw-away services; its exit code. Ctrl-C is the command's affair."""
    with throwaway_services():
        child = subprocess.Popen(command)
        while True:
            with suppress(KeyboardInterrupt):
                return child.wait()


if __name__ == "__main__":
    sys.exit(run_with_services(sys.argv[1:]))
