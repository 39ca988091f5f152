"""Who listens to what, and how news of the exchange reaches them.

Private news goes out with the command that made it. Public news is gathered and sent every 100 ms,
so that a busy market costs each listener at most ten messages a second.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from connect_portal.sandbox.engine.events import (
    AlgoChanged,
    BalanceChanged,
    FaultSet,
    KeyDropped,
    OrderChanged,
    Outcome,
    Traded,
)
from connect_portal.sandbox.engine.model import Trade
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire import channels, prices
from connect_portal.sandbox.wire.books import BookFeed
from connect_portal.sandbox.wire.channels import Arg, Push

log = logging.getLogger(__name__)
BEAT_S = 0.1


class Listener(Protocol):
    """A connection as the hub sees it."""

    uid: str
    subscriptions: dict[str, Arg]

    def send(self, message: bytes) -> None:
        """Queue a message; must not block."""

    def forget_key(self, api_key: str) -> None:
        """Leave if this key is the one logged in with."""

    def hang_up(self) -> None:
        """Leave as if the network had broken."""


def arg_key(arg: Arg) -> str:
    """Equal for equal subscriptions."""
    return "|".join(str(arg.get(name) or "") for name in ("channel", "instType", "instId", "ccy"))


class Hub:
    """All live connections of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.listeners: set[Listener] = set()
        self.books = BookFeed(store)
        self._dirty: set[str] = set()
        self._trades: dict[str, list[Trade]] = {}
        store.listeners.append(self.hear)

    def subscribe(self, listener: Listener, arg: Arg) -> None:
        """Start a subscription with its first push."""
        world = self.store.exchange.world
        alone = not any(arg_key(arg) in other.subscriptions for other in self.listeners)
        listener.subscriptions[arg_key(arg)] = arg
        if arg["channel"] in ("books", "books5"):
            first: Push | None = self.books.first(arg, fresh=alone)
        else:
            first = channels.first_push(world, arg, listener.uid)
        if first is not None:
            self._tell(listener, arg, first)

    def unsubscribe(self, listener: Listener, arg: Arg) -> None:
        """End a subscription; one that never was is no error."""
        listener.subscriptions.pop(arg_key(arg), None)

    def connections(self, uid: str, channel: str) -> int:
        """How many other connections of an account listen to a channel."""
        return sum(
            listener.uid == uid
            and any(arg["channel"] == channel for arg in listener.subscriptions.values())
            for listener in self.listeners
        )

    def hear(self, outcome: Outcome) -> None:
        """Pass on what one command did."""
        self._dirty |= outcome.books
        for event in outcome.events:
            match event:
                case Traded(inst, trade):
                    self._dirty.add(inst)
                    self._trades.setdefault(inst, []).append(trade)
                case OrderChanged(order):
                    self._tell_owner(order.uid, ("orders",), event)
                case AlgoChanged(algo):
                    self._tell_owner(algo.uid, ("orders-algo",), event)
                case KeyDropped(api_key):
                    for listener in list(self.listeners):
                        listener.forget_key(api_key)
                case FaultSet(fault) if fault.kind == "drop" and fault.path.startswith("/ws/"):
                    for listener in list(self.listeners):
                        if fault.uid in ("", listener.uid):
                            listener.hang_up()
                case BalanceChanged(uid):
                    self._tell_owner(uid, ("account", "balance_and_position"), event)

    async def beat_forever(self) -> None:
        """Send gathered public news, ten times a second."""
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                self._beat()
            except Exception:
                log.exception("public news could not be sent")

    def _beat(self) -> None:
        dirty, self._dirty = self._dirty, set()
        trades, self._trades = self._trades, {}
        if not dirty:
            return
        made: dict[str, Push | None] = {}
        for listener in list(self.listeners):
            for key, arg in list(listener.subscriptions.items()):
                if arg.get("instId") not in dirty or arg["channel"] in channels.NEEDS_LOGIN:
                    continue
                if key not in made:
                    made[key] = self._public_push(arg, trades.get(arg["instId"], []))
                if (push := made[key]) is not None:
                    self._tell(listener, arg, push)

    def _public_push(self, arg: Arg, trades: list[Trade]) -> Push | None:
        world, channel = self.store.exchange.world, arg["channel"]
        pair = world.instruments[arg["instId"]]
        if channel in ("books", "books5"):
            return self.books.next(arg)
        if channel == "tickers":
            return Push([prices.ticker_row(world, pair)], {})
        if channel in ("trades", "trades-all"):
            rows = [{**prices.trade_row(pair, trade), "count": "1"} for trade in trades]
            return Push(rows, {}) if rows else None
        return channels.candle_push(world, arg) if trades else None

    def _tell_owner(self, uid: str, names: tuple[str, ...], event: Any) -> None:
        for listener in list(self.listeners):
            if listener.uid != uid:
                continue
            for arg in list(listener.subscriptions.values()):
                if arg["channel"] in names and (push := self._private_push(arg, uid, event)):
                    self._tell(listener, arg, push)

    def _private_push(self, arg: Arg, uid: str, event: Any) -> Push | None:
        world = self.store.exchange.world
        if isinstance(event, OrderChanged):
            return channels.order_push_for(world, arg, event)
        if isinstance(event, AlgoChanged):
            return channels.algo_push_for(world, arg, event)
        if arg["channel"] == "account":
            return channels.account_push(world, arg, uid)
        return Push([channels.balance_and_position(world, uid, "filled")], {})

    def _tell(self, listener: Listener, arg: Arg, push: Push) -> None:
        shown: Mapping[str, Any] = dict(arg)
        if arg["channel"] in channels.NEEDS_LOGIN:
            shown = {**arg, "uid": listener.uid}
        message = {"arg": shown, **push.extra, "data": push.data}
        listener.send(msgspec.json.encode(message))
