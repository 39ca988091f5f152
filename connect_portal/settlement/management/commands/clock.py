"""`manage.py clock`: the business clock, and moving it forward on the sandbox."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from connect_portal.settlement.errors import ClockStandsStill
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import VenueError


class Command(BaseCommand):
    """Prints the business time; with `--to`, moves it there first."""

    help = "Show the business clock; --to moves it forward (sandbox only, for good)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer `--to`: a moment in ISO 8601, in UTC unless it says otherwise."""
        parser.add_argument("--to", type=_moment, help="for example 2026-12-01T00:00")

    def handle(self, *args: Any, **options: Any) -> None:
        """Move, if asked, and say what time it is."""
        to: datetime | None = options["to"]
        if not sandbox_operator.available():
            if to is not None:
                raise CommandError(ClockStandsStill(venue=settings.VENUE_NAME).text)
            self.stdout.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, the wall clock")
            return
        try:
            told = sandbox_operator.clock_to(to) if to else sandbox_operator.clock()
        except VenueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{told.now:%Y-%m-%d %H:%M:%S} UTC, {told.offset} ahead of the wall clock"
        )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
