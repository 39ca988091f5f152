"""What is over: finished orders and strategies, fills and bills, in an SQLite file.

A read model: it follows the events of the exchange and can be made again from the journal at any
time, so it is written lazily and without waiting for the disk. `position` says how many commands
it has seen; the store replays what it has not. Used by `store` (writes) and `wire` (reads); one
process, any thread.
"""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from connect_portal.sandbox.engine.events import AlgoChanged, Billed, OrderChanged, Outcome
from connect_portal.sandbox.engine.model import Algo, Bill, Fill, Order

Record = TypeVar("Record", Order, Algo, Fill, Bill)
ROWS_PER_FLUSH = 2000
SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, uid TEXT, inst TEXT, cl TEXT, tag TEXT, kind TEXT, state TEXT,
    filled INTEGER, ts INTEGER, ended INTEGER, body BLOB);
CREATE INDEX IF NOT EXISTS orders_of_account ON orders (uid, id);
CREATE INDEX IF NOT EXISTS orders_of_caller ON orders (uid, cl, id) WHERE cl != '';
CREATE TABLE IF NOT EXISTS fills (
    id INTEGER PRIMARY KEY, uid TEXT, inst TEXT, order_id INTEGER, side TEXT, tag TEXT, ts INTEGER,
    body BLOB);
CREATE INDEX IF NOT EXISTS fills_of_account ON fills (uid, id);
CREATE INDEX IF NOT EXISTS fills_of_order ON fills (order_id, id);
CREATE INDEX IF NOT EXISTS fills_of_tag ON fills (tag, ts);
CREATE TABLE IF NOT EXISTS bills (
    id INTEGER PRIMARY KEY, uid TEXT, inst TEXT, ccy TEXT, kind TEXT, sub TEXT, ts INTEGER,
    body BLOB);
CREATE INDEX IF NOT EXISTS bills_of_account ON bills (uid, id);
CREATE TABLE IF NOT EXISTS algos (
    id INTEGER PRIMARY KEY, uid TEXT, inst TEXT, cl TEXT, kind TEXT, state TEXT, ts INTEGER,
    body BLOB);
CREATE INDEX IF NOT EXISTS algos_of_account ON algos (uid, id);
CREATE TABLE IF NOT EXISTS position (commands INTEGER);
"""
LOOSE = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
TABLES: dict[type, tuple[str, int]] = {
    Order: ("orders", 11),
    Fill: ("fills", 8),
    Bill: ("bills", 8),
    Algo: ("algos", 8),
}


class History:
    """The finished records of one exchange, newest first when read."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._rows: dict[type, list[tuple[Any, ...]]] = {kind: [] for kind in TABLES}
        self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        path.chmod(0o600)
        self._base.executescript(LOOSE + SCHEMA)
        found = self._base.execute("SELECT commands FROM position").fetchone()
        self.position: int = found[0] if found else 0
        self._written = self.position
        if not found:
            self._base.execute("INSERT INTO position VALUES (0)")

    @property
    def waiting(self) -> int:
        """How many records are not in the file yet."""
        return sum(map(len, self._rows.values()))

    def follow(self, outcome: Outcome, position: int) -> None:
        """Note what command number `position` has finished; one seen before is passed over."""
        if position <= self.position:
            return
        self.position = position
        for event in outcome.events:
            if type(event) is OrderChanged:
                if event.fill is not None and event.fill.bill_id:
                    self._rows[Fill].append(_fill_row(event.fill))
                if not event.order.is_open:
                    self._rows[Order].append(_order_row(event.order))
            elif type(event) is Billed:
                self._rows[Bill].append(_bill_row(event.bill))
            elif type(event) is AlgoChanged and event.algo.ended:
                self._rows[Algo].append(_algo_row(event.algo))

    def flush(self) -> None:
        """Write what waits, with the position it belongs to."""
        with self._lock:
            if self._written == self.position:
                return
            position = self.position
            rows = {kind: waiting[:] for kind, waiting in self._rows.items()}
            self._base.execute("BEGIN")
            for kind, (table, columns) in TABLES.items():
                marks = ", ".join("?" * columns)
                self._base.executemany(
                    f"INSERT OR REPLACE INTO {table} VALUES ({marks})",
                    rows[kind],
                )
            self._base.execute("UPDATE position SET commands = ?", (position,))
            self._base.execute("COMMIT")
            for kind, written in rows.items():
                del self._rows[kind][: len(written)]
            self._written = position

    def find(
        self, kind: type[Record], where: str, values: Sequence[Any], limit: int
    ) -> list[Record]:
        """Records newest first. `where` is SQL of ours over the table's columns."""
        self.flush()
        table = TABLES[kind][0]
        sql = f"SELECT body FROM {table} WHERE {where} ORDER BY id DESC LIMIT ?"
        with self._lock:
            found = self._base.execute(sql, (*values, limit)).fetchall()
        return [msgspec.json.decode(body, type=kind) for (body,) in found]

    def close(self) -> None:
        """Write what waits and let go of the file."""
        self.flush()
        self._base.close()


def _body(record: Any) -> bytes:
    return msgspec.json.encode(record)


def _order_row(order: Order) -> tuple[Any, ...]:
    return (
        order.order_id,
        order.uid,
        order.inst,
        order.cl,
        order.tag,
        order.kind,
        order.state,
        int(order.filled > 0),
        order.created,
        order.updated,
        _body(order),
    )


def _fill_row(fill: Fill) -> tuple[Any, ...]:
    key = (fill.bill_id, fill.uid, fill.inst, fill.order_id, fill.side, fill.tag, fill.ts)
    return (*key, _body(fill))


def _bill_row(bill: Bill) -> tuple[Any, ...]:
    inst = bill.fill.inst if bill.fill else ""
    return (bill.bill_id, bill.uid, inst, bill.ccy, bill.kind, bill.sub, bill.ts, _body(bill))


def _algo_row(algo: Algo) -> tuple[Any, ...]:
    key = (algo.algo_id, algo.uid, algo.inst, algo.cl, algo.kind, algo.state, algo.created)
    return (*key, _body(algo))
