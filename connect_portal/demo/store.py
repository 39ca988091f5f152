"""Keeps the cast's secrets: ``demo.json`` in the data directory, readable by its owner alone."""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings


def read() -> dict[str, Any]:
    """What is kept; what is missing is empty, and the password null until the cast is loaded."""
    try:
        stored = json.loads(_path().read_text())
    except (OSError, ValueError):
        stored = {}
    kept: dict[str, Any] = stored if isinstance(stored, dict) else {}
    kept.setdefault("password", None)
    kept.setdefault("people", [])
    for part in ("totp_secrets", "uids", "keys", "client_secrets"):
        kept.setdefault(part, {})
    return kept


def write(kept: dict[str, Any]) -> None:
    """Keep it: whole or not at all, never readable by others."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)  # one left behind may be readable by others
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(kept, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _path() -> Path:
    return Path(settings.DATA_DIR) / "demo.json"
