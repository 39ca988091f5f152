"""Live and demo on one host: each has its own keys, balances and books."""

import pytest
import requests

from tests.sandbox.conftest import PASSPHRASE, Sandbox, Trader
from tests.sandbox.signing import signed
from tests.sandbox.sockets import opened

DEMO = {"x-simulated-trading": "1"}


@pytest.fixture(scope="module")
def demo_alice(sandbox: Sandbox) -> Trader:
    """Alice's account in the demo environment."""
    return sandbox.trader("Alice in demo", demo=True, BTC="3")


def test_demo_key_reads_demo_balances(sandbox: Sandbox, demo_alice: Trader) -> None:
    answer = signed(sandbox, demo_alice, "GET", "/api/v5/account/balance", **DEMO).json()
    assert [(row["ccy"], row["availBal"]) for row in answer["data"][0]["details"]] == [("BTC", "3")]


def test_demo_key_without_the_header_is_told_it_is_in_the_wrong_environment(
    sandbox: Sandbox, demo_alice: Trader
) -> None:
    answer = signed(sandbox, demo_alice, "GET", "/api/v5/account/balance")
    assert answer.status_code == 401
    assert answer.json() == {
        "msg": "APIKey does not match current environment.",
        "code": "50101",
    }


def test_live_key_with_the_header_is_told_it_is_in_the_wrong_environment(sandbox: Sandbox) -> None:
    bob = sandbox.trader("Bob in live", BTC="1")
    answer = signed(sandbox, bob, "GET", "/api/v5/account/balance", **DEMO)
    assert (answer.status_code, answer.json()["code"]) == (401, "50101")


def test_demo_orders_stay_out_of_the_live_book(sandbox: Sandbox, demo_alice: Trader) -> None:
    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "limit"}
    asked = {**order, "px": "123456.7", "sz": "1"}
    row = signed(sandbox, demo_alice, "POST", "/api/v5/trade/order", asked, **DEMO).json()["data"][
        0
    ]
    assert row["sCode"] == "0"
    books = [
        requests.get(
            f"{sandbox.base_url}/api/v5/market/books?instId=BTC-USDT&sz=400",
            headers=headers,
            timeout=10,
        ).json()["data"][0]["asks"]
        for headers in (DEMO, {})
    ]
    assert [any(px == "123456.7" for px, *_ in asks) for asks in books] == [True, False]


def test_key_of_an_account_in_another_region_is_unknown_here(sandbox: Sandbox) -> None:
    uid = sandbox.operate(
        "POST", "/accounts", {"reference": "Eve abroad", "label": "Eve", "region": "eea"}
    )["uid"]
    asked = {"label": "abroad", "passphrase": PASSPHRASE, "perm": "read_only"}
    key = sandbox.operate("POST", f"/accounts/{uid}/keys", asked)
    abroad = Trader(uid, key["apiKey"], key["secretKey"])
    answer = signed(sandbox, abroad, "GET", "/api/v5/account/balance")
    told = {"msg": "API key doesn't exist", "code": "50119"}
    assert (answer.status_code, answer.json()) == (401, told)
    with opened(sandbox, "private") as socket:
        assert socket.login(abroad)["code"] == "60032"
