"""A trading day that ends with SIGKILL at its first file operation, at its second, and so on.

`python -m tests.sandbox.crash_points FOLDER` leaves one folder for each: the exchange's files, and
in `acknowledged` how many commands had been answered. The last day ends by itself.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from connect_portal.sandbox.engine.commands import Amend, AnyCommand, Cancel, Place
from connect_portal.sandbox.history import History
from connect_portal.sandbox.store import Store
from tests.sandbox.test_store import trade_a_little

OPERATIONS = ["open", "write", "pwrite", "fsync", "fdatasync", "ftruncate", "rename", "unlink"]
PWRITE = os.pwrite  # ours, which does not count
ROUNDS = 2


class Fuse:
    """Counts the file operations of this process and ends it at a certain one."""

    def __init__(self, last: int) -> None:
        self.left = last

    def set(self) -> None:
        """From now on they count."""
        for name in OPERATIONS:
            setattr(os, name, self.counted(getattr(os, name)))
        History._insert = self.counted(History._insert)  # type: ignore[method-assign]

    def counted(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        def burn(*args: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return operation(*args, **options)

        return burn


async def live(folder: Path) -> None:
    """Trade, amend and cancel, with a snapshot after every few commands, then close."""
    store = Store(folder, commands_per_snapshot=12)
    store.start()
    answered = os.open(folder / "acknowledged", os.O_WRONLY)
    for _ in range(ROUNDS):
        await trade_a_little(store)
        for command in second_thoughts(store):
            await store.submit(command)
            PWRITE(answered, b"%d" % store.journal.end.count, 0)
    await store.close()


def second_thoughts(store: Store) -> Iterator[AnyCommand]:
    """An order that rests, and what becomes of it."""
    uid = store.exchange.state.uid_of_reference["Alice"]
    inst = "BTC-USDT"
    yield Place(uid=uid, inst=inst, side="buy", kind="limit", sz="1", px="80000", cl="first")
    yield Amend(uid=uid, inst=inst, cl="first", new_px="80001")
    yield Cancel(uid=uid, inst=inst, cl="first")


def main(folder: Path) -> None:
    """One child for each crash point, until one lives to the end."""
    for number in count(1):
        day = folder / f"{number:03}"
        day.mkdir()
        (day / "acknowledged").write_text("0")
        child = os.fork()
        if not child:
            Fuse(number).set()
            asyncio.run(live(day))
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
