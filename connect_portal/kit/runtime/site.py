"""The site as programs: which ones, in which order they start and stop. Used by `up` only.

Starting: postgres, valkey, migrate, sandbox, the demo cast (static files meanwhile), then web,
worker, beat and stream.
Stopping: everything that is not a service at once, then valkey, then postgres.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .datadir import DataDir
from .ports import HOST, answers_http, free_port, require_free
from .postgres import Postgres
from .programs import Program
from .supervisor import Supervisor
from .valkey import Valkey

SERVICES_LAST = (("valkey",), ("postgres",))
# Celery's warning to root, line by line: this root is the developer's own.
CELERY_NOISE = (
    "SecurityWarning: You're running the worker with superuser",
    "absolutely not recommended!",
    "Please specify a different user using the --uid option.",
    "User information: uid=0",
    "_warn_or_raise_security_error(",
)


@dataclass(frozen=True)
class Plan:
    """What to bring up: where the code is, which ports, and what somebody else already runs."""

    root: Path
    public_host: str
    portal_port: int
    sandbox_port: int
    environment: Mapping[str, str]
    demo: bool

    def sets(self, variable: str) -> bool:
        """Whether the environment names this address, so that we do not start its server."""
        return bool(self.environment.get(variable))


class Site:
    """One installation being brought up by `supervisor` on the folder `data`."""

    def __init__(self, plan: Plan, data: DataDir, supervisor: Supervisor) -> None:
        self._plan = plan
        self._data = data
        self._supervisor = supervisor
        self._environment = dict(plan.environment)
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None

    async def start(self) -> dict[str, Any] | None:
        """Bring everything up. Returns what `manage.py demo --json` says, None without a demo.

        Raises CannotStart.
        """
        self._require_ports()
        self._describe_run()
        await self._start_services()
        cast, _ = await asyncio.gather(self._fill_database(), self._collect_static())
        everyone = (self._web(), self._celery("worker"), self._beat(), self._command("stream"))
        await asyncio.gather(*(self._supervisor.keep(program) for program in everyone))
        return cast

    async def stop(self) -> None:
        """Take everything down in order and say in `run.json` that nothing runs."""
        await self._supervisor.stop(SERVICES_LAST)
        self._data.write_run({"pid": None})

    def _require_ports(self) -> None:
        require_free(self._plan.portal_port, "PORTAL_PORT")
        if not self._plan.sets("VENUE_URL"):
            require_free(self._plan.sandbox_port, "SANDBOX_PORT")

    def _describe_run(self) -> None:
        """Write where everything will be, before anything starts that reads it."""
        secrets, before, folder = self._data.secrets(), self._data.run(), self._data.path
        facts: dict[str, Any] = {"pid": os.getpid()}
        facts |= {"portal_port": self._plan.portal_port, "sandbox_port": self._plan.sandbox_port}
        if not self._plan.sets("DATABASE_URL"):
            port = free_port(before.get("postgres_port"))
            self._postgres = Postgres(folder / "postgres", port, secrets["POSTGRES_PASSWORD"])
            facts |= {"database_url": self._postgres.url, "postgres_port": port}
        if not self._plan.sets("REDIS_URL"):
            port = free_port(before.get("valkey_port"))
            self._valkey = Valkey(folder / "valkey", port, secrets["VALKEY_PASSWORD"])
            facts |= {"redis_url": self._valkey.url, "valkey_port": port}
        if self._plan.sets("DATABASE_URL"):
            self._stand_in(secrets)
        self._data.write_run(facts)

    def _stand_in(self, secrets: dict[str, str]) -> None:
        """With a database of their own, programs read the environment alone: fill it up."""
        for name in ("SECRET_KEY", "VAULT_KEYS", "SANDBOX_OPERATOR_KEY"):
            self._environment.setdefault(name, secrets[name])
        if self._valkey:
            self._environment.setdefault("REDIS_URL", self._valkey.url)

    async def _start_services(self) -> None:
        for service in (self._postgres, self._valkey):
            if service is not None:
                await asyncio.to_thread(service.prepare)
                await self._supervisor.keep(service.program())

    async def _fill_database(self) -> dict[str, Any] | None:
        await self._supervisor.run(self._command("migrate", "--noinput"))
        if not self._plan.sets("VENUE_URL"):
            await self._supervisor.keep(self._sandbox())
        if not self._plan.demo:
            return None
        words = await self._supervisor.ask(self._command("demo", "--load", "--json"))
        return dict(json.loads(words))

    async def _collect_static(self) -> None:
        """Collect the static files, unless they are as they were: it takes seconds."""
        seen = _fingerprint(self._plan.root)
        if self._data.run().get("static") != seen or not (self._data.path / "static").exists():
            await self._supervisor.run(self._command("collectstatic", "--noinput"))
            self._data.write_run({"static": seen})

    def _python(self, name: str, *words: str, **more: Any) -> Program:
        environment = self._environment | {"PYTHONUNBUFFERED": "1"}
        command = (sys.executable, *words)
        return Program(name, command, environment=environment, folder=self._plan.root, **more)

    def _command(self, name: str, *words: str, **more: Any) -> Program:
        return self._python(name, "manage.py", name, *words, **more)

    def _sandbox(self) -> Program:
        return self._command("sandbox", ready=partial(answers_http, self._plan.sandbox_port))

    def _web(self) -> Program:
        port = self._plan.portal_port
        words = f"-m uvicorn connect_portal.asgi:application --host {HOST} --port {port}"
        words += " --http connect_portal.kit.serving:BoundedHead"
        # Whose X-Forwarded-For is believed is said by TRUSTED_PROXIES alone.
        bounds = [
            "--timeout-graceful-shutdown",
            "3",
            "--ws-max-size",
            "65536",
            "--no-proxy-headers",
        ]
        ready = partial(answers_http, port, self._plan.public_host)
        return self._python("web", *words.split(), *bounds, ready=ready)

    def _beat(self) -> Program:
        # The schedule is code and what is due are rows: nothing to remember in a file.
        return self._celery("beat", "--scheduler", "celery.beat:Scheduler")

    def _celery(self, name: str, *words: str) -> Program:
        base = ("-m", "celery", "--quiet", "-A", "connect_portal", name)
        return self._python(name, *base, *words, noise=CELERY_NOISE)


def _fingerprint(root: Path) -> str:
    """Changes when a static file, a package or a setting does."""
    sources = [root / "requirements.lock", root / "connect_portal" / "settings.py"]
    sources += sorted(path for path in (root / "static").rglob("*") if path.is_file())
    facts = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in sources]
    return hashlib.sha256(repr(facts).encode()).hexdigest()
