"""Fees and tiers: what is charged is the rate to the last unit, and a tier is earned or pinned."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connect_portal import facts
from connect_portal.sandbox.engine import fees
from connect_portal.sandbox.engine.commands import SetLevel
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.fees import BILLION
from connect_portal.sandbox.engine.units import instrument
from tests.sandbox.engine.floor import Floor

LEVELS = fees.levels()


@pytest.fixture
def floor() -> Floor:
    return Floor()


# --- what is charged ----------------------------------------------------------------------------
def test_no_tier_makes_a_fee_on_any_pair_finer_than_a_unit() -> None:
    for pair in map(instrument, facts.pairs().values()):
        for level in LEVELS:
            for billionths in fees.rates(level, pair.group):
                assert (pair.lot * billionths) % BILLION == 0, (pair.inst_id, level)
                assert (pair.lot_value * billionths) % BILLION == 0, (pair.inst_id, level)


TRADES = st.tuples(
    st.sampled_from(["BTC-USDT", "PENGU-USDT", "AVAX-USDT", "USDT-USD", "ETH-USDC"]),
    st.sampled_from(LEVELS),
    st.sampled_from(LEVELS),
    st.sampled_from(["buy", "sell"]),
    st.integers(1, 10**7),
    st.integers(1, 10**6),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TRADES, min_size=1, max_size=4))
def test_every_fee_is_its_rate_and_the_world_sums_to_zero(
    trades: list[tuple[str, str, str, str, int, int]],
) -> None:
    floor = Floor()
    for inst, maker_level, taker_level, side, lots, ticks in trades:
        pair = floor.exchange.world.instruments[inst]
        lots += pair.min_lots
        for name, level in (("Alice", maker_level), ("Bob", taker_level)):
            floor.do(SetLevel(uid=floor.uids[name], level=level))
            floor.give(name, **{pair.base: "10000000000", pair.quote: "10000000000"})
            floor.now += 1
        sz = f"{Decimal(lots * pair.lot).scaleb(-18):f}"
        px = f"{Decimal(ticks * pair.tick).scaleb(-18):f}"
        for fill in floor.trade(sz, px, inst, maker=side):
            pays_rebate = fill.fee > 0
            goods, value = lots * pair.lot, ticks * lots * pair.lot_value
            base_is_received = fill.side == "buy"
            moved = goods if base_is_received != pays_rebate else value
            level = maker_level if fill.liquidity == "M" else taker_level
            rate = fees.rate(level, pair.group, fill.liquidity)
            assert fill.fee == moved * rate
            assert (fill.level, Decimal(fill.fee_rate)) == (level, rate)


def test_a_taker_fill_knows_what_its_maker_was_paid(floor: Floor) -> None:
    floor.do(SetLevel(uid=floor.uids["Alice"], level="VIP9"))
    floor.give("Alice", BTC="1", USDT="100000")
    floor.give("Bob", BTC="1", USDT="100000")
    paid = 10**18 * 3 * 5000 * 75 // 10**6
    for side in ("sell", "buy"):
        maker, taker = floor.trade("0.3", "50000", maker=side)
        assert (maker.counter_rebate, taker.counter_rebate) == (0, paid)
        assert taker.usd_px == 10**18


# --- tiers --------------------------------------------------------------------------------------
def test_volume_earns_a_tier_on_the_next_day_and_loses_it_after_thirty(floor: Floor) -> None:
    for name in ("Alice", "Bob"):
        floor.give(name, BTC="0.3", USDT="20000")
    for side in ("sell", "buy") * 3:
        floor.trade("0.2", "84000", maker=side)
    assert {floor.account(name).level for name in ("Alice", "Bob")} == {"Regular"}
    floor.sleep(1)
    assert floor.account("Alice").level == "VIP1"
    assert floor.trade("0.00001", "84000", maker="buy")[0].fee_rate == "-0.001"
    floor.sleep(29)
    assert floor.account("Alice").level == "VIP1"
    floor.sleep(1)
    assert floor.account("Alice").level == "Regular"


def test_the_better_of_assets_and_volume_counts(floor: Floor) -> None:
    floor.give("Alice", BTC="1", USDT="2000000")
    floor.give("Bob", USDT="600000")
    floor.trade("0.00001", "90000")
    floor.sleep(1)
    assert floor.account("Alice").level == "VIP3"
    assert floor.account("Bob").level == "VIP2"


@pytest.mark.parametrize(
    ("assets", "level"),
    [
        ("100000", "Regular"),
        ("100001", "VIP1"),
        ("199999.99", "VIP1"),
        ("200000", "VIP2"),
        ("19999999", "VIP4"),
        ("20000000", "VIP5"),
        ("100000000", "VIP7"),
        ("500000000", "VIP9"),
    ],
)
def test_a_threshold_is_reached_by_its_own_figure(floor: Floor, assets: str, level: str) -> None:
    floor.give("Alice", USDT=assets)
    floor.sleep(1)
    assert floor.account("Alice").level == level


def test_a_coin_counts_as_assets_at_its_last_price(floor: Floor) -> None:
    floor.give("Alice", BTC="3")
    floor.give("Bob", USDT="50000")
    floor.sleep(1)
    assert floor.account("Alice").level == "Regular"
    floor.trade("0.5", "80000")
    floor.sleep(1)
    assert floor.account("Alice").level == "VIP2"


def test_trades_without_a_fee_earn_no_tier(floor: Floor) -> None:
    floor.give("Alice", USDT="90000")
    floor.give("Bob", USD="90000")
    for sz in ("40000", "50000"):
        floor.trade(sz, "1", "USDT-USD")
    volumes = [sum(floor.account(name).volumes.values()) for name in ("Alice", "Bob")]
    assert volumes == [0, 90_000 * 10**18]


def test_a_pinned_tier_stays_until_it_is_let_go(floor: Floor) -> None:
    uid = floor.uids["Alice"]
    assert floor.do(SetLevel(uid=uid, level="VIP8")).value == "VIP8"
    floor.sleep(40)
    assert floor.account("Alice").level == "VIP8"
    assert floor.do(SetLevel(uid=uid, level="")).value == "Regular"
    floor.give("Alice", USDT="100001")
    floor.sleep(1)
    assert floor.account("Alice").level == "VIP1"


@pytest.mark.parametrize("level", ["VIP10", "vip1", "Lv1"])
def test_an_unknown_tier_is_refused(floor: Floor, level: str) -> None:
    assert floor.do(SetLevel(uid=floor.uids["Alice"], level=level)).code == "51000"


def test_tiers_survive_a_restart(floor: Floor) -> None:
    floor.do(SetLevel(uid=floor.uids["Alice"], level="VIP9"))
    floor.exchange = Exchange.restore(floor.exchange.snapshot())
    floor.give("Alice", BTC="1")
    floor.give("Bob", USDT="50000")
    assert floor.trade("0.5", "50000")[0].fee_rate == "0.000075"
    floor.do(SetLevel(uid=floor.uids["Alice"], level=""))
    floor.sleep(1)
    assert floor.trade("0.00001", "50000")[0].fee_rate == "-0.002"
