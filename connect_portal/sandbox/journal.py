"""Segments of the command journal and snapshots on disk. Blocking; only `store` may use it.

A folder holds `snapshot-<n>.json` (the state before command n) and `journal-<n>.log` (commands from
n on). One line is `<crc32 of the rest, 8 hex> <json of the command>`. A torn last line is what a
crash in the middle of a write leaves; it was never acknowledged and is cut off.
"""

import contextlib
import fcntl
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from connect_portal.sandbox.errors import SandboxError, StoreUnavailable

PRIVATE = 0o600


class Journal:
    """An append-only command log in `folder`, with one writer at a time (a lock file says so)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.first = 0
        self.count = 0
        self._file = -1
        self._size = 0
        self._torn = False
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, PRIVATE)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise SandboxError(f"Another sandbox already runs on {folder}.") from error

    def load_snapshot(self) -> bytes | None:
        """The newest whole snapshot, or None in a new folder; positions the journal behind it."""
        for path in sorted(self.folder.glob("snapshot-*.json"), reverse=True):
            body = _checked(path.read_bytes())
            if body is not None:
                self.first = self.count = int(path.stem.partition("-")[2])
                return body
        kept = [*self.folder.glob("snapshot-*.json"), *self.folder.glob("journal-*.log")]
        if kept and not self._segment(0).exists():
            raise SandboxError(f"{self.folder} has no readable snapshot; restore it from a copy.")
        return None

    def replay(self) -> Iterator[bytes]:
        """Every command after the snapshot, then open for appending."""
        while (path := self._segment(self.count)).exists():
            self.first = self.count
            yield from self._read_segment(path)
            if self.count == self.first:
                break
        self._open_segment()

    def append(self, lines: list[bytes]) -> None:
        """Write the commands and wait until they are on disk.

        Raises StoreUnavailable (and leaves the file as it was) when the disk refuses.
        """
        block = b"".join(_sealed(line) for line in lines)
        try:
            if self._torn:
                self._cut_back()
            self._torn = True
            _write_all(self._file, block)
            os.fdatasync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):  # otherwise the next append tries again first
                self._cut_back()
            raise StoreUnavailable(f"Cannot write {self.folder}: {error.strerror}.") from error
        self._torn = False
        self._size += len(block)
        self.count += len(lines)

    def write_snapshot(self, body: bytes) -> None:
        """Store the state as of now, start a new segment, drop what it makes superfluous."""
        path = self.folder / f"snapshot-{self.count:012d}.json"
        temporary = path.with_suffix(".tmp")
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        try:
            _write_all(file, _sealed(body))
            os.fsync(file)
        finally:
            os.close(file)
        temporary.rename(path)
        self._open_segment()
        for old in [*self.folder.glob("snapshot-*.json"), *self.folder.glob("journal-*.log")]:
            if int(old.stem.partition("-")[2]) < self.count:
                old.unlink()

    def close(self) -> None:
        """Let go of the files and the lock."""
        if self._file >= 0:
            os.close(self._file)
        os.close(self._lock)

    def _cut_back(self) -> None:
        os.ftruncate(self._file, self._size)
        os.lseek(self._file, self._size, os.SEEK_SET)
        self._torn = False

    def _segment(self, first: int) -> Path:
        return self.folder / f"journal-{first:012d}.log"

    def _open_segment(self) -> None:
        if self.count == self.first and self._file >= 0:
            return
        path = self._segment(self.first if self._file < 0 else self.count)
        if self._file >= 0:
            os.close(self._file)
            self.first = self.count
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
        self._size = os.lseek(self._file, 0, os.SEEK_END)
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _read_segment(self, path: Path) -> Iterator[bytes]:
        good = 0
        data = path.read_bytes()
        for line in data.splitlines(keepends=True):
            body = _checked(line)
            if body is None:
                break
            good += len(line)
            self.count += 1
            yield body
        if b"\n" in data[good:-1]:
            raise SandboxError(f"{path} is damaged at byte {good}; restore it from a copy.")
        if good < len(data):
            os.truncate(path, good)


def _sealed(body: bytes) -> bytes:
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _checked(line: bytes) -> bytes | None:
    seal, _, body = line.partition(b" ")
    if not body.endswith(b"\n") or seal != b"%08x" % zlib.crc32(body[:-1]):
        return None
    return body[:-1]


def _write_all(file: int, block: bytes) -> None:
    while block:
        block = block[os.write(file, block) :]
