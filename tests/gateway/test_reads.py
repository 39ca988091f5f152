"""What a grant shows: the account as it is, without what other institutions brought."""

import pytest

from tests.gateway.caller import ORDER, PAIR, Caller
from tests.gateway.conftest import fresh_id
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order

pytestmark = pytest.mark.django_db(transaction=True)

PENDING = "/api/v5/trade/orders-pending?instType=SPOT"


def test_orders_of_another_institution_are_not_shown(
    acme_caller: Caller, exchange: Sandbox, trader: Trader
) -> None:
    mine = acme_caller.place()["ordId"]
    bare = order(exchange, trader, "buy", "0.001", "20001")["ordId"]
    theirs = order(exchange, trader, "buy", "0.001", "20002", tag="ZENITH2")["ordId"]
    assert [row["ordId"] for row in acme_caller.get(PENDING).json()["data"]] == [bare, mine]
    hidden = acme_caller.get(f"{ORDER}?instId={PAIR}&ordId={theirs}").json()
    assert (hidden["code"], hidden["data"]) == ("51603", [])
    assert acme_caller.get(f"{ORDER}?instId={PAIR}&ordId={bare}").json()["code"] == "0"


def test_fills_of_another_institution_are_not_shown(
    acme_caller: Caller, exchange: Sandbox, trader: Trader, maker: Trader
) -> None:
    for tag in ("ACMEcode1", "ZENITH2", ""):
        assert order(exchange, maker, "sell", "0.001", "39000")["sCode"] == "0"
        assert order(exchange, trader, "buy", "0.001", "39000", tag=tag)["sCode"] == "0"
    for path in ("fills", "fills-history"):
        rows = acme_caller.get(f"/api/v5/trade/{path}?instType=SPOT").json()["data"]
        assert [row["tag"] for row in rows] == ["", "ACMEcode1"]


def test_a_page_is_filled_from_the_next_ones_and_a_short_one_is_the_last(
    acme_caller: Caller, exchange: Sandbox, trader: Trader
) -> None:
    for number in range(12):
        tag = "ZENITH2" if number % 3 else "ACMEcode1"
        order(exchange, trader, "buy", "0.001", str(20_000 + number), tag=tag, clOrdId=fresh_id())
    seen: list[str] = []
    while True:
        older = f"&after={seen[-1]}" if seen else ""
        page = acme_caller.get(f"{PENDING}&limit=3{older}").json()["data"]
        seen += [row["ordId"] for row in page]
        if len(page) < 3:
            break
    assert len(seen) == len(set(seen)) == 4
