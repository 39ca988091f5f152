"""Reads settings from the environment, strictly; pure Python, used by ``settings`` alone.

A value that is present but malformed, or absent where nothing embedded can stand in for it, is
recorded as a `Problem`. ``manage.py check`` prints the problems with their ids, and no serving
process starts while there is one.
"""

import base64
import ipaddress
import json
import os
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote, urlsplit

HIGHEST_PORT: Final = 65535
_NOWHERE: Final = urlsplit("")
_VENUE_NAME: Final = re.compile(r"[a-z0-9-]{1,24}")
_KEY_ID: Final = re.compile(r"[A-Za-z0-9]{1,32}")


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
        """A whole number up to 65535; anything else is a problem and ``default`` is used."""
        value = self.values.get(name, str(default))
        if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > HIGHEST_PORT:
            wanted = f"a whole number up to {HIGHEST_PORT}"
            self._refuse("kit.E001", f"{name} must be {wanted}, not {value[:64]!r}.", name)
            return default
        return int(value)

    def percent(self, name: str, default: int) -> int:
        """A whole number from 1 to 100; anything else is a problem and ``default`` is used."""
        value = self.number(name, default)
        if not 1 <= value <= 100:
            self._refuse("kit.E001", f"{name} must be 1 to 100, not {value}.", name)
            return default
        return value

    def days(self, name: str, default: str, *, below: int) -> tuple[int, ...]:
        """Numbers of days such as ``60,30,7``, each from 1 on and smaller than the one before it;
        anything else is a problem and ``default`` is used."""
        value = self.values.get(name, default)
        days = [int(part) for part in value.split(",") if re.fullmatch(r"[0-9]{1,4}", part)]
        falling = all(0 < day < before for before, day in pairwise([below, *days]))
        if value != ",".join(map(str, days)) or not falling:
            wanted = f"falling numbers of days below {below}, as in {default}"
            self._refuse("kit.E001", f"{name} must be {wanted}, not {value[:64]!r}.", name)
            return tuple(map(int, default.split(",")))
        return tuple(days)

    def flag(self, name: str) -> bool:
        """True for ``1``, False for ``0`` or unset; anything else is a problem."""
        value = self.values.get(name, "0")
        if value not in ("0", "1"):
            self._refuse("kit.E002", f"{name} must be 0 or 1, not {value[:64]!r}.", name)
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

    def url(self, name: str, default: str, *schemes: str) -> str:
        """An absolute address without its last slash; a malformed one is a problem."""
        value = self.values.get(name, default)
        parts = _parts(value)
        if parts.scheme not in schemes or not parts.hostname:
            wanted = " or ".join(f"{scheme}://" for scheme in schemes)
            self._refuse("kit.E008", f"{name} must be a whole address, {wanted}host.", name)
            return default
        return value.rstrip("/")

    def venue_name(self) -> str:
        """What rows call the venue: up to 24 small letters, digits and hyphens."""
        name = self.text("VENUE_NAME", "sandbox")
        if not _VENUE_NAME.fullmatch(name):
            sentence = "VENUE_NAME must be 1 to 24 small letters, digits and hyphens."
            self._refuse("kit.E009", sentence, "VENUE_NAME")
            return "sandbox"
        return name

    def venue_url(self, name: str, sandbox: str) -> str:
        """``VENUE_URL`` or ``VENUE_WS_URL``; unset means the address of the ``sandbox``.

        A real venue has no address we could guess, and keys travel to it: it must be named, and
        named with encryption unless it is on this machine.
        """
        plain = _parts(sandbox).scheme
        if self.venue_name() == "sandbox":
            return self.url(name, sandbox, plain, f"{plain}s")
        if name not in self.values:
            self._refuse("kit.E003", f"{name} is not set.", name)
            return sandbox
        return self._sealed_url(name, sandbox, plain)

    def venue_oauth(self, wire: str) -> tuple[str, str, str]:
        """Where people consent at the venue, and the client that we are there: its id and secret.

        Unset, the address is that of the ``wire`` and there is no client; on the sandbox there
        never is one, for keys are made to order there.
        """
        if self.venue_name() == "sandbox" or "VENUE_OAUTH_CLIENT_ID" not in self.values:
            return wire, "", ""
        if "VENUE_OAUTH_CLIENT_SECRET" not in self.values:
            sentence = "VENUE_OAUTH_CLIENT_SECRET is not set."
            self._refuse("kit.E003", sentence, "VENUE_OAUTH_CLIENT_SECRET")
        return (
            self._sealed_url("VENUE_OAUTH_URL", wire, "http"),
            self.values["VENUE_OAUTH_CLIENT_ID"],
            self.text("VENUE_OAUTH_CLIENT_SECRET"),
        )

    def redis(self) -> str:
        """``REDIS_URL``: set, else what the embedded runtime wrote down."""
        value = self._address("REDIS_URL")
        parts = _parts(value)
        placed = parts.hostname or (parts.scheme == "unix" and parts.path)
        if value and not (parts.scheme in ("redis", "rediss", "unix") and placed):
            sentence = "REDIS_URL must be redis://, rediss:// or unix://."
            self._refuse("kit.E007", sentence, "REDIS_URL")
            return ""
        return value

    def database(self) -> dict[str, Any]:
        """Django's ``DATABASES["default"]`` from ``DATABASE_URL`` (postgres only).

        What follows ``?`` goes to libpq as it stands (``sslmode=verify-full``); ``host`` there
        names the folder of a socket.
        """
        value = self._address("DATABASE_URL")
        url = _parts(value)
        if value and url.scheme not in ("postgres", "postgresql"):
            sentence = "DATABASE_URL must be a whole postgresql:// address."
            self._refuse("kit.E004", sentence, "DATABASE_URL")
        options = dict(parse_qsl(url.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.lstrip("/")) or "portal",
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": options.pop("host", "") or url.hostname or "127.0.0.1",
            "PORT": str(url.port or 5432),
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options | {"pool": {"min_size": 1, "max_size": 12, "timeout": 5}},
        }

    def email(self) -> dict[str, Any]:
        """Django's email settings from ``EMAIL_URL``; unset means letters go to the console."""
        url = _parts(self.text("EMAIL_URL", "console:"))
        if url.scheme == "console":
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        if url.scheme not in ("smtp", "smtps") or not url.hostname:
            sentence = "EMAIL_URL must be smtp://, smtps:// or console:."
            self._refuse("kit.E005", sentence, "EMAIL_URL")
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
            key = _decoded(encoded)
            if len(key) != 32 or not _KEY_ID.fullmatch(key_id) or key_id in keys:
                sentence = "VAULT_KEYS must be id:base64 of 32 bytes, every id once."
                self._refuse("kit.E006", sentence, "VAULT_KEYS")
                continue
            keys[key_id] = key
        return keys or {"k1": os.urandom(32)}

    def _sealed_url(self, name: str, default: str, plain: str) -> str:
        """An address that secrets travel to: with encryption, unless it is on this machine."""
        if is_loopback(_parts(self.values.get(name, default)).hostname or ""):
            return self.url(name, default, plain, f"{plain}s")
        return self.url(name, default, f"{plain}s")

    def _address(self, name: str) -> str:
        """A service's address: set, else of the embedded one, which only a whole set may be."""
        if name in self.values:
            return self.values[name]
        if not self.embedded:
            self._refuse("kit.E003", f"{name} is not set.", name)
            return ""
        return str(self._stored("run.json").get(name.lower(), ""))

    def _stored(self, name: str) -> dict[str, Any]:
        """What the embedded runtime wrote down; nothing before its first start."""
        path = self.data_dir / name
        try:
            stored = json.loads(path.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            stored = None
        if not isinstance(stored, dict):
            self._refuse("kit.E010", f"{path} cannot be read: repair it, or move it away.", "")
            return {}
        return stored

    def _refuse(self, problem_id: str, message: str, name: str) -> None:
        hint = f"Set {name} in the environment; README lists every setting." if name else ""
        problem = Problem(problem_id, message, hint)
        if problem not in self.problems:
            self.problems.append(problem)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parts(address: str) -> SplitResult:
    """The parts of an address; of a malformed one, none."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # read lazily, and refused only then
    except ValueError:
        return _NOWHERE
    return parts


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        return b""


def _passing_secret(name: str) -> str:
    encoded = base64.b64encode(os.urandom(32)).decode()
    return f"k1:{encoded}" if name == "VAULT_KEYS" else encoded
