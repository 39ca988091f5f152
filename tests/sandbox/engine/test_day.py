"""The last 24 hours of an instrument: always the same as adding up its minutes one by one."""

from hypothesis import given
from hypothesis import strategies as st

from connect_portal.sandbox.engine.commands import Faucet, OpenAccount, Place, Tick
from connect_portal.sandbox.engine.day import Day, last_day
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.tape import DAY_MS, MINUTE_MS
from connect_portal.sandbox.engine.units import plain

PAIR, START_MS = "BTC-USDT", 1_700_000_000_000
TRADES = st.lists(
    st.tuples(st.integers(0, DAY_MS // 3), st.integers(1, 9), st.integers(1, 9)), max_size=12
)


def trade(exchange: Exchange, uids: list[str], ts: int, px: int, lots: int) -> None:
    """The second account sells to the first."""
    pair = exchange.world.instruments[PAIR]
    size = plain(lots * pair.min_lots * pair.lot)
    for uid, side in zip(uids, ("buy", "sell"), strict=True):
        exchange.apply(
            Place(ts=ts, uid=uid, inst=PAIR, side=side, kind="limit", sz=size, px=f"{px}000")
        )


def plainly(exchange: Exchange) -> Day:
    """The same by hand, minute by minute."""
    day = Day()
    for candle in exchange.state.tapes[PAIR].candles:
        if candle.minute > exchange.world.now - DAY_MS:
            day = day.with_minute(candle)
    return day


@given(TRADES)
def test_sums_are_those_of_the_minutes_whenever_somebody_looks(
    trades: list[tuple[int, int, int]],
) -> None:
    exchange, now, uids = Exchange(), START_MS, []
    for name, ccy in (("Alice", "USDT"), ("Bob", "BTC")):
        uids.append(exchange.apply(OpenAccount(ts=now, reference=name, label=name)).value.uid)
        exchange.apply(Faucet(ts=now, uid=uids[-1], reference="1", ccy=ccy, amt="1000000"))
    for pause, px, lots in trades:
        now += pause
        trade(exchange, uids, now, px, lots)
        assert last_day(exchange.world, PAIR) == plainly(exchange)
        exchange.apply(Tick(ts=now + MINUTE_MS))
        assert last_day(exchange.world, PAIR) == plainly(exchange)
    exchange.apply(Tick(ts=now + 2 * DAY_MS))
    assert last_day(exchange.world, PAIR) == Day()
