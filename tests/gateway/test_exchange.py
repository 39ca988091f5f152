"""Whole exchanges: a client with a token, the portal, the exchange, and what is kept of them."""

from collections.abc import Callable
from typing import Any

import pytest
from authlib.integrations.requests_client import OAuth2Session
from django.db import DatabaseError, transaction

from connect_portal.authorizations.actions.grants import end_grant
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.models import AccessToken, Grant
from connect_portal.gateway.models import Decision, Outcome
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from tests.faults.exchange import rich_trader
from tests.gateway.caller import BATCH, ORDER, PAIR, Caller, limit_buy
from tests.gateway.conftest import fresh_id, granted, outcomes, token_for
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed

pytestmark = pytest.mark.django_db(transaction=True)

CODE = "ACMEcode1"
FOREIGN = "ZENITH2"


def at_venue(exchange: Sandbox, trader: Trader, client_id: str) -> dict[str, Any]:
    """The order as its owner sees it at the exchange, past the portal."""
    target = f"{ORDER}?instId={PAIR}&clOrdId={client_id}"
    answer = signed(exchange, trader, "GET", target).json()
    return answer["data"][0] if answer["data"] else {}


def kept(*fields: str) -> list[tuple[Any, ...]]:
    """All decisions, oldest first."""
    return list(Decision.objects.order_by("pk").values_list(*fields))


@pytest.mark.parametrize("tag", [{}, {"tag": ""}, {"tag": None}, {"tag": CODE}])
def test_an_order_reaches_the_exchange_with_the_code_and_its_own_id(
    acme_caller: Caller, exchange: Sandbox, trader: Trader, tag: dict[str, Any]
) -> None:
    mine = fresh_id()
    row = acme_caller.place(clOrdId=mine, unknownField={"kept": 1}, **tag)
    assert (row["sCode"], row["clOrdId"], row["tag"]) == ("0", mine, CODE)
    there = at_venue(exchange, trader, mine)
    assert (there["ordId"], there["tag"], there["clOrdId"]) == (row["ordId"], CODE, mine)
    sent = str(tag.get("tag") or "")
    assert kept("client_order_id", "tag_sent", "tag_forwarded", "code") == [(mine, sent, CODE, "0")]
    assert outcomes().values_list("code", "order_id").get() == ("0", row["ordId"])


def test_the_answer_is_the_venues_own(acme_caller: Caller) -> None:
    answer = acme_caller.post(ORDER, limit_buy(sz="1000000000"))
    body = answer.json()
    assert (answer.status_code, body["code"], body["data"][0]["sCode"]) == (200, "1", "51005")
    assert {"inTime", "outTime"} <= body.keys()
    outcome = outcomes().get()
    assert (outcome.code, outcome.reason) == ("51005", body["data"][0]["sMsg"])


@pytest.mark.parametrize("tag", [FOREIGN, CODE.lower(), f" {CODE}", 1, True, [CODE], {"a": CODE}])
def test_a_foreign_tag_is_refused_and_never_leaves(
    acme_caller: Caller, exchange: Sandbox, trader: Trader, tag: object
) -> None:
    mine = fresh_id()
    answer = acme_caller.post(ORDER, limit_buy(clOrdId=mine, tag=tag))
    body = answer.json()
    assert (answer.status_code, body["code"], body["msg"]) == (200, "1", "All operations failed")
    assert (body["data"][0]["sCode"], body["data"][0]["clOrdId"]) == ("51000", mine)
    assert "Connect code" in body["data"][0]["sMsg"]
    assert at_venue(exchange, trader, mine) == {}
    decision = Decision.objects.get()
    assert (decision.allowed, decision.code, decision.tag_forwarded) == (False, "51000", "")
    assert not Outcome.objects.exists()


def test_a_batch_is_judged_item_by_item_and_answered_in_its_order(
    acme_caller: Caller, exchange: Sandbox, trader: Trader
) -> None:
    ids = [fresh_id() for _ in range(5)]
    items = [
        limit_buy(clOrdId=ids[0], tag=FOREIGN),
        limit_buy(clOrdId=ids[1]),
        limit_buy(clOrdId=ids[2], attachAlgoOrds=[{"slTriggerPx": "1", "slOrdPx": "-1"}]),
        limit_buy(clOrdId=ids[3], sz="1000000000"),
        limit_buy(clOrdId=ids[4], tag=CODE),
    ]
    body = acme_caller.post(BATCH, items).json()
    assert body["code"] == "2"
    assert [row["clOrdId"] for row in body["data"]] == ids
    codes = ["51000", "0", "50030", "51005", "0"]
    assert [row["sCode"] for row in body["data"]] == codes
    there = [at_venue(exchange, trader, one).get("tag") for one in ids]
    assert there == [None, CODE, None, None, CODE]
    assert kept("client_order_id", "code") == list(
        zip(ids, ["51000", "0", "50030", "0", "0"], strict=True)
    )
    noted = outcomes().values_list("decision__client_order_id", "code")
    assert list(noted) == [(ids[1], "0"), (ids[3], "51005"), (ids[4], "0")]


def test_a_batch_of_refusals_never_leaves(acme_caller: Caller) -> None:
    body = acme_caller.post(BATCH, [limit_buy(tag=FOREIGN)] * 3).json()
    assert body["code"] == "1"
    assert [row["sCode"] for row in body["data"]] == ["51000"] * 3
    assert not Outcome.objects.exists()


STRATEGY = {"instId": PAIR, "tdMode": "cash", "side": "sell", "ordType": "conditional"} | {
    "sz": "0.001",
    "slTriggerPx": "10000",
    "slOrdPx": "-1",
}


def test_strategy_orders_are_for_the_api_channel_only(
    acme_caller: Caller, exchange: Sandbox, trader: Trader
) -> None:
    mine = fresh_id()
    target = "/api/v5/trade/order-algo"
    answer = acme_caller.post(target, STRATEGY | {"algoClOrdId": mine})
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "code": "50030",
            "data": [],
            "msg": "Strategy orders are available on the API channel only",
        },
    )
    assert kept("operation", "client_order_id", "code") == [("strategy", mine, "50030")]
    # The same order with a key, straight to the exchange.
    placed = signed(exchange, trader, "POST", target, STRATEGY).json()
    assert placed["data"][0]["sCode"] == "0"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "cancel-algos"),
        ("POST", "amend-algos"),
        ("GET", "orders-algo-pending?ordType=trigger"),
        ("GET", "orders-algo-history?ordType=trigger&state=canceled"),
        ("GET", "order-algo?algoId=1"),
    ],
)
def test_so_is_everything_about_them(acme_caller: Caller, method: str, path: str) -> None:
    body = [{"algoId": "1", "instId": PAIR}] if method == "POST" else None
    assert acme_caller.ask(method, f"/api/v5/trade/{path}", body).json()["code"] == "50030"


def test_an_order_lives_from_placing_to_cancelling_over_the_gateway(
    acme_caller: Caller,
) -> None:
    mine = fresh_id()
    acme_caller.place(clOrdId=mine)
    stray = {"instId": PAIR, "clOrdId": mine, "tag": "159881cb7207BCDE"}
    amended = acme_caller.post("/api/v5/trade/amend-order", stray | {"newSz": "0.002"}).json()
    assert amended["data"][0]["sCode"] == "0"
    pending = acme_caller.get("/api/v5/trade/orders-pending?instType=SPOT").json()["data"]
    assert [(row["clOrdId"], row["sz"]) for row in pending] == [(mine, "0.002")]
    canceled = acme_caller.post("/api/v5/trade/cancel-order", stray).json()
    assert canceled["data"][0]["sCode"] == "0"
    state = acme_caller.get(f"{ORDER}?instId={PAIR}&clOrdId={mine}").json()["data"][0]["state"]
    assert state == "canceled"
    assert kept("operation", "tag_forwarded") == [("place", CODE), ("amend", ""), ("cancel", "")]
    assert outcomes().filter(code="0").count() == 3


def test_an_oauth_clients_own_session_trades(portal: str, grant: Grant) -> None:
    session = OAuth2Session(token={"access_token": token_for(grant), "token_type": "Bearer"})
    body = session.post(f"{portal}{ORDER}", json=limit_buy(), timeout=30).json()
    assert (body["code"], body["data"][0]["tag"]) == ("0", CODE)


def test_a_fill_over_the_gateway_carries_the_code(
    acme_caller: Caller, maker: Trader, exchange: Sandbox
) -> None:
    assert order(exchange, maker, "sell", "0.001", "39000")["sCode"] == "0"
    acme_caller.place(px="39000")
    (fill,) = acme_caller.get("/api/v5/trade/fills?instType=SPOT").json()["data"]
    assert (fill["tag"], fill["fillPx"]) == (CODE, "39000")


@pytest.mark.parametrize(
    "target",
    [
        "account/balance?ccy=BTC%2CUSDT",
        "account/config",
        "account/instruments?instType=SPOT",
        "account/trade-fee?instType=SPOT",
        "asset/currencies",
        "asset/balances",
        "trade/orders-history?instType=SPOT",
        "trade/fills-history?instType=SPOT&limit=5",
    ],
)
def test_reads_pass_through_and_leave_no_decision(
    acme_caller: Caller, exchange: Sandbox, trader: Trader, target: str
) -> None:
    answer = acme_caller.get(f"/api/v5/{target}")
    straight = signed(exchange, trader, "GET", f"/api/v5/{target}")
    assert answer.status_code == straight.status_code == 200
    assert Grant.objects.get().last_used_at is not None
    assert (answer.json()["code"], answer.json().keys()) == ("0", straight.json().keys())
    assert not Decision.objects.exists()


def test_an_ended_grant_is_refused_on_the_very_next_request(
    acme_caller: Caller, grant: Grant, alice: Person
) -> None:
    assert acme_caller.place()["sCode"] == "0"
    end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)
    answer = acme_caller.post(ORDER, limit_buy())
    assert (answer.status_code, answer.json()["code"]) == (400, "53003")
    assert answer.json().keys() == {"msg", "code"}
    assert acme_caller.get("/api/v5/account/balance").json()["code"] == "53003"
    assert Decision.objects.count() == 1


def test_a_token_that_is_no_token_opens_nothing(portal: str, acme_caller: Caller) -> None:
    for token, code in [("cxat_unknown", "53000"), ("a b", "50114"), ("", "50114")]:
        stranger = Caller(portal, token, acme_caller.session)
        assert stranger.get("/api/v5/account/balance").json()["code"] == code


def test_an_expired_token_says_so(acme_caller: Caller, grant: Grant) -> None:
    AccessToken.objects.update(expires=now())
    assert acme_caller.place()["code"] == "53002"


def test_a_token_that_may_only_read_cannot_write(
    portal: str, acme_caller: Caller, alice: Person, zenith: Institution, exchange: Sandbox
) -> None:
    reading = granted(alice, zenith, rich_trader(exchange), Scope.READ_ONLY)
    reader = Caller(portal, token_for(reading), acme_caller.session)
    assert reader.get("/api/v5/account/balance").json()["code"] == "0"
    answer = reader.post(ORDER, limit_buy())
    assert (answer.status_code, answer.json()["code"]) == (400, "53013")
    assert "trade" in answer.json()["msg"]
    assert not Decision.objects.exists()


def test_two_institutions_of_one_person_never_trade_under_each_others_code(
    portal: str, acme_caller: Caller, alice: Person, zenith: Institution, trader: Trader
) -> None:
    theirs = granted(alice, zenith, trader, Scope.TRADE)
    zenith_caller = Caller(portal, token_for(theirs), acme_caller.session)
    assert zenith_caller.place()["tag"] == "ZENITH2"
    assert zenith_caller.place(tag=CODE)["sCode"] == "51000"
    assert acme_caller.place()["tag"] == CODE


def test_decisions_and_outcomes_can_only_be_added(acme_caller: Caller) -> None:
    acme_caller.place()
    assert outcomes().exists()
    changes: list[Callable[[], object]] = [
        lambda: Decision.objects.update(reason="another"),
        lambda: Outcome.objects.update(code="1"),
        lambda: Outcome.objects.all().delete(),
        lambda: Decision.objects.all()._raw_delete("default"),
    ]
    for change in changes:
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            change()
