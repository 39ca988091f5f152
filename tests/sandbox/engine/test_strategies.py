"""What the drawn strategies cannot show: sources, limits, events, an index, a lot at once."""

from typing import Any

import pytest

from connect_portal.sandbox.engine.commands import PlaceAlgo, Tick
from connect_portal.sandbox.engine.events import AlgoChanged, OrderChanged
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.model import Candle, Tape
from connect_portal.sandbox.engine.strategies.limits import LIMITS
from connect_portal.sandbox.engine.strategies.rsi import strength
from connect_portal.sandbox.engine.units import ONE
from tests.sandbox.engine.drawn_strategies import StrategyStage

MINUTE_MS = 60_000
SOURCES = {
    "trigger buy 0.1 triggerPx 51000 orderPx -1": "6",
    "conditional buy 0.1 slTriggerPx 51000 slOrdPx 52000": "7",
    "oco buy 0.1 slTriggerPx 51000 slOrdPx 52000 tpTriggerPx 40000 tpOrdPx -1": "7",
    "move_order_stop buy 0.1 callbackSpread 900": "25",
    "twap buy 0.1 pxSpread 5000 szLimit 0.05 pxLimit 60000 timeInterval 5": "13",
    "iceberg buy 0.1 pxVar 0.01 szLimit 0.05 pxLimit 60000": "13",
    "smart_iceberg buy 0.1 szLimit 0.05 lmtOrderNumber 1 aggressiveness mid": "13",
}
WAITING: dict[str, dict[str, Any]] = {
    "trigger": {"trigger_px": "60000", "order_px": "-1"},
    "conditional": {"tp_trigger_px": "60000", "tp_order_px": "-1"},
    "move_order_stop": {"callback_ratio": "0.1"},
    "twap": {"px_var": "0.01", "sz_limit": "0.001", "px_limit": "60000", "interval_s": 60},
    "iceberg": {"px_var": "0.01", "sz_limit": "0.001", "px_limit": "60000"},
}
# Source: https://chartschool.stockcharts.com/table-of-contents/technical-indicators-and-overlays/
# technical-indicators/relative-strength-index-rsi (its worked example, prices in 1/10000)
CLOSES = (
    *(443389, 440902, 441497, 436124, 443278, 448264, 450955, 454245, 458433, 460826),
    *(458931, 460328, 456140, 462820, 462820, 460028, 460328, 464116, 462222, 456439),
)
RSI = {15: "70.53", 16: "66.32", 17: "66.55", 18: "69.41", 19: "66.36", 20: "57.97"}


def stage(*lines: str) -> StrategyStage:
    """A story that goes on after these lines; the last price is 50000."""
    begun = StrategyStage()
    for line in (
        "Alice has 1000 BTC 100000000 USDT",
        "Bob has 1000 BTC 100000000 USDT",
        "last 50000",
        *lines,
    ):
        begun.play(line)
    return begun


@pytest.mark.parametrize("asked", SOURCES)
def test_a_child_names_its_strategy_and_carries_the_source_of_its_kind(asked: str) -> None:
    story = stage(
        "Alice buys 1 at 49000",
        "Alice sells 1 at 51000.1",
        f"Bob asks {asked} tag ABCD algoClOrdId mine tradeQuoteCcy USDT",
        "last 51000",
        "after 5 s",
    )
    (algo,) = story.strategies.values()
    children = [order for order in story.latest.values() if order.algo_id == algo.algo_id]
    assert children
    for child in children:
        seen = (child.tag, child.algo_cl, child.cl, child.source, child.quote_ccy)
        assert seen == ("ABCD", "mine", "", SOURCES[asked], "USDT")


@pytest.mark.parametrize("kind", WAITING)
def test_more_of_a_kind_than_may_wait_on_one_instrument_are_refused(kind: str) -> None:
    story = stage()
    most, code = next(limit for family, limit in LIMITS.items() if kind in family)

    def place(inst: str = "BTC-USDT") -> str:
        asked = PlaceAlgo(
            uid=story.uids["Bob"], inst=inst, kind=kind, side="sell", sz="0.1", **WAITING[kind]
        )
        return story.exchange.apply(asked).code

    assert {place() for _ in range(most)} == {"0"}
    assert place() == code
    assert place("ETH-USDT") == "0"
    story.exchange.validate()


def test_a_strategy_is_told_once_in_a_command_however_often_its_order_trades() -> None:
    story = stage(*(f"Alice sells 0.01 at {px}" for px in range(50_001, 50_011)))
    story.play("Bob asks trigger buy 1 triggerPx 50000 orderPx 50010")
    told = [event.algo for event in story.last.events if isinstance(event, AlgoChanged)]
    assert [(algo.state, algo.filled) for algo in told] == [("live", 0), ("effective", 10_000_000)]


def test_orders_are_told_before_the_strategy_that_placed_them() -> None:
    story = stage("Bob asks trigger buy 1 triggerPx 51000 orderPx 40000")
    story.play("last 51000")
    kinds = [type(event) for event in story.last.events]
    last_order = max(at for at, kind in enumerate(kinds) if kind is OrderChanged)
    assert last_order < kinds.index(AlgoChanged)


def test_a_thousand_plan_orders_set_each_other_off_within_one_command() -> None:
    story = stage()
    for number in range(2, 502):
        px = 50_000 + number
        for who in ("Alice", "Bob"):
            story.exchange.apply(
                PlaceAlgo(
                    uid=story.uids[who],
                    inst="BTC-USDT",
                    kind="trigger",
                    side="sell" if who == "Alice" else "buy",
                    sz="0.001",
                    trigger_px=str(px),
                    order_px=str(px + 1),
                )
            )
    story.play("last 50002")
    assert not story.exchange.state.algos
    assert story.exchange.state.tapes["BTC-USDT"].last_px == 505_020


def test_a_clock_that_jumps_wakes_each_strategy_once() -> None:
    story = stage(
        "Alice sells 100 at 50000",
        "Bob asks twap buy 1 pxVar 0.01 szLimit 0.1 pxLimit 60000 timeInterval 5",
        "Bob asks iceberg buy 1 pxSpread 0 szLimit 0.1 pxLimit 60000",
    )
    before = sum(algo.filled for algo in story.exchange.state.algos.values())
    story.play("after 30 days")
    assert sum(algo.filled for algo in story.exchange.state.algos.values()) == before + 20_000_000


def test_waking_ends_with_the_strategy() -> None:
    story = stage(
        "Alice sells 100 at 50000",
        "Bob asks twap buy 0.2 pxVar 0.01 szLimit 0.1 pxLimit 60000 timeInterval 5",
        "after 5 s",
    )
    for _ in range(3):
        story.exchange.apply(Tick(ts=story.exchange.next_due or 0))
    assert [timer.alarm for timer in story.exchange.state.timers] == ["tiers"]


def test_a_strategy_that_is_over_is_forgotten_and_its_own_id_is_free() -> None:
    story = stage(
        "Bob asks trigger sell 0.1 triggerPx 51000 orderPx -1 algoClOrdId mine",
        "Alice buys 1 at 49000",
        "last 51000",
    )
    account = story.exchange.state.accounts[story.uids["Bob"]]
    assert (story.exchange.state.algos, account.algo_of_cl) == ({}, {})
    again = Exchange.restore(story.exchange.snapshot())
    assert again.state_hash() == story.exchange.state_hash()


@pytest.mark.parametrize("number", RSI)
def test_the_index_is_that_of_the_worked_example(number: int) -> None:
    tape = Tape(
        candles=[
            Candle(at * 3 * MINUTE_MS, px, px, px, px, 1, 1)
            for at, px in enumerate(CLOSES[:number])
        ]
    )
    found = strength(tape, "3m", 14)
    assert found is not None
    assert f"{found / ONE:.2f}" == RSI[number]


def test_the_index_needs_as_many_bars_as_its_period() -> None:
    candles = [Candle(at * MINUTE_MS, 1, 1, 1, 1, 1, 1) for at in range(14)]
    assert strength(Tape(candles=candles), "3m", 14) is None


@pytest.mark.parametrize(
    ("condition", "starts"),
    [("above", 14), ("cross_up", 24), ("cross", 18), ("below", 18), ("cross_down", 18)],
)
def test_a_smart_iceberg_starts_at_an_index(condition: str, starts: int) -> None:
    """The index has its period of bars at 91.7, falls below 60 in the 18th and is back at 24."""
    story = stage(
        "Bob asks smart_iceberg buy 1 szLimit 0.2 lmtOrderNumber 1 aggressiveness mid"
        f" triggerStrategy rsi triggerCond {condition} timeframe 3m thold 60"
    )
    (algo_id,) = story.strategies
    px, started = 50_000, 0
    for bar, step in enumerate([300, 300, 300, -100] * 4 + [-900] * 3 + [300] * 6, 1):
        px += step
        story.play("after 180 s")
        story.play(f"last {px}")
        story.play("after 1 s")
        if story.strategies[algo_id].triggered and not started:
            started = bar
    assert started == starts
