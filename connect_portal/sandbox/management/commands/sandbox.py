"""`manage.py sandbox`: run the sandbox exchange until it is told to stop."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from connect_portal.sandbox.errors import SandboxError
from connect_portal.sandbox.serve import Config, run


class Command(BaseCommand):
    help = "Run the sandbox exchange on 127.0.0.1:$SANDBOX_PORT."
    requires_system_checks: list[str] = []  # it uses no database and no other app

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet-market", action="store_true", help="no market maker")
        parser.add_argument("--seed", type=int, default=1, help="seed of the market maker")

    def handle(self, *args: Any, **options: Any) -> None:
        config = Config(
            folder=settings.DATA_DIR / "sandbox",
            operator_key=settings.SANDBOX_OPERATOR_KEY,
            port=settings.SANDBOX_PORT,
            market=not options["quiet_market"],
            seed=options["seed"],
            unfilled_kept_ms=settings.SANDBOX_UNFILLED_KEPT_S * 1000,
            announce=self._announce,
        )
        try:
            run(config)
        except SandboxError as error:
            raise CommandError(str(error)) from error

    def _announce(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
