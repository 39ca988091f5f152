"""Keeps the cast's secrets: ``demo.json`` in the data directory, readable by its owner alone."""

import json
import os
from typing import Any

from django.conf import settings

from connect_portal.kit.ids import random_code


def read() -> dict[str, Any]:
    """What is kept, or an empty beginning with a fresh password."""
    try:
        kept = json.loads(_path().read_text())
    except (OSError, ValueError):
        kept = {}
    kept.setdefault("password", random_code(20))
    for part in ("totp_secrets", "uids", "keys"):
        kept.setdefault(part, {})
    return dict(kept)


def write(kept: dict[str, Any]) -> None:
    """Keep it: whole or not at all, never readable by others."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".new")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(kept, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _path() -> Any:
    return settings.DATA_DIR / "demo.json"
