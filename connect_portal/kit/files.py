"""A store of files by content, outside of everything the web serves: ``DATA_DIR/files``.

A file is named after its SHA-256, so the same content is kept once and nothing is ever written
over. Whoever keeps a file writes it first and the row that knows it afterwards, in the row's own
transaction; what no row knows after a day is swept away (`sweep`). Several machines share the
folder.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import time
from typing import IO, Final, Generic, TypeVar

from django.conf import settings

CHUNK: Final = 256 * 1024  # bytes
ORPHAN_KEPT_S: Final = 24 * 3600
BATCH: Final = 1_000

Judged = TypeVar("Judged")


def folder() -> Path:
    """Where the files lie."""
    return Path(settings.DATA_DIR) / "files"


def place(sha256: str) -> Path:
    """Where the file of that hash lies, or would."""
    return folder() / sha256[:2] / sha256


@dataclass(frozen=True, slots=True)
class Kept(Generic[Judged]):
    """A file in the store: its hash, its size in bytes, and what the look at it told."""

    sha256: str
    size: int
    judged: Judged


def put(chunks: Iterable[bytes], judge: Callable[[Path], Judged]) -> Kept[Judged]:
    """Keep a file, whole or not at all and on disk before this returns.

    ``judge`` looks at it before it is kept; what it raises leaves nothing behind.
    """
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with NamedTemporaryFile(dir=folder(), prefix=".new-", delete=False) as unfinished:
        try:
            for chunk in chunks:
                digest.update(chunk)
                size += unfinished.write(chunk)
            unfinished.flush()
            os.fsync(unfinished.fileno())
            judged = judge(Path(unfinished.name))
        except BaseException:
            Path(unfinished.name).unlink(missing_ok=True)
            raise
    sha256 = digest.hexdigest()
    target = place(sha256)
    with _locked(fcntl.LOCK_SH):
        target.parent.mkdir(mode=0o700, exist_ok=True)
        Path(unfinished.name).replace(target)
        _sync(target.parent)
    return Kept(sha256, size, judged)


def read(sha256: str) -> bytes:
    """The content of a file; raises FileNotFoundError."""
    return place(sha256).read_bytes()


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces that memory does not feel."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def sweep(known: Callable[[list[str]], Iterable[str]]) -> int:
    """Delete files older than a day that nobody knows; how many.

    ``known`` is asked with some hashes at a time and gives back those that some row knows.
    """
    old = [path for path in folder().glob("*/*") if _is_old(path)]
    unfinished = [path for path in folder().glob(".new-*") if _is_old(path)]
    orphans = list(unfinished)
    for start in range(0, len(old), BATCH):
        batch = old[start : start + BATCH]
        kept = set(known([path.name for path in batch]))
        orphans += [path for path in batch if path.name not in kept]
    return sum(_delete(path) for path in orphans)


def _delete(path: Path) -> bool:
    """Delete an orphan, unless the same content was put again a moment ago."""
    with _locked(fcntl.LOCK_EX):
        if not _is_old(path):
            return False
        path.unlink()
        return True


def _is_old(path: Path) -> bool:
    try:
        return time() - path.stat().st_mtime > ORPHAN_KEPT_S
    except FileNotFoundError:
        return False


@contextmanager
def _locked(how: int) -> Iterator[None]:
    descriptor = os.open(folder() / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _sync(directory: Path) -> None:
    """Let a new name survive a loss of power too."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
