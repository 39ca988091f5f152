"""The exchange as a state machine: `apply(command) -> Outcome`. The only door into the core."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from connect_portal import facts
from connect_portal.sandbox.engine import (
    accounts,
    clock,
    commands,
    ledger,
    orders,
    strategies,
)
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.model import State
from connect_portal.sandbox.engine.world import World

VERBS: dict[type, Callable[[World, Any], Any]] = {
    commands.OpenAccount: accounts.open_account,
    commands.Faucet: accounts.faucet,
    commands.AddKey: accounts.add_key,
    commands.DropKey: accounts.drop_key,
    commands.SetPositionMode: accounts.set_position_mode,
    commands.Place: orders.place,
    commands.Cancel: orders.cancel,
    commands.Amend: orders.amend,
    commands.PlaceAlgo: strategies.place_algo,
    commands.CancelAlgo: strategies.cancel_algo,
    commands.MoveClock: clock.move_clock,
}


class Exchange:
    """State plus the books rebuilt from it. Not safe for threads: one writer applies everything."""

    def __init__(self, state: State | None = None) -> None:
        self.world = World(state or State(), facts.pairs())

    @property
    def state(self) -> State:
        return self.world.state

    def apply(self, command: commands.AnyCommand) -> Outcome:
        """Carry out one command. A refusal changes nothing and comes back as its code."""
        outcome = self.world.begin(command.ts)
        try:
            outcome.value = VERBS[type(command)](self.world, command)
            strategies.fire_reached(self.world)
        except Refused as refusal:
            outcome.code, outcome.detail = refusal.code, refusal.detail
        return outcome

    def snapshot(self) -> bytes:
        """The whole state as JSON; `restore` makes an equal exchange from it."""
        return msgspec.json.encode(self.state)

    @classmethod
    def restore(cls, snapshot: bytes) -> "Exchange":
        """The exchange that `snapshot` was taken from. Raises msgspec errors on damage."""
        return cls(msgspec.json.decode(snapshot, type=State))

    def state_hash(self) -> str:
        """Equal for equal histories of commands."""
        return hashlib.sha256(self.snapshot()).hexdigest()

    def validate(self) -> None:
        """Check every promise of the core; raises AssertionError naming the broken one."""
        everyone = self.state.accounts.values()
        if uneven := {ccy: n for ccy, n in ledger.world_sums(everyone).items() if n}:
            raise AssertionError(f"the world does not sum to zero: {uneven}")
        if below := ledger.overdrawn(everyone):
            raise AssertionError(f"balances below zero: {below}")
        self.world.validate_books()
        self.world.validate_holds()
