"""`manage.py sandbox`: one process, one sentence when it cannot run."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import requests

from tests.sandbox.conftest import ROOT


def command(folder: Path, port: int) -> "subprocess.Popen[str]":
    settings = {
        "DATA_DIR": str(folder),
        "SANDBOX_PORT": str(port),
        "SANDBOX_OPERATOR_KEY": "operator-key-of-the-tests",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", "--quiet-market"],
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_serves_until_it_is_told_to_stop_and_keeps_its_files_together(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = command(tmp_path, port)
    assert child.stdout is not None
    assert child.stdout.readline() == f"sandbox listening on http://127.0.0.1:{port}\n"
    answer = requests.get(f"http://127.0.0.1:{port}/api/v5/public/time", timeout=10)
    assert answer.json()["code"] == "0"
    child.send_signal(signal.SIGTERM)
    _, complaints = child.communicate(timeout=20)
    assert (child.returncode, complaints) == (0, "")
    assert sorted(path.name.partition("-")[0] for path in (tmp_path / "sandbox").iterdir()) == [
        "demo",
        "history.sqlite3",
        "journal",
        "lock",
        "snapshot",
    ]


def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        child = command(tmp_path, port)
        _, complaints = child.communicate(timeout=30)
    assert child.returncode == 1
    sentence = f"Port {port} on 127.0.0.1 is not free for the sandbox: Address already in use."
    assert complaints == f"CommandError: {sentence}\n"
