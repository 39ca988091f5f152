"""`manage.py rotate_keys`: bring every sealed value under the newest key of VAULT_KEYS."""

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.kit.sealed import Count, rotate
from connect_portal.kit.secrets import newest_key_id

TAG: Final = "audit:vault:rotated"


class Command(BaseCommand):
    """Prints a line for each table; exits 1 if a value does not open. Safe to run again, and while
    the site runs."""

    help = "Wrap every sealed value's data key by the newest key of VAULT_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer `--check`: count only."""
        parser.add_argument("--check", action="store_true", help="count, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate or count, and say what was found."""
        only_look = options["check"]
        counts = rotate(only_look=only_look)
        for count in counts:
            self.stdout.write(_line(count, "under older keys" if only_look else "rotated"))
        if not only_look:
            _note(counts)
        broken = sum(len(count.broken) for count in counts)
        left = sum(count.rotated for count in counts) if only_look else 0
        if broken:
            raise CommandError(f"{broken} rows hold a value that does not open: see above")
        if left:
            raise CommandError(f"{left} values are not under key {newest_key_id()} yet")
        self.stdout.write(f"Every value is under key {newest_key_id()}.")


def _line(count: Count, word: str) -> str:
    line = f"{count.name}: {count.rotated} {word}, {count.current} under the newest"
    rows = ", ".join(str(pk) for pk in count.broken)
    return f"{line}; does not open in rows {rows}" if rows else line


def _note(counts: list[Count]) -> None:
    data = {count.name: {"rotated": count.rotated, "broken": count.broken} for count in counts}
    with transaction.atomic():
        record(TAG, actor="system:rotate_keys", subject=f"vault:{newest_key_id()}", data=data)
