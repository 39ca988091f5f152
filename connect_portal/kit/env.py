"""Reads settings from the environment, strictly; pure Python, used by ``settings`` alone.

A value that is present but malformed, or absent where nothing embedded can stand in for it, is
recorded as a `Problem`. ``manage.py check`` prints the problems with their ids, and no serving
process starts while there is one.
"""

import base64
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the environment: a stable id, what is wrong, what to do."""

    id: str
    message: str
    hint: str


@dataclass(slots=True)
class Environment:
    """The process environment over what the embedded runtime wrote down.

    Arguments: ``values`` the environment; ``data_dir`` where ``run.json`` (addresses of the
    embedded services) and ``secrets.json`` (secrets of this installation) may lie.
    """

    values: dict[str, str]
    data_dir: Path
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of_process(cls, base_dir: Path) -> "Environment":
        """The environment of this process; ``DATA_DIR`` defaults to ``.data`` in ``base_dir``."""
        values = {name: value for name, value in os.environ.items() if value != ""}
        return cls(values, Path(values.get("DATA_DIR", base_dir / ".data")).resolve())

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded one."""
        return "DATABASE_URL" not in self.values

    def text(self, name: str, default: str = "") -> str:
        """The value as it stands, or ``default``."""
        return self.values.get(name, default)

    def number(self, name: str, default: int) -> int:
        """A whole number; anything else is a problem and ``default`` is used."""
        value = self.values.get(name, "")
        if not value:
            return default
        if not (value.isascii() and value.isdecimal()):
            self._refuse("kit.E001", f"{name} must be a whole number, not {value!r}.", name)
            return default
        return int(value)

    def flag(self, name: str) -> bool:
        """True for ``1``, False for ``0`` or unset; anything else is a problem."""
        value = self.values.get(name, "0")
        if value not in ("0", "1"):
            self._refuse("kit.E002", f"{name} must be 0 or 1, not {value!r}.", name)
        return value == "1"

    def secret(self, name: str) -> str:
        """A secret from the environment, else from ``secrets.json`` of an embedded installation.

        Missing outside an embedded installation it is a problem, and a value that lasts as long
        as the process stands in, so that ``manage.py check`` can still run and say so.
        """
        if name in self.values:
            return self.values[name]
        if self.embedded:
            return str(self._stored("secrets.json").get(name) or _passing_secret(name))
        self._refuse("kit.E003", f"{name} is not set.", name)
        return _passing_secret(name)

    def address(self, name: str) -> str:
        """``DATABASE_URL`` or ``REDIS_URL``: set, else what the embedded runtime wrote down."""
        if name in self.values:
            return self.values[name]
        if name == "REDIS_URL" and not self.embedded:
            self._refuse("kit.E003", f"{name} is not set.", name)
        return str(self._stored("run.json").get(name.lower(), ""))

    def database(self) -> dict[str, Any]:
        """Django's ``DATABASES["default"]`` from ``DATABASE_URL`` (postgres only)."""
        url = urlsplit(self.address("DATABASE_URL"))
        if url.scheme not in ("postgres", "postgresql", ""):
            self._refuse("kit.E004", f"DATABASE_URL must be postgresql://, not {url.scheme}.", "")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.lstrip("/")) or "portal",
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "127.0.0.1",
            "PORT": str(url.port or 5432),
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 12, "timeout": 5}},
        }

    def email(self) -> dict[str, Any]:
        """Django's e-mail settings from ``EMAIL_URL``; unset means letters go to the console."""
        url = urlsplit(self.text("EMAIL_URL", "console:"))
        if url.scheme == "console":
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        if url.scheme not in ("smtp", "smtps") or not url.hostname:
            self._refuse("kit.E005", "EMAIL_URL must be smtp://, smtps:// or console:.", "")
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": url.hostname or "localhost",
            "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 587),
            "EMAIL_HOST_USER": unquote(url.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
            "EMAIL_USE_SSL": url.scheme == "smtps",
            "EMAIL_USE_TLS": parse_qs(url.query).get("tls") == ["1"],
            "EMAIL_TIMEOUT": 10,
        }

    def vault_keys(self) -> dict[str, bytes]:
        """Key-encryption keys by id from ``VAULT_KEYS`` = ``id:base64,id:base64``; newest first."""
        keys: dict[str, bytes] = {}
        for entry in self.secret("VAULT_KEYS").split(","):
            key_id, _, encoded = entry.strip().partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except ValueError:
                key = b""
            if len(key) != 32 or not key_id.isalnum():
                self._refuse("kit.E006", "VAULT_KEYS must be id:base64 of 32 bytes.", "VAULT_KEYS")
                key = os.urandom(32)
            keys[key_id or "k1"] = key
        return keys

    def _stored(self, name: str) -> dict[str, Any]:
        try:
            stored = json.loads((self.data_dir / name).read_text())
        except (OSError, ValueError):
            return {}
        return stored if isinstance(stored, dict) else {}

    def _refuse(self, problem_id: str, message: str, name: str) -> None:
        hint = f"Set {name} in the environment; README lists every setting." if name else ""
        self.problems.append(Problem(problem_id, message, hint))


def _passing_secret(name: str) -> str:
    encoded = base64.b64encode(os.urandom(32)).decode()
    return f"k1:{encoded}" if name == "VAULT_KEYS" else encoded
