"""The exchange as a state machine: `apply(command) -> Outcome`. The only door into the core."""

import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from connect_portal import facts
from connect_portal.sandbox.engine import (
    accounts,
    brokers,
    clock,
    commands,
    countdown,
    faults,
    ledger,
    orders,
    quoting,
    tape,
    tiers,
)
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.model import State
from connect_portal.sandbox.engine.strategies import amending, children, following, verbs
from connect_portal.sandbox.engine.world import World

VERBS: dict[type, Callable[[World, Any], Any]] = {
    commands.OpenAccount: accounts.open_account,
    commands.Faucet: accounts.faucet,
    commands.SetLevel: tiers.set_level,
    commands.AddKey: accounts.add_key,
    commands.DropKey: accounts.drop_key,
    commands.SetPositionMode: accounts.set_position_mode,
    commands.Place: orders.place,
    commands.Cancel: orders.cancel,
    commands.Amend: orders.amend,
    commands.MassQuote: quoting.mass_quote,
    commands.CancelAllAfter: countdown.cancel_all_after,
    commands.PlaceAlgo: verbs.place_algo,
    commands.AmendAlgo: amending.amend_algo,
    commands.CancelAlgo: verbs.cancel_algo,
    commands.SetFault: faults.set_fault,
    commands.ClearFaults: faults.clear_faults,
    commands.SeedTape: tape.seed,
    commands.SetBroker: brokers.set_broker,
    commands.SetClient: brokers.set_client,
    commands.AskReport: brokers.ask_report,
    commands.MoveClock: clock.move_clock,
    commands.Tick: lambda world, command: None,
}
ALARMS: dict[str, Callable[[World, str], None]] = {
    countdown.ALARM: countdown.strike,
    tiers.ALARM: tiers.recalculate,
    children.ALARM: following.strike,
}
MAPS = [field.name for field in msgspec.structs.fields(State) if field.default_factory is dict]
ENTRIES, ENTRIES_PER_PART = 200, {"tapes": 4, "wallets": 1}
EMPTY = State()
PART = msgspec.json.Decoder(State)


class Exchange:
    """State plus the books rebuilt from it. Not safe for threads: one writer applies everything."""

    def __init__(self, state: State | None = None) -> None:
        self.world = World(state or State(), facts.pairs())

    @property
    def state(self) -> State:
        """All that a snapshot holds."""
        return self.world.state

    @property
    def next_due(self) -> int | None:
        """When the next timer strikes, in business time; None when none is set."""
        timers = self.world.state.timers
        return timers[0].at if timers else None

    def apply(self, command: commands.AnyCommand) -> Outcome:
        """Let happen what is due by now, then carry out one command.

        A refusal changes nothing and comes back as its code.
        """
        world = self.world
        outcome = world.begin(command.ts)
        if world.state.timers and world.state.timers[0].at <= world.now:
            self._ring()
        try:
            outcome.value = VERBS[type(command)](world, command)
        except Refused as refusal:
            outcome.code, outcome.detail = refusal.code, refusal.detail
        if world.prints or world.ended or world.changed or world.outcome.books:
            following.follow_up(world)
        for name in outcome.books:
            world.versions[name] += 1
        return outcome

    def _ring(self) -> None:
        """Each timer that is due strikes once; one that sets itself again waits from now on."""
        timers, now = self.world.state.timers, self.world.now
        due = []
        while timers and timers[0].at <= now:
            due.append(heapq.heappop(timers))
        for timer in due:
            ALARMS[timer.alarm](self.world, timer.key)
            following.follow_up(self.world)

    def snapshot_parts(self) -> Iterator[bytes]:
        """The whole state in lines of JSON, each a `State` with some of it.

        Nothing may be applied between the first and the last.
        """
        yield msgspec.json.encode(msgspec.structs.replace(self.state, **{n: {} for n in MAPS}))
        for name in MAPS:
            entries = iter(getattr(self.state, name).items())
            while some := dict(islice(entries, ENTRIES_PER_PART.get(name, ENTRIES))):
                yield msgspec.json.encode(msgspec.structs.replace(EMPTY, **{name: some}))

    def snapshot(self) -> bytes:
        """All parts together; `restore` makes an equal exchange from it."""
        return b"\n".join(self.snapshot_parts())

    @classmethod
    def restore(cls, snapshot: bytes) -> "Exchange":
        """The exchange that `snapshot` was taken from. Raises msgspec errors on damage."""
        return cls.restore_parts(snapshot.splitlines())

    @classmethod
    def restore_parts(cls, parts: Iterable[bytes]) -> "Exchange":
        """The same from its parts, one after the other."""
        others = map(PART.decode, parts)
        state = next(others)
        for part in others:
            for name in MAPS:
                getattr(state, name).update(getattr(part, name))
        return cls(state)

    def state_hash(self) -> str:
        """Equal for equal histories of commands."""
        return hashlib.sha256(self.snapshot()).hexdigest()

    def validate(self) -> None:
        """Check every promise of the core; raises AssertionError naming the broken one."""
        if uneven := {ccy: n for ccy, n in ledger.world_sums(self.state).items() if n}:
            raise AssertionError(f"the world does not sum to zero: {uneven}")
        if below := ledger.overdrawn(self.state):
            raise AssertionError(f"balances below zero: {below}")
        self.world.validate_books()
        self.world.validate_holds()
        self.world.validate_strategies()
