"""Keeps the cast out of the open: its passwords lie in a file, so it serves loopback only."""

import ipaddress
import sys
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection

from connect_portal.people.queries import demo_persons


@register(Tags.database)
def cast_stays_at_home(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Errors when demo people are in the database of a site that others can reach."""
    if not databases or not _cast_is_here():
        return []
    if not (settings.EMBEDDED or settings.DEMO):
        hint = "Use another database, or set DEMO=1 if this is a place to try things out."
        return [Error("The demo cast is in this database.", hint=hint, id="demo.E001")]
    if not _is_loopback(serving_host()):
        hint = "Serve on 127.0.0.1, or use a database without the demo cast."
        return [
            Error(f"The demo cast must not serve on {serving_host()}.", hint=hint, id="demo.E002")
        ]
    return []


def serving_host() -> str:
    """The address this process was told to serve on; uvicorn's own default is loopback."""
    for word, following in zip(sys.argv, [*sys.argv[1:], ""], strict=True):
        if word == "--host":
            return following
        if word.startswith("--host="):
            return word.removeprefix("--host=")
    return "127.0.0.1"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _cast_is_here() -> bool:
    """Whether demo people are there; a database that is away or not migrated yet has none."""
    try:
        table = demo_persons().model._meta.db_table
        return table in connection.introspection.table_names() and demo_persons().exists()
    except DatabaseError:
        return False
