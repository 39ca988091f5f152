"""Reads drawn order books: people, their money, what they do, and how the book must look then.

A file holds scenarios: a line `# name`, then lines of these kinds, `>` telling what must follow:
    Alice has 10 BTC 100000 USDT
    Alice sells 0.5 at 90000 [kind ...]     Bob buys 0.1 at 90001 [ioc|fok|post_only]
    Bob buys for 1000 | Bob buys 0.1 | Alice sells 0.1           (market orders)
    Alice cancels 1 | Alice amends 1 to 0.4 at 90001              (orders are numbered as placed)
    > refused 51008 | > order 2 filled 0.1 | > fill 2 from 1: 0.1 at 90000
    > ask 90000 0.4 1 | > bid none | > Alice has 9.5 BTC | > order 1 canceled 14
"""

from dataclasses import dataclass, field
from decimal import Decimal

from connect_portal.sandbox.engine.commands import Amend, AnyCommand, Cancel, Faucet, OpenAccount
from connect_portal.sandbox.engine.commands import Place as PlaceOrder
from connect_portal.sandbox.engine.events import OrderChanged, Outcome
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.units import plain

INST = "BTC-USDT"
KINDS = ("post_only", "ioc", "fok")


@dataclass
class Stage:
    """One scenario being played."""

    exchange: Exchange = field(default_factory=Exchange)
    uids: dict[str, str] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    last: Outcome = field(default_factory=Outcome)

    def play(self, line: str) -> None:
        """Carry out or check one line."""
        if line.startswith(">"):
            return self._check(line[1:].split())
        who, verb, *rest = line.split()
        if verb == "has":
            return self._fund(who, rest)
        self._apply(self._command(self.uids[who], verb, rest))

    def _apply(self, command: AnyCommand) -> None:
        self.last = self.exchange.apply(command)
        self.exchange.validate()
        if isinstance(command, PlaceOrder) and self.last.code == "0":
            self.orders.append(self.last.value)

    def _fund(self, who: str, amounts: list[str]) -> None:
        self._apply(OpenAccount(reference=who, label=who))
        self.uids[who] = self.last.value.uid
        for amount, ccy in zip(amounts[::2], amounts[1::2], strict=True):
            self._apply(Faucet(uid=self.uids[who], reference=ccy, ccy=ccy, amt=amount))

    def _command(self, uid: str, verb: str, rest: list[str]) -> AnyCommand:
        match verb, rest:
            case "cancels", [number]:
                return Cancel(uid=uid, inst=INST, order_id=self.orders[int(number) - 1].order_id)
            case "amends", [number, "to", sz, "at", px]:
                order_id = self.orders[int(number) - 1].order_id
                return Amend(uid=uid, inst=INST, order_id=order_id, new_sz=sz, new_px=px)
            case "buys" | "sells", ["for", quote]:
                return _place(uid, verb, quote, kind="market", tgt="quote_ccy")
            case "buys" | "sells", [sz]:
                return _place(uid, verb, sz, kind="market", tgt="base_ccy")
            case "buys" | "sells", [sz, "at", px, *options]:
                kind = next((option for option in options if option in KINDS), "limit")
                stp = next((option for option in options if option.startswith("cancel_")), "")
                return _place(uid, verb, sz, kind=kind, px=px, stp=stp or "cancel_maker")
        raise AssertionError(f"no such line: {verb} {rest}")

    def _check(self, words: list[str]) -> None:
        assert " ".join(words) == self._seen(words), f"after code {self.last.code}"

    def _seen(self, words: list[str]) -> str:
        """What really is, in the words of the expectation."""
        match words:
            case ["refused", _]:
                return f"refused {self.last.code}"
            case ["order", number, _, _]:
                order = self.orders[int(number) - 1]
                detail = order.cancel_source if order.state == "canceled" else _size(order.filled)
                return f"order {number} {order.state} {detail}"
            case ["fill", *_]:
                return next((f for f in self._fills() if f == " ".join(words)), str(self._fills()))
            case ["ask" | "bid" as side, *_]:
                rows = self.exchange.world.books[INST].depth("sell" if side == "ask" else "buy", 1)
                pair = self.exchange.world.instruments[INST]
                told = [f"{plain(p * pair.tick)} {_size(lots)} {n}" for p, lots, n in rows]
                return f"{side} {told[0] if told else 'none'}"
            case [who, "has", _, ccy]:
                balance = self.exchange.state.wallets[ccy][self.uids[who]]
                return f"{who} has {plain(balance.available + balance.held)} {ccy}"
        raise AssertionError(f"no such expectation: {words}")

    def _fills(self) -> list[str]:
        """`fill <taker> from <maker>: <size> at <price>` of the last command."""
        numbers = {order.order_id: n for n, order in enumerate(self.orders, 1)}
        pair = self.exchange.world.instruments[INST]
        moments = [e for e in self.last.events if isinstance(e, OrderChanged) and e.fill]
        return [
            f"fill {numbers[taker.order.order_id]} from {numbers[maker.order.order_id]}:"
            f" {_size(maker.fill.lots)} at {plain(maker.fill.px * pair.tick)}"
            for maker, taker in zip(moments[::2], moments[1::2], strict=True)
            if maker.fill
        ]


def _place(
    uid: str, verb: str, sz: str, *, kind: str, px: str = "", tgt: str = "", stp: str = ""
) -> PlaceOrder:
    side = "buy" if verb == "buys" else "sell"
    return PlaceOrder(
        uid=uid, inst=INST, side=side, kind=kind, sz=sz, px=px, tgt=tgt, stp=stp or "cancel_maker"
    )


def _size(lots: int) -> str:
    return f"{(Decimal(lots) / 10**8).normalize():f}"


def scenarios(text: str) -> dict[str, list[str]]:
    """Scenario name -> its lines."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("# "):
            found[line[2:].strip()] = []
        elif line.strip():
            found[list(found)[-1]].append(line.strip())
    return found
