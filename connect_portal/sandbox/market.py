"""A seeded market maker: keeps every pair two-sided and one pair moving, through ordinary commands.

Two accounts, because one may not trade with itself: one quotes, the other takes a little each
second. Under the same seed it wants the same things in the same order.
"""

import asyncio
import logging
import random

from connect_portal import facts
from connect_portal.sandbox.engine.commands import (
    AnyCommand,
    Faucet,
    MassQuote,
    OpenAccount,
    Place,
)
from connect_portal.sandbox.engine.ledger import available
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, Account
from connect_portal.sandbox.engine.units import Instrument, parse, plain, to_units
from connect_portal.sandbox.errors import SandboxError
from connect_portal.sandbox.store import Store

log = logging.getLogger(__name__)
MOVING_PAIR = "BTC-USDT"
LEVELS = 8
STEP_S = 1.0
STEPS_PER_QUOTE = 5
LEVEL_VALUE = 40_000  # what one level is worth, in quote
TRADE_VALUE = 100  # what one small trade is worth, in quote
FLOOR, TOP_UP = parse("10000000") or 0, "1000000000"


class MarketMaker:
    """Quotes and small trades on one store."""

    def __init__(self, store: Store, seed: int = 1) -> None:
        self.store = store
        self.random = random.Random(seed)
        # A random walk in ticks, not an amount: each quote is rounded to a whole tick before it
        # becomes an order, and every order is integers from there on.
        self.mids: dict[str, float] = {}
        self.quoter = self.taker = ""

    async def run_forever(self) -> None:
        """Open the market, then keep it alive until cancelled."""
        await self.open()
        quiet = [name for name in self.store.exchange.world.instruments if name != MOVING_PAIR]
        step = 0
        while True:
            await asyncio.sleep(STEP_S)
            step += 1
            try:
                if step % STEPS_PER_QUOTE == 0:
                    await self._fund()
                    await self.quote(MOVING_PAIR)
                    await self.quote(quiet[step // STEPS_PER_QUOTE % len(quiet)])
                await self.trade(MOVING_PAIR)
            except SandboxError as error:
                log.warning("the market pauses: %s", error)

    async def open(self) -> None:
        """Accounts, money, quotes on every pair, and a first trade where there was none yet."""
        self.quoter = await self._account("quoter")
        self.taker = await self._account("taker")
        await self._fund()
        for name, pair in self.store.exchange.world.instruments.items():
            tape = self.store.exchange.state.tapes[name]
            start = facts.pairs()[name].start_price
            self.mids[name] = float(tape.last_px or to_units(start) // pair.tick)
            await self.quote(name)
            if not tape.trades:
                await self.trade(name)

    async def quote(self, name: str) -> None:
        """Replace the quotes of a pair around a middle that has moved a little."""
        pair = self.store.exchange.world.instruments[name]
        home = float(to_units(facts.pairs()[name].start_price) // pair.tick)
        mid = self.mids[name]
        mid *= 1 + self.random.gauss(0, 0.0003 if name == MOVING_PAIR else 0.00005)
        self.mids[name] = mid + (home - mid) * 0.002
        await self._carry_out([self._quotes(pair)])

    async def trade(self, name: str) -> None:
        """One small market order."""
        pair = self.store.exchange.world.instruments[name]
        side = self.random.choice(("buy", "sell"))
        lots = self._lots(pair, TRADE_VALUE * self.random.uniform(0.3, 2))
        size = plain(lots * pair.lot)
        order = Place(uid=self.taker, inst=name, side=side, kind="market", sz=size, tgt="base_ccy")
        await self._carry_out([order])

    def _quotes(self, pair: Instrument) -> MassQuote:
        mid = self.mids[pair.inst_id]
        gap = max(1.0, mid * 0.0001)
        sides: dict[int, list[tuple[int, int]]] = {-1: [], 1: []}
        for level in range(LEVELS):
            for sign, quotes in sides.items():
                ticks = round(mid + sign * gap * (0.6 + level * (1 + level / 8)))
                lots = self._lots(pair, LEVEL_VALUE * self.random.uniform(0.5, 1.5))
                quotes.append((max(1, ticks), lots))
        return MassQuote(uid=self.quoter, inst=pair.inst_id, bids=sides[-1], asks=sides[1])

    def _lots(self, pair: Instrument, value: float) -> int:
        one_lot = self.mids[pair.inst_id] * pair.lot_value / 10**18
        return max(pair.min_lots, int(value / one_lot))

    async def _account(self, role: str) -> str:
        command = OpenAccount(
            reference=f"market:{role}", label=f"Market {role}", kind=MAKER_ACCOUNT
        )
        account: Account = (await self.store.submit(command)).value
        return account.uid

    async def _fund(self) -> None:
        accounts = self.store.exchange.state.accounts
        low: list[AnyCommand] = [
            Faucet(uid=uid, reference=str(len(accounts[uid].faucets)) + ccy, ccy=ccy, amt=TOP_UP)
            for uid in (self.quoter, self.taker)
            for ccy in self.store.exchange.world.currencies
            if available(self.store.exchange.state, uid, ccy) < FLOOR
        ]
        await self._carry_out(low)

    async def _carry_out(self, commands: list[AnyCommand]) -> None:
        for future in [self.store.enqueue(command) for command in commands]:
            await future
