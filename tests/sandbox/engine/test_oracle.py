"""The engine trades exactly as a naive book does, order by order, in any sequence of commands."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connect_portal.sandbox.engine.commands import (
    Amend,
    AnyCommand,
    Cancel,
    Faucet,
    OpenAccount,
    Place,
)
from connect_portal.sandbox.engine.events import OrderChanged
from connect_portal.sandbox.engine.exchange import Exchange
from tests.sandbox.engine.naive import Fill, NaiveBook

INST, LOT, TICK, BASE = "BTC-USDT", 10_000, 10, 50_000
WHO = st.sampled_from(["Alice", "Bob", "Mallory"])
SIDE = st.sampled_from(["buy", "sell"])
SIZE = st.integers(1, 9)
PX = st.integers(-3, 3).map(lambda step: BASE + step)
STP = st.sampled_from(["cancel_maker", "cancel_taker", "cancel_both"])
KIND = st.sampled_from(["limit", "limit", "limit", "post_only", "ioc", "fok", "market"])
PLACE = st.tuples(st.just("place"), WHO, SIDE, KIND, PX, SIZE, STP)
CANCEL = st.tuples(st.just("cancel"), st.integers(0, 30))
AMEND = st.tuples(st.just("amend"), st.integers(0, 30), PX, SIZE)


class BothBooks:
    """One exchange and one naive book that are told the same."""

    def __init__(self) -> None:
        self.exchange, self.naive = Exchange(), NaiveBook()
        self.number_of: dict[int, int] = {}
        self.order_ids: list[int] = []
        self.modes: list[str] = []
        self.uids: dict[str, str] = {}
        self.fills: list[Fill] = []
        for name in ("Alice", "Bob", "Mallory"):
            self.uids[name] = self._apply(OpenAccount(reference=name, label=name)).uid
            for ccy in ("BTC", "USDT"):
                self._apply(Faucet(uid=self.uids[name], reference=ccy, ccy=ccy, amt="1000000000"))

    def place(self, who: str, side: str, kind: str, px: int, size: int, stp: str) -> None:
        """Both get the order; one that the exchange refuses never was."""
        if kind == "fok" and stp == "cancel_both":
            stp = "cancel_taker"
        px = 0 if kind == "market" else px
        command = Place(
            uid=self.uids[who],
            inst=INST,
            side=side,
            kind=kind,
            sz=f"{size * LOT / 10**8:.8f}",
            px=f"{px / TICK:.1f}" if px else "",
            tgt="" if px else "base_ccy",
            stp=stp,
        )
        order = self._apply(command)
        if order is not None:
            number = len(self.order_ids)
            self.number_of[order.order_id] = number
            self.order_ids.append(order.order_id)
            self.modes.append(stp)
            self._collect()
            self.naive.place(number, who, side, kind, px, size, stp)

    def cancel(self, at: int) -> None:
        """Both cancel one of the orders placed so far."""
        if at < len(self.order_ids):
            order = self.exchange.state.orders.get(self.order_ids[at])
            uid = order.uid if order else self.uids["Alice"]
            self._apply(Cancel(uid=uid, inst=INST, order_id=self.order_ids[at]))
            self.naive.cancel(at)

    def amend(self, at: int, px: int, size: int) -> None:
        """Both amend what is left of an order to a size and a price."""
        order = self.exchange.state.orders.get(self.order_ids[at] if at < len(self.modes) else 0)
        if order is not None:
            total = (order.filled + size * LOT) / 10**8
            self._apply(
                Amend(
                    uid=order.uid,
                    inst=INST,
                    order_id=order.order_id,
                    new_sz=f"{total:.8f}",
                    new_px=f"{px / TICK:.1f}",
                )
            )
            self._collect()
            self.naive.amend(at, px, size, self.modes[at])

    def queue(self, side: str) -> list[tuple[int, int, int]]:
        """The exchange's book as the naive one shows it."""
        return [
            (self.number_of[order_id], px, lots // LOT)
            for order_id, px, lots in self.exchange.world.books[INST].queue(side)
        ]

    def _apply(self, command: AnyCommand) -> Any:
        self.outcome = self.exchange.apply(command)
        self.exchange.validate()
        return self.outcome.value

    def _collect(self) -> None:
        moments = [e for e in self.outcome.events if isinstance(e, OrderChanged) and e.fill]
        for maker, taker in zip(moments[::2], moments[1::2], strict=True):
            assert maker.fill is not None
            numbers = self.number_of[maker.order.order_id], self.number_of[taker.order.order_id]
            self.fills.append((*numbers, maker.fill.px, maker.fill.lots // LOT))


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(PLACE, PLACE, PLACE, CANCEL, AMEND), min_size=15, max_size=40))
def test_same_commands_make_the_same_fills_and_the_same_queues(told: list[tuple[str, ...]]) -> None:
    both = BothBooks()
    for verb, *words in told:
        getattr(both, verb)(*words)
        assert both.fills == both.naive.fills
        for side in ("buy", "sell"):
            assert both.queue(side) == both.naive.queue(side)
