"""One request at a time for each code and refresh token, and whether two came at once.

Two workers of a client that send the same token in the same moment are no theft: one is answered,
the other refused, and nothing burns. Whoever comes when the answer was given is a replay.
"""

from contextvars import ContextVar

from django.db import connection

from connect_portal.authorizations.oauth.generators import checksum

_came_at_once: ContextVar[bool] = ContextVar("came_at_once", default=False)


def claim(secret: str) -> None:
    """Hold ``secret`` until this transaction ends; waits for whoever holds it already."""
    number = int(checksum(secret)[:15], 16)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        is_mine = cursor.fetchone()[0]
        _came_at_once.set(not is_mine)
        if not is_mine:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def came_at_once() -> bool:
    """Whether another request held the same secret when the last claim was made."""
    return _came_at_once.get()
