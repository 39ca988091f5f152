"""Processes as the kernel shows them, for tests that kill and count. Linux only."""

import time
from collections.abc import Callable
from pathlib import Path


def lives(pid: int) -> bool:
    """Whether `pid` runs: neither gone nor a zombie that waits to be reaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def processes_naming(text: str) -> set[int]:
    """The pids of all living processes whose command line holds `text`."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if text in words and lives(int(folder.name)):
            found.add(int(folder.name))
    return found


def eventually(condition: Callable[[], object], within: float = 20.0) -> None:
    """Wait for `condition`, and fail with its name when it does not come true."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
