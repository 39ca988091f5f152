"""`python -m tests.benchmarks [RACE ...]`: one JSON line a race on stdout and nothing else there.

Races: ingest, live, desk, gateway, engine, order_rest, push, restart, token_endpoint. Without a
name, all of them.
"""

import importlib
import json
import os
import sys
from contextlib import ExitStack

import django
from django.core.management import call_command

from tests.benchmarks.services import durable_services

RACES = (
    *("ingest", "live", "desk", "gateway", "engine", "order_rest", "push", "restart"),
    "token_endpoint",
)
ON_THE_SITE = {"ingest", "live", "desk", "gateway", "token_endpoint"}
WITH_SERVICES = {*ON_THE_SITE, "push"}


def main() -> None:
    """Run the named races."""
    wanted = sys.argv[1:] or RACES
    if unknown := sorted(set(wanted) - set(RACES)):
        raise SystemExit(f"No race is called {unknown[0]}; there are: {', '.join(RACES)}.")
    with ExitStack() as stack:
        if WITH_SERVICES & set(wanted):
            stack.enter_context(durable_services())
        if ON_THE_SITE & set(wanted):
            _prepare_site()
        for name in wanted:
            load = round(os.getloadavg()[0], 1)  # what else this machine was doing
            for line in importlib.import_module(f"tests.benchmarks.{name}").races():
                sys.stdout.write(json.dumps({**line, "load_before": load}) + "\n")
                sys.stdout.flush()


def _prepare_site() -> None:
    """A database and the static files as `make run` makes them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "connect_portal.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


if __name__ == "__main__":
    main()
