"""A data folder that cannot be written: not at the start, or not any more."""

import ctypes
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sandbox.conftest import OPERATOR_KEY, ROOT, start_sandbox, stop_sandbox
from tests.sandbox.signing import get, order

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def obey_modes() -> None:
    """Let the modes of files count for this process even if it is root's; prctl(2)."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


@contextmanager
def read_only(folder: Path, *, files: int = 0o600) -> Iterator[None]:
    """A folder, its demo environment below it, and their files without leave to write."""
    folders = [folder, folder / "demo"]
    for each in folders:
        for path in each.iterdir():
            if path.is_file():
                path.chmod(files)
        each.chmod(0o500)
    yield
    for each in folders:
        each.chmod(0o700)
        for path in each.iterdir():
            if path.is_file():
                path.chmod(0o600)


def words_of(folder: Path) -> str:
    """What an exchange says that cannot start on the folder."""
    command = [sys.executable, "-m", "connect_portal.sandbox.serve", str(folder), "0", OPERATOR_KEY]
    end = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, preexec_fn=obey_modes
    )
    assert end.returncode == 1
    assert end.stdout == ""
    return end.stderr


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A folder on which an exchange has run."""
    assert stop_sandbox(start_sandbox(tmp_path, "quiet")) == 0
    return tmp_path


def test_files_that_cannot_be_written_are_one_sentence(used: Path) -> None:
    with read_only(used, files=0o400):
        assert words_of(used) == f"The sandbox cannot use {used}: Permission denied.\n"


def test_a_folder_that_takes_no_new_files_is_one_sentence(used: Path) -> None:
    with read_only(used):
        words = words_of(used)
    assert words.startswith(f"The sandbox cannot use {used}")
    assert words.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    folder = tmp_path / "sandbox"
    assert words_of(folder) == f"The sandbox cannot use {folder}: Permission denied.\n"
    tmp_path.chmod(0o700)


def test_a_folder_below_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    folder = tmp_path / "file" / "sandbox"
    assert words_of(folder) == f"The sandbox cannot use {folder}: Not a directory.\n"


def test_a_folder_that_becomes_read_only_stops_snapshots_and_no_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_COMMANDS_PER_SNAPSHOT", "5")
    sandbox = start_sandbox(tmp_path, "quiet", before=obey_modes)
    alice = sandbox.trader("Alice", USDT="1000000")
    with read_only(tmp_path):
        placed = [order(sandbox, alice, "buy", "0.01", str(50_000 + n)) for n in range(20)]
        assert stop_sandbox(sandbox) == 0
    again = start_sandbox(tmp_path, "quiet")
    pending = [row["ordId"] for row in get(again, alice, "trade/orders-pending")]
    assert pending == [row["ordId"] for row in reversed(placed)]
    assert stop_sandbox(again) == 0
