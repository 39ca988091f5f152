"""`manage.py verify_audit`: prove that the audit trail is the one that was written."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connect_portal.audit import queries


class Command(BaseCommand):
    """Prints the verdict; exits 1 and names the first broken event if there is one."""

    help = "Walk the audit chain and name the first event that was edited, removed or moved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer `--head`: a hash noted earlier that the chain must still contain."""
        parser.add_argument("--head", default="", help="a hash the chain must still contain")

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk the chain and say what was found."""
        verdict = queries.verify(expected_head=options["head"])
        if not verdict.intact:
            raise CommandError(f"event {verdict.broken_id} {verdict.problem}")
        self.stdout.write(f"{verdict.count} events, chain intact, head {verdict.head}")
