"""How a file of rebates is made: page by page along an index, the same bytes each time."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connect_portal.sandbox.engine.commands import AskReport, Place, SetBroker
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.programme import Report
from connect_portal.sandbox.history import History, Record
from connect_portal.sandbox.wire.reports import FILLS_PER_PAGE, Reader, text, zipped
from tests.sandbox.engine.floor import Floor

ORDERS = 3 * FILLS_PER_PAGE
TODAY = "20261123"


class Counted(History):
    """A history that notes how many records each reading brought."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.pages: list[int] = []

    def find(self, *args: Any) -> list[Record]:
        found = super().find(*args)
        self.pages.append(len(found))
        return found


@dataclass
class Kept:
    """An exchange and its history, as a reader wants them."""

    exchange: Exchange
    history: Counted


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kept, str, Report]]:
    """A day with many small orders under one code, and the report of it."""
    floor = Floor("Acme")
    history = Counted(tmp_path_factory.mktemp("day") / "history.sqlite3")
    acme, alice, bob = (floor.uids[name] for name in ("Acme", "Alice", "Bob"))
    floor.do(SetBroker(uid=acme, code="ABCD", kind="api", rate=250_000_000, affiliated_rate=0))
    floor.give("Alice", BTC="100")
    floor.give("Bob", USDT="100000000")
    floor.do(place(alice, "sell", "90", ""))
    for number in range(1, ORDERS + 1):
        outcome = floor.exchange.apply(place(bob, "buy", "0.001", "ABCD", floor.now + number))
        history.follow(outcome, number)
    floor.now += 1000 * ORDERS
    ask = AskReport(uid=acme, begin=TODAY, end=TODAY, secret="s")
    report: Report = floor.do(ask).value
    yield Kept(floor.exchange, history), acme, report
    history.close()


def place(uid: str, side: str, sz: str, tag: str, ts: int = 0) -> Place:
    return Place(
        uid=uid, inst="BTC-USDT", side=side, kind="limit", sz=sz, px="50000", tag=tag, ts=ts
    )


def reader(day: tuple[Any, str, Report]) -> Reader:
    kept, uid, report = day
    return Reader(kept, uid, report.kind)


def test_a_large_file_begins_before_all_of_it_is_read(day: tuple[Kept, str, Report]) -> None:
    history = day[0].history
    history.pages.clear()
    chunks = zipped("day.csv", text(reader(day).lines(day[2])))
    next(chunks)
    assert len(history.pages) <= 2
    for _ in chunks:
        pass
    assert sum(history.pages) == ORDERS
    assert max(history.pages) == FILLS_PER_PAGE


def test_a_file_has_the_same_bytes_each_time(day: tuple[Kept, str, Report]) -> None:
    first, second = (b"".join(zipped("day.csv", text(reader(day).lines(day[2])))) for _ in range(2))
    assert first == second


def test_the_fills_of_a_day_are_found_along_their_index(
    day: tuple[Kept, str, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    history, asked = day[0].history, list[tuple[str, Any]]()

    def ids(kind: type, where: str, values: Any, order: str) -> Any:
        asked.append((f"SELECT id FROM fills WHERE {where} ORDER BY {order}", values))
        return []

    monkeypatch.setattr(history, "ids", ids)
    assert list(reader(day).lines(day[2])) == []
    base = sqlite3.connect(history._path)
    for sql, values in asked:
        plan = base.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        assert any("fills_of_tag (tag=? AND ts>? AND ts<?)" in row[3] for row in plan), plan
    base.close()
    assert asked
