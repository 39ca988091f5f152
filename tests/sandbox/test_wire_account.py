"""The caller's account: every field, what may be spent, what the settings allow."""

from collections.abc import Callable
from typing import Any

import pytest

from connect_portal import facts
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.fields import (
    BALANCE,
    BALANCE_DETAIL,
    BILL,
    CONFIG,
    OWN_INSTRUMENT,
    TRADE_FEE,
)
from tests.sandbox.signing import code_of, get, order, signed

Make = Callable[..., Trader]
PAIR = "LTC-USDT"


def test_balance_has_every_field_and_counts_what_orders_hold(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice", USDT="1000", BTC="2")
    order(sandbox, alice, "buy", "2", "50", instId=PAIR)
    (row,) = get(sandbox, alice, "account/balance?ccy=USDT")
    assert sorted(row) == BALANCE
    (detail,) = row["details"]
    assert sorted(detail) == BALANCE_DETAIL
    shown = ("ccy", "eq", "cashBal", "availBal", "availEq", "frozenBal", "ordFrozen")
    assert [detail[name] for name in shown] == ["USDT", "1000", "1000", "900", "900", "100", "100"]


def test_balance_without_debt_or_copied_trades_counts_them_as_zero(
    sandbox: Sandbox, make_trader: Make
) -> None:
    (row,) = get(sandbox, make_trader("Alice", USDT="1"), "account/balance")
    (detail,) = row["details"]
    zeros = """
        autoLendMtAmt colBorrAutoConversion colRes fixedBal frozenBal frpType isoEq ordFrozen
        smtSyncEq spotCopyTradingEq spotIsoBal stgyEq twap
    """
    assert {name: detail[name] for name in zeros.split()} == dict.fromkeys(zeros.split(), "0")
    assert detail["autoLendStatus"] == "unsupported"
    blanks = "borrowFroz crossLiab imr interest isoLiab liab maxLoan mgnRatio mmr upl uplLiab"
    assert {detail[name] for name in blanks.split()} == {""}


def test_balance_takes_twenty_currencies_at_most(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice", USDT="1")
    many = ",".join(f"C{number}" for number in range(21))
    assert code_of(sandbox, alice, f"account/balance?ccy={many}") == (200, "50025")


def test_funding_balances_are_the_trading_ones(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice", USDT="7", BTC="2")
    assert get(sandbox, alice, "asset/balances?ccy=BTC") == [
        {"ccy": "BTC", "bal": "2", "availBal": "2", "frozenBal": "0"}
    ]


def test_every_currency_is_listed_and_none_can_leave(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice")
    listed = get(sandbox, alice, "asset/currencies")
    traded = {ccy for pair in facts.pairs().values() for ccy in (pair.base, pair.quote)}
    assert {row["ccy"] for row in listed} == traded
    assert not any(row["canDep"] or row["canWd"] or row["canInternal"] for row in listed)
    assert [row["ccy"] for row in get(sandbox, alice, "asset/currencies?ccy=BTC,USDT")] == [
        "BTC",
        "USDT",
    ]


def test_config_tells_the_account_and_the_key_that_asks(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice", perm="read_only,withdraw", ip="127.0.0.1")
    (row,) = get(sandbox, alice, "account/config")
    assert sorted(row) == CONFIG
    shown = ("uid", "mainUid", "acctLv", "posMode", "level", "perm", "ip", "label", "feeType")
    assert row["stgyType"] == "0", "a general strategy, not a delta neutral one"
    assert [row[name] for name in shown] == [
        alice.uid,
        alice.uid,
        "1",
        "net_mode",
        "Lv1",
        "read_only,withdraw",
        "127.0.0.1",
        "test",
        "0",
    ]


def test_own_instruments_are_the_public_ones_with_the_fields_of_an_account(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice")
    (row,) = get(sandbox, alice, "account/instruments?instType=SPOT&instId=BTC-USDC")
    assert sorted(row) == OWN_INSTRUMENT
    assert len(get(sandbox, alice, "account/instruments?instType=SPOT")) == len(facts.pairs())
    assert get(sandbox, alice, "account/instruments?instType=SWAP") == []


def test_trade_fee_has_every_field(sandbox: Sandbox, make_trader: Make) -> None:
    (row,) = get(sandbox, make_trader("Alice"), "account/trade-fee?instType=SPOT")
    assert sorted(row) == TRADE_FEE
    assert {tuple(sorted(group)) for group in row["feeGroup"]} == {
        ("elpMaker", "groupId", "maker", "rpiMaker", "taker")
    }


def test_largest_size_follows_the_price_and_the_balance(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice", USDT="1000", LTC="3")
    sizes = f"account/max-size?instId={PAIR}&tdMode=cash"
    assert get(sandbox, alice, f"{sizes}&px=300") == [
        {"instId": PAIR, "ccy": "LTC", "maxBuy": "3.333333", "maxSell": "900"}
    ]
    there = get(sandbox, alice, f"account/max-avail-size?instId={PAIR},BTC-USDT&tdMode=cash")
    assert there == [
        {"instId": PAIR, "availBuy": "1000", "availSell": "3"},
        {"instId": "BTC-USDT", "availBuy": "1000", "availSell": "0"},
    ]
    assert code_of(sandbox, alice, "account/max-size?instId=BTC-EUR&tdMode=cash")[1] == "51001"
    many = ",".join([PAIR] * 6)
    assert code_of(sandbox, alice, f"account/max-size?instId={many}&tdMode=cash")[1] == "50025"
    assert code_of(sandbox, alice, f"account/max-size?instId={PAIR}") == (400, "50014")


def test_spot_account_has_no_positions(sandbox: Sandbox, make_trader: Make) -> None:
    assert get(sandbox, make_trader("Alice"), "account/positions") == []


def test_account_rate_limit_is_the_published_one(sandbox: Sandbox, make_trader: Make) -> None:
    (row,) = get(sandbox, make_trader("Alice"), "trade/account-rate-limit")
    assert (row["accRateLimit"], row["nextAccRateLimit"]) == ("1000", "1000")
    assert sorted(row) == ["accRateLimit", "fillRatio", "mainFillRatio", "nextAccRateLimit", "ts"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("set-position-mode", {"posMode": "long_short_mode"}, 200, "0"),
        ("set-position-mode", {"posMode": "sideways"}, 400, "51000"),
        ("set-position-mode", {}, 400, "50014"),
        ("set-account-level", {"acctLv": "1"}, 200, "0"),
        ("set-account-level", {"acctLv": "2"}, 200, "51070"),
        ("set-fee-type", {"feeType": "0"}, 200, "0"),
        ("set-fee-type", {"feeType": "1"}, 200, "50062"),
    ],
)
def test_settings_are_those_of_spot_mode(
    sandbox: Sandbox, make_trader: Make, path: str, body: Any, status: int, code: str
) -> None:
    alice = make_trader("Alice")
    assert code_of(sandbox, alice, f"account/{path}", body) == (status, code)


def test_position_mode_is_kept_and_echoed(sandbox: Sandbox, make_trader: Make) -> None:
    alice, mode = make_trader("Alice"), {"posMode": "long_short_mode"}
    answer = signed(sandbox, alice, "POST", "/api/v5/account/set-position-mode", mode).json()
    assert answer["data"] == [mode]
    assert get(sandbox, alice, "account/config")[0]["posMode"] == "long_short_mode"


def test_trade_makes_a_bill_in_each_currency_and_the_faucet_one(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", LTC="5"), make_trader("Bob", USDT="1000")
    order(sandbox, alice, "sell", "2", "80", instId=PAIR)
    order(sandbox, bob, "buy", "2", "80", instId=PAIR, tag="ACMEcode1", clOrdId="b1")
    paid, received, given = get(sandbox, bob, "account/bills")
    assert {tuple(sorted(row)) for row in (paid, received, given)} == {tuple(BILL)}
    shown = ("ccy", "balChg", "bal", "fee", "type", "subType", "execType", "tag", "clOrdId")
    assert [paid[name] for name in shown] == [
        *("USDT", "-160", "840", "0", "2", "1", "T", "ACMEcode1", "b1")
    ]
    assert [received[name] for name in shown] == [
        *("LTC", "1.993", "1.993", "-0.007", "2", "1", "T", "ACMEcode1", "b1")
    ]
    assert [given[name] for name in shown] == ["USDT", "1000", "1000", "0", "1", "11", "", "", ""]


def test_bill_counts_its_own_currency_and_says_what_moved_it(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", LTC="5"), make_trader("Bob", USDT="1000")
    order(sandbox, alice, "sell", "2", "80", instId=PAIR)
    order(sandbox, bob, "buy", "2", "80", instId=PAIR)
    shown = ("ccy", "sz", "px", "mgnMode", "from", "to")
    rows = [[bill[name] for name in shown] for bill in get(sandbox, bob, "account/bills")]
    assert rows == [
        ["USDT", "160", "80", "cash", "", ""],
        ["LTC", "2", "80", "cash", "", ""],
        ["USDT", "1000", "", "", "6", "18"],
    ]


def test_bills_are_filtered_paged_and_kept_for_a_week_or_three_months(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", LTC="5"), make_trader("Bob", USDT="1000")
    for _ in range(2):
        order(sandbox, alice, "sell", "1", "80", instId=PAIR)
        order(sandbox, bob, "buy", "1", "80", instId=PAIR)
    every = get(sandbox, bob, "account/bills-archive")
    ids = [row["billId"] for row in every]
    assert (len(ids), ids) == (5, sorted(set(ids), key=int, reverse=True))
    assert get(sandbox, bob, f"account/bills-archive?after={ids[1]}&limit=2") == every[2:4]
    assert get(sandbox, bob, f"account/bills-archive?before={ids[1]}") == every[:1]
    for query, count in [
        ("ccy=LTC", 2),
        ("type=1", 1),
        ("subType=1", 4),
        ("instType=SPOT", 4),
        ("mgnMode=cash", 4),
        ("mgnMode=cross", 0),
        (f"instId={PAIR}", 4),
        ("instId=BTC-USDT", 0),
        ("instType=SWAP", 0),
        (f"end={int(every[-1]['ts']) - 1}", 0),
        (f"begin={every[0]['ts']}", 2),
    ]:
        assert len(get(sandbox, bob, f"account/bills?{query}")) == count, query
