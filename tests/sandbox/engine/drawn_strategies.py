"""Adds strategy orders to the drawn order books; keys and values are those of the wire.

last 50000                                                    (two bystanders trade a little)
after 10 s | after 30 days | restart                          (the clock; out of a snapshot)
Bob asks trigger buy 0.1 triggerPx 51000 orderPx -1 [tag ABCD ...]
Bob cancels strategy 1 | Bob amends strategy 1 newSz 0.2      (numbered as they appear)
Bob buys 0.1 at 50000 attaching slTriggerPx 49000 slOrdPx -1
Bob amends 1 attaching newSlTriggerPx 48000                   (of order 1, its first attachment)
Bob hedges                                                    (long_short_mode)
> strategy 1 effective actualSz 0.1 actualPx 51100 failCode -  (- = nothing)
> orders of 1: buy 0.1 at market filled, buy 0.2 at 51000 live
> parts of 1: 0.1 at 49950                                    (its orders on the book)
> no strategy 2
"""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from connect_portal.sandbox.engine.algo import Algo
from connect_portal.sandbox.engine.commands import (
    Amend,
    AmendAlgo,
    AnyCommand,
    Cancel,
    CancelAlgo,
    MoveClock,
    PlaceAlgo,
    SetPositionMode,
    Tick,
)
from connect_portal.sandbox.engine.events import AlgoChanged, OrderChanged
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.wire import algo_requests, attached
from connect_portal.sandbox.wire.algo_objects import algo_row
from connect_portal.sandbox.wire.objects import price, size
from tests.sandbox.engine.drawn import Stage

BYSTANDERS = ("Seller", "Buyer")
DAY_MS = 86_400_000
IN_LISTS = ("triggerAction", "triggerStrategy", "triggerCond", "timeframe", "thold")


@dataclass
class StrategyStage(Stage):
    """A stage that follows strategy orders, also through a restart."""

    strategies: dict[int, Algo] = field(default_factory=dict)
    latest: dict[int, Order] = field(default_factory=dict)

    def play(self, line: str) -> None:
        """Carry out or check one line."""
        words = line.split()
        match words:
            case ["last", px]:
                self._print(px)
            case ["restart"]:
                self.exchange = Exchange.restore(self.exchange.snapshot())
                self.exchange.validate()
            case ["after", number, "s"]:
                self._apply(Tick(ts=self.exchange.state.last_ts + int(number) * 1000))
            case ["after", number, "days"]:
                state = self.exchange.state
                self._apply(MoveClock(offset_ms=state.offset_ms + int(number) * DAY_MS))
                self._apply(Tick())
            case [who, verb, *rest] if command := self._of_strategies(who, verb, rest):
                self._apply(command)
            case _:
                super().play(line)

    def _apply(self, command: AnyCommand) -> None:
        super()._apply(command)
        for event in self.last.events:
            if isinstance(event, AlgoChanged):
                self.strategies[event.algo.algo_id] = event.algo
            if isinstance(event, OrderChanged):
                self.latest[event.order.order_id] = event.order

    def _print(self, px: str) -> None:
        for who, verb in zip(BYSTANDERS, ("sells", "buys"), strict=True):
            if who not in self.uids:
                self._fund(who, ["10", self.pair.base, "1000000", self.pair.quote])
            super().play(f"{who} {verb} 0.001 at {px}")
            assert self.last.code == "0"
            self.orders.pop()  # numbers are of the people in the story

    def _of_strategies(self, who: str, verb: str, rest: list[str]) -> AnyCommand | None:
        uid = self.uids.get(who, "")
        match verb, rest:
            case "asks", [kind, side, sz, *pairs]:
                given = {"ordType": kind, "side": side, "sz": sz, "tdMode": "cash"}
                if "attaching" in pairs:
                    at = pairs.index("attaching")
                    given |= {"attachAlgoOrds": [_pairs(pairs[at + 1 :])]}
                    pairs = pairs[:at]
                return self._read(uid, algo_requests.place_command, given | _pairs(pairs))
            case "cancels", ["strategy", number]:
                return CancelAlgo(uid=uid, inst=self.inst, algo_id=self._id(number))
            case "amends", ["strategy", number, *pairs]:
                given = {"algoId": str(self._id(number))}
                return self._read(uid, algo_requests.amend_command, given | _pairs(pairs))
            case "amends", [number, "attaching", *pairs]:
                return self._amended(uid, self.latest[self.orders[int(number) - 1].order_id], pairs)
            case "cancels", ["part", "of", number]:
                return Cancel(uid=uid, inst=self.inst, order_id=self._part(number))
            case "amends", ["part", "of", number, "to", sz]:
                return Amend(uid=uid, inst=self.inst, order_id=self._part(number), new_sz=sz)
            case "hedges", []:
                return SetPositionMode(uid=uid, mode="long_short_mode")
            case "buys" | "sells", [sz, *_] if "attaching" in rest:
                at = rest.index("attaching")
                command: Any = self._command(uid, verb, rest[:at])
                items = {"attachAlgoOrds": [_pairs(rest[at + 1 :])]}
                command.attached = attached.read_attached(items, sz)
                return command  # type: ignore[no-any-return]
        return None

    def _read(self, uid: str, read: Any, given: dict[str, Any]) -> PlaceAlgo | AmendAlgo:
        command: PlaceAlgo | AmendAlgo = read(
            SimpleNamespace(uid=uid), {"instId": self.inst} | given
        )
        return command

    def _amended(self, uid: str, order: Order, words: list[str]) -> Amend:
        which = words.pop(0) if len(words) % 2 else str(order.attached[0].algo_id)
        change = {"attachAlgoId": which} | _pairs(words)
        changes = attached.read_changes({"attachAlgoOrds": [change]})
        return Amend(uid=uid, inst=self.inst, order_id=order.order_id, attached=changes)

    def _id(self, number: str) -> int:
        return list(self.strategies)[int(number) - 1]

    def _part(self, number: str) -> int:
        return self.strategies[self._id(number)].open_ids[0]

    def _seen(self, words: list[str]) -> str:
        match words:
            case ["no", "strategy", number]:
                there = len(self.strategies) >= int(number)
                return f"{'a' if there else 'no'} strategy {number}"
            case ["strategy", number, _, *pairs]:
                row = algo_row(self.pair, self.strategies[self._id(number)])
                told = [f"{key} {row[key] or '-'}" for key in pairs[::2]]
                return " ".join(["strategy", number, str(row["state"]), *told])
            case ["order", number, "attached" | "attaches", *pairs]:
                items = self.latest[self.orders[int(number) - 1].order_id].attached
                if not items:
                    return f"order {number} attaches nothing"
                row = attached.attached_row(items[0])
                told = [f"{key} {row[key] or '-'}" for key in pairs[::2]]
                return " ".join(["order", number, "attached", *told])
            case ["orders" | "parts" as what, "of", number, *_]:
                algo_id = self._id(number.rstrip(":"))
                told = self._orders_of(algo_id) if what == "orders" else self._parts_of(algo_id)
                return f"{what} of {number} {', '.join(told) or 'none'}"
        return super()._seen(words)

    def _orders_of(self, algo_id: int) -> list[str]:
        """Every order it has placed, oldest first."""
        return [
            f"{order.side} {order.sz} at {price(self.pair, order.px) or 'market'} {order.state}"
            for order in self.latest.values()
            if order.algo_id == algo_id
        ]

    def _parts_of(self, algo_id: int) -> list[str]:
        """Its orders on the book, dearest first."""
        here = [o for o in self.exchange.state.orders.values() if o.algo_id == algo_id]
        here.sort(key=lambda order: -order.px)
        return [f"{size(self.pair, o.open_lots)} at {price(self.pair, o.px)}" for o in here]


def _pairs(words: list[str]) -> dict[str, Any]:
    """`key value` pairs; what belongs to the start of a smart iceberg goes into its list."""
    pairs: dict[str, Any] = dict(zip(words[::2], words[1::2], strict=True))
    if "triggerStrategy" in pairs:
        start = {name: pairs.pop(name) for name in (*IN_LISTS, "triggerPx") if name in pairs}
        pairs["triggerParams"] = [{"triggerAction": "start"} | start]
    return pairs
