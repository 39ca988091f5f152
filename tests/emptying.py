"""How a test that commits is forgotten: by deleting what it wrote.

Django would truncate every table there is, and then make content types, permissions and the example
plan anew: that takes longer than most tests. Triggers that refuse changes rest meanwhile, so the
role of the tests is a superuser.
"""

from functools import cache

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

MANY = 5_000  # rows deleted after which a table is made small again

_kept: dict[str, list[int]] = {}


def take_over() -> None:
    """Remember the rows of a database just migrated, and stand in for Django. Once a session."""
    with connection.cursor() as cursor:
        for table in _filled(cursor):
            cursor.execute(f"SELECT id FROM {table}")
            _kept[table] = [key for (key,) in cursor.fetchall()]
    TransactionTestCase._fixture_teardown = lambda _: forget()


def forget() -> None:
    """Delete what is not remembered, also what somebody is about to commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(_tables())} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        deleted = {table: _delete(cursor, table) for table in _filled(cursor)}
    with connection.cursor() as cursor:
        for table in (table for table, rows in deleted.items() if rows > MANY):
            cursor.execute(f"VACUUM {table}")


def _delete(cursor: CursorWrapper, table: str) -> int:
    if table in _kept:
        cursor.execute(f"DELETE FROM {table} WHERE id <> ALL(%s)", [_kept[table]])
    else:
        cursor.execute(f"DELETE FROM {table}")
    return cursor.rowcount


def _filled(cursor: CursorWrapper) -> list[str]:
    looks = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in _tables())
    cursor.execute(" UNION ALL ".join(looks))
    return [table for (table,) in cursor.fetchall()]


@cache
def _tables() -> list[str]:
    return sorted(connection.introspection.django_table_names(only_existing=True))
