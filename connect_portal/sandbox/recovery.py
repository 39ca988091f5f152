"""From the files of a folder back to the exchange they tell of. Blocking; only `store` may use it.

The exchange is the newest snapshot and the commands after it. The history follows the same
commands; where it has lost some, it is made again by replaying the whole journal.
"""

import contextlib
import gc
import logging
import sqlite3
from collections.abc import Iterable, Iterator

import msgspec

from connect_portal.sandbox.engine.commands import AnyCommand
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.errors import SandboxError
from connect_portal.sandbox.history import History
from connect_portal.sandbox.journal import Journal

log = logging.getLogger(__name__)
ROWS_WAITING = 10_000


def recover(journal: Journal, history: History) -> Exchange:
    """The exchange as it was, with a history that has seen all of it; the journal goes on.

    Raises SandboxError with one sentence when the files are damaged.
    """
    with uncollected():
        position, exchange = newest_state(journal)
        seen = history.position
        replay(exchange, journal.read(position), history)
        journal.resume()
        if not position <= seen <= journal.end.count:
            remake_history(journal, history, exchange)
    return exchange


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without the garbage collector, which would look through a growing state again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def newest_state(journal: Journal) -> tuple[int, Exchange]:
    """What the newest snapshot of use holds, and how many commands it has seen."""
    for position, parts in journal.snapshots():
        try:
            return position, Exchange.restore_parts(parts)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning("the snapshot of command %d is of another version: %s", position, error)
    if journal.begins_at():
        raise SandboxError(f"{journal.folder} has no readable snapshot; restore it from a copy.")
    return 0, Exchange()


def remake_history(journal: Journal, history: History, exchange: Exchange) -> None:
    """Follow everything from the journal's beginning; `exchange` is what must come out of it."""
    log.warning("the history is made again from the journal in %s", journal.folder)
    position, other = oldest_state(journal)
    if position:
        log.warning("the journal begins at command %d; what was over before is lost", position)
    history.restart(position)
    try:
        replay(other, journal.read(position), history)
    except SandboxError as error:
        log.error("%s The history goes on without what came after.", error)
        history.position = journal.end.count
    else:
        if other.state_hash() != exchange.state_hash():
            log.warning("this version replays the journal differently than the one that wrote it")


def oldest_state(journal: Journal) -> tuple[int, Exchange]:
    """The state that the journal's beginning goes on from."""
    start = journal.begins_at()
    if not start:
        return 0, Exchange()
    position, parts = min(kept for kept in journal.snapshots() if kept[0] >= start)
    return position, Exchange.restore_parts(parts)


def replay(
    exchange: Exchange, commands: Iterable[tuple[int, AnyCommand]], history: History
) -> None:
    """Apply numbered commands and let the history follow."""
    for number, command in commands:
        history.follow(apply_safely(exchange, command), number)
        if history.waiting > ROWS_WAITING:
            with contextlib.suppress(sqlite3.Error):  # they wait on, and the keeper will say why
                history.flush()


def apply_safely(exchange: Exchange, command: AnyCommand) -> Outcome:
    """Apply a command that is on disk; a defect of the core answers 50026, in every replay too."""
    try:
        return exchange.apply(command)
    except Exception:
        log.exception("a command broke the exchange")
        return Outcome(code="50026")
