"""What is over: finished orders and strategies, fills and bills, in an SQLite file.

A read model: it follows the events of the exchange and can be made again from the journal at any
time, so it is written lazily and without waiting for the disk. `position` says how many commands
it has seen; recovery replays what it has not. Used by `store`, any thread; one process.
"""

import contextlib
import logging
import sqlite3
import threading
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from connect_portal.sandbox.engine.algo import Algo
from connect_portal.sandbox.engine.events import AlgoChanged, Billed, OrderChanged, Outcome
from connect_portal.sandbox.engine.model import Bill, Fill, Order
from connect_portal.sandbox.errors import SandboxError

log = logging.getLogger(__name__)
Record = TypeVar("Record", Order, Algo, Fill, Bill)
UNFILLED_KEPT_MS = 2 * 3_600_000
ROWS_PER_STATEMENT = 250
ROWS_PER_DELETION = 5000
CHECKED_BYTES = 256 << 20  # checking reads the whole file, half a second for this many
SCHEMA_VERSION = 4
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -16000;
PRAGMA wal_autocheckpoint = 4000;
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, uid INTEGER, inst TEXT, cl TEXT, tag TEXT, kind TEXT, state TEXT,
    filled INTEGER, ts INTEGER, ended INTEGER, body BLOB);
CREATE INDEX IF NOT EXISTS orders_of_account ON orders (uid, id, inst, state, kind, filled, ended);
CREATE INDEX IF NOT EXISTS orders_of_caller ON orders (uid, cl, id) WHERE cl != '';
CREATE INDEX IF NOT EXISTS orders_unfilled ON orders (ended) WHERE filled = 0;
CREATE TABLE IF NOT EXISTS fills (
    id INTEGER PRIMARY KEY, uid INTEGER, inst TEXT, order_id INTEGER, side TEXT, tag TEXT,
    ts INTEGER, body BLOB);
CREATE INDEX IF NOT EXISTS fills_of_account ON fills (uid, id, inst, side);
CREATE INDEX IF NOT EXISTS fills_of_order ON fills (order_id, id);
CREATE INDEX IF NOT EXISTS fills_of_tag ON fills (tag, ts) WHERE tag != '';
CREATE TABLE IF NOT EXISTS bills (
    id INTEGER PRIMARY KEY, uid INTEGER, inst TEXT, ccy TEXT, kind TEXT, sub TEXT, ts INTEGER,
    body BLOB);
CREATE INDEX IF NOT EXISTS bills_of_account ON bills (uid, id, inst, ccy, kind, sub);
CREATE TABLE IF NOT EXISTS algos (
    id INTEGER PRIMARY KEY, uid INTEGER, inst TEXT, cl TEXT, kind TEXT, state TEXT, ts INTEGER,
    body BLOB);
CREATE INDEX IF NOT EXISTS algos_of_account ON algos (uid, id, inst, kind, state);
CREATE INDEX IF NOT EXISTS algos_of_caller ON algos (uid, cl, id) WHERE cl != '';
CREATE TABLE IF NOT EXISTS position (commands INTEGER);
"""


class Table(NamedTuple):
    """A table: its name, its columns before `body`, and how a record fills them."""

    name: str
    columns: str
    values: Callable[[Any], tuple[Any, ...]]


def _order_values(order: Order) -> tuple[Any, ...]:
    names = (order.inst, order.cl, order.tag, order.kind, order.state)
    return (order.order_id, order.uid, *names, min(1, order.filled), order.created, order.updated)


def _bill_values(bill: Bill) -> tuple[Any, ...]:
    inst = bill.fill.inst if bill.fill else ""
    return bill.bill_id, bill.uid, inst, bill.ccy, bill.kind, bill.sub, bill.ts


TABLES: dict[type, Table] = {
    Order: Table("orders", "id, uid, inst, cl, tag, kind, state, filled, ts, ended", _order_values),
    Fill: Table(
        "fills",
        "id, uid, inst, order_id, side, tag, ts",
        attrgetter("bill_id", "uid", "inst", "order_id", "side", "tag", "ts"),
    ),
    Bill: Table("bills", "id, uid, inst, ccy, kind, sub, ts", _bill_values),
    Algo: Table(
        "algos",
        "id, uid, inst, cl, kind, state, ts",
        attrgetter("algo_id", "uid", "inst", "cl", "kind", "state", "created"),
    ),
}


def insertion(kind: type, rows: int) -> str:
    """SQL that stores many records at once.

    One statement for many rows lets SQLite work without the interpreter's lock; row by row, each
    row would wait for the exchange to let go of it.
    """
    name, columns, _ = TABLES[kind]
    marks = f"({'?, ' * len(columns.split(', '))}?)"
    return f"INSERT OR REPLACE INTO {name} ({columns}, body) VALUES {', '.join([marks] * rows)}"


class History:
    """The finished records of one exchange, newest first when read.

    A file that is damaged, or that another version has made, is thrown away and begun again: then
    `position` is 0. Raises SandboxError when the file cannot be used at all.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._path = path
        self._records: dict[type, list[Any]] = {kind: [] for kind in TABLES}
        self.position = self._written = 0
        self._base = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.OperationalError as error:
            raise SandboxError(f"The sandbox cannot use {self._path}: {error}.") from error
        except sqlite3.DatabaseError as error:
            log.warning("%s: %s; it is begun again", self._path, error)
            self._forget_file()
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        base = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        with contextlib.ExitStack() as undo:
            undo.callback(base.close)
            self._path.chmod(0o600)
            small = self._path.stat().st_size < CHECKED_BYTES
            if small and base.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("it is damaged")
            made_by = base.execute("PRAGMA user_version").fetchone()[0]
            new = not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if not new and made_by != SCHEMA_VERSION:
                raise sqlite3.DatabaseError("another version has made it")
            base.executescript(SCHEMA)
            base.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            found = base.execute("SELECT commands FROM position").fetchone()
            if not found:
                base.execute("INSERT INTO position VALUES (0)")
            self.position = self._written = found[0] if found else 0
            undo.pop_all()
        return base

    def _forget_file(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def restart(self, position: int) -> None:
        """Forget all and begin again behind command number `position`."""
        with self._lock:
            self._base.close()
            self._forget_file()
            self._base = self._open()
            self._records = {kind: [] for kind in TABLES}
            self.position = position

    @property
    def waiting(self) -> int:
        """How many records are not in the file yet."""
        return sum(map(len, self._records.values()))

    def follow(self, outcome: Outcome, position: int) -> None:
        """Note what command number `position` has finished; one seen before is passed over."""
        if position <= self.position:
            return
        records = self._records
        for event in outcome.events:
            if type(event) is OrderChanged:
                if event.fill is not None and event.fill.bill_id:
                    records[Fill].append(event.fill)
                if not event.order.is_open:
                    records[Order].append(event.order)
            elif type(event) is Billed:
                records[Bill].append(event.bill)
            elif type(event) is AlgoChanged and event.algo.ended:
                records[Algo].append(event.algo)
        self.position = position  # last: a flush in another thread never runs ahead of the records

    def flush(self) -> None:
        """Write what waits, with its position. Raises sqlite3.Error, and then still has it all."""
        with self._lock:
            position = self.position
            if self._written != position:
                self._write(self._counts(), position)

    def flush_some(self) -> bool:
        """Write as much as one statement takes; whether more waits. Raises sqlite3.Error.

        The file's position stays where it is until all is written: what is found again behind it
        is the same record once more.
        """
        with self._lock:
            position = self.position
            waiting = self._counts()
            for kind, count in waiting.items():
                if count > ROWS_PER_STATEMENT:
                    self._write({kind: ROWS_PER_STATEMENT}, self._written)
                    return True
            if self._written != position:
                self._write(waiting, position)
            return False

    def _counts(self) -> dict[type, int]:
        return {kind: len(records) for kind, records in self._records.items()}

    def _write(self, counts: Mapping[type, int], position: int) -> None:
        """So many of the oldest records of each kind, and how far the file has seen then."""
        with self._transaction():
            for kind, count in counts.items():
                self._insert(kind, count)
            self._base.execute("UPDATE position SET commands = ?", (position,))
        for kind, count in counts.items():
            del self._records[kind][:count]
        self._written = position

    def _insert(self, kind: type, count: int) -> None:
        for start in range(0, count, ROWS_PER_STATEMENT):
            records = self._records[kind][start : min(count, start + ROWS_PER_STATEMENT)]
            rows = ((*TABLES[kind].values(one), msgspec.json.encode(one)) for one in records)
            self._base.execute(insertion(kind, len(records)), [*chain.from_iterable(rows)])

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._base.execute("BEGIN")
        try:
            yield
            self._base.execute("COMMIT")
        finally:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")

    def settle(self) -> None:
        """Write what waits and let it reach the disk. Raises sqlite3.Error."""
        self.flush()
        with self._lock:
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def drop_unfilled(self, before_ms: int) -> None:
        """Forget orders that ended before then without any fill; nobody may ask for them.

        At most so many at a time, for the clock may leap and a reader wait.
        """
        old = "SELECT id FROM orders WHERE filled = 0 AND ended < ? LIMIT ?"
        with self._lock:
            self._base.execute(
                f"DELETE FROM orders WHERE id IN ({old})", (before_ms, ROWS_PER_DELETION)
            )

    def find(
        self, kind: type[Record], where: str, values: Sequence[Any], limit: int
    ) -> list[Record]:
        """Records newest first; all that was followed is seen. Raises sqlite3.Error.

        `where` is SQL of ours over the table's columns.
        """
        self.flush()
        with self._lock:
            found = self._base.execute(question(kind, where), (*values, limit)).fetchall()
        return [msgspec.json.decode(body, type=kind) for (body,) in found]

    def ids(
        self, kind: type[Record], where: str, values: Sequence[Any], order: str
    ) -> "array[int]":
        """Ids of all such records in an order of ours: 8 bytes each, to be read page by page."""
        self.flush()
        sql = f"SELECT id FROM {TABLES[kind].name} WHERE {where} ORDER BY {order}"
        with self._lock:
            return array("q", (found for (found,) in self._base.execute(sql, tuple(values))))

    def close(self) -> None:
        """Write what waits and let go of the file."""
        try:
            self.settle()
        finally:
            self._base.close()


def question(kind: type, where: str) -> str:
    """The SQL of a page: newest first, at most as many as the last parameter says."""
    return f"SELECT body FROM {TABLES[kind].name} WHERE {where} ORDER BY id DESC LIMIT ?"
