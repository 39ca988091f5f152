"""`manage.py verify_decisions`: prove that the gateway's decisions are those that were sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connect_portal.gateway.actions import sealing


class Command(BaseCommand):
    """Prints the verdict; exits 1 and names the first broken seal if there is one."""

    help = "Compute the hash of every sealed span of decisions and compare it with the audit trail."

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk the seals and say what was found."""
        verdict = sealing.verify()
        if verdict.problem:
            raise CommandError(verdict.problem)
        self.stdout.write(f"{verdict.seals} seals over {verdict.decisions} decisions, all whole")
