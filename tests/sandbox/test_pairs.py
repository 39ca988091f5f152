"""Pairs against the dollar and between dollar tokens trade like every other."""

from collections.abc import Callable
from typing import Any

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import signed

Make = Callable[..., Trader]


def test_the_dollar_and_its_tokens_count_as_one_dollar_each(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice", USD="5", USDT="4", USDC="3", USDG="2", RLUSD="1")
    answer = signed(sandbox, alice, "GET", "/api/v5/account/balance").json()["data"][0]
    assert answer["totalEq"] == "15"
    assert all(detail["eqUsd"] == detail["eq"] for detail in answer["details"])


def test_a_stablecoin_pair_charges_the_taker_only(sandbox: Sandbox, make_trader: Make) -> None:
    maker, taker = make_trader("Alice", USDT="100"), make_trader("Bob", USD="100")
    place(sandbox, maker, "sell")
    place(sandbox, taker, "buy")
    assert fees(sandbox, maker) == [("USD", "0")]
    assert fees(sandbox, taker) == [("USDT", "-0.04")]


def place(sandbox: Sandbox, trader: Trader, side: str) -> None:
    body = {"instId": "USDT-USD", "tdMode": "cash", "side": side, "ordType": "limit"}
    body |= {"px": "1", "sz": "100"}
    assert signed(sandbox, trader, "POST", "/api/v5/trade/order", body).json()["code"] == "0"


def fees(sandbox: Sandbox, trader: Trader) -> list[Any]:
    rows = signed(sandbox, trader, "GET", "/api/v5/trade/fills?instId=USDT-USD").json()["data"]
    return [(row["feeCcy"], row["fee"]) for row in rows]
