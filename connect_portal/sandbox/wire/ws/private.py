"""An account's own news: orders, fills, strategies, balances.

https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-order-channel,
#trading-account-websocket-account-channel, #trading-account-websocket-balance-and-position-channel
and #order-book-trading-algo-trading-ws-algo-orders-channel.
"""

import asyncio

from connect_portal.sandbox.engine.algo import Algo
from connect_portal.sandbox.engine.events import OrderChanged
from connect_portal.sandbox.engine.ledger import Balance
from connect_portal.sandbox.engine.model import Bill
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.ws import rows
from connect_portal.sandbox.wire.ws.rooms import Room, data

CURRENCIES_PER_PAGE, REPEAT_S = 20, 5.0
PLAIN_STRATEGIES = frozenset(("conditional", "oco", "trigger"))
EVENT_OF_BILL = {"1": "transferred", "2": "filled"}


class AccountDesk:
    """Tells the listeners of one account. `rooms` are those with listeners."""

    def __init__(self, store: Store, uid: str) -> None:
        self.uid = uid
        self.rooms: list[Room] = []
        self._store = store
        self._world = store.exchange.world
        self._told: dict[str, Balance] = {}
        self._repeat_at = asyncio.get_running_loop().time() + REPEAT_S

    def open(self, room: Room) -> None:
        """Someone listens to a new topic."""
        if not self._of("account"):
            self._told = rows.held(self._world, self.uid)
        self.rooms.append(room)

    def shut(self, room: Room) -> None:
        """Nobody listens to a topic any more."""
        self.rooms.remove(room)

    def first(self, room: Room) -> list[bytes]:
        """What a new listener is told at once; most channels start silent."""
        match room.topic.channel:
            case "account":
                return self._account_pages(room.topic.ccy)
            case "balance_and_position":
                return [self._balances("snapshot", list(rows.held(self._world, self.uid)), [])]
            case "positions":
                return [data([], eventType="snapshot", curPage=1, lastPage=True)]
            case "algo-advance":
                return self._waiting_strategies(room)
        return []

    def tell_order(self, event: OrderChanged) -> None:
        """An order as it stood at one moment, and on `fills` the execution that moved it."""
        inst, fill = event.order.inst, event.fill
        body = b""
        for room in tuple(self.rooms):
            topic = room.topic
            if topic.channel == "orders" and topic.covers(inst):
                body = body or data([rows.order_push(self._world, event)])
                room.tell(body)
            elif topic.channel == "fills" and fill is not None and topic.covers(inst):
                room.tell(data([rows.fill_push(self._world, fill)]))

    def tell_algo(self, algo: Algo) -> None:
        """A strategy order as it stood at one moment, on the channel of its kind."""
        plain = algo.kind in PLAIN_STRATEGIES
        for room in self._of("orders-algo" if plain else "algo-advance"):
            if self._wants(room, algo):
                push = rows.algo_push if plain else rows.advanced_algo_push
                room.tell(data([push(self._world, algo)]))

    def tell_money(self, bills: list[Bill]) -> None:
        """What moved in one command: the currencies that changed, and why their cash did."""
        if accounts := self._of("account"):
            held = rows.held(self._world, self.uid)
            changed = sorted({ccy for ccy, _ in held.items() ^ self._told.items()})
            self._told = held
            for room in accounts:
                wanted = [ccy for ccy in changed if room.topic.ccy in ("", ccy)]
                if wanted:
                    row = rows.account_row(self._world, self.uid, wanted)
                    room.tell(data([row], eventType="event_update"))
        for room in self._of("balance_and_position"):
            for event in sorted({EVENT_OF_BILL.get(bill.kind, "") for bill in bills} - {""}):
                its_own = [bill for bill in bills if EVENT_OF_BILL.get(bill.kind) == event]
                room.tell(self._balances(event, sorted({bill.ccy for bill in its_own}), its_own))

    def repeat_account(self, now: float) -> None:
        """Every few seconds the whole account, for those who did not ask for events only."""
        if now < self._repeat_at:
            return
        self._repeat_at = now + REPEAT_S
        for room in self._of("account"):
            if not room.topic.events_only:
                for body in self._account_pages(room.topic.ccy):
                    room.tell(body)

    def _of(self, channel: str) -> list[Room]:
        return [room for room in self.rooms if room.topic.channel == channel]

    def _wants(self, room: Room, algo: Algo) -> bool:
        return room.topic.covers(algo.inst) and room.topic.algo_id in ("", str(algo.algo_id))

    def _account_pages(self, ccy: str) -> list[bytes]:
        wanted = [name for name in rows.held(self._world, self.uid) if ccy in ("", name)]
        starts = range(0, max(1, len(wanted)), CURRENCIES_PER_PAGE)
        pages = [wanted[start : start + CURRENCIES_PER_PAGE] for start in starts]
        return [
            data(
                [rows.account_row(self._world, self.uid, page)],
                eventType="snapshot",
                curPage=number,
                lastPage=number == len(pages),
            )
            for number, page in enumerate(pages, 1)
        ]

    def _balances(self, event_type: str, currencies: list[str], bills: list[Bill]) -> bytes:
        return data([rows.balance_push(self._world, self.uid, event_type, currencies, bills)])

    def _waiting_strategies(self, room: Room) -> list[bytes]:
        open_algos = self._world.state.accounts[self.uid].open_algos
        ids = sorted(algo_id for here in open_algos.values() for algo_id in here)
        waiting = [self._world.state.algos[algo_id] for algo_id in ids]
        wanted = [a for a in waiting if a.kind not in PLAIN_STRATEGIES and self._wants(room, a)]
        return [data([rows.advanced_algo_push(self._world, algo)]) for algo in wanted]
