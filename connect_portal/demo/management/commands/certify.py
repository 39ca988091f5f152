"""``manage.py certify``: play a company of the cast through test trading, on every channel."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connect_portal.certification import actions
from connect_portal.certification.enums import RunState
from connect_portal.certification.queries import running
from connect_portal.demo import certifying
from connect_portal.demo.cast import COMPANIES, PEOPLE
from connect_portal.institutions.queries import institution
from connect_portal.kit.errors import Refusal
from connect_portal.people.queries import find


class Command(BaseCommand):
    """Exit code 0 only when every check has passed."""

    help = "Certify a company of the demo cast with ccxt, against the site that is running."

    def add_arguments(self, parser: CommandParser) -> None:
        """The company, by its word in addresses."""
        parser.add_argument("company", nargs="?", default="acme", choices=list(COMPANIES))

    def handle(self, *args: Any, **options: Any) -> None:
        """Start a run, play the client, and print how each check went."""
        company = options["company"]
        ours, owner = institution(company), find(PEOPLE[f"{company}_owner"].email)
        if ours is None or owner is None:
            raise CommandError("The demo cast is not loaded: manage.py demo --load.")
        try:
            if running(ours.pk):
                actions.abandon(ours.pk, person=owner)
            run, key = actions.start(ours.pk, person=owner)
            certifying.play(run, company, key)
        except Refusal as refusal:
            raise CommandError(refusal.text) from refusal
        for line in certifying.results(run):
            self.stdout.write(line)
        if run.state != RunState.GREEN:
            raise CommandError(f"Not green: {run.get_state_display().lower()}.")
        self.stdout.write(f"Green. SHA-256 of the report: {run.sha256}")
