"""The data folder: one `up` at a time, secrets that stay, and a sentence for each bad disk."""

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from connect_portal.kit.runtime.datadir import SECRETS, DataDir
from connect_portal.kit.runtime.errors import CannotStart
from connect_portal.kit.runtime.ports import QUIET_RANGE, free_port, require_free


def test_two_sites_never_share_a_data_folder(tmp_path: Path) -> None:
    with (
        DataDir.opened(tmp_path),
        pytest.raises(CannotStart, match=rf"already running on .* \(process {os.getpid()}\)"),
        DataDir.opened(tmp_path),
    ):
        pass
    with DataDir.opened(tmp_path):  # and it is free again afterwards
        pass


def test_secrets_are_made_once_and_readable_by_the_owner_alone(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    first = data.secrets()
    assert set(first) == set(SECRETS)
    assert len(set(first.values())) == len(SECRETS)
    assert data.secrets() == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_a_secret_that_a_later_version_needs_is_added_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps({"SECRET_KEY": "mine"}))
    assert DataDir(tmp_path).secrets()["SECRET_KEY"] == "mine"
    assert set(json.loads((tmp_path / "secrets.json").read_text())) == set(SECRETS)


def test_a_broken_file_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(CannotStart, match=r"secrets.json is not valid JSON"):
        DataDir(tmp_path).secrets()
    assert (tmp_path / "secrets.json").read_text() == "{"


def test_what_runs_is_written_over_what_ran(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    data.write_run({"pid": 7, "postgres_port": 20_001})
    data.write_run({"pid": None})
    assert data.run() == {"pid": None, "postgres_port": 20_001}


def test_a_disk_without_room_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(CannotStart, match=r"The disk that holds .* is full: it has \d+ MB free"),
        DataDir.opened(tmp_path, room=2**60),
    ):
        pass


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(CannotStart, match=r"cannot be used \(.*\): .*set DATA_DIR"),
        DataDir.opened(tmp_path / "file" / "data"),
    ):
        pass


def test_a_port_in_use_is_one_sentence_that_names_the_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} is in use .* PORTAL_PORT={port + 1}"):
            require_free(port, "PORTAL_PORT")


def test_a_port_is_kept_when_it_is_free_and_replaced_when_it_is_not() -> None:
    port = free_port()
    assert port in QUIET_RANGE
    assert free_port(port) == port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert free_port(port) != port
