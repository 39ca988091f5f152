"""The working set that every verb of the core shares: state, books, instruments, current events."""

import copy
import heapq
from collections import Counter
from collections.abc import Mapping

from connect_portal import facts
from connect_portal.sandbox.engine.algo import Algo
from connect_portal.sandbox.engine.day import Day
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.events import (
    AlgoChanged,
    BalanceChanged,
    OrderChanged,
    Outcome,
)
from connect_portal.sandbox.engine.ledger import wallet_of
from connect_portal.sandbox.engine.matching import Market
from connect_portal.sandbox.engine.model import (
    HOUSE_ACCOUNT,
    MAKER_ACCOUNT,
    Account,
    Fill,
    Order,
    State,
    Tape,
    Timer,
)
from connect_portal.sandbox.engine.units import ONE, Instrument, instrument
from connect_portal.sandbox.engine.watch import Watch

EPOCH_MS = 1_577_836_800_000  # 2020-01-01; ids stay below 2**63 for centuries
ID_STEP = 1 << 22
HOUSE = "house"


def first_id(ts: int) -> int:
    """The smallest id that something of this millisecond can have, within 64 bits."""
    return min(max(1, (ts - EPOCH_MS) * ID_STEP), (1 << 63) - 1)


class World:
    """State and what is derived from it. Verbs in this package change it; nobody else may.

    `now` is the time of the command being applied. `prints` are its trades as (instrument, price),
    `ended` the orders that it ended: strategies look at both when the command is done. `changed`
    are the strategy orders that are told once at its end, `looked` those that have looked at the
    book. `numbered` are the accounts by number. `days` belongs to `engine.day`. `open_orders` are
    how many each account has. `versions` count the changes of each book, from the time of the
    start.
    """

    def __init__(self, state: State, pairs: Mapping[str, facts.Pair]) -> None:
        self.state, self.now = state, state.last_ts
        self.instruments = {name: instrument(pair) for name, pair in pairs.items()}
        self.currencies = sorted({c for p in pairs.values() for c in (p.base, p.quote)})
        self.numbered = list(state.accounts.values())
        if HOUSE not in state.accounts:
            self.open_account(HOUSE, "House", HOUSE, HOUSE_ACCOUNT)
        for ccy in self.currencies:
            wallet_of(state, ccy)
        self.outcome = Outcome()
        self.prints: list[tuple[str, int]] = []
        self.ended: list[Order] = []
        self.changed: dict[int, Algo] = {}
        self.looked: set[int] = set()
        self.told: set[str] = set()
        self.markets = {name: Market(self, pair) for name, pair in self.instruments.items()}
        self.books = {name: market.book for name, market in self.markets.items()}
        self.versions = dict.fromkeys(pairs, state.last_ts)
        self.watches = {name: Watch() for name in pairs}
        self.days: dict[str, tuple[tuple[int, int, int], Day]] = {}
        self.open_orders = Counter(order.uid for order in state.orders.values())
        for name in pairs:
            state.tapes.setdefault(name, Tape())
        self._rebuild()

    def _rebuild(self) -> None:
        for order in sorted(self.state.orders.values(), key=lambda order: order.priority):
            self.markets[order.inst].rest(order)
        for algo in self.state.algos.values():
            if not algo.ended:
                self.watches[algo.inst].add(algo)

    def begin(self, ts: int) -> Outcome:
        """Start a command: time never runs backwards, events start empty."""
        if ts > self.now:
            self.now = self.state.last_ts = ts
        self.outcome = Outcome()
        self.prints.clear()
        self.ended.clear()
        self.changed.clear()
        self.looked.clear()
        self.told.clear()
        return self.outcome

    def next_id(self) -> int:
        """A new id, larger than all before, of 18 or 19 digits like the venue's own."""
        self.state.last_id = max(self.state.last_id + 1, (self.now - EPOCH_MS) * ID_STEP)
        return self.state.last_id

    def set_timer(self, at: int, alarm: str, key: str) -> None:
        """Let `exchange.ALARMS[alarm]` be called with `key` once time has reached `at`."""
        heapq.heappush(self.state.timers, Timer(at, self.next_id(), alarm, key))

    def open_account(
        self, uid: str, label: str, reference: str, kind: str, region: str = "us"
    ) -> Account:
        """A new account, with a place of its own in every wallet."""
        account = Account(uid, label, reference, kind, self.now, len(self.numbered), region)
        self.state.accounts[uid] = account
        self.numbered.append(account)
        for wallet in self.state.wallets.values():
            wallet.available.append(0)
            wallet.held.append(0)
        return account

    def account(self, uid: str) -> Account:
        """The account. Refuses 50008 when there is none."""
        found = self.state.accounts.get(uid)
        if found is None:
            raise Refused("50008")
        return found

    def instrument(self, name: str) -> Instrument:
        """The instrument. Refuses 51001 when there is none."""
        found = self.instruments.get(name)
        if found is None:
            raise Refused("51001")
        return found

    def usd_price(self, ccy: str) -> int:
        """Last price of a currency in dollars, in 1e-18 units; dollar tokens count as one."""
        if ccy in facts.DOLLARS:
            return ONE
        for quote in ("USDT", "USDC"):
            pair = self.instruments.get(f"{ccy}-{quote}")
            if pair and (last := self.state.tapes[pair.inst_id].last_px):
                return last * pair.tick
        return 0

    def remember(self, account: Account, order: Order) -> None:
        """Keep an order of the account while it is open."""
        self.state.orders[order.order_id] = order
        account.open_orders.setdefault(order.inst, {})[order.order_id] = None
        self.open_orders[order.uid] += 1

    def forget(self, account: Account, order: Order) -> None:
        """It has ended."""
        del self.state.orders[order.order_id]
        del account.open_orders[order.inst][order.order_id]
        self.open_orders[order.uid] -= 1

    def note_order(
        self, order: Order, fill: Fill | None = None, req_id: str = "", amended: str = ""
    ) -> None:
        """Record how the order stands now, for its owner; the market maker has no listeners."""
        order.updated = self.now
        if self.numbered[order.owner].kind != MAKER_ACCOUNT:
            self.outcome.events.append(OrderChanged(copy.copy(order), fill, req_id, amended))

    def note_algo(self, algo: Algo) -> None:
        """Record how the strategy order stands now, for its owner."""
        algo.updated = self.now
        self.outcome.events.append(AlgoChanged(algo.copy()))

    def note_progress(self, order: Order, fill: Fill) -> None:
        """Add a fill to what the strategy order behind it has done."""
        algo = self.state.algos[order.algo_id]
        algo.filled += fill.lots
        algo.turnover += fill.px * fill.lots * self.instruments[fill.inst].lot_value
        self.changed[algo.algo_id] = algo

    def note_balance(self, account: Account) -> None:
        """Record that the account's money moved in this command (once per command)."""
        account.updated = self.now
        if account.kind != MAKER_ACCOUNT and account.uid not in self.told:
            self.told.add(account.uid)
            self.outcome.events.append(BalanceChanged(account.uid))

    def validate_books(self) -> None:
        """Each book is uncrossed and holds exactly the open orders with what they still want."""
        levels = [level for book in self.books.values() for level in book.levels.values()]
        resting = {order_id: order for level in levels for order_id, order in level.items()}
        sizes = {order_id: order.lots for order_id, order in resting.items()}
        open_lots = {order.order_id: order.open_lots for order in self.state.orders.values()}
        assert sizes == open_lots, "books differ from orders"
        for uid, account in self.state.accounts.items():
            count = sum(map(len, account.open_orders.values()))
            assert self.open_orders[uid] == count, f"open orders of {uid}"
        assert all(o.is_open for o in self.state.orders.values()), "an order that ended is kept"
        for name, book in self.books.items():
            bid, ask = book.best_price("buy"), book.best_price("sell")
            assert bid is None or ask is None or bid < ask, f"{name} is crossed"
            assert book.bids == sorted(rank for rank in book.levels if rank > 0), name
            assert book.asks == sorted(rank for rank in book.levels if rank < 0), name

    def validate_holds(self) -> None:
        """What each account holds is exactly what its open orders need."""
        needed: dict[tuple[str, str], int] = {}
        for order in self.state.orders.values():
            pair = self.instruments[order.inst]
            ccy = pair.quote if order.buys else pair.base
            each = order.px * pair.lot_value if order.buys else pair.lot
            needed[order.uid, ccy] = needed.get((order.uid, ccy), 0) + order.open_lots * each
        numbers = [account.number for account in self.state.accounts.values()]
        assert numbers == list(range(len(self.numbered))), "accounts out of order"
        for ccy, wallet in self.state.wallets.items():
            for account, held in zip(self.numbered, wallet.held, strict=True):
                want = needed.get((account.uid, ccy), 0)
                assert held == want, f"{account.uid} holds {held} {ccy}, not {want}"

    def validate_strategies(self) -> None:
        """Each strategy order knows its open orders, listens while it waits, trades no more."""
        children: dict[int, set[int]] = {algo_id: set() for algo_id in self.state.algos}
        for order in self.state.orders.values():
            if order.algo_id:
                children[order.algo_id].add(order.order_id)
        expected = {name: Watch() for name in self.watches}
        for algo in self.state.algos.values():
            assert set(algo.open_ids) == children[algo.algo_id], f"orders of {algo.algo_id}"
            assert not algo.ended or algo.open_ids, f"{algo.algo_id} is over and kept"
            open_here = self.state.accounts[algo.uid].open_algos.get(algo.inst, {})
            assert (algo.algo_id in open_here) != algo.ended, f"{algo.algo_id} in its account"
            working = sum(self.state.orders[order_id].open_lots for order_id in algo.open_ids)
            fits = not algo.lots or algo.filled + working <= algo.lots
            assert algo.ended or fits, f"size of {algo.algo_id}"
            if not algo.ended:
                expected[algo.inst].add(algo)
        taken = {algo_id: algo.cl for algo_id, algo in self.state.algos.items() if not algo.ended}
        for order in self.state.orders.values():
            taken |= {attached.algo_id: attached.cl for attached in order.attached}
        for account in self.state.accounts.values():
            for cl, algo_id in account.algo_of_cl.items():
                assert taken.get(algo_id) == cl, f"own id {cl} of {account.uid}"
        for name, watch in self.watches.items():
            assert vars(watch) == vars(expected[name]), f"who listens on {name}"
