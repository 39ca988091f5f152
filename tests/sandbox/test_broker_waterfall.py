"""The venue's waterfall: from the fee of a tagged order to what its broker gets, in worked numbers.

Alice makes and Bob takes, both with Acme's code in the tag, unless a test says otherwise.
"""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connect_portal.sandbox.engine.commands import Place, SetBroker, SetClient, SetLevel
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.fees import BILLION
from connect_portal.sandbox.engine.model import Fill
from connect_portal.sandbox.rebates import Line, Waterfall, to_units
from connect_portal.sandbox.wire.reports import HEADER, row
from tests.sandbox.engine.floor import DAY_MS, Floor, fills_of

ONE = 10**18
CODE = "ABCD"
RATES = {"rate": 250_000_000, "affiliated_rate": 50_000_000}
MONEY = ("spotTradeAmt", "fee", "netFee", "settlementFee")
SHARES = ("brokerRebate", "subBrokerRebate", "userRebate")


class Desk:
    """A floor with Acme as a broker; it keeps the fills and reads the report of them."""

    def __init__(self, **terms: int) -> None:
        self.floor = Floor("Acme")
        self.fills: list[Fill] = []
        self.agree(**terms)
        for name in ("Alice", "Bob"):
            self.floor.give(name, BTC="1000", USDT="100000000", USD="100000000")
            self.level(name, "Regular")

    def agree(self, **terms: int) -> None:
        """Terms for Acme's code from now on."""
        uid = self.floor.uids["Acme"]
        command = SetBroker(uid=uid, code=CODE, kind="api", **(RATES | terms))
        assert self.floor.do(command).code == "0"

    def client(self, name: str, **agreed: Any) -> None:
        """What somebody has agreed besides, from now on."""
        command = SetClient(uid=self.floor.uids[name], **agreed)
        assert self.floor.do(command).code == "0"

    def level(self, name: str, level: str) -> None:
        """Pin a tier."""
        self.floor.do(SetLevel(uid=self.floor.uids[name], level=level))

    def trade(self, sz: str, px: str, *args: str, tag: str = CODE, **options: str) -> None:
        """Trade, and keep the fills; a second passes."""
        self.fills += self.floor.trade(sz, px, *args, tag=tag, **options)
        self.floor.now += 1000

    def rest(self, sz: str, px: str) -> int:
        """Let Alice rest a tagged order to sell; its id."""
        return int(self._place("Alice", "sell", sz, px, CODE).value.order_id)

    def take(self, sz: str, px: str) -> None:
        """Let Bob buy from it without a tag."""
        self.fills += fills_of(self._place("Bob", "buy", sz, px, ""))

    def _place(self, who: str, side: str, sz: str, px: str, tag: str) -> Outcome:
        uid, inst = self.floor.uids[who], "BTC-USDT"
        order = Place(uid=uid, inst=inst, side=side, kind="limit", sz=sz, px=px, tag=tag)
        return self.floor.do(order)

    def lines(self) -> list[dict[str, str]]:
        """The report's lines."""
        state = self.floor.exchange.state
        ours = [fill for fill in self.fills if fill.tag == CODE]
        ours.sort(key=lambda fill: (fill.ts // DAY_MS, fill.order_id, fill.bill_id))
        sums = Waterfall(state.brokers, state.clients, self.floor.exchange.world.instruments)
        return [printed(line) for line in sums.lines(ours)]

    def of(self, name: str) -> list[dict[str, str]]:
        """Those of one client."""
        return [line for line in self.lines() if line["uid"] == self.floor.uids[name]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def printed(line: Line) -> dict[str, str]:
    """The line as the file has it, by column."""
    return dict(zip(HEADER.split(","), row(line).split(","), strict=True))


def told(line: dict[str, str], names: tuple[str, ...]) -> str:
    return " ".join(line[name] for name in names)


# --- the columns --------------------------------------------------------------------------------
def test_a_line_says_whose_order_it_was_and_what_it_paid(desk: Desk) -> None:
    desk.trade("0.2", "50000")
    (line,) = desk.of("Bob")
    assert told(line, MONEY) == "10000 -35 35 35"
    assert told(line, SHARES) == "8.75 0 0"
    fill = desk.fills[1]
    assert told(line, ("brokerCode", "level", "instId", "ordId", "clOrdId")) == (
        f"ABCD Lv1 BTC-USDT {fill.order_id} "
    )
    assert told(line, ("derivativeTradeAmt", "affiliated", "ts")) == f"0 false {fill.ts}"


def test_a_maker_pays_less_and_its_line_says_so(desk: Desk) -> None:
    desk.agree(rate=300_000_000)
    desk.trade("0.2", "50000")
    (line,) = desk.of("Alice")
    assert (told(line, MONEY), line["brokerRebate"]) == ("10000 -20 20 20", "6")


@pytest.mark.parametrize("maker", ["sell", "buy"])
def test_a_fee_in_base_counts_at_the_price_of_its_fill(desk: Desk, maker: str) -> None:
    desk.trade("0.2", "50000", maker=maker)
    assert [told(line, MONEY) for line in desk.lines()] == ["10000 -20 20 20", "10000 -35 35 35"]


def test_an_order_has_one_line_a_day_with_the_time_of_its_last_fill(desk: Desk) -> None:
    order_id = desk.rest("1", "50000")
    for sz in ("0.1", "0.2", "0.3"):
        desk.take(sz, "50000")
        desk.floor.now += 1000
    (line,) = desk.lines()
    assert told(line, ("ordId", *MONEY)) == f"{order_id} 30000 -60 60 60"
    assert line["ts"] == str(desk.floor.now - 1000)


def test_an_order_that_fills_over_midnight_is_split_by_utc_day(desk: Desk) -> None:
    order_id = desk.rest("1", "50000")
    for sz in ("0.1", "0.2"):
        desk.take(sz, "50000")
        desk.floor.sleep(1)
    first, second = desk.lines()
    assert {first["ordId"], second["ordId"]} == {str(order_id)}
    assert [first["spotTradeAmt"], second["spotTradeAmt"]] == ["5000", "10000"]
    assert int(second["ts"]) - int(first["ts"]) == DAY_MS


# --- the steps of the waterfall -----------------------------------------------------------------
def test_what_a_vip_maker_is_paid_leaves_less_of_the_takers_fee(desk: Desk) -> None:
    desk.level("Alice", "VIP9")
    for maker in ("sell", "buy"):
        desk.trade("0.2", "50000", maker=maker)
    for line in desk.of("Bob"):
        assert told(line, MONEY) == "10000 -35 34.25 34.25"
        assert told(line, SHARES) == "8.5625 0 0"
    for line in desk.of("Alice"):
        assert told(line, MONEY) == "10000 0.75 0 0"


def test_a_commission_card_is_taken_off_before_anything_is_shared(desk: Desk) -> None:
    desk.client("Bob", card_share=200_000_000)
    desk.trade("0.2", "50000")
    assert told(desk.of("Bob")[0], MONEY) == "10000 -35 28 28"


@pytest.mark.parametrize(
    ("share", "base", "rebate"), [(0, "35", "1.75"), (400_000_000, "21", "1.05")]
)
def test_whoever_invited_the_client_comes_first_and_the_rate_is_the_lower_one(
    desk: Desk, share: int, base: str, rebate: str
) -> None:
    desk.client("Bob", affiliated=True, affiliate_share=share)
    desk.trade("0.2", "50000")
    (line,) = desk.of("Bob")
    assert told(line, ("netFee", "settlementFee", "brokerRebate")) == f"35 {base} {rebate}"
    assert line["affiliated"] == "true"


def test_co_broker_and_client_share_the_brokers_part() -> None:
    desk = Desk(rate=400_000_000, sub_share=125_000_000, client_share=125_000_000)
    desk.trade("1", "50000")
    assert told(desk.of("Alice")[0], ("settlementFee", *SHARES)) == "100 30 5 5"


# --- what is not commissionable -----------------------------------------------------------------
@pytest.mark.parametrize("level", ["VIP7", "VIP8", "VIP9"])
def test_the_highest_tiers_earn_a_broker_nothing(desk: Desk, level: str) -> None:
    desk.level("Bob", level)
    desk.trade("0.2", "50000")
    (line,) = desk.of("Bob")
    assert line["level"] == level
    assert line["netFee"] != "0"
    assert told(line, ("settlementFee", *SHARES)) == "0 0 0 0"


@pytest.mark.parametrize("agreed", [{"special_rate": True}, {"managed": True}], ids=str)
def test_special_rates_and_managed_accounts_earn_a_broker_nothing(
    desk: Desk, agreed: dict[str, bool]
) -> None:
    desk.client("Bob", **agreed)
    desk.trade("0.2", "50000")
    assert told(desk.of("Bob")[0], ("netFee", "settlementFee", *SHARES)) == "35 0 0 0 0"
    assert desk.of("Alice")[0]["brokerRebate"] == "5"


def test_a_trade_without_a_fee_earns_nothing(desk: Desk) -> None:
    desk.trade("10000", "1", "USDT-USD")
    maker, taker = desk.lines()
    assert told(maker, (*MONEY, *SHARES)) == "10000 0 0 0 0 0 0"
    assert told(taker, (*MONEY, *SHARES)) == "10000 -4 4 4 1 0 0"


def test_a_broker_whose_time_is_up_earns_nothing_from_then_on(desk: Desk) -> None:
    desk.agree(valid_until=desk.floor.now + 1000)
    for _ in range(2):
        desk.trade("0.2", "50000")
    assert [line["settlementFee"] for line in desk.of("Bob")] == ["35", "0"]


@pytest.mark.parametrize(
    ("level", "base", "paid"),
    [
        ("VIP5", "8", ["1 1", "1 1", "0.5 0.5", "0 0", "1 1"]),
        ("VIP6", "7", ["0.875 0.875", "0.875 0.875", "0.75 0.75", "0 0", "0.875 0.875"]),
    ],
)
def test_a_client_near_the_top_earns_up_to_a_cap_each_month(
    level: str, base: str, paid: list[str]
) -> None:
    desk = Desk(monthly_cap=5 * ONE, client_share=500_000_000)
    desk.level("Bob", level)
    for _ in range(4):
        desk.trade("0.2", "50000")
    desk.floor.sleep(8)  # into December
    desk.trade("0.2", "50000")
    lines = desk.of("Bob")
    assert {line["settlementFee"] for line in lines} == {base}
    assert [told(line, ("brokerRebate", "userRebate")) for line in lines] == paid


def test_others_are_not_capped(desk: Desk) -> None:
    desk.agree(monthly_cap=5 * ONE)
    desk.trade("0.2", "50000")
    assert desk.of("Bob")[0]["brokerRebate"] == "8.75"


# --- the past stays -----------------------------------------------------------------------------
def test_what_is_agreed_later_does_not_change_what_was_earned_before(desk: Desk) -> None:
    desk.trade("0.2", "50000")
    before = desk.lines()
    desk.agree(rate=400_000_000)
    desk.client("Bob", special_rate=True)
    desk.level("Bob", "VIP9")
    assert desk.lines() == before
    desk.floor.exchange = Exchange.restore(desk.floor.exchange.snapshot())
    assert desk.lines() == before


def test_new_terms_count_within_a_day_and_even_within_an_order(desk: Desk) -> None:
    desk.rest("1", "50000")
    for rate in (250_000_000, 500_000_000):
        desk.agree(rate=rate)
        desk.take("0.2", "50000")
        desk.floor.now += 1
    (line,) = desk.lines()
    assert told(line, ("settlementFee", "brokerRebate")) == "40 15"


def test_a_fill_before_the_code_was_given_out_is_nobodys(desk: Desk) -> None:
    desk.trade("0.2", "50000", tag="LATER")
    uid = desk.floor.uids["Acme"]
    desk.floor.do(SetBroker(uid=uid, code="LATER", kind="api", **RATES))
    desk.trade("0.1", "50000", tag="LATER")
    state = desk.floor.exchange.state
    sums = Waterfall(state.brokers, state.clients, desk.floor.exchange.world.instruments)
    lines = [printed(line) for line in sums.lines(desk.fills)]
    assert [line["spotTradeAmt"] for line in lines] == ["5000", "5000"]


# --- exact --------------------------------------------------------------------------------------
SHARE = st.integers(0, BILLION)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1000, 10**9),
    st.integers(1, 10**6),
    SHARE,
    SHARE,
    SHARE,
    SHARE,
    st.sampled_from(["Regular", "VIP4", "VIP8"]),
)
def test_a_line_is_the_exact_product_of_its_rates_rounded_once(
    lots: int, ticks: int, card: int, share: int, rate: int, sub: int, maker_level: str
) -> None:
    desk = Desk(affiliated_rate=rate, sub_share=sub)
    desk.client("Bob", affiliated=True, affiliate_share=share, card_share=card)
    desk.level("Alice", maker_level)
    pair = desk.floor.exchange.world.instruments["BTC-USDT"]
    desk.floor.give("Bob", USDT="900000000000")
    desk.trade(decimal(lots * pair.lot), decimal(ticks * pair.tick))
    value = Fraction(lots * ticks * pair.lot_value)
    paid = value * Fraction(5, 100_000) if maker_level == "VIP8" else Fraction(0)
    fee = value * Fraction(35, 10_000)
    net = max(Fraction(0), fee - fee * Fraction(card, BILLION) - paid)
    base = net * (1 - Fraction(share, BILLION))
    commission = base * Fraction(rate, BILLION)
    state = desk.floor.exchange.state
    sums = Waterfall(state.brokers, state.clients, desk.floor.exchange.world.instruments)
    (line,) = sums.lines(desk.fills[1:])
    exact = [(line.net, net), (line.base, base), (line.commission, commission)]
    assert all(abs(seen - wanted * ONE) < 2 for seen, wanted in exact)
    parts = sum(Fraction(printed(line)[name]) * ONE for name in SHARES)
    assert parts == to_units(line.commission)


@pytest.mark.parametrize(
    ("amount", "units"), [(5, 0), (6, 1), (15, 2), (25, 2), (-5, 0), (-15, -2), (-16, -2)]
)
def test_rounding_is_half_to_even_on_both_sides_of_zero(amount: int, units: int) -> None:
    assert to_units(amount * ONE // 10) == units


def decimal(units: int) -> str:
    """Units as decimal text."""
    return f"{units // ONE}.{units % ONE:018d}"
