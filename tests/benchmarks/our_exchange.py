"""Our exchange in the races: a folder with the stream's accounts, and a process that serves it."""

import asyncio
import os
import secrets
import signal
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from connect_portal.kit.runtime.ports import answers_http, free_port
from connect_portal.kit.runtime.programs import Program
from connect_portal.sandbox.engine.commands import AddKey, AnyCommand
from connect_portal.sandbox.store import COMMANDS_PER_SNAPSHOT, Store
from connect_portal.sandbox.wire.auth import hash_passphrase
from tests.benchmarks.flow import ACCOUNTS, Command
from tests.benchmarks.ours import command_of, funding, opening, pairs
from tests.benchmarks.services import ROOT, running

PASSPHRASE, PERMISSIONS = "Correct-Horse-9", "read_only,trade"
OPERATOR_KEY = "operator-key-of-the-races"
BATCH = 500
MEAN_TAIL = COMMANDS_PER_SNAPSHOT // 2
"""How many commands lie behind the last snapshot on average."""


class Trader(NamedTuple):
    """An account of the stream and the key it signs with."""

    uid: str
    api_key: str
    secret: str


def prepare(folder: Path) -> list[Trader]:
    """An exchange in the folder on which the stream's accounts are open, funded and have keys."""
    return asyncio.run(_with_store(folder, _prepare))


def live_through(folder: Path, commands: list[Command], tail: int) -> None:
    """Journal the stream in the folder, with a snapshot `tail` commands before its end; then die.

    Call it in a process of its own.
    """
    traders, all_pairs = prepare(folder), pairs()
    wanted = [command_of(all_pairs[one.book], traders[one.account].uid, one) for one in commands]
    asyncio.run(_with_store(folder, partial(_submit, commands=wanted[:-tail])))
    asyncio.run(_with_store(folder, partial(_submit, commands=wanted[-tail:]), end=os._exit))


async def _with_store(
    folder: Path,
    use: Callable[[Store], Awaitable[Any]],
    end: Callable[[int], None] | None = None,
) -> Any:
    """What `use` does with the store of a folder, which takes no snapshot but that of its close."""
    store = Store(folder, commands_per_snapshot=10**9)
    store.start()
    done = await use(store)
    if end:
        end(0)
    await store.close()
    return done


async def _prepare(store: Store) -> list[Trader]:
    phrase = hash_passphrase(PASSPHRASE)
    opened = await asyncio.gather(*(store.submit(opening(one)) for one in range(ACCOUNTS)))
    traders = [Trader(one.value.uid, str(uuid.uuid4()), secrets.token_hex(16)) for one in opened]
    wanted: list[AnyCommand] = []
    for uid, key, secret in traders:
        wanted += funding(uid)
        wanted.append(
            AddKey(uid=uid, api_key=key, secret=secret, passphrase_hash=phrase, perm=PERMISSIONS)
        )
    assert await _submit(store, wanted) == {"0"}
    return traders


async def _submit(store: Store, commands: list[AnyCommand]) -> set[str]:
    """Carry them out, a batch at a time; the codes that were answered."""
    codes: set[str] = set()
    for first in range(0, len(commands), BATCH):
        batch = map(store.enqueue, commands[first : first + BATCH])
        codes |= {outcome.code for outcome in await asyncio.gather(*batch)}
    return codes


@contextmanager
def sandbox(
    folder: Path, stamps: Path | None = None, stop_signal: signal.Signals = signal.SIGTERM
) -> Iterator[tuple[int, int]]:
    """Our exchange as a process with a quiet market, once it answers; yields port and process id.

    With `stamps` it writes there when each command was applied.
    """
    port = free_port()
    served: tuple[str, ...] = ("connect_portal.sandbox.serve",)
    if stamps:
        served = ("tests.benchmarks.stamped", str(stamps))
    command = (
        *(sys.executable, "-m", *served),
        *(str(folder), str(port), OPERATOR_KEY, "quiet"),
    )
    program = Program(
        "sandbox",
        command,
        ready=partial(answers_http, port),
        folder=ROOT,
        stop_signal=stop_signal,
    )
    with running(program, folder, within=600) as pid:
        yield port, pid
