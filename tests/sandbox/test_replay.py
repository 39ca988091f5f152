"""What the files tell of: a whole market day again, and a start from whatever is left of them."""

import asyncio
import gzip
import hashlib
import logging
import random
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connect_portal.sandbox.engine.commands import (
    Amend,
    AnyCommand,
    Cancel,
    CancelAllAfter,
    Faucet,
    OpenAccount,
    Place,
    PlaceAlgo,
)
from connect_portal.sandbox.engine.events import OrderChanged, Outcome, Traded
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.errors import SandboxError
from connect_portal.sandbox.history import History
from connect_portal.sandbox.journal import Journal
from connect_portal.sandbox.market import MarketMaker
from connect_portal.sandbox.recovery import recover
from connect_portal.sandbox.store import Store
from tests.sandbox.test_store import crash, positions

PAIR = "BTC-USDT"
MORNING, MINUTE_MS, MINUTES = 1_700_006_400_000, 60_000, 1440
PEOPLE = ("Alice", "Bob", "Zenith")


@dataclass
class Told:
    """The fills and prints that an exchange tells of, as one fingerprint."""

    fills: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def hear(self, outcome: Outcome) -> None:
        for event in outcome.events:
            if isinstance(event, Traded) or (isinstance(event, OrderChanged) and event.fill):
                self.fills += 1
                self.digest.update(msgspec.json.encode(event))


class MarketDay:
    """A market maker and three people who trade with it and each other, a step each minute."""

    def __init__(self, folder: Path) -> None:
        self.now, self.told, self.random = MORNING, Told(), random.Random(7)
        self.store = Store(folder, commands_per_snapshot=1500, clock=lambda: self.now)
        self.store.listeners.append(self.told.hear)
        self.folder, self.state_hash = folder, ""
        self.uids: list[str] = []

    async def live(self, minutes: int = MINUTES) -> None:
        """From the opening to the evening; then the process is gone, as after a crash."""
        self.store.start()
        maker = MarketMaker(self.store)
        await maker.open()
        await self.arrive()
        for _ in range(minutes):
            self.now += MINUTE_MS
            await maker.step()
            for future in [self.store.enqueue(self.wish()) for _ in range(3)]:
                await future
        self.store.exchange.validate()

    async def arrive(self) -> None:
        for name in PEOPLE:
            opened = await self.store.submit(OpenAccount(reference=name, label=name))
            self.uids.append(opened.value.uid)
            for ccy, amount in (("BTC", "50"), ("USDT", "5000000")):
                await self.store.submit(
                    Faucet(uid=self.uids[-1], reference=ccy, ccy=ccy, amt=amount)
                )

    def wish(self) -> AnyCommand:
        """What somebody wants next: mostly to place, also to amend, to cancel, to wait."""
        pick, uid = self.random, self.random.choice(self.uids)
        side, size = pick.choice(("buy", "sell")), f"0.0{pick.randint(1, 99):02}"
        price = self.store.exchange.state.tapes[PAIR].last_px // 10 + pick.randint(-40, 40)
        open_orders = self.store.exchange.state.accounts[uid].open_orders.get(PAIR, {})
        order_id = pick.choice([*open_orders, 1])
        match pick.randint(0, 9):
            case 0:
                return Cancel(uid=uid, inst=PAIR, order_id=order_id)
            case 1:
                return Amend(uid=uid, inst=PAIR, order_id=order_id, new_px=str(price))
            case 2:
                return PlaceAlgo(
                    uid=uid,
                    inst=PAIR,
                    kind="trigger",
                    side=side,
                    sz=size,
                    trigger_px=str(price),
                    order_px="-1",
                    tag="ABCD",
                )
            case 3:
                return CancelAllAfter(uid=uid, timeout_s=pick.choice((0, 90)))
            case _:
                kind = pick.choice(("limit", "limit", "market", "post_only", "ioc", "fok"))
                px = "" if kind == "market" else str(price)
                tgt = "base_ccy" if kind == "market" else ""
                return Place(uid=uid, inst=PAIR, side=side, kind=kind, sz=size, px=px, tgt=tgt)

    async def end(self) -> None:
        """Let go of the folder without a last snapshot."""
        self.state_hash = self.store.exchange.state_hash()
        crash(self.store)
        self.store.history.close()


def live_a_day(folder: Path, minutes: int = MINUTES) -> MarketDay:
    async def live() -> MarketDay:
        day = MarketDay(folder)
        await day.live(minutes)
        await day.end()
        return day

    return asyncio.run(live())


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> MarketDay:
    """One market day for all tests here; who changes files works on a copy."""
    return live_a_day(tmp_path_factory.mktemp("day"))


@pytest.fixture
def folder(day: MarketDay, tmp_path: Path) -> Path:
    return Path(shutil.copytree(day.folder, tmp_path / "copy"))


def commands_of(folder: Path) -> list[AnyCommand]:
    """All that the journal holds."""
    with closing(Journal(folder)) as journal:
        return [command for _, command in journal.read(0)]


def test_a_market_day_replays_to_the_same_fills_and_state(day: MarketDay) -> None:
    again, told = Exchange(), Told()
    for command in commands_of(day.folder):
        told.hear(again.apply(command))
    assert told.fills == day.told.fills > 3000
    assert told.digest.digest() == day.told.digest.digest()
    assert again.state_hash() == day.state_hash


def test_a_snapshot_at_any_point_goes_on_to_the_same_state(day: MarketDay) -> None:
    again, stops = Exchange(), random.Random(3)
    for command in commands_of(day.folder):
        if not stops.randrange(400):
            again = Exchange.restore(again.snapshot())
        again.apply(command)
    assert again.state_hash() == day.state_hash


def test_each_snapshot_is_what_the_journal_before_it_leads_to(day: MarketDay) -> None:
    with closing(Journal(day.folder)) as journal:
        snapshots = dict(journal.snapshots())
        assert len(snapshots) == 2
        again = Exchange()
        for number, command in journal.read(0):
            again.apply(command)
            if number in snapshots:
                assert again.state_hash() == Exchange.restore_parts(snapshots[number]).state_hash()


Rows = dict[str, list[Any]]


def rows_of(folder: Path) -> Rows:
    """Everything in the history file but unfilled orders, which leave it in their time."""
    with closing(sqlite3.connect(folder / "history.sqlite3")) as base:
        tables = ("orders WHERE filled > 0", "fills", "bills", "algos", "position")
        return {name: base.execute(f"SELECT * FROM {name}").fetchall() for name in tables}


def start_again(folder: Path) -> str:
    """Start on the folder and stop again as after a crash; the state it came to."""
    with closing(Journal(folder)) as journal, closing(History(folder / "history.sqlite3")) as file:
        exchange = recover(journal, file)
        exchange.validate()
        return exchange.state_hash()


def spoil(path: Path) -> None:
    """Flip a bit in the middle."""
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))


def test_a_damaged_snapshot_gives_way_to_the_one_before(day: MarketDay, folder: Path) -> None:
    before, newest = rows_of(folder), max(folder.glob("snapshot-*"))
    spoil(newest)
    assert start_again(folder) == day.state_hash
    assert rows_of(folder) == before
    assert not newest.exists()


def test_without_a_snapshot_the_journal_is_enough(day: MarketDay, folder: Path) -> None:
    before = rows_of(folder)
    for path in folder.glob("snapshot-*"):
        spoil(path)
    assert start_again(folder) == day.state_hash
    assert rows_of(folder) == before


def test_a_snapshot_of_another_version_gives_way_to_the_journal(
    day: MarketDay, folder: Path
) -> None:
    for path in folder.glob("snapshot-*"):
        body = b'{"accounts":[]}\n'
        path.write_bytes(b"%08x %s" % (zlib.crc32(body), body))
    assert start_again(folder) == day.state_hash


def test_deleting_the_history_file_is_enough_to_have_it_made_again(
    day: MarketDay, folder: Path
) -> None:
    before = rows_of(folder)
    assert len(before["fills"]) > 1000
    for path in folder.glob("history.sqlite3*"):
        path.unlink()
    assert start_again(folder) == day.state_hash
    assert rows_of(folder) == before


@pytest.mark.parametrize("commands", [-1, 10**9], ids=["behind", "ahead"])
def test_a_history_that_fits_no_snapshot_is_made_again(
    day: MarketDay, folder: Path, commands: int
) -> None:
    before = rows_of(folder)
    with closing(sqlite3.connect(folder / "history.sqlite3", isolation_level=None)) as base:
        base.execute("UPDATE position SET commands = commands + ?", (commands * 1000,))
        base.execute("DELETE FROM fills WHERE id IN (SELECT id FROM fills LIMIT 100)")
    assert start_again(folder) == day.state_hash
    assert rows_of(folder) == before


def test_what_the_history_lost_in_a_power_cut_is_followed_again(
    day: MarketDay, folder: Path
) -> None:
    before, newest = rows_of(folder), positions(folder, "snapshot")[-1]
    with closing(sqlite3.connect(folder / "history.sqlite3", isolation_level=None)) as base:
        base.execute("UPDATE position SET commands = ?", (newest,))
    start_again(folder)
    assert rows_of(folder) == before


def test_without_its_beginning_the_journal_gives_the_history_that_is_left(
    day: MarketDay, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before, oldest = rows_of(folder), positions(folder, "snapshot")[0]
    for path in folder.glob("journal-*"):
        if int(path.name[8:20]) < oldest:
            path.unlink()
    (folder / "history.sqlite3").unlink()
    with caplog.at_level(logging.WARNING):
        assert start_again(folder) == day.state_hash
    assert f"the journal begins at command {oldest}; what was over before is lost" in caplog.text
    left = rows_of(folder)
    assert set(left["fills"]) < set(before["fills"])
    assert left["position"] == before["position"]


def test_a_damaged_old_segment_costs_the_history_and_not_the_exchange(
    day: MarketDay, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(folder / f"journal-{positions(folder, 'journal')[1]:012d}.log.gz")
    (folder / "history.sqlite3").unlink()
    with caplog.at_level(logging.ERROR):
        assert start_again(folder) == day.state_hash
    assert "is damaged at byte" in caplog.text
    assert len(rows_of(folder)["fills"]) > 0


@pytest.mark.parametrize("lose", [spoil, Path.unlink])
def test_a_lost_segment_after_the_snapshot_is_refused_in_one_sentence(
    folder: Path, lose: Callable[[Path], None]
) -> None:
    spoil(max(folder.glob("snapshot-*")))
    first = positions(folder, "snapshot")[0]
    lose(folder / f"journal-{first:012d}.log.gz")
    with pytest.raises(SandboxError, match=r"is damaged at byte \d+; restore|has no commands"):
        start_again(folder)


def test_a_compression_that_was_cut_short_changes_nothing(day: MarketDay, folder: Path) -> None:
    for path in folder.glob("journal-*.log.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
    half = max(folder.glob("journal-*.log.gz"))
    half.with_name(half.name + ".tmp").write_bytes(half.read_bytes()[:100])
    half.unlink()
    for path in folder.glob("history.sqlite3*"):
        path.unlink()
    assert start_again(folder) == day.state_hash
    assert not list(folder.glob("*.tmp"))
