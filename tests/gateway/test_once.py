"""Idempotency-Key: one request, one result, however often it is repeated."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from django.db.models import F

from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.models import Grant
from connect_portal.gateway.actions.sweeping import forget, settle
from connect_portal.gateway.models import Decision, Replay, Unanswered
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests.faults import proxy as faults
from tests.faults.exchange import rich_trader
from tests.faults.proxy import Fault, Proxy
from tests.gateway.caller import BATCH, ORDER, Caller, limit_buy
from tests.gateway.conftest import fresh_id, granted, outcomes, token_for
from tests.gateway.test_faults import ANSWER_LOST, orders_at_venue, posts
from tests.sandbox.conftest import Sandbox, Trader

pytestmark = pytest.mark.django_db(transaction=True)

ONCE = {"Idempotency_Key": "order-1"}


def later(**span: int) -> None:
    """As if so much time had passed."""
    Replay.objects.update(claimed_at=F("claimed_at") - timedelta(**span))


def test_a_repeated_request_is_answered_with_the_first_result_byte_for_byte(
    acme_caller: Caller, exchange: Sandbox, trader: Trader
) -> None:
    for body in (limit_buy(), limit_buy(tag="ZENITH2"), [limit_buy(), limit_buy(sz="1000000000")]):
        key = {"Idempotency_Key": fresh_id()}
        target = BATCH if isinstance(body, list) else ORDER
        first = acme_caller.post(target, body, **key)
        for _ in range(2):
            again = acme_caller.post(target, body, **key)
            assert (again.status_code, again.content) == (first.status_code, first.content)
    assert len(orders_at_venue(exchange, trader)) == 2
    assert Decision.objects.count() == 4


def test_another_request_under_the_same_key_is_refused(acme_caller: Caller) -> None:
    acme_caller.post(ORDER, limit_buy(), **ONCE)
    for target, body in ((ORDER, limit_buy(sz="0.002")), (BATCH, [limit_buy()])):
        assert acme_caller.post(target, body, **ONCE).json()["code"] == "50042"


def test_keys_of_two_grants_are_two_keys(
    portal: str, acme_caller: Caller, alice: Person, zenith: Institution, exchange: Sandbox
) -> None:
    theirs = granted(alice, zenith, rich_trader(exchange), Scope.TRADE)
    other = Caller(portal, token_for(theirs), acme_caller.session)
    tags = [
        one.post(ORDER, limit_buy(), **ONCE).json()["data"][0]["tag"]
        for one in (acme_caller, other)
    ]
    assert tags == ["ACMEcode1", "ZENITH2"]


def test_repetitions_at_the_same_time_get_the_one_result(
    acme_caller: Caller, exchange: Sandbox, trader: Trader
) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(
            pool.map(lambda _: acme_caller.post(ORDER, limit_buy(), **ONCE).content, range(8))
        )
    assert len(found) == 1
    assert len(orders_at_venue(exchange, trader)) == 1


@pytest.mark.parametrize("fault", [faults.THROTTLED, faults.MAINTENANCE], ids=["429", "down"])
def test_what_was_never_done_may_be_tried_again(
    acme_caller: Caller, proxy: Proxy, fault: Fault
) -> None:
    proxy.spoil(ORDER, fault)
    assert acme_caller.post(ORDER, limit_buy(), **ONCE).json()["code"] in ("50011", "50001")
    assert acme_caller.post(ORDER, limit_buy(), **ONCE).json()["code"] == "0"


def test_an_unknown_outcome_stays_unknown_until_the_order_was_looked_up(
    acme_caller: Caller, proxy: Proxy
) -> None:
    body = limit_buy(clOrdId=fresh_id())
    proxy.spoil(ORDER, ANSWER_LOST)
    proxy.spoil(f"{ORDER}?", faults.DOWN, times=2)
    assert acme_caller.post(ORDER, body, **ONCE).json()["code"] == "50004"
    proxy.clear()
    assert acme_caller.post(ORDER, body, **ONCE).json()["code"] == "50004"
    Unanswered.objects.update(since=F("since") - timedelta(seconds=30))
    settle()
    found = acme_caller.post(ORDER, body, **ONCE)
    assert found.json()["data"][0]["ordId"] == outcomes().get().order_id
    assert acme_caller.post(ORDER, body, **ONCE).content == found.content
    assert posts(proxy) == []


def test_a_claim_whose_process_died_before_it_decided_is_free_again(
    acme_caller: Caller, grant: Grant
) -> None:
    acme_caller.post(ORDER, limit_buy(), **ONCE)
    Replay.objects.update(body=None, decisions=[])
    later(seconds=130)
    assert acme_caller.post(ORDER, limit_buy(), **ONCE).json()["code"] == "0"
    assert Decision.objects.count() == 2


def test_a_key_lives_for_a_day(acme_caller: Caller) -> None:
    acme_caller.post(ORDER, limit_buy(), **ONCE)
    later(hours=23)
    assert acme_caller.post(ORDER, limit_buy(sz="0.002"), **ONCE).json()["code"] == "50042"
    later(hours=2)
    assert acme_caller.post(ORDER, limit_buy(sz="0.002"), **ONCE).json()["code"] == "0"
    later(hours=25)
    forget()
    assert not Replay.objects.exists()


@pytest.mark.parametrize("key", ["x" * 129, "with space", "é".encode().decode("latin-1")])
def test_an_odd_key_is_refused(acme_caller: Caller, key: str) -> None:
    answer: requests.Response = acme_caller.post(ORDER, limit_buy(), Idempotency_Key=key)
    assert answer.json()["code"] == "51000"
    assert "Idempotency-Key" in answer.json()["msg"]
