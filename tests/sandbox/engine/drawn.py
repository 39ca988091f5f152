"""Reads drawn order books: people, their money, what they do, and how the book must look then.

A file holds scenarios: a line `# name`, then lines of these kinds, `>` telling what must follow:
    on ETH-USDT                                                  (BTC-USDT until then)
    Alice has 10 BTC 100000 USDT
    Alice is VIP7
    Alice sells 0.5 at 90000 [kind ...]     Bob buys 0.1 at 90001 [ioc|fok|post_only]
    Bob buys for 1000 | Bob buys 0.1 | Alice sells 0.1           (market orders)
    Alice cancels 1 | Alice amends 1 to 0.4 at 90001              (orders are numbered as placed)
    > refused 51008 | > order 2 filled 0.1 | > fill 2 from 1: 0.1 at 90000
    > ask 90000 0.4 1 | > bid none | > Alice has 9.5 BTC | > order 1 canceled 14
    > order 1 fee -0.8 USDT rebate 0 ETH | > fill of 1 fee -0.8 USDT rate -0.0008 M
    > bills of Alice: -0.5 ETH fee 0, 999.2 USDT fee -0.8
"""

from dataclasses import dataclass, field

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.commands import (
    Amend,
    AnyCommand,
    Cancel,
    Faucet,
    OpenAccount,
    SetLevel,
)
from connect_portal.sandbox.engine.commands import Place as PlaceOrder
from connect_portal.sandbox.engine.events import Billed, OrderChanged, Outcome
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.units import Instrument, plain
from connect_portal.sandbox.wire.objects import bill_row, fill_row, order_row, size

INST = "BTC-USDT"
KINDS = ("post_only", "ioc", "fok")


@dataclass
class Stage:
    """One scenario being played."""

    exchange: Exchange = field(default_factory=Exchange)
    uids: dict[str, str] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    last: Outcome = field(default_factory=Outcome)
    inst: str = INST

    @property
    def pair(self) -> Instrument:
        return self.exchange.world.instruments[self.inst]

    def play(self, line: str) -> None:
        """Carry out or check one line."""
        if line.startswith(">"):
            return self._check(line[1:].split())
        who, verb, *rest = line.split()
        if who == "on":
            self.inst = verb
            return None
        if verb == "has":
            return self._fund(who, rest)
        return self._apply(self._command(self.uids[who], verb, rest))

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
            case "is", [level]:
                return SetLevel(uid=uid, level=level)
            case "cancels", [number]:
                return Cancel(
                    uid=uid, inst=self.inst, order_id=self.orders[int(number) - 1].order_id
                )
            case "amends", [number, "to", sz, "at", px]:
                order_id = self.orders[int(number) - 1].order_id
                return Amend(uid=uid, inst=self.inst, order_id=order_id, new_sz=sz, new_px=px)
            case "buys" | "sells", ["for", quote]:
                return self._place(uid, verb, quote, kind="market", tgt="quote_ccy")
            case "buys" | "sells", [sz]:
                return self._place(uid, verb, sz, kind="market", tgt="base_ccy")
            case "buys" | "sells", [sz, "at", px, *options]:
                kind = next((option for option in options if option in KINDS), "limit")
                stp = next((option for option in options if option.startswith("cancel_")), "")
                return self._place(uid, verb, sz, kind=kind, px=px, stp=stp or "cancel_maker")
        raise AssertionError(f"no such line: {verb} {rest}")

    def _place(
        self, uid: str, verb: str, sz: str, *, kind: str, px: str = "", tgt: str = "", stp: str = ""
    ) -> PlaceOrder:
        return PlaceOrder(
            uid=uid,
            inst=self.inst,
            side="buy" if verb == "buys" else "sell",
            kind=kind,
            sz=sz,
            px=px,
            tgt=tgt,
            stp=stp or "cancel_maker",
        )

    def _bills(self, uid: str) -> list[str]:
        """`<change> <currency> fee <fee>` of each bill of the account in the last command."""
        told = [e.bill for e in self.last.events if isinstance(e, Billed) and e.bill.uid == uid]
        rows = [bill_row(self.exchange.world.instruments, bill) for bill in told]
        return [f"{row['balChg']} {row['ccy']} fee {row['fee']}" for row in rows]

    def _check(self, words: list[str]) -> None:
        seen = self._seen(words)
        assert " ".join(words) == seen, f"really: {seen} (after code {self.last.code})"

    def _seen(self, words: list[str]) -> str:
        """What really is, in the words of the expectation."""
        match words:
            case ["refused", _]:
                return f"refused {self.last.code}"
            case ["order", number, "fee", *_]:
                row = order_row(self.pair, self.orders[int(number) - 1])
                fee, rebate = f"{row['fee']} {row['feeCcy']}", f"{row['rebate']} {row['rebateCcy']}"
                return f"order {number} fee {fee} rebate {rebate}"
            case ["fill", "of", number, *_]:
                fill = self.orders[int(number) - 1].last_fill
                row = fill_row(self.pair, fill) if fill else {}
                paid = f"{row['fee']} {row['feeCcy']} rate {row['feeRate']} {row['execType']}"
                return f"fill of {number} fee {paid}"
            case ["bills", "of", who, *_]:
                return f"bills of {who} {', '.join(self._bills(self.uids[who[:-1]]))}"
            case ["order", number, _, _]:
                order = self.orders[int(number) - 1]
                detail = (
                    order.cancel_source
                    if order.state == "canceled"
                    else size(self.pair, order.filled)
                )
                return f"order {number} {order.state} {detail}"
            case ["fill", *_]:
                return next((f for f in self._fills() if f == " ".join(words)), str(self._fills()))
            case ["ask" | "bid" as side, *_]:
                book = self.exchange.world.books[self.inst]
                rows = book.depth("sell" if side == "ask" else "buy", 1)
                pair = self.pair
                told = [f"{plain(p * pair.tick)} {size(pair, lots)} {n}" for p, lots, n in rows]
                return f"{side} {told[0] if told else 'none'}"
            case [who, "has", _, ccy]:
                balance = ledger.balance_of(self.exchange.state, self.uids[who], ccy)
                return f"{who} has {plain(balance.total)} {ccy}"
        raise AssertionError(f"no such expectation: {words}")

    def _fills(self) -> list[str]:
        """`fill <taker> from <maker>: <size> at <price>` of the last command."""
        numbers = {order.order_id: n for n, order in enumerate(self.orders, 1)}
        pair = self.pair
        moments = [e for e in self.last.events if isinstance(e, OrderChanged) and e.fill]
        return [
            f"fill {numbers[taker.order.order_id]} from {numbers[maker.order.order_id]}:"
            f" {size(pair, maker.fill.lots)} at {plain(maker.fill.px * pair.tick)}"
            for maker, taker in zip(moments[::2], moments[1::2], strict=True)
            if maker.fill
        ]


def scenarios(text: str) -> dict[str, list[str]]:
    """Scenario name -> its lines."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("# "):
            found[line[2:].strip()] = []
        elif line.strip():
            found[list(found)[-1]].append(line.strip())
    return found
