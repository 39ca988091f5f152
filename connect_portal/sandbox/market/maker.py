"""The market maker: carries out each second what `turns` wants, through ordinary commands.

Two accounts, because one may not trade with itself: one quotes, the other takes. Under the same
seed it wants the same things in the same order.
"""

import asyncio
import logging
import math
import random
import zlib
from collections.abc import Awaitable, Callable, Sequence

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.commands import AnyCommand, Faucet, OpenAccount, SeedTape
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, Account
from connect_portal.sandbox.engine.units import ONE
from connect_portal.sandbox.errors import SandboxError
from connect_portal.sandbox.market.manners import BUSY_PAIRS
from connect_portal.sandbox.market.turns import Turns
from connect_portal.sandbox.store import Store

log = logging.getLogger(__name__)
STEP_S = 1
BUSY_PER_STEP = 2
PAST_MINUTES = 1440
FLOOR, TOP_UP = 10**11, 10**12  # one level of PEPE-USDT is ten thousand million PEPE


class MarketMaker:
    """Keeps one store's exchange two-sided and moving: busy pairs often, quiet ones in turn."""

    def __init__(self, store: Store, seed: int = 1) -> None:
        self.store = store
        self.seed = seed
        self.turns = Turns(store.exchange.world, random.Random(seed))
        self.quiet_pairs = [name for name in self.turns.manners if name not in BUSY_PAIRS]
        self.steps = 0
        self.is_open = self.is_paused = False

    async def run_forever(self) -> None:
        """Open the market unless that is done, and keep it alive until cancelled."""
        while True:
            await self.attempt(self.step if self.is_open else self.open)
            await asyncio.sleep(STEP_S)

    async def attempt(self, act: Callable[[], Awaitable[None]]) -> None:
        """Open or take a step. A disk that refuses pauses the market, which is said once."""
        try:
            await act()
            self.is_paused = False
        except SandboxError as error:
            if not self.is_paused:
                log.warning("the market pauses: %s", error)
            self.is_paused = True
        except Exception:
            log.exception("the market stumbled and goes on")

    async def open(self) -> None:
        """Accounts, money, a day of past where a pair has none, then quotes and a trade on each."""
        self.turns.quoter = await self._account("quoter")
        self.turns.taker = await self._account("taker")
        await self._fund()
        for name in self.turns.manners:
            await self._take_turns([name], self._past(name))
        self.is_open = True

    async def step(self) -> None:
        """One second: two busy pairs, a quiet one and those that people touched have a turn."""
        self.steps += 1
        await self._fund()
        first = self.steps * BUSY_PER_STEP
        busy = [BUSY_PAIRS[(first + n) % len(BUSY_PAIRS)] for n in range(BUSY_PER_STEP)]
        quiet = self.quiet_pairs[self.steps % len(self.quiet_pairs)]
        await self._take_turns([*dict.fromkeys([*busy, quiet, *self.turns.touched()])])

    async def _take_turns(self, names: Sequence[str], *before: AnyCommand) -> None:
        now = self.steps * STEP_S
        wanted = [one for name in names for one in self.turns.take(name, now)]
        await self._carry_out([*before, *wanted])
        for name in names:
            self.turns.look(name)

    def _past(self, name: str) -> SeedTape:
        its = self.turns.manners[name]
        return SeedTape(
            inst=name,
            px=self.turns.start(name),
            lots=its.minute_lots,
            swing=round(its.daily / math.sqrt(PAST_MINUTES) * 1_000_000),
            minutes=PAST_MINUTES,
            seed=zlib.crc32(f"{self.seed} {its.pair.base}".encode()),
        )

    async def _account(self, role: str) -> str:
        reference, label = f"market:{role}", f"Market {role}"
        command = OpenAccount(reference=reference, label=label, kind=MAKER_ACCOUNT)
        account: Account = (await self.store.submit(command)).value
        return account.uid

    async def _fund(self) -> None:
        state = self.store.exchange.state
        await self._carry_out(
            [
                Faucet(uid=uid, reference=f"{len(given)}{ccy}", ccy=ccy, amt=str(TOP_UP))
                for uid in (self.turns.quoter, self.turns.taker)
                for given in [state.accounts[uid].faucets]
                for ccy in state.wallets
                if ledger.available(state, uid, ccy) < FLOOR * ONE
            ]
        )

    async def _carry_out(self, commands: Sequence[AnyCommand]) -> None:
        await asyncio.gather(*map(self.store.enqueue, commands))
