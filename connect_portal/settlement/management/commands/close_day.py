"""`manage.py close_day`: close a day into statements, as the clock does every night."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connect_portal.kit.errors import Refusal
from connect_portal.settlement import queries
from connect_portal.settlement.actions.closing import close_day
from connect_portal.venue.business_clock import business_now


class Command(BaseCommand):
    """Prints one line for each new statement; running it again prints none."""

    help = "Close a day (UTC) and every earlier open one, for all institutions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer `--day`; without it, yesterday by the business clock."""
        parser.add_argument("--day", type=date.fromisoformat, help="YYYY-MM-DD; default: yesterday")

    def handle(self, *args: Any, **options: Any) -> None:
        """Close and say what was made."""
        day = options["day"] or business_now().date() - timedelta(days=1)
        try:
            made = close_day(day, actor="system:operator")
        except Refusal as refusal:
            raise CommandError(refusal.text) from refusal
        for statement in made:
            sums = ", ".join(f"{t.payable} {t.currency}" for t in queries.totals(statement))
            self.stdout.write(f"{statement.day} {statement}: {sums} {statement.hash}")
        self.stdout.write(f"{day} is closed, {len(made)} new statements")
