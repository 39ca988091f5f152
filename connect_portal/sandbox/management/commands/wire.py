"""`manage.py wire`: what of the v5 wire the sandbox serves, and where it knowingly differs.

With `--csv` it prints the file that the portal's documentation shows, `facts/wire.csv`.
"""

import csv
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from connect_portal.sandbox.wire import rest
from connect_portal.sandbox.wire.differences import DIFFERENCES
from connect_portal.sandbox.wire.endpoints import ENDPOINTS
from connect_portal.sandbox.wire.ws.operations import OPERATIONS
from connect_portal.sandbox.wire.ws.topics import CHANNELS, PATHS

__all__ = ["Command", "rest"]  # importing `rest` fills the table of endpoints


class Command(BaseCommand):
    help = "Print the endpoints, channels and known differences of the sandbox exchange."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be asked for."""
        parser.add_argument("--csv", action="store_true", help="as the file facts/wire.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the tables."""
        if options["csv"]:
            self._file()
            return
        self._table("REST", endpoint_rows())
        self._table("WebSocket channels", channel_rows())
        self._table("WebSocket operations on /private", [(name,) for name in OPERATIONS])
        self._table("Known differences", list(DIFFERENCES.items()))

    def _file(self) -> None:
        self.stdout.write("# What the sandbox serves of the v5 wire; made by manage.py wire --csv.")
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(["kind", "name", "address", "who", "limit"])
        for method, path, who, limit in endpoint_rows():
            writer.writerow(["REST", method, path, who, limit])
        for path, name, who in channel_rows():
            writer.writerow(["WebSocket", name, path, who, ""])

    def _table(self, title: str, rows: list[tuple[str, ...]]) -> None:
        self.stdout.write(f"{title} ({len(rows)})")
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
            self.stdout.write(f"  {'  '.join(cells)}".rstrip())
        self.stdout.write("")


def endpoint_rows() -> list[tuple[str, ...]]:
    """(method, path, permission, limit) of every endpoint, by path."""
    return [
        (method, path, found.permission or "public", str(found.limit))
        for path, methods in sorted(ENDPOINTS.items())
        for method, found in sorted(methods.items())
    ]


def channel_rows() -> list[tuple[str, ...]]:
    """(path, channel, who may listen) of every channel."""
    return [
        (f"/ws/v5/{channel.path}", name, _audience(name))
        for path in sorted(PATHS)
        for name, channel in CHANNELS.items()
        if channel.path == path
    ]


def _audience(name: str) -> str:
    channel = CHANNELS[name]
    if channel.top_tiers:
        return "VIP4 and up"
    return "the account" if channel.login else "everybody"
