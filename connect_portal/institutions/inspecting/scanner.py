"""The installation's own scanner for malware, where it has one: ``DOCUMENT_SCANNER``.

Either a command, given the file's path as last word, whose exit status is 0 for clean and 1 for
refused (clamdscan's convention; its first line is kept in the log); or a dotted path of a Python
function that takes a `Path` and returns "" for clean or why not.
"""

import logging
import shlex
import subprocess
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)
PATIENCE_S: Final = 60
_CLEAN, _FOUND = 0, 1


def scan(path: Path) -> None:
    """Ask the scanner. Raises ValueError, with a sentence for people, when it refuses the file or
    cannot be asked: what nobody looked at is not taken."""
    if not settings.DOCUMENT_SCANNER:
        return
    found = _ask(path)
    if found:
        log.warning("the scanner refused a file: %s", found)
        raise ValueError("Our scanner refuses this file. Make it anew from a clean machine.")


def _ask(path: Path) -> str:
    """Why the file is refused; empty when it is clean."""
    words = shlex.split(settings.DOCUMENT_SCANNER)
    try:
        if len(words) == 1 and "/" not in words[0] and "." in words[0]:
            return str(import_string(words[0])(path))
        done = subprocess.run(
            [*words, str(path)], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except (ImportError, OSError, subprocess.TimeoutExpired) as error:
        raise _unavailable(str(error)) from error
    if done.returncode not in (_CLEAN, _FOUND):
        raise _unavailable(f"exit {done.returncode}: {done.stderr[:200]}")
    return "" if done.returncode == _CLEAN else (done.stdout.strip() or "refused")[:200]


def _unavailable(why: str) -> ValueError:
    log.error("the scanner cannot be asked: %s", why)
    return ValueError("Files cannot be looked at just now. Try again in some minutes.")
