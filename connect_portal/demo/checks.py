"""Keeps the cast out of the open: its passwords lie in a file, so it serves loopback only."""

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection

from connect_portal.kit.env import is_loopback
from connect_portal.people.queries import demo_persons

_NOBODY_KNOWS: Final = Error(
    "The database does not answer, so nobody can tell whether the demo cast is in it.",
    hint="Start the database first.",
    id="demo.E003",
)


@register(Tags.database)
def cast_stays_at_home(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Errors when demo people are in the database of a site that others can reach."""
    if not databases:
        return []
    at_home = settings.EMBEDDED or settings.DEMO
    try:
        if not _cast_is_here():
            return []
    except DatabaseError:
        return [] if at_home and is_loopback(serving_host()) else [_NOBODY_KNOWS]
    if not at_home:
        hint = "Use another database, or set DEMO=1 if this is a place to try things out."
        return [Error("The demo cast is in this database.", hint=hint, id="demo.E001")]
    if not is_loopback(serving_host()):
        hint = "Serve on 127.0.0.1, or use a database without the demo cast."
        return [
            Error(f"The demo cast must not serve on {serving_host()}.", hint=hint, id="demo.E002")
        ]
    return []


def serving_host() -> str:
    """The address this process was told to serve on, as uvicorn reads it: its last ``--host``,
    else ``UVICORN_HOST`` (https://www.uvicorn.org/settings/), else loopback."""
    host = os.environ.get("UVICORN_HOST", "127.0.0.1")
    for word, following in zip(sys.argv, [*sys.argv[1:], ""], strict=True):
        if word == "--host":
            host = following
        elif word.startswith("--host="):
            host = word.removeprefix("--host=")
    return host


def _cast_is_here() -> bool:
    """Whether demo people are there; in a database that is not migrated yet there are none.

    Raises DatabaseError when the database is away.
    """
    table = demo_persons().model._meta.db_table
    return table in connection.introspection.table_names() and demo_persons().exists()
