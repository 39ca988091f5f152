"""kill -9 of a real exchange: what was acknowledged is there once, the rest whole or not at all."""

import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed

from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.journal import Journal
from tests.sandbox.conftest import OPERATOR_KEY, ROOT, Sandbox, Trader, start_sandbox, stop_sandbox
from tests.sandbox.signing import get, order, signed
from tests.sandbox.sockets import PLACE, Socket, private
from tests.sandbox.test_replay import rows_of, start_again

PAIRS = {"BTC-USDT": 60000, "ETH-USDT": 3000}
KILLS = 6
Row = dict[str, Any]


class Load(threading.Thread):
    """Places, amends and cancels, one and many, and remembers what was acknowledged.

    `doubt` names the orders of the request that was under way when the connection broke, `told` are
    trades and orders of fills that were pushed.
    """

    def __init__(self, sandbox: Sandbox, trader: Trader, seed: int) -> None:
        super().__init__(daemon=True)
        self.sandbox, self.trader, self.random = sandbox, trader, random.Random(seed)
        self.placed: dict[str, Row] = {}
        self.prices: dict[str, str] = {}
        self.cancelled: set[str] = set()
        self.doubt: set[str] = set()
        self.told: set[tuple[str, str]] = set()
        self.number = 0

    def run(self) -> None:
        with requests.Session() as self.session:
            self.act_until((requests.RequestException, ValueError))

    def act_until(self, ends: tuple[type[Exception], ...]) -> None:
        """Go on until the exchange is gone."""
        while True:
            try:
                self.act()
            except ends:
                return

    def act(self) -> None:
        """One request of any kind."""
        old = self.random.choices(sorted(self.placed), k=2) if self.placed else []
        match self.random.randint(0, 9):
            case 0 | 1 if old:
                changes = [self.known(old[0]) | {"newPx": self.price(self.placed[old[0]])}]
                for row in self.ask("amend-order", changes):
                    self.prices[row["clOrdId"]] = changes[0]["newPx"]
            case 2 if old:
                self.cancelled |= {
                    row["clOrdId"] for row in self.ask("cancel-order", [self.known(old[0])])
                }
            case 3 if old:
                asked = [self.known(own_id) for own_id in set(old)]
                self.cancelled |= {r["clOrdId"] for r in self.ask("cancel-batch-orders", asked)}
            case 4 | 5:
                self.place("batch-orders", 5)
            case _:
                self.place("order", 1)

    def place(self, path: str, number: int) -> None:
        wanted = {item["clOrdId"]: item for item in (self.wish() for _ in range(number))}
        for row in self.ask(path, list(wanted.values())):
            item = wanted[row["clOrdId"]]
            self.placed[row["clOrdId"]] = item | {"ordId": row["ordId"]}
            self.prices[row["clOrdId"]] = item["px"]

    def wish(self) -> Row:
        """A small order near a price that everybody is near."""
        self.number += 1
        item = {
            "instId": self.random.choice(list(PAIRS)),
            "tdMode": "cash",
            "side": self.random.choice(("buy", "sell")),
            "ordType": self.random.choice(("limit", "limit", "limit", "ioc", "post_only")),
            "sz": f"0.0{self.random.randint(1, 9)}",
            "clOrdId": f"{self.trader.uid[-4:]}n{self.number}",
            "tag": "ABCD",
        }
        return item | {"px": self.price(item)}

    def price(self, item: Row) -> str:
        return str(PAIRS[item["instId"]] + self.random.randint(-9, 9))

    def known(self, own_id: str) -> Row:
        return {"instId": self.placed[own_id]["instId"], "clOrdId": own_id}

    def ask(self, path: str, items: list[Row]) -> list[Row]:
        """Send them; the rows that were acknowledged."""
        self.doubt = {item["clOrdId"] for item in items}
        body = items if "batch" in path else items[0]
        target = f"/api/v5/trade/{path}"
        answer = signed(self.sandbox, self.trader, "POST", target, body, via=self.session).json()
        self.doubt = set()
        return [row for row in answer.get("data", []) if row["sCode"] == "0"]


class SocketLoad(Load):
    """The same by WebSocket, hearing of its fills."""

    socket: Socket

    def run(self) -> None:
        with suppress(ConnectionClosed), private(self.sandbox, self.trader) as self.socket:
            self.socket.subscribe({"channel": "orders", "instType": "SPOT"})
            self.act_until((ConnectionClosed,))

    def ask(self, path: str, items: list[Row]) -> list[Row]:
        time.sleep(0.01)  # as long as a request takes: what was done has to be read again
        self.doubt = {item["clOrdId"] for item in items}
        op = "batch-cancel-orders" if path == "cancel-batch-orders" else path
        self.socket.send({"id": "a", "op": op, "args": items})
        while "op" not in (message := self.socket.next()):
            rows = message.get("data", [])
            self.told |= {(row["tradeId"], row["ordId"]) for row in rows if row["tradeId"]}
        self.doubt = set()
        return [row for row in message["data"] if row["sCode"] == "0"]


def all_pages(sandbox: Sandbox, trader: Trader, path: str, cursor: str) -> list[Row]:
    rows: list[Row] = []
    after = ""
    while True:
        page = get(sandbox, trader, f"{path}after={after}")
        rows += page
        if len(page) < 100:
            assert len({row[cursor] for row in rows}) == len(rows), f"{path} shows a row twice"
            return rows
        after = page[-1][cursor]


def sums(rows: list[Row], key: str, amount: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row[key]] += Decimal(row[amount])
    return {name: total for name, total in found.items() if total}


def check(sandbox: Sandbox, load: Load) -> list[Row]:
    """What the load was told is so, and the account's records agree; its open orders."""
    pending = all_pages(sandbox, load.trader, "trade/orders-pending?", "ordId")
    done = all_pages(sandbox, load.trader, "trade/orders-history?instType=SPOT&", "ordId")
    orders = {row["clOrdId"]: row for row in [*pending, *done]}
    assert len(orders) == len(pending) + len(done), "an order is there twice"
    assert load.placed.keys() <= orders.keys() <= load.placed.keys() | load.doubt
    for own_id, row in orders.items():
        if own_id in load.doubt:
            continue
        assert row["ordId"] == load.placed[own_id]["ordId"]
        assert Decimal(row["px"]) == Decimal(load.prices[own_id]), own_id
        assert own_id not in load.cancelled or row["state"] == "canceled", own_id
    fills = all_pages(sandbox, load.trader, "trade/fills?", "billId")
    assert load.told <= {(fill["tradeId"], fill["ordId"]) for fill in fills}
    check_money(sandbox, load.trader, pending, [*pending, *done], fills)
    for own_id in load.doubt & orders.keys():  # whole, so it counts from now on
        load.placed[own_id] = orders[own_id]
        load.prices[own_id] = orders[own_id]["px"]
        load.cancelled |= {own_id} if orders[own_id]["state"] == "canceled" else set()
    return pending


def check_money(
    sandbox: Sandbox, trader: Trader, pending: list[Row], orders: list[Row], fills: list[Row]
) -> None:
    """Fills add up to what orders have filled, and open orders to what is held."""
    assert sums(fills, "ordId", "fillSz") == sums(orders, "ordId", "accFillSz")
    (balance,) = get(sandbox, trader, "account/balance")
    held: dict[str, Decimal] = defaultdict(Decimal)
    for row in pending:
        base, quote = row["instId"].split("-")
        left = Decimal(row["sz"]) - Decimal(row["accFillSz"])
        held[quote if row["side"] == "buy" else base] += (
            left * Decimal(row["px"]) if row["side"] == "buy" else left
        )
    assert held == sums(balance["details"], "ccy", "frozenBal")


def check_bills(sandbox: Sandbox, trader: Trader) -> None:
    """Bills add up to balances, two for each fill."""
    (balance,) = get(sandbox, trader, "account/balance")
    bills = all_pages(sandbox, trader, "account/bills?", "billId")
    assert sums(bills, "ccy", "balChg") == sums(balance["details"], "ccy", "cashBal")
    fills = all_pages(sandbox, trader, "trade/fills?", "billId")
    assert Counter(bill["type"] for bill in bills)["2"] == 2 * len(fills)


def check_books(sandbox: Sandbox, pending: list[Row]) -> None:
    """The public books are exactly the open orders of everybody."""
    for inst in PAIRS:
        (book,) = sandbox.public(f"market/books?instId={inst}&sz=400")["data"]
        for side, levels in (("buy", book["bids"]), ("sell", book["asks"])):
            mine = [row for row in pending if (row["instId"], row["side"]) == (inst, side)]
            left = [row | {"left": Decimal(row["sz"]) - Decimal(row["accFillSz"])} for row in mine]
            assert {level[0]: Decimal(level[1]) for level in levels} == sums(left, "px", "left")


def replayed(folder: Path) -> str:
    """The state that the whole journal leads to."""
    again = Exchange()
    with closing(Journal(folder)) as journal:
        for _, command in journal.read(0):
            again.apply(command)
    return again.state_hash()


def test_kills_under_load_lose_nothing_acknowledged_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_COMMANDS_PER_SNAPSHOT", "60")
    chance = random.Random()
    sandbox = start_sandbox(tmp_path, "quiet")
    names = ("Alice", "Bob", "Ada", "Zenith")
    traders = [sandbox.trader(name, BTC="100", ETH="100", USDT="10000000") for name in names]
    kinds: tuple[type[Load], ...] = (Load, SocketLoad, Load, SocketLoad)
    loads = [kind(sandbox, trader, 0) for kind, trader in zip(kinds, traders, strict=True)]
    for _ in range(KILLS):
        for load in loads:
            load.start()
        time.sleep(chance.uniform(0.1, 1.5))
        sandbox.child.send_signal(signal.SIGKILL)
        sandbox.child.wait()
        for load in loads:
            load.join(20)
        assert start_again(tmp_path) == replayed(tmp_path)
        sandbox = start_sandbox(tmp_path, "quiet")
        check_books(sandbox, [row for load in loads for row in check(sandbox, load)])
        loads = [successor(load, sandbox) for load in loads]
    assert all(len(load.placed) > 20 for load in loads)
    assert all(load.told for load in loads if isinstance(load, SocketLoad))
    for trader in traders:
        check_bills(sandbox, trader)
    assert stop_sandbox(sandbox) == 0
    before = rows_of(tmp_path)
    for path in tmp_path.glob("history.sqlite3*"):
        path.unlink()
    assert start_again(tmp_path) == replayed(tmp_path)
    assert rows_of(tmp_path) == before


def successor(load: Load, sandbox: Sandbox) -> Load:
    """A thread that goes on where this one ended."""
    heir = type(load)(sandbox, load.trader, load.number)
    heir.placed, heir.prices, heir.cancelled = load.placed, load.prices, load.cancelled
    heir.told = load.told
    heir.number = load.number
    return heir


def test_a_kill_at_any_file_operation_loses_nothing_acknowledged(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.sandbox.crash_points", str(tmp_path)], cwd=ROOT, check=True
    )
    folders = sorted(tmp_path.iterdir())
    assert len(folders) > 50
    for folder in folders:
        assert start_again(folder) == replayed(folder)
        before = rows_of(folder)
        assert before["position"][0][0] >= int((folder / "acknowledged").read_text())
        for path in folder.glob("history.sqlite3*"):
            path.unlink()
        start_again(folder)
        assert rows_of(folder) == before


def test_a_clean_stop_leaves_a_snapshot_and_an_empty_journal(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path, "quiet")
    alice = first.trader("Alice", BTC="1")
    assert stop_sandbox(first) == 0
    assert [path.stat().st_size for path in tmp_path.glob("journal-*.log")] == [0]
    again = start_sandbox(tmp_path, "quiet")
    (balance,) = get(again, alice, "account/balance")
    assert [(row["ccy"], row["availBal"]) for row in balance["details"]] == [("BTC", "1")]
    assert stop_sandbox(again) == 0


def test_a_clean_stop_answers_the_operations_under_way(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path, "quiet")
    alice = first.trader("Alice", USDT="1000000")
    first.operate("POST", "/faults", {"kind": "latency", "ms": 100})
    with private(first, alice) as socket:
        socket.send({"id": "1", "op": "order", "args": [PLACE]})
        assert socket.alive()
        first.child.terminate()
        (row,) = socket.answer("1")["data"]
        assert socket.closing()[0] == 1012
    assert stop_sandbox(first) == 0
    again = start_sandbox(tmp_path, "quiet")
    assert [o["ordId"] for o in get(again, alice, "trade/orders-pending")] == [row["ordId"]]
    assert stop_sandbox(again) == 0


def ended(folder: Path) -> tuple[int, str]:
    """Exit status and words of an exchange that cannot start on the folder."""
    command = [sys.executable, "-m", "connect_portal.sandbox.serve", str(folder), "0", OPERATOR_KEY]
    end = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    return end.returncode, end.stderr


def test_a_second_process_on_the_same_folder_refuses_to_start(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path, "quiet")
    assert ended(tmp_path) == (1, f"Another sandbox already runs on {tmp_path}.\n")
    assert stop_sandbox(first) == 0


def test_a_folder_of_no_use_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    status, words = ended(tmp_path / "file")
    assert status == 1
    assert words == f"The sandbox cannot use {tmp_path / 'file'}: File exists.\n"


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[tuple[Sandbox, Trader]]:
    """An exchange whose files cannot grow any more."""
    sandbox = start_sandbox(tmp_path, "quiet")
    trader = sandbox.trader("Alice", USDT="1000000")
    written = (tmp_path / "journal-000000000000.log").read_bytes().rstrip(b"\0")
    resource.prlimit(sandbox.child.pid, resource.RLIMIT_FSIZE, (len(written) + 10, -1))
    yield sandbox, trader
    assert stop_sandbox(sandbox) == 0


def test_a_full_disk_answers_50001_and_is_over_when_there_is_room(
    full_disk: tuple[Sandbox, Trader],
) -> None:
    sandbox, trader = full_disk
    for _ in range(3):
        body = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit"}
        answer = signed(
            sandbox, trader, "POST", "/api/v5/trade/order", body | {"sz": "0.01", "px": "50000"}
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "50001")
    assert get(sandbox, trader, "trade/orders-pending") == []
    resource.prlimit(sandbox.child.pid, resource.RLIMIT_FSIZE, (-1, -1))
    row = order(sandbox, trader, "buy", "0.01", "50000")
    assert row["sCode"] == "0"
    assert [row["ordId"]] == [o["ordId"] for o in get(sandbox, trader, "trade/orders-pending")]
