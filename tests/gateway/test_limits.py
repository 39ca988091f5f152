"""The end user's limits of money and pairs, on real PostgreSQL and at a live exchange."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F

from connect_portal.authorizations.models import Grant
from connect_portal.gateway.actions.sweeping import settle
from connect_portal.gateway.models import Budget, Decision, Reservation, Unanswered
from connect_portal.gateway.wire import means
from tests.faults import proxy as faults
from tests.faults.exchange import eventually
from tests.faults.proxy import Proxy
from tests.gateway.caller import BATCH, ORDER, PAIR, Caller, limit_buy
from tests.gateway.conftest import away, fresh_id, outcomes
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed

pytestmark = pytest.mark.django_db(transaction=True)

CANCEL = "/api/v5/trade/cancel-order"
AMEND = "/api/v5/trade/amend-order"
WORTH_20 = {"sz": "0.001", "px": "20000"}


def allow(grant: Grant, **limits: Any) -> None:
    """Set the limits of a grant that stands."""
    Grant.objects.filter(pk=grant.pk).update(**limits)


def used(grant: Grant) -> Decimal:
    """What the day holds, once every answer is noted."""
    outcomes()
    return Budget.objects.get(grant=grant).used


def test_a_pair_outside_the_limits_is_refused_and_never_leaves(
    acme_caller: Caller, grant: Grant, proxy: Proxy
) -> None:
    allow(grant, pairs=["ETH-USDT"])
    row = acme_caller.place()
    assert (row["sCode"], row["sMsg"]) == (
        "50027",
        "The end user does not allow BTC-USDT over this connection.",
    )
    assert ORDER not in {target for _, target in proxy.asked}
    assert Decision.objects.get().code == "50027"


def test_an_order_within_the_limit_passes_and_one_above_is_refused(
    acme_caller: Caller, grant: Grant
) -> None:
    allow(grant, most_per_order=Decimal(20))
    assert acme_caller.place(**WORTH_20)["sCode"] == "0"
    row = acme_caller.place(sz="0.0010001", px="20000")
    assert (row["sCode"], row["sMsg"]) == (
        "51005",
        "The end user allows at most 20 USD an order over this connection; "
        "this one is worth 20.002 USD.",
    )


def test_a_batch_is_held_to_the_day_item_by_item(acme_caller: Caller, grant: Grant) -> None:
    allow(grant, most_per_day=Decimal(50))
    items = [limit_buy(**WORTH_20), limit_buy(sz="0.002"), limit_buy(**WORTH_20), limit_buy()]
    body = acme_caller.post(BATCH, items).json()
    assert [row["sCode"] for row in body["data"]] == ["0", "51008", "0", "51008"]
    assert body["data"][3]["sMsg"] == (
        "The end user allows 50 USD a day (UTC) over this connection; 10 USD are left today, "
        "this order is worth 20 USD."
    )
    assert used(grant) == 40


def test_orders_at_once_never_take_more_than_the_day_has(
    acme_caller: Caller, grant: Grant, exchange: Sandbox, trader: Trader
) -> None:
    allow(grant, most_per_day=Decimal(109))
    with ThreadPoolExecutor(16) as pool:
        rows = list(pool.map(lambda _: acme_caller.place(**WORTH_20), range(16)))
    codes = sorted(row["sCode"] for row in rows)
    assert codes == ["0"] * 5 + ["51008"] * 11
    pending = signed(exchange, trader, "GET", "/api/v5/trade/orders-pending?instType=SPOT").json()
    assert len(pending["data"]) == 5
    assert used(grant) == 100


def test_what_the_venue_refuses_holds_nothing(acme_caller: Caller, grant: Grant) -> None:
    allow(grant, most_per_day=Decimal(20))
    assert acme_caller.place(sz="0.000000001", px="20000")["sCode"] != "0"
    assert used(grant) == 0
    assert acme_caller.place(**WORTH_20)["sCode"] == "0"


def test_what_never_left_holds_nothing(acme_caller: Caller, grant: Grant, proxy: Proxy) -> None:
    allow(grant, most_per_day=Decimal(20))
    proxy.spoil(ORDER, faults.THROTTLED)
    assert acme_caller.place(**WORTH_20)["code"] == "50011"
    assert used(grant) == 0


def test_a_cancelled_order_gives_back_what_was_not_filled(
    acme_caller: Caller, grant: Grant, exchange: Sandbox, maker: Trader
) -> None:
    allow(grant, most_per_day=Decimal(100))
    mine = fresh_id()
    acme_caller.place(sz="0.004", px="25000", clOrdId=mine)
    assert order(exchange, maker, "sell", "0.001", "25000")["sCode"] == "0"
    assert acme_caller.place(**WORTH_20)["sCode"] == "51008"
    acme_caller.post(CANCEL, {"instId": PAIR, "clOrdId": mine})
    eventually(lambda: used(grant) == 25)
    assert acme_caller.place(sz="0.003", px="25000")["sCode"] == "0"


def test_an_order_cancelled_elsewhere_is_found_before_the_next_is_refused(
    acme_caller: Caller, grant: Grant, exchange: Sandbox, trader: Trader
) -> None:
    allow(grant, most_per_day=Decimal(20))
    placed = acme_caller.place(**WORTH_20)
    body = {"instId": PAIR, "ordId": placed["ordId"]}
    assert signed(exchange, trader, "POST", CANCEL, body).json()["code"] == "0"
    outcomes()
    Reservation.objects.update(looked_at=F("looked_at") - timedelta(seconds=5))
    assert acme_caller.place(**WORTH_20)["sCode"] == "0"


def test_an_amendment_reserves_the_difference_and_is_judged_like_a_new_order(
    acme_caller: Caller, grant: Grant
) -> None:
    allow(grant, most_per_day=Decimal(50), most_per_order=Decimal(45))
    mine = fresh_id()
    acme_caller.place(**WORTH_20, clOrdId=mine)

    def amended(**changes: str) -> str:
        outcomes()
        answer = acme_caller.post(AMEND, {"instId": PAIR, "clOrdId": mine, **changes}).json()
        return str(answer["data"][0]["sCode"])

    assert amended(newSz="0.0023") == "51005"
    assert amended(newSz="0.002") == "0"
    assert used(grant) == 40
    assert acme_caller.place(**WORTH_20)["sCode"] == "51008"
    assert amended(newSz="0.0015", newPx="30000") == "0"
    assert used(grant) == 45
    assert amended(newSz="0.001") == "0"


def test_an_amendment_is_weighed_for_the_order_that_its_bare_number_names(
    acme_caller: Caller, grant: Grant
) -> None:
    allow(grant, most_per_day=Decimal(100), most_per_order=Decimal(45))
    cheap, dear = fresh_id(), acme_caller.place(**WORTH_20)["ordId"]
    acme_caller.place(sz="0.001", px="1000", clOrdId=cheap)
    named = {"instId": PAIR, "ordId": int(dear), "clOrdId": cheap}
    (row,) = acme_caller.post(AMEND, {**named, "newSz": "0.003"}).json()["data"]
    assert (row["sCode"], row["ordId"]) == ("51005", dear)
    (row,) = acme_caller.post(AMEND, {**named, "newSz": "0.002"}).json()["data"]
    assert (row["sCode"], row["ordId"]) == ("0", dear)


def test_an_amendment_is_weighed_for_no_order_that_only_a_strategy_id_names(
    acme_caller: Caller, grant: Grant
) -> None:
    allow(grant, most_per_order=Decimal(45))
    dear, cheap = fresh_id(), acme_caller.place(sz="0.001", px="1000")["ordId"]
    acme_caller.place(**WORTH_20, clOrdId=dear)
    named = {"instId": PAIR, "clOrdId": dear, "algoId": cheap, "algoClOrdId": "another"}
    (row,) = acme_caller.post(AMEND, {**named, "newSz": "0.003"}).json()["data"]
    assert row["sCode"] == "51005"


def test_amendments_of_size_and_price_at_once_never_add_up_past_the_limit(
    acme_caller: Caller, grant: Grant, exchange: Sandbox, trader: Trader
) -> None:
    allow(grant, most_per_order=Decimal(45))
    placed = acme_caller.place(sz="0.002", px="10000")["ordId"]
    named = {"instId": PAIR, "ordId": placed}

    def worth() -> Decimal:
        target = f"/api/v5/trade/order?instId={PAIR}&ordId={placed}"
        (row,) = signed(exchange, trader, "GET", target).json()["data"]
        return Decimal(row["sz"]) * Decimal(row["px"])

    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            changes = [{"newSz": "0.004"}, {"newPx": "20000"}]
            told = list(pool.map(lambda one: acme_caller.post(AMEND, named | one).json(), changes))
            assert worth() <= 45, told
            acme_caller.post(AMEND, {**named, "newSz": "0.002", "newPx": "10000"})
            assert worth() == 20


def test_an_order_placed_elsewhere_is_weighed_whole_when_it_is_made_more_eager(
    acme_caller: Caller, grant: Grant, exchange: Sandbox, trader: Trader
) -> None:
    allow(grant, most_per_order=Decimal(45), most_per_day=Decimal(45))
    theirs = order(exchange, trader, "buy", "0.01", "10000")["ordId"]

    def amended(**changes: str) -> str:
        body = {"instId": PAIR, "ordId": theirs, **changes}
        return str(acme_caller.post(AMEND, body).json()["data"][0]["sCode"])

    assert amended(newSz="0.005", newPx="20000") == "51005"
    assert amended(newSz="0.009") == "0"
    assert amended(newSz="0.002", newPx="20000") == "0"
    assert used(grant) == 40


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"newPx": True}, "51000"),
        ({"newSz": ["0.001"]}, "51000"),
        ({"newSz": "1e3"}, "51000"),
        ({}, "51500"),
        ({"ordId": "not a number", "newSz": "0.001"}, "51603"),
        ({"ordId": "", "newSz": "0.001"}, "51000"),
        ({"ordId": False, "newSz": "0.001"}, "51000"),
        ({"instId": "BTC-NOTHING", "newSz": "0.001"}, "51603"),
    ],
)
def test_an_amendment_that_cannot_be_read_is_refused_by_its_own_row(
    acme_caller: Caller, grant: Grant, changes: dict[str, Any], code: str
) -> None:
    allow(grant, most_per_order=Decimal(45))
    named = {"instId": PAIR, "ordId": acme_caller.place(**WORTH_20)["ordId"]}
    body = acme_caller.post(AMEND, named | changes).json()
    assert [row["sCode"] for row in body["data"]] == [code], body


def test_an_amendment_that_the_venue_refuses_gives_its_part_back(
    acme_caller: Caller, grant: Grant, proxy: Proxy
) -> None:
    allow(grant, most_per_day=Decimal(100))
    mine = fresh_id()
    acme_caller.place(**WORTH_20, clOrdId=mine)
    outcomes()
    proxy.spoil(AMEND, faults.THROTTLED)
    acme_caller.post(AMEND, {"instId": PAIR, "clOrdId": mine, "newSz": "0.002"})
    assert used(grant) == 20


def test_an_order_of_unknown_outcome_holds_what_it_may_have_taken(
    acme_caller: Caller, grant: Grant, proxy: Proxy
) -> None:
    allow(grant, most_per_day=Decimal(20))
    proxy.spoil(ORDER, faults.RESET)
    assert acme_caller.place(**WORTH_20, clOrdId=fresh_id())["code"] == "50004"
    assert acme_caller.place(**WORTH_20)["sCode"] == "51008"


def forget_for(seconds: int) -> None:
    """As if so much time had passed since anything was sent or looked at."""
    span = timedelta(seconds=seconds)
    Reservation.objects.update(looked_at=F("looked_at") - span)
    Unanswered.objects.update(since=F("since") - span)


def test_the_sweep_gives_back_what_an_order_cancelled_elsewhere_held(
    acme_caller: Caller, grant: Grant, exchange: Sandbox, trader: Trader
) -> None:
    allow(grant, most_per_day=Decimal(100))
    ours, theirs = acme_caller.place(**WORTH_20), acme_caller.place(**WORTH_20)
    body = {"instId": PAIR, "ordId": theirs["ordId"]}
    assert signed(exchange, trader, "POST", CANCEL, body).json()["code"] == "0"
    assert used(grant) == 40
    forget_for(20)
    settle()
    assert used(grant) == 20
    assert Reservation.objects.get(settled_at=None).order_id == ours["ordId"]


def test_a_market_order_keeps_what_it_was_filled_for(
    acme_caller: Caller, grant: Grant, exchange: Sandbox, maker: Trader
) -> None:
    allow(grant, most_per_day=Decimal(100))
    assert order(exchange, maker, "sell", "0.001", "38000")["sCode"] == "0"
    acme_caller.place(ordType="market", sz="50", px="")
    assert used(grant) == 50
    forget_for(20)
    settle()
    assert used(grant) == 38


def test_a_market_order_counts_at_the_best_ask_of_a_thin_book(
    acme_caller: Caller, grant: Grant, exchange: Sandbox, trader: Trader
) -> None:
    allow(grant, most_per_order=Decimal(45))
    thin = "SOL-USDT"
    seller = exchange.trader(fresh_id(), perm="read_only,trade", SOL="1000")
    assert order(exchange, seller, "sell", "0.25", "100", instId=thin)["sCode"] == "0"
    assert order(exchange, trader, "buy", "0.25", "100", instId=thin)["sCode"] == "0"
    assert order(exchange, seller, "sell", "0.25", "200", instId=thin)["sCode"] == "0"
    row = acme_caller.place(instId=thin, ordType="market", sz="0.25", px="", tgtCcy="base_ccy")
    assert (row["sCode"], "this one is worth 52.5 USD" in row["sMsg"]) == ("51005", True)


def test_an_answer_lost_with_its_process_is_found_by_the_sweep(
    acme_caller: Caller, grant: Grant, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(grant, most_per_day=Decimal(100))
    monkeypatch.setattr(means, "note_outcomes", away)
    placed = acme_caller.place(**WORTH_20, clOrdId=fresh_id())
    forget_for(30)
    settle()
    assert outcomes().values_list("code", "order_id").get() == ("0", placed["ordId"])
    assert used(grant) == 20


def test_an_order_that_never_arrived_is_looked_for_and_frees_what_it_held(
    acme_caller: Caller, grant: Grant, proxy: Proxy
) -> None:
    allow(grant, most_per_day=Decimal(20))
    proxy.spoil(ORDER, faults.RESET)
    acme_caller.place(**WORTH_20, clOrdId=fresh_id())
    forget_for(30)
    settle()
    assert Unanswered.objects.exists()
    forget_for(40)
    settle()
    assert outcomes().get().code == "51603"
    assert used(grant) == 0


def test_an_order_without_a_name_that_was_lost_holds_its_part_of_the_day(
    acme_caller: Caller, grant: Grant, proxy: Proxy
) -> None:
    allow(grant, most_per_day=Decimal(20))
    proxy.spoil(ORDER, faults.RESET)
    acme_caller.place(**WORTH_20)
    forget_for(70)
    settle()
    assert outcomes().get().code == "50004"
    assert used(grant) == 20
