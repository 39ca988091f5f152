"""SQL on the event loop: what goes in comes out, and whatever breaks is replaced."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection

from connect_portal.kit import databases, libpq
from connect_portal.kit.databases import AsyncDatabase, open_async_database

pytestmark = pytest.mark.django_db(transaction=True)


def using(work: Callable[[AsyncDatabase], Awaitable[Any]], most: int = 2) -> Any:
    """What ``work`` gives with an open database."""

    async def run() -> Any:
        async with open_async_database(most) as database:
            return await work(database)

    return asyncio.run(run())


async def one(database: AsyncDatabase, expression: str, **values: Any) -> Any:
    ((found,),) = await database.rows(f"SELECT {expression}", values)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bigint", -(2**62)),
        ("numeric", Decimal("-0.000000000000000001")),
        ("text", "ünï' \\ \"%s"),
        ("bytea", bytes(range(256))),
        ("boolean", True),
        ("date", date(2026, 11, 26)),
        ("timestamptz", datetime(2026, 11, 26, 1, 2, 3, 4, UTC)),
        ("interval", timedelta(days=1, milliseconds=5)),
        ("bigint[]", [1, -2]),
        ("text[]", ["a", 'b"{,}']),
        ("text", None),
        ("text", "long" * 1_000_000),
    ],
)
def test_a_value_comes_out_as_it_went_in(kind: str, value: object) -> None:
    async def work(database: AsyncDatabase) -> Any:
        return [await one(database, f"%(value)s::{kind}", value=value) for _ in range(2)]

    assert using(work) == [value, value]


def test_a_percent_sign_is_written_twice_and_a_name_may_come_again() -> None:
    async def work(database: AsyncDatabase) -> Any:
        return await one(database, "%(n)s::int %% 4 + %(n)s", n=7)

    assert using(work) == 10


def test_each_statement_is_a_transaction_of_its_own_on_few_connections() -> None:
    async def work(database: AsyncDatabase) -> Any:
        name = "pg_backend_pid() + 0 * length(pg_sleep(0.005)::text)"
        return await asyncio.gather(*(one(database, name) for _ in range(20)))

    assert 1 <= len(set(using(work))) <= 2


def test_a_statement_that_fails_says_why_and_the_next_one_runs() -> None:
    async def work(database: AsyncDatabase) -> Any:
        for _ in range(3):
            with pytest.raises(OperationalError, match="division by zero"):
                await one(database, "1 / %(n)s::int", n=0)
        return await one(database, "1 / %(n)s::int", n=1)

    assert using(work) == 1


def test_a_value_that_cannot_be_written_costs_no_connection() -> None:
    async def work(database: AsyncDatabase) -> Any:
        for _ in range(3):
            with pytest.raises(OperationalError):
                await one(database, "%(value)s::text", value="\0")
        return await one(database, "pg_backend_pid()"), len(database._open)

    assert using(work, most=1)[1] == 1


def test_a_connection_that_the_server_ended_is_replaced() -> None:
    async def work(database: AsyncDatabase) -> Any:
        before = await one(database, "pg_backend_pid()")
        await asyncio.to_thread(_end, before)
        while database._idle:
            await asyncio.sleep(0.01)
        return before, await one(database, "pg_backend_pid()")

    before, after = using(work)
    assert before != after


def test_a_statement_whose_connection_ends_fails_and_is_not_run_again() -> None:
    async def work(database: AsyncDatabase) -> Any:
        running = asyncio.ensure_future(one(database, "pg_sleep(20)"))
        while not (busy := await asyncio.to_thread(_sleeping)):
            await asyncio.sleep(0.01)
        await asyncio.to_thread(_end, busy)
        with pytest.raises(OperationalError):
            await running
        return await asyncio.to_thread(_sleeping)

    assert using(work) is None


def test_a_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libpq, "PATIENCE_S", 0.2)

    async def work(database: AsyncDatabase) -> Any:
        with pytest.raises(OperationalError, match="in time"):
            await one(database, "pg_sleep(0.7)")
        return await one(database, "1")

    assert using(work, most=1) == 1


def test_whoever_finds_all_connections_busy_waits_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(databases, "PATIENCE_S", 0.2)

    async def work(database: AsyncDatabase) -> Any:
        await one(database, "1")
        busy = asyncio.ensure_future(one(database, "length(pg_sleep(0.6)::text)"))
        await asyncio.sleep(0)
        with pytest.raises(OperationalError, match="busy"):
            await one(database, "1")
        return await busy, await one(database, "2")

    assert using(work, most=1) == (0, 2)


def test_whoever_gives_up_leaves_the_connection_to_the_next() -> None:
    async def work(database: AsyncDatabase) -> Any:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(one(database, "length(pg_sleep(0.2)::text)"), 0.05)
        return await one(database, "3")

    assert using(work, most=1) == 3


def test_where_no_server_is_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = {"host": "127.0.0.1", "port": 9, "dbname": "none"}
    monkeypatch.setattr(databases, "_connection_arguments", lambda: arguments)
    with pytest.raises(OperationalError, match="refused"):
        using(lambda database: one(database, "1"))


def _end(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    connection.close()


def _sleeping() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
            " AND query LIKE '%%pg_sleep(20)%%'"
        )
        found = cursor.fetchone()
    connection.close()
    return found[0] if found else None
