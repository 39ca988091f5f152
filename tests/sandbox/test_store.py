"""The journal: what was acknowledged is there after any restart, torn tails and damage included."""

import asyncio
import errno
import os
import resource
import stat
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from connect_portal.sandbox.engine.commands import AnyCommand, Faucet, OpenAccount, Place
from connect_portal.sandbox.errors import SandboxError, StoreUnavailable
from connect_portal.sandbox.store import Store


def with_store(
    folder: Path, work: Callable[[Store], Awaitable[None]], *, commands_per_snapshot: int = 10**6
) -> str:
    """Run `work` on a store that then stops as a crash would (no snapshot); its state hash."""

    async def run() -> str:
        store = Store(folder, commands_per_snapshot=commands_per_snapshot)
        store.start()
        await work(store)
        state_hash = store.exchange.state_hash()
        crash(store)
        return state_hash

    return asyncio.run(run())


def crash(store: Store) -> None:
    """Let go of the folder and leave it as it is."""
    assert store._writer is not None
    store._writer.cancel()
    for lane in (store._disk, *store.keeper.lanes):
        lane.stop()
    store.journal.close()


async def trade_a_little(store: Store) -> None:
    uids = []
    for name in ("Alice", "Bob"):
        uids.append((await store.submit(OpenAccount(reference=name, label=name))).value.uid)
        for ccy in ("BTC", "USDT"):
            await store.submit(Faucet(uid=uids[-1], reference=ccy, ccy=ccy, amt="100000"))
    futures = [
        store.enqueue(
            Place(uid=uids[n % 2], inst="BTC-USDT", side=side, kind="limit", sz="0.01", px="90000")
        )
        for n, side in enumerate(["buy", "sell"] * 20)
    ]
    await asyncio.gather(*futures)


def positions(folder: Path, kind: str) -> list[int]:
    """After how many commands each segment or snapshot stands."""
    return sorted(
        int(path.name.partition("-")[2].partition(".")[0]) for path in folder.glob(f"{kind}-*")
    )


async def nothing(store: Store) -> None:
    """Only open it."""


def test_a_restart_replays_to_the_same_state(tmp_path: Path) -> None:
    before = with_store(tmp_path, trade_a_little)
    assert with_store(tmp_path, nothing) == before


def test_two_snapshots_and_every_segment_are_kept(tmp_path: Path) -> None:
    async def trade_on(store: Store) -> None:
        while len(positions(tmp_path, "snapshot")) < 2 or len(positions(tmp_path, "journal")) < 4:
            await trade_a_little(store)

    before = with_store(tmp_path, trade_on, commands_per_snapshot=10)
    assert len(list(tmp_path.glob("snapshot-*.json"))) == 2
    assert positions(tmp_path, "journal")[0] == 0
    assert set(positions(tmp_path, "snapshot")) <= set(positions(tmp_path, "journal"))
    assert with_store(tmp_path, nothing) == before


def test_a_snapshot_waits_for_a_calm_moment_and_no_command(tmp_path: Path) -> None:
    async def open_many_at_once(store: Store) -> None:
        people = [OpenAccount(reference=str(number), label="Alice") for number in range(150)]
        await asyncio.gather(*map(store.enqueue, people))
        assert not positions(tmp_path, "snapshot")
        while not positions(tmp_path, "snapshot"):
            await asyncio.sleep(0.02)

    with_store(tmp_path, open_many_at_once, commands_per_snapshot=200)
    assert positions(tmp_path, "snapshot") == [150]


def test_a_snapshot_waits_no_longer_than_it_may(tmp_path: Path) -> None:
    async def never_calm(store: Store) -> None:
        while not positions(tmp_path, "snapshot"):
            people = [OpenAccount(reference=str(number), label="Alice") for number in range(60)]
            await asyncio.gather(*map(store.enqueue, people))

    with_store(tmp_path, never_calm, commands_per_snapshot=400)
    assert positions(tmp_path, "snapshot")[0] <= 420


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_torn_last_write_is_forgotten_and_the_rest_stays(tmp_path: Path, cut: int) -> None:
    with_store(tmp_path, trade_a_little)
    journal = next(tmp_path.glob("journal-*.log"))
    whole = journal.read_bytes().rstrip(b"\0")
    before_last = whole.rstrip(b"\n").rpartition(b"\n")[0] + b"\n"
    journal.write_bytes(whole[:-cut])
    with_store(tmp_path, nothing)
    assert journal.read_bytes().rstrip(b"\0") == before_last


def test_pages_of_the_last_write_that_never_reached_the_disk_are_forgotten(tmp_path: Path) -> None:
    with_store(tmp_path, trade_a_little)
    journal = next(tmp_path.glob("journal-*.log"))
    whole = journal.read_bytes().rstrip(b"\0")
    before_last = whole.rstrip(b"\n").rpartition(b"\n")[0] + b"\n"
    lost = whole[len(before_last) :]
    journal.write_bytes(before_last + lost[:30] + bytes(len(lost) - 60) + lost[-30:])
    with_store(tmp_path, nothing)
    assert journal.read_bytes().rstrip(b"\0") == before_last


@pytest.mark.parametrize("place", [20, -20])
def test_a_spoiled_byte_is_refused_in_one_sentence(tmp_path: Path, place: int) -> None:
    with_store(tmp_path, trade_a_little)
    journal = next(tmp_path.glob("journal-*.log"))
    damaged = bytearray(journal.read_bytes().rstrip(b"\0"))
    damaged[place] ^= 1
    journal.write_bytes(bytes(damaged))
    with pytest.raises(SandboxError, match="is damaged at byte"):
        Store(tmp_path)


def test_two_writers_on_one_folder_are_refused(tmp_path: Path) -> None:
    async def second(store: Store) -> None:
        with pytest.raises(SandboxError, match="Another sandbox already runs"):
            Store(tmp_path)

    with_store(tmp_path, second)


def test_files_of_somebody_else_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    before = with_store(tmp_path, trade_a_little, commands_per_snapshot=10)
    for name in ("journal-abc.log", "snapshot-000000000099.json.bak", "journal-old", "notes"):
        (tmp_path / name).write_text("not ours")
    assert with_store(tmp_path, nothing) == before
    assert (tmp_path / "journal-abc.log").read_text() == "not ours"


def test_files_that_hold_secrets_are_private(tmp_path: Path) -> None:
    with_store(tmp_path, trade_a_little, commands_per_snapshot=10)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_disk_that_is_full_loses_nothing_and_acknowledges_nothing(tmp_path: Path) -> None:
    async def fill_up(store: Store) -> None:
        await trade_a_little(store)
        before = store.exchange.state_hash()
        with files_no_larger_than(store.journal.end.size + 20):
            for _ in range(2):
                with pytest.raises(StoreUnavailable, match="Cannot write"):
                    await store.submit(OpenAccount(reference="Carol", label="Carol"))
        assert store.exchange.state_hash() == before
        await store.submit(OpenAccount(reference="Carol", label="Carol"))

    assert with_store(tmp_path, fill_up) == with_store(tmp_path, nothing)


def test_a_disk_that_fails_to_sync_loses_nothing_and_acknowledges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail_to_sync(store: Store) -> None:
        await trade_a_little(store)
        before = store.exchange.state_hash()
        with monkeypatch.context() as broken:
            broken.setattr(os, "write", refuse(errno.EIO))
            with pytest.raises(StoreUnavailable, match="Input/output error"):
                await store.submit(OpenAccount(reference="Carol", label="Carol"))
        assert store.exchange.state_hash() == before
        await store.submit(OpenAccount(reference="Carol", label="Carol"))

    assert with_store(tmp_path, fail_to_sync) == with_store(tmp_path, nothing)


def test_trading_goes_on_without_room_for_a_snapshot_which_is_taken_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def trade_on(store: Store) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", refuse(errno.ENOSPC))
            for _ in range(3):
                await trade_a_little(store)
        assert not positions(tmp_path, "snapshot")
        while not positions(tmp_path, "snapshot"):
            await trade_a_little(store)

    before = with_store(tmp_path, trade_on, commands_per_snapshot=10)
    assert with_store(tmp_path, nothing) == before


def test_a_command_that_cannot_be_written_down_does_not_stop_the_others(tmp_path: Path) -> None:
    async def say_nonsense(store: Store) -> None:
        with pytest.raises(StoreUnavailable):
            await store.submit(OpenAccount(reference="\ud800", label=""))
        await trade_a_little(store)

    assert with_store(tmp_path, say_nonsense) == with_store(tmp_path, nothing)


def refuse(number: int) -> Callable[..., None]:
    """A system call that always fails with this error."""

    def fail(*args: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let the system refuse to write beyond this size, half-way through a block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def opening(name: str) -> OpenAccount:
    """A command of that name."""
    return OpenAccount(reference=name, label=name)


def test_commands_of_the_same_moment_share_a_sync(tmp_path: Path) -> None:
    async def a_moment_later(store: Store, name: str) -> None:
        await asyncio.sleep(0)
        await store.submit(opening(name))

    async def meet(store: Store) -> None:
        await asyncio.gather(store.submit(opening("Alice")), a_moment_later(store, "Bob"))

    with_store(tmp_path, meet)
    written = (tmp_path / "journal-000000000000.log").read_bytes().rstrip(b"\0")
    assert written.count(b"\n") == 1


def test_an_answer_does_not_wait_for_what_is_written_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hold_up_the_second(store: Store) -> None:
        append, gates = store.journal.append, [threading.Event(), threading.Event()]
        begun = iter(gates)

        def wait_and_append(commands: Sequence[AnyCommand]) -> None:
            assert next(begun).wait(20)
            append(commands)

        monkeypatch.setattr(store.journal, "append", wait_and_append)
        first = store.enqueue(opening("Alice"))
        while store._waiting:  # until it is on its way to the disk
            await asyncio.sleep(0)
        second = store.enqueue(opening("Bob"))
        gates[0].set()
        await first
        assert not second.done()
        gates[1].set()
        await second

    assert with_store(tmp_path, hold_up_the_second) == with_store(tmp_path, nothing)
