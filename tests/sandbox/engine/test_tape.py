"""The public tape: prints become minutes, old minutes become hours, old hours are forgotten."""

import pytest

from connect_portal import facts
from connect_portal.sandbox.engine import tape
from connect_portal.sandbox.engine.model import Tape
from connect_portal.sandbox.engine.tape import CANDLES_KEPT, DAY_MS, HOUR_MS, HOURS_KEPT
from connect_portal.sandbox.engine.units import instrument
from connect_portal.sandbox.wire.bars import BARS, of_tape

PAIR = instrument(facts.pairs()["BTC-USDT"])
QUARTER_MS = HOUR_MS // 4
DAYS = 130


@pytest.fixture(scope="module")
def long_tape() -> Tape:
    """One lot each quarter of an hour for 130 days, a tick dearer each time."""
    long = Tape()
    for number in range(DAYS * 96):
        tape.record(long, PAIR, 900_000 + number, 1, True, number * QUARTER_MS)
    return long


def test_minutes_and_hours_are_kept_up_to_their_number(long_tape: Tape) -> None:
    assert CANDLES_KEPT <= len(long_tape.candles) < CANDLES_KEPT + 60
    assert len(long_tape.hours) == HOURS_KEPT


def test_hours_go_on_where_the_minutes_begin_and_lose_nothing(long_tape: Tape) -> None:
    hours = of_tape(long_tape, PAIR, BARS["1H"])
    assert [hour.minute for hour in hours] == list(range(hours[0].minute, DAYS * DAY_MS, HOUR_MS))
    assert {hour.lots for hour in hours[1:]} == {4}
    assert {hour.close - hour.open for hour in hours[1:]} == {3}
    assert sum(hour.lots for hour in hours) == 900_000 + DAYS * 96 - hours[0].open


def test_only_long_bars_reach_back_beyond_the_minutes(long_tape: Tape) -> None:
    oldest = {bar: of_tape(long_tape, PAIR, BARS[bar])[0].minute for bar in ("30m", "1H", "1Mutc")}
    assert oldest["30m"] == long_tape.candles[0].minute
    assert oldest["1H"] == long_tape.hours[0].minute
    assert oldest["1Mutc"] <= oldest["1H"]
