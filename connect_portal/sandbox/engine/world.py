"""The working set that every verb of the core shares: state, books, instruments, current events."""

import copy
from collections.abc import Mapping

from connect_portal import facts
from connect_portal.sandbox.engine.book import Book
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.events import (
    AlgoChanged,
    BalanceChanged,
    OrderChanged,
    Outcome,
)
from connect_portal.sandbox.engine.model import (
    HOUSE_ACCOUNT,
    MAKER_ACCOUNT,
    Account,
    Algo,
    Fill,
    Order,
    State,
    Tape,
)
from connect_portal.sandbox.engine.units import Instrument, instrument

EPOCH_MS = 1_577_836_800_000  # 2020-01-01; ids stay below 2**63 for centuries
ID_STEP = 1 << 22
HOUSE = "house"


class World:
    """State and what is derived from it. Verbs in this package change it; nobody else may."""

    def __init__(self, state: State, pairs: Mapping[str, facts.Pair]) -> None:
        self.state = state
        self.instruments = {name: instrument(pair) for name, pair in pairs.items()}
        self.currencies = sorted({c for p in pairs.values() for c in (p.base, p.quote)})
        self.books = {name: Book() for name in pairs}
        self.outcome = Outcome()
        self.moved: set[str] = set()
        for name in pairs:
            state.tapes.setdefault(name, Tape())
        state.accounts.setdefault(HOUSE, Account(HOUSE, "House", HOUSE, HOUSE_ACCOUNT, 0))
        self.waiting: dict[str, dict[int, Algo]] = {name: {} for name in pairs}
        self._rebuild()

    def _rebuild(self) -> None:
        resting = [order for order in self.state.orders.values() if order.is_open]
        for order in sorted(resting, key=lambda order: order.priority):
            self.books[order.inst].add(order)
        for algo in self.state.algos.values():
            if algo.state == "live":
                self.waiting[algo.inst][algo.algo_id] = algo

    @property
    def now(self) -> int:
        """The time of the command being applied."""
        return self.state.last_ts

    @property
    def house(self) -> Account:
        return self.state.accounts[HOUSE]

    def begin(self, ts: int) -> Outcome:
        """Start a command: time never runs backwards, events start empty."""
        self.state.last_ts = max(self.state.last_ts, ts)
        self.outcome = Outcome()
        self.moved.clear()
        return self.outcome

    def next_id(self) -> int:
        """A new id, larger than all before, of 18 or 19 digits like the venue's own."""
        self.state.last_id = max(self.state.last_id + 1, (self.now - EPOCH_MS) * ID_STEP)
        return self.state.last_id

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

    def note_order(
        self, order: Order, fill: Fill | None = None, req_id: str = "", amended: str = ""
    ) -> None:
        """Record how the order stands now, for its owner; the market maker has no listeners."""
        order.updated = self.now
        if self.state.accounts[order.uid].kind != MAKER_ACCOUNT:
            self.outcome.events.append(OrderChanged(copy.copy(order), fill, req_id, amended))

    def note_algo(self, algo: Algo) -> None:
        """Record how the strategy order stands now, for its owner."""
        algo.updated = self.now
        self.outcome.events.append(AlgoChanged(copy.copy(algo)))

    def note_balance(self, account: Account) -> None:
        """Record that the account's money moved in this command (once per command)."""
        account.updated = self.now
        event = BalanceChanged(account.uid)
        if account.kind != MAKER_ACCOUNT and event not in self.outcome.events:
            self.outcome.events.append(event)

    def validate_books(self) -> None:
        """Each book is uncrossed and holds exactly the open orders."""
        open_ids = {order.order_id for order in self.state.orders.values() if order.is_open}
        resting = [o for b in self.books.values() for side in b.prices for o in b.orders(side)]
        assert {order.order_id for order in resting} == open_ids, "books differ from open orders"
        for name, book in self.books.items():
            bid, ask = book.best_price("buy"), book.best_price("sell")
            assert bid is None or ask is None or bid < ask, f"{name} is crossed"
            assert all(prices == sorted(set(prices)) for prices in book.prices.values()), name

    def validate_holds(self) -> None:
        """What each account holds is exactly what its open orders need."""
        needed: dict[tuple[str, str], int] = {}
        for order in self.state.orders.values():
            if order.is_open:
                pair = self.instruments[order.inst]
                ccy = pair.quote if order.side == "buy" else pair.base
                needed[order.uid, ccy] = needed.get((order.uid, ccy), 0) + order.hold
                each = order.px * pair.lot_value if order.side == "buy" else pair.lot
                assert order.hold == order.open_lots * each, f"hold of {order.order_id}"
        for account in self.state.accounts.values():
            for ccy, balance in account.balances.items():
                want = needed.get((account.uid, ccy), 0)
                assert balance.held == want, f"{account.uid} holds {balance.held} {ccy}, not {want}"
