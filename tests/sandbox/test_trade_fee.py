"""`account/trade-fee`: the tier by its wire name, every fee group, and the flat fields."""

from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import signed

FLAT = ("maker", "taker", "makerU", "takerU", "makerUSDC", "takerUSDC")


def trade_fee(sandbox: Sandbox, trader: Trader, query: str = "") -> Any:
    target = f"/api/v5/account/trade-fee?instType=SPOT{query}"
    return signed(sandbox, trader, "GET", target).json()


def level(sandbox: Sandbox, trader: Trader, level: str) -> None:
    told = sandbox.operate("POST", f"/accounts/{trader.uid}/level", {"level": level})
    assert told == {"level": level or "Regular"}


def test_a_regular_account_reads_every_group_and_the_first_one_flat(sandbox: Sandbox) -> None:
    alice = sandbox.trader("fees of Alice", USDT="1000")
    (row,) = trade_fee(sandbox, alice)["data"]
    assert row["level"] == "Lv1"
    assert [(each["groupId"], each["maker"], each["taker"]) for each in row["feeGroup"]] == [
        ("11", "0", "-0.0004"),
        ("12", "-0.002", "-0.0035"),
        ("13", "-0.002", "-0.0035"),
        ("14", "-0.002", "-0.0035"),
    ]
    assert [row[name] for name in FLAT] == ["-0.002", "-0.0035"] * 3


@pytest.mark.parametrize(
    ("query", "group", "maker", "taker"),
    [
        ("&instId=BTC-USDT", "12", "0.00002", "-0.00025"),
        ("&instId=ETH-USDC", "12", "0.00002", "-0.00025"),
        ("&instId=PENGU-USDT", "13", "0.00005", "-0.00035"),
        ("&groupId=14", "14", "0.0001", "-0.0004"),
        ("&instId=USDT-USD", "11", "0", "-0.0004"),
    ],
)
def test_a_pair_or_group_shows_its_own_rates_with_the_sign_of_a_rebate(
    sandbox: Sandbox, query: str, group: str, maker: str, taker: str
) -> None:
    bob = sandbox.trader("fees of Bob", USDT="1000")
    level(sandbox, bob, "VIP7")
    (row,) = trade_fee(sandbox, bob, query)["data"]
    assert row["level"] == "VIP7"
    (one,) = row["feeGroup"]
    assert (one["groupId"], one["maker"], one["taker"]) == (group, maker, taker)
    assert [row[name] for name in FLAT] == [maker, taker] * 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("&instId=BTC-USD", "51001"),
        ("&groupId=1", "51000"),
        ("&instId=BTC-USDT&groupId=12", "50024"),
    ],
    ids=["pair", "group", "both"],
)
def test_what_is_not_traded_here_has_no_fee(sandbox: Sandbox, query: str, code: str) -> None:
    alice = sandbox.trader("fees of Alice", USDT="1000")
    assert trade_fee(sandbox, alice, query)["code"] == code


def test_the_operator_pins_a_tier_and_lets_it_go(sandbox: Sandbox) -> None:
    bob = sandbox.trader("tier of Bob", USDT="1000")
    for pinned, shown in (("VIP3", "VIP3"), ("", "Lv1")):
        level(sandbox, bob, pinned)
        config = signed(sandbox, bob, "GET", "/api/v5/account/config").json()["data"][0]
        assert config["level"] == shown
        assert trade_fee(sandbox, bob)["data"][0]["level"] == shown
