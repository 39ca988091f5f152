"""`manage.py verify_contracts`: prove that contracts, signatures and seals are as they were."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connect_portal.institutions.verify import verify


class Command(BaseCommand):
    """Prints the verdict; exits 1 and names the first break if there is one."""

    help = "Compute every fingerprint of a contract anew and judge every seal."

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at all and say what was found."""
        verdict = verify()
        if verdict.problem:
            raise CommandError(verdict.problem)
        self.stdout.write(
            f"{verdict.contracts} contracts, {verdict.papers} files, {verdict.seals} seals: "
            "all as they were signed"
        )
