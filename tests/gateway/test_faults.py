"""Trouble between us and the venue, and at home: told in the venue's words, nothing sent twice."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from pytest_django import Settings

from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.models import Grant
from connect_portal.gateway.actions import noting
from connect_portal.gateway.models import Decision, Outcome, Unanswered
from connect_portal.gateway.wire import admission, means
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.venue import transport
from tests.faults import proxy as faults
from tests.faults.exchange import rich_trader
from tests.faults.proxy import Fault, Proxy
from tests.gateway.caller import BATCH, ORDER, PAIR, Caller, limit_buy
from tests.gateway.conftest import away, fresh_id, granted, outcomes, token_for
from tests.portal import served
from tests.sandbox.conftest import (
    OPERATOR_KEY,
    ROOT,
    Sandbox,
    Trader,
    start_sandbox,
    stop_sandbox,
)
from tests.sandbox.signing import signed

pytestmark = pytest.mark.django_db(transaction=True)

BALANCE = "/api/v5/account/balance"
UNUSABLE = [faults.RESET, faults.CUT, faults.DOWN, faults.HTML, faults.NULL]
UNUSABLE_IDS = ["reset", "cut", "down", "html", "null"]


def _lose(rows: Any) -> Any:
    raise ConnectionResetError


ANSWER_LOST = Fault(spoil=_lose)
"""The order reaches the exchange; what comes back is an error page."""


def posts(proxy: Proxy) -> list[str]:
    """The writes that left for the exchange; each write asks for no order by an id."""
    return [target for _, target in proxy.asked if target in (ORDER, BATCH)]


def orders_at_venue(exchange: Sandbox, trader: Trader) -> list[dict[str, Any]]:
    """What rests at the exchange, seen past the portal."""
    target = "/api/v5/trade/orders-pending?instType=SPOT"
    rows: list[dict[str, Any]] = signed(exchange, trader, "GET", target).json()["data"]
    return rows


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up on a silent venue after half a second."""
    monkeypatch.setattr(transport, "READ_TIMEOUT_S", 0.5)


@pytest.mark.parametrize("fault", UNUSABLE, ids=UNUSABLE_IDS)
def test_a_read_that_fails_is_unavailable_and_the_next_one_works(
    acme_caller: Caller, proxy: Proxy, fault: Fault
) -> None:
    # A read is safe to repeat, and a connection that broke is tried once more below us.
    proxy.spoil(BALANCE, fault, times=2)
    answer = acme_caller.get(BALANCE)
    assert (answer.status_code, answer.json()["code"]) == (503, "50001")
    proxy.clear()
    assert acme_caller.get(BALANCE).json()["code"] == "0"


@pytest.mark.parametrize("fault", UNUSABLE, ids=UNUSABLE_IDS)
def test_an_order_without_an_answer_is_sent_once_and_unknown_when_it_cannot_be_found(
    acme_caller: Caller, proxy: Proxy, exchange: Sandbox, trader: Trader, fault: Fault
) -> None:
    proxy.spoil(ORDER, fault)
    answer = acme_caller.post(ORDER, limit_buy(clOrdId=fresh_id()))
    assert (answer.status_code, answer.json()["code"]) == (400, "50004")
    assert posts(proxy) == [ORDER]
    assert orders_at_venue(exchange, trader) == []
    assert Unanswered.objects.count() == 1
    assert not Outcome.objects.exists()


def test_an_order_at_a_silent_venue_is_given_up(
    impatient: None, acme_caller: Caller, proxy: Proxy
) -> None:
    proxy.spoil(ORDER, faults.HANG)
    assert acme_caller.place(clOrdId=fresh_id())["code"] == "50004"
    assert posts(proxy) == [ORDER]


def test_an_order_whose_answer_was_lost_is_found_by_its_id(
    acme_caller: Caller, proxy: Proxy, exchange: Sandbox, trader: Trader
) -> None:
    proxy.spoil(ORDER, ANSWER_LOST)
    mine = fresh_id()
    row = acme_caller.place(clOrdId=mine)
    (there,) = orders_at_venue(exchange, trader)
    assert (row["sCode"], row["ordId"], row["clOrdId"]) == ("0", there["ordId"], mine)
    assert posts(proxy) == [ORDER]
    assert outcomes().values_list("code", "order_id").get() == ("0", there["ordId"])


def test_an_older_order_of_the_same_id_is_not_taken_for_the_lost_one(
    acme_caller: Caller, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noting, "CLOCKS_APART", timedelta(0))
    mine = fresh_id()
    acme_caller.place(clOrdId=mine)
    acme_caller.post("/api/v5/trade/cancel-order", {"instId": PAIR, "clOrdId": mine})
    proxy.spoil(ORDER, faults.RESET)
    assert acme_caller.place(clOrdId=mine)["code"] == "50004"


def test_a_lost_batch_tells_what_it_can_of_each_order(
    acme_caller: Caller, proxy: Proxy, exchange: Sandbox, trader: Trader
) -> None:
    proxy.spoil(BATCH, ANSWER_LOST)
    found, nameless, foreign = fresh_id(), "", fresh_id()
    items = [
        limit_buy(clOrdId=foreign, tag="ZENITH2"),
        limit_buy(clOrdId=found),
        limit_buy(clOrdId=nameless),
    ]
    body = acme_caller.post(BATCH, items).json()
    assert body["code"] == "2"
    assert [row["sCode"] for row in body["data"]] == ["51000", "0", "50004"]
    assert posts(proxy) == [BATCH]
    assert len(orders_at_venue(exchange, trader)) == 2


def test_a_lost_cancellation_is_unknown_and_never_guessed(
    acme_caller: Caller, proxy: Proxy
) -> None:
    mine = fresh_id()
    acme_caller.place(clOrdId=mine)
    target = "/api/v5/trade/cancel-order"
    proxy.spoil(target, ANSWER_LOST)
    assert acme_caller.post(target, {"instId": PAIR, "clOrdId": mine}).json()["code"] == "50004"


def test_the_venues_throttle_and_maintenance_pass_through_as_they_are(
    acme_caller: Caller, proxy: Proxy
) -> None:
    for fault in (faults.THROTTLED, faults.MAINTENANCE):
        proxy.spoil(ORDER, fault)
        answer = acme_caller.post(ORDER, limit_buy())
        assert (answer.status_code, answer.content) == (fault.status, fault.body)
        assert answer.headers.get("Retry-After") == fault.headers.get("Retry-After")
    assert [row.code for row in outcomes()] == ["50011", "50001"]


def test_a_key_that_the_venue_refuses_is_no_secret_of_ours(
    acme_caller: Caller, proxy: Proxy
) -> None:
    proxy.spoil(ORDER, faults.KEY_GONE)
    answer = acme_caller.post(ORDER, limit_buy())
    assert (answer.status_code, answer.json()["code"]) == (400, "53009")
    assert "OK-ACCESS" not in answer.text


def test_a_venue_that_was_killed_is_unavailable_until_it_is_back(
    transactional_db: None,
    settings: Settings,
    tmp_path: Path,
    acme: Institution,
    alice: Person,
) -> None:
    exchange = start_sandbox(tmp_path, "quiet")
    settings.VENUE_URL, settings.SANDBOX_OPERATOR_KEY = exchange.base_url, OPERATOR_KEY
    grant = granted(alice, acme, rich_trader(exchange), Scope.TRADE)
    with served() as base_url, requests.Session() as session:
        caller = Caller(base_url, token_for(grant), session)
        assert caller.place(clOrdId=fresh_id())["sCode"] == "0"
        exchange.child.kill()
        exchange.child.wait(20)
        answer = caller.post(ORDER, limit_buy(clOrdId=fresh_id()))
        assert (answer.status_code, answer.json()["code"]) == (503, "50001")
        assert caller.get(BALANCE).status_code == 503
        again = start_again(exchange)
        assert caller.place(clOrdId=fresh_id())["sCode"] == "0"
        stop_sandbox(again)
    assert [row.code for row in outcomes()] == ["0", "50001", "0"]


def test_without_the_database_nothing_passes(
    acme_caller: Caller, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "bearer_on", away)
    for answer in (acme_caller.get(BALANCE), acme_caller.post(ORDER, limit_buy())):
        assert (answer.status_code, answer.json()["code"]) == (503, "50001")
    assert {BALANCE, ORDER} & {target for _, target in proxy.asked} == set()


def test_a_database_lost_after_the_order_left_hides_nothing_from_the_caller(
    acme_caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(means, "note_outcomes", away)
    assert acme_caller.place()["sCode"] == "0"
    decision = Decision.objects.get()
    assert decision.allowed
    assert not Outcome.objects.exists()


def test_eight_callers_at_once_are_each_answered_for_their_own_order(
    acme_caller: Caller, grant: Grant, exchange: Sandbox, trader: Trader
) -> None:
    ids = [fresh_id() for _ in range(40)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda one: acme_caller.place(clOrdId=one), ids))
    assert [(row["clOrdId"], row["sCode"]) for row in rows] == [(one, "0") for one in ids]
    assert {row["clOrdId"] for row in orders_at_venue(exchange, trader)} == set(ids)
    assert outcomes().filter(code="0", decision__grant=grant).count() == 40


def start_again(killed: Sandbox) -> Sandbox:
    """The exchange that was killed, from its folder and at its address."""
    port = str(urlsplit(killed.base_url).port)
    command = [sys.executable, "-m", "connect_portal.sandbox.serve", str(killed.folder), port]
    child = subprocess.Popen(
        [*command, OPERATOR_KEY, "quiet"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    return Sandbox(killed.folder, child, killed.base_url)
