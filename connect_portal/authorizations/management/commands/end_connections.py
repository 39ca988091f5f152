"""`manage.py end_connections`: end every connection of an institution, when it cannot wait."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connect_portal.authorizations.actions import end_all
from connect_portal.institutions.queries import institution


class Command(BaseCommand):
    """Says how many grants and bindings were ended. For an operator; on pages it takes two."""

    help = "End every grant and API-key binding of an institution at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The institution's slug, and why."""
        parser.add_argument("slug", help="the institution, as in the address of its pages")
        parser.add_argument("--reason", required=True, help="why, for the audit trail")

        parser.add_argument(
            "--cancel-orders",
            action="store_true",
            help="cancel the open orders that carry its code and were placed by consent",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """End them."""
        found = institution(options["slug"])
        if found is None:
            raise CommandError(f"there is no institution {options['slug']!r}")
        ended = end_all(
            found.pk,
            reason=options["reason"],
            actor="system:operator",
            cancel_orders=options["cancel_orders"],
        )
        self.stdout.write(
            f"{found}: {ended.grants} grants and {ended.bindings} bindings ended. Their keys that "
            "we made are deleted at the venue within minutes."
        )
        if options["cancel_orders"]:
            self.stdout.write(f"The open orders of {ended.cancels} grants are canceled first.")
