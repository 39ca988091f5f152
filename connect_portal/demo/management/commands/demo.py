"""``manage.py demo``: load the demo cast, and print what a client needs to act as it."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connect_portal.demo.actions import load
from connect_portal.demo.queries import card
from connect_portal.kit.errors import Refusal
from connect_portal.venue.errors import VenueError


class Command(BaseCommand):
    """Loads with ``--load``; prints with ``--json``."""

    help = "Load the demo cast (--load) or print what a client needs to act as it (--json)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Two switches; without one, the people are listed."""
        parser.add_argument("--load", action="store_true", help="load the cast; safe to repeat")
        parser.add_argument("--json", action="store_true", help="print everything, keys included")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked, or say in one sentence why not."""
        if options["load"]:
            try:
                load()
            except Refusal as refusal:
                raise CommandError(refusal.text) from refusal
            except VenueError as error:
                raise CommandError(f"The sandbox exchange does not answer: {error}") from error
        shown = card()
        if options["json"]:
            self.stdout.write(json.dumps(shown, indent=2))
        elif not options["load"]:
            for key, person in shown["users"].items():
                self.stdout.write(f"{key:16} {person['email']:28} {person['role']}")
