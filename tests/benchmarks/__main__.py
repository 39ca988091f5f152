"""`python -m tests.benchmarks`: every race, one JSON line each on stdout and nothing else there."""

import json
import os
import sys

import django
from django.core.management import call_command

from tests.benchmarks.services import durable_services


def main() -> None:
    """Prepare a database and the static files as `make run` does, then run the races."""
    with durable_services():
        os.environ["DJANGO_SETTINGS_MODULE"] = "connect_portal.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)

        from tests.benchmarks import ingest, live  # need Django set up

        for race in (ingest.fresh_pages, ingest.replayed_pages, live.fill_to_event):
            sys.stdout.write(json.dumps(race()) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
