"""The relative strength index (J. Welles Wilder, 1978) out of the minutes of a tape."""

from itertools import pairwise

from connect_portal.sandbox.engine.model import Tape
from connect_portal.sandbox.engine.tape import MINUTE_MS
from connect_portal.sandbox.engine.units import ONE

TIMEFRAMES = {"3m": 3, "5m": 5, "15m": 15, "30m": 30, "1H": 60}
"""Bars in minutes; longer ones would need more days than the tape keeps."""


def strength(tape: Tape, timeframe: str, period: int) -> int | None:
    """The index from 0 to 100 in 1e-18 units; None before there are enough bars."""
    closes = _closes(tape, TIMEFRAMES[timeframe] * MINUTE_MS)
    changes = [now - before for before, now in pairwise(closes)]
    if len(changes) < period:
        return None
    gain = sum(change for change in changes[:period] if change > 0) * ONE // period
    loss = sum(-change for change in changes[:period] if change < 0) * ONE // period
    for change in changes[period:]:
        gain = (gain * (period - 1) + max(0, change) * ONE) // period
        loss = (loss * (period - 1) + max(0, -change) * ONE) // period
    return 100 * ONE * gain // (gain + loss) if gain + loss else 50 * ONE


def _closes(tape: Tape, span: int) -> list[int]:
    closes: dict[int, int] = {}
    for candle in tape.candles:
        closes[candle.minute // span] = candle.close
    return list(closes.values())
