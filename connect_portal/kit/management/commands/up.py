"""`manage.py up`: the whole site with one command, and the whole site's end with Ctrl-C."""

import asyncio
import os
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand

from connect_portal.kit.runtime.datadir import DataDir
from connect_portal.kit.runtime.errors import CannotStart
from connect_portal.kit.runtime.lifetime import live_until_told
from connect_portal.kit.runtime.printer import Printer
from connect_portal.kit.runtime.site import Plan, Site
from connect_portal.kit.runtime.supervisor import Supervisor

MADE_HERE = "kit.E003"  # a secret or an address is not set: `up` makes it


class Command(BaseCommand):
    """Starts everything, prints where to click and who to be, and keeps it alive until Ctrl-C."""

    help = "Start the whole site: database, sandbox exchange, demo cast, web, worker, beat, stream."
    # Nothing is there yet that a check could look at; every program started here checks itself.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop; exit with code 1 and one sentence when it cannot start."""
        try:
            refuse_malformed_settings()
            with DataDir.opened(settings.DATA_DIR) as data:
                asyncio.run(serve(data))
        except CannotStart as refusal:
            self.stderr.write(str(refusal))
            sys.exit(1)


def refuse_malformed_settings() -> None:
    """Raise CannotStart with the first setting that is present but malformed."""
    for problem in settings.ENVIRONMENT_PROBLEMS:
        if problem.id != MADE_HERE:
            raise CannotStart(f"{problem.message} {problem.hint}".strip())


def plan() -> Plan:
    """What to bring up, from the settings and the environment of this process."""
    return Plan(
        root=settings.BASE_DIR,
        public_host=urlsplit(settings.PUBLIC_URL).hostname or "localhost",
        portal_port=settings.PORTAL_PORT,
        sandbox_port=settings.SANDBOX_PORT,
        environment={**os.environ, "DATA_DIR": str(settings.DATA_DIR)},
        demo=settings.EMBEDDED or settings.DEMO,
    )


async def serve(data: DataDir) -> None:
    """Bring the site up, say so, and keep it up until a signal."""
    printer, began = Printer(), time.monotonic()
    supervisor = Supervisor(printer)
    site = Site(plan(), data, supervisor)

    async def live() -> None:
        cast = await site.start()
        printer.plain(welcome(cast, time.monotonic() - began))
        await asyncio.Event().wait()

    await live_until_told(live(), supervisor, site.stop)
    printer.plain(f"Stopped. The data is kept in {data.path}.")


def welcome(cast: dict[str, Any] | None, seconds: float) -> str:
    """The block that says where to click, who to be, and how to stop."""
    lines = [f"Connect Portal is running (started in {seconds:.1f} s). Ctrl-C stops it."]
    if cast is None:
        return "\n".join(["", *lines, f"  Portal   {settings.PUBLIC_URL}", ""])
    lines += [
        f"  Portal   {cast['portal_url']}",
        f"  Sandbox  {cast['sandbox_url']}  (point any OKX client here)",
        f"  Sign in  with the password {cast['password']} as one of",
        *(f"    {who_is(name, user)}" for name, user in cast["users"].items()),
        "  Keys     manage.py demo --json prints API keys, codes and everything else",
    ]
    return "\n".join(["", *lines, ""])


def who_is(name: str, user: dict[str, str | None]) -> str:
    """One line of the cast: email, part, and the secret of the second factor if any."""
    second_factor = f"  TOTP {user['totp_secret']}" if user["totp_secret"] else ""
    return f"{user['email']:<34} {name:<16} {second_factor}".rstrip()
