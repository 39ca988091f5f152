"""The command journal and the snapshots on disk. Blocking; `store` and its helpers alone use it.

A folder holds `snapshot-<n>.json`, the state after n commands (the newest two are kept), and
`journal-<n>.log`, a segment with the commands from n + 1 on. All segments since the first day are
kept, those that are closed compressed as `.log.gz`. One line is `<crc32 of the rest, 8 hex> <JSON
array>`: the commands that one disk sync made durable together, so it is whole or not there. A torn
last line is what a crash in the middle of a write leaves; it was never acknowledged and is cut off.
Zeros behind the last line are room for the next ones.
"""

import contextlib
import fcntl
import gzip
import logging
import os
import re
import shutil
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from connect_portal.sandbox.engine.commands import AnyCommand
from connect_portal.sandbox.errors import SandboxError, StoreUnavailable

log = logging.getLogger(__name__)
PRIVATE = 0o600
SNAPSHOTS_KEPT = 2
GZIP_LEVEL = 6
ROOM = BYTES_PER_SYNC = 1 << 20
TEMPORARY = ".tmp"
NAME = re.compile(r"(snapshot|journal)-(?P<position>[0-9]{12,})\.(json|log|log\.gz)", re.ASCII)
ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(list[AnyCommand])


@dataclass
class End:
    """Commands on disk, how many of them in closed segments, bytes in the segment that is open."""

    count: int
    closed: int
    size: int


class Journal:
    """An append-only command log in `folder`, with one writer at a time (a lock file says so).

    `end` is how far it goes. Read first, then `resume`, then append.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.end = self._found = End(0, 0, 0)
        self._file, self._room = -1, 0
        self._torn = False
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, PRIVATE)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise SandboxError(f"Another sandbox already runs on {folder}.") from error
        for unfinished in folder.glob(f"*{TEMPORARY}"):
            unfinished.unlink()

    def snapshots(self) -> Iterator[tuple[int, list[bytes]]]:
        """Position and parts of each whole snapshot, newest first; a damaged one is thrown away."""
        for position, path in sorted(self._kept("snapshot").items(), reverse=True):
            parts = _checked_parts(path)
            if parts:
                yield position, parts
            else:
                log.warning("%s is damaged; the exchange is made from what came before", path)
                path.unlink()

    def begins_at(self) -> int:
        """The position that the oldest segment goes on from; 0 in a complete or empty journal."""
        return min(self._kept("journal"), default=0)

    def read(self, since: int) -> Iterator[tuple[int, AnyCommand]]:
        """Number and content of every command after the first `since`.

        Raises SandboxError when a part is damaged or missing.
        """
        end = self._found = End(since, since, 0)
        segments = {n: path for n, path in sorted(self._kept("journal").items()) if n >= since}
        for position, path in segments.items():
            if position != end.count:
                raise SandboxError(f"{self.folder} has no commands {end.count} to {position}.")
            end.closed, end.size = position, 0
            yield from _read_segment(path, end, last=position == max(segments))

    def resume(self) -> None:
        """Open the end that the last `read` has found for appending, without a torn last line."""
        self.end = self._found
        self._file = self._create(self.end.closed)
        self._cut_back()

    def append(self, commands: Sequence[AnyCommand]) -> None:
        """Write the commands and wait until they are on disk, all or none.

        Raises StoreUnavailable (and leaves the file as it was) when the disk refuses.
        """
        line = _sealed(ENCODER.encode(commands))
        try:
            if self._torn:
                self._cut_back()
            self._torn = True
            self._make_room(len(line))
            _write_all(self._file, line)
        except OSError as error:
            with contextlib.suppress(OSError):  # otherwise the next append tries again first
                self._cut_back()
            raise StoreUnavailable(f"Cannot write {self.folder}: {error.strerror}.") from error
        self._torn = False
        self.end.size += len(line)
        self.end.count += len(commands)

    def rotate(self) -> None:
        """Close the segment, which a snapshot is about to make superfluous. Raises OSError."""
        if self.end.count > self.end.closed:
            self._cut_back()
            file = self._create(self.end.count)
            os.close(self._file)
            self._file, self._room = file, 0
            self.end = End(self.end.count, self.end.count, 0)

    def write_snapshot(self, position: int, parts: Sequence[bytes]) -> None:
        """Store the state after `position` commands, forget the oldest one. Raises OSError."""
        path = self.folder / f"snapshot-{position:012d}.json"
        with _replacing(path) as file:
            written = 0
            for block in _sealed_parts(parts):
                written += file.write(block)
                if written >= BYTES_PER_SYNC:  # bit by bit, so that no append waits for all of it
                    written = 0
                    file.flush()
                    os.fdatasync(file.fileno())
        self._sync_folder()
        for _, old in sorted(self._kept("snapshot").items())[:-SNAPSHOTS_KEPT]:
            old.unlink()

    def compress(self) -> None:
        """Compress the segments that are closed. Raises OSError."""
        for position, path in self._kept("journal").items():
            if position < self.end.closed and path.suffix == ".log":
                with (
                    path.open("rb") as plain,
                    _replacing(path.with_suffix(".log.gz")) as file,
                    gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed,
                ):
                    shutil.copyfileobj(plain, packed, 1 << 20)
                self._sync_folder()
                path.unlink()

    def close(self) -> None:
        """Let go of the files and the lock."""
        if self._file >= 0:
            os.close(self._file)
        os.close(self._lock)

    def _kept(self, kind: str) -> dict[int, Path]:
        """Files by position; of a segment whose compression was cut short, the plain one.

        What else lies in the folder, such as somebody's copy of one, is none of ours.
        """
        paths = sorted(self.folder.glob(f"{kind}-*"), reverse=True)
        ours = [(found, path) for path in paths if (found := NAME.fullmatch(path.name))]
        return {int(found["position"]): path for found, path in ours}

    def _create(self, position: int) -> int:
        """A segment whose writes return when they are on disk: one call, one wait."""
        path = self.folder / f"journal-{position:012d}.log"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_DSYNC, PRIVATE)
        self._sync_folder()
        return file

    def _make_room(self, length: int) -> None:
        """Have zeros on disk where the line will be.

        Writing over them changes nothing but data, so the sync need not wait until the file system
        has put on disk what everybody else has changed meanwhile.
        """
        if self.end.size + length > self._room:
            start = max(self._room, self.end.size)
            with contextlib.suppress(OSError):  # without room a write is slow, not impossible
                os.pwrite(self._file, bytes(self.end.size + length + ROOM - start), start)
                os.fsync(self._file)
                self._room = self.end.size + length + ROOM

    def _cut_back(self) -> None:
        """Take away what is behind the end: what a write that failed has left, and the room."""
        self._room = 0
        os.ftruncate(self._file, self.end.size)
        os.lseek(self._file, self.end.size, os.SEEK_SET)
        self._torn = False

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _read_segment(path: Path, end: End, *, last: bool) -> Iterator[tuple[int, AnyCommand]]:
    try:
        with _opened(path) as file:
            for line in file:
                body = _checked(line)
                if body is None:
                    if not _is_end(line, file.read(), last=last):
                        raise EOFError
                    return
                for command in DECODER.decode(body):
                    end.count += 1
                    yield end.count, command
                end.size += len(line)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path} is damaged at byte {end.size}; restore it from a copy."
        raise SandboxError(message) from error
    except msgspec.MsgspecError as error:
        raise SandboxError(f"{path} was written by another version: {error}.") from error


def _is_end(line: bytes, rest: bytes, *, last: bool) -> bool:
    """Whether writing stopped here: with room, or in the last segment with a write cut short.

    Of such a write the rest is missing, or pages of it are still the zeros that were there before.
    """
    torn = not line.endswith(b"\n") or b"\0" in line
    return not rest.strip(b"\0") and (not line.strip(b"\0") or (last and torn))


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that appears at `path` when it is complete and on disk, or not at all."""
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        with temporary.open("wb") as file:
            os.fchmod(file.fileno(), PRIVATE)
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)


def _sealed(body: bytes) -> bytes:
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _sealed_parts(parts: Sequence[bytes]) -> Iterator[bytes]:
    """The same for a body in several lines, without putting it together."""
    crc = 0
    for part in parts:
        crc = zlib.crc32(b"\n", zlib.crc32(part, crc))
    yield b"%08x " % crc
    for part in parts:
        yield part + b"\n"


def _checked_parts(path: Path) -> list[bytes]:
    """The lines of such a body; none when it is damaged."""
    with path.open("rb") as file:
        seal, parts, crc = file.read(9), [], 0
        for line in file:
            crc = zlib.crc32(line, crc)
            parts.append(line[:-1])
    return parts if seal == b"%08x " % crc else []


def _checked(line: bytes) -> bytes | None:
    seal, _, body = line.partition(b" ")
    if not body.endswith(b"\n") or seal != b"%08x" % zlib.crc32(body[:-1]):
        return None
    return body[:-1]


def _write_all(file: int, block: bytes) -> None:
    while block:
        block = block[os.write(file, block) :]
