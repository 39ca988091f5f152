"""Strategy orders: when they fire, what their child carries, what happens when money is short."""

from typing import Any

import msgspec
import pytest

from connect_portal.sandbox.engine.commands import (
    AnyCommand,
    CancelAlgo,
    Faucet,
    OpenAccount,
    Place,
    PlaceAlgo,
)
from connect_portal.sandbox.engine.events import AlgoChanged, OrderChanged
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.model import Algo, Order

INST = "BTC-USDT"


class Floor:
    """An exchange where Alice quotes and Bob waits; the last price is 50000."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.orders: dict[int, Order] = {}
        self.alice, self.bob, self.carol = (self.open(name) for name in ("Alice", "Bob", "Carol"))
        self.print_price("50000")

    def open(self, name: str) -> str:
        uid: str = self.submit(OpenAccount(reference=name, label=name)).uid
        for ccy, amt in (("BTC", "100"), ("USDT", "10000000")):
            self.submit(Faucet(uid=uid, reference=ccy, ccy=ccy, amt=amt))
        return uid

    def submit(self, command: AnyCommand) -> Any:
        outcome = self.exchange.apply(command)
        self.exchange.validate()
        for event in outcome.events:
            if isinstance(event, OrderChanged):
                self.orders[event.order.order_id] = event.order
        assert outcome.code == "0", outcome
        return outcome.value

    def limit(self, uid: str, side: str, sz: str, px: str) -> Any:
        return self.submit(Place(uid=uid, inst=INST, side=side, kind="limit", sz=sz, px=px))

    def print_price(self, px: str) -> None:
        """Let Alice and Carol trade a little at this price."""
        self.limit(self.alice, "sell", "0.01", px)
        self.limit(self.carol, "buy", "0.01", px)

    def child(self, algo: Algo) -> Order:
        """How the newest order of a strategy stands."""
        return self.orders[algo.child_ids[-1]]

    def wait(self, **options: str) -> Algo:
        """Bob places a strategy order."""
        given = {"kind": "trigger", "side": "buy", "sz": "0.1", "order_px": "-1"} | options
        command = msgspec.convert(
            {"uid": self.bob, "inst": INST, "tag": "ABCD", **given}, PlaceAlgo
        )
        algo: Algo = self.submit(command)
        return algo


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_trigger_above_the_market_waits_for_the_price_to_rise(floor: Floor) -> None:
    algo = floor.wait(trigger_px="51000", cl="mine")
    floor.print_price("50900")
    assert algo.state == "live"
    floor.limit(floor.alice, "sell", "1", "51100")
    floor.print_price("51000")
    child = floor.child(algo)
    assert (algo.state, child.state, child.filled) == ("effective", "filled", 10_000_000)
    assert (child.tag, child.algo_id, child.algo_cl) == ("ABCD", algo.algo_id, "mine")
    assert (child.cl, child.source) == ("", "6")


def test_trigger_below_the_market_waits_for_the_price_to_fall(floor: Floor) -> None:
    algo = floor.wait(side="sell", trigger_px="49000", order_px="48900")
    floor.print_price("51000")
    assert algo.state == "live"
    floor.print_price("49000")
    child = floor.child(algo)
    assert (child.kind, child.px, child.state) == ("limit", 489_000, "live")


def test_child_is_sized_to_the_money_that_is_there(floor: Floor) -> None:
    algo = floor.wait(sz="1000", trigger_px="51000", order_px="50000")
    floor.print_price("51000")
    assert floor.child(algo).lots == 200 * 10**8


def test_child_that_cannot_be_placed_leaves_a_failed_order_with_the_reason(floor: Floor) -> None:
    algo = floor.wait(sz="1000", trigger_px="51000")
    floor.print_price("51000")
    assert (algo.state, algo.fail_code, algo.child_ids) == ("order_failed", "51109", [])


def test_conditional_with_both_legs_uses_the_stop_loss_only(floor: Floor) -> None:
    algo = floor.wait(
        kind="conditional",
        side="sell",
        sl_trigger_px="49000",
        sl_order_px="48000",
        tp_trigger_px="52000",
        tp_order_px="52000",
    )
    floor.print_price("52000")
    assert algo.state == "live"
    floor.print_price("49000")
    assert (algo.state, algo.actual_side) == ("effective", "sl")


def test_first_leg_of_a_pair_ends_the_other(floor: Floor) -> None:
    algo = floor.wait(
        kind="oco",
        side="sell",
        sl_trigger_px="49000",
        sl_order_px="48000",
        tp_trigger_px="52000",
        tp_order_px="52000",
    )
    floor.print_price("52000")
    assert (algo.state, algo.actual_side) == ("effective", "tp")
    before = len(floor.orders)
    floor.print_price("49000")
    assert len(floor.orders) == before + 2


def test_cancelled_strategy_never_fires(floor: Floor) -> None:
    algo = floor.wait(trigger_px="51000")
    floor.submit(CancelAlgo(uid=floor.bob, inst=INST, algo_id=algo.algo_id))
    floor.print_price("51000")
    assert (algo.state, algo.child_ids) == ("canceled", [])
    again = floor.exchange.apply(CancelAlgo(uid=floor.bob, inst=INST, algo_id=algo.algo_id))
    assert again.code == "51400"


def test_one_child_may_set_off_the_next_within_the_same_command(floor: Floor) -> None:
    floor.limit(floor.alice, "sell", "1", "51500")
    first = floor.wait(trigger_px="51000")
    second = floor.wait(trigger_px="51500", order_px="51600")
    outcome = floor.exchange.apply(
        Place(uid=floor.alice, inst=INST, side="sell", kind="limit", sz="0.01", px="51000")
    )
    outcome = floor.exchange.apply(
        Place(uid=floor.carol, inst=INST, side="buy", kind="limit", sz="0.01", px="51000")
    )
    moments = [event.algo.algo_id for event in outcome.events if isinstance(event, AlgoChanged)]
    assert moments == [first.algo_id, second.algo_id]
    assert second.state == "effective"
