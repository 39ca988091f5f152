"""Trouble behind a socket: the venue, the database, and clients that leave."""

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings

from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.models import Grant
from connect_portal.gateway.models import Outcome
from connect_portal.gateway.wire.ws import app, login
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests.faults import proxy as faults
from tests.faults.exchange import eventually, rich_trader
from tests.faults.proxy import Proxy
from tests.gateway.caller import ORDER
from tests.gateway.conftest import away as away_on_the_loop
from tests.gateway.conftest import fresh_id, granted, outcomes, token_for
from tests.gateway.test_faults import ANSWER_LOST, start_again
from tests.gateway.ws.conftest import ORDERS, log_in, opened
from tests.portal import served
from tests.sandbox.conftest import OPERATOR_KEY, start_sandbox, stop_sandbox
from tests.sandbox.sockets import PLACE, Socket

pytestmark = pytest.mark.django_db(transaction=True)

RESTING = PLACE | {"px": "20000"}


def away(*_: Any) -> None:
    """A database that went away."""
    raise OperationalError("the connection is closed")


def test_a_line_to_the_venue_that_breaks_ends_the_connection_and_the_next_one_works(
    portal: str, acme_socket: Socket, token: str, proxy: Proxy
) -> None:
    acme_socket.subscribe(ORDERS)
    proxy.drop_sockets()
    assert acme_socket.next_event("error")["code"] == "50001"
    assert acme_socket.closing()[0] == 4006
    with opened(portal) as again:
        log_in(again, token)
        again.subscribe(ORDERS)


def test_whoever_only_trades_needs_no_line_to_the_venue(acme_socket: Socket, proxy: Proxy) -> None:
    proxy.drop_sockets()
    assert acme_socket.operate("order", RESTING)["code"] == "0"
    assert proxy.logins == 0


def test_a_venue_that_was_killed_is_unavailable_until_it_is_back(
    transactional_db: None, settings: Settings, tmp_path: Path, acme: Institution, alice: Person
) -> None:
    exchange = start_sandbox(tmp_path, "quiet")
    settings.VENUE_URL, settings.SANDBOX_OPERATOR_KEY = exchange.base_url, OPERATOR_KEY
    settings.VENUE_WS_URL = exchange.ws_url
    token = token_for(granted(alice, acme, rich_trader(exchange), Scope.TRADE))
    with served() as portal:
        with opened(portal) as socket:
            log_in(socket, token)
            socket.subscribe(ORDERS)
            exchange.child.kill()
            exchange.child.wait(20)
            assert socket.closing()[0] == 4006
        with opened(portal) as socket:
            log_in(socket, token)
            assert socket.operate("order", RESTING)["code"] == "50001"
            socket.send({"op": "subscribe", "args": [ORDERS]})
            assert socket.next_event("error")["code"] == "50001"
            assert socket.closing()[0] == 4006
        again = start_again(exchange)
        with opened(portal) as socket:
            log_in(socket, token)
            socket.subscribe(ORDERS)
            socket.send({"id": "p1", "op": "order", "args": [RESTING]})
            assert socket.next_row("orders")["state"] == "live"
        stop_sandbox(again)


def test_an_order_whose_answer_was_lost_is_found_by_its_id(
    acme_socket: Socket, proxy: Proxy
) -> None:
    proxy.spoil(ORDER, ANSWER_LOST)
    (row,) = acme_socket.operate("order", RESTING | {"clOrdId": fresh_id()})["data"]
    assert (row["sCode"], row["ordId"]) == ("0", outcomes().get().order_id)


def test_an_order_that_cannot_be_found_is_unknown_and_sent_once(
    acme_socket: Socket, proxy: Proxy
) -> None:
    proxy.spoil(ORDER, faults.RESET)
    answer = acme_socket.operate("order", RESTING | {"clOrdId": fresh_id()})
    assert (answer["code"], answer["data"]) == ("50004", [])
    assert [target for _, target in proxy.asked if target == ORDER] == [ORDER]


def test_the_venues_throttle_reaches_the_client(acme_socket: Socket, proxy: Proxy) -> None:
    proxy.spoil(ORDER, faults.THROTTLED)
    answer = acme_socket.operate("order", RESTING)
    assert (answer["code"], answer["msg"]) == ("50011", "Too Many Requests")


def test_a_key_that_the_venue_refuses_ends_the_connection(
    acme_socket: Socket, grant: Grant, proxy: Proxy
) -> None:
    proxy.spoil(ORDER, faults.KEY_GONE)
    assert acme_socket.operate("order", RESTING)["code"] == "53009"


def test_an_order_of_a_client_that_left_is_carried_to_its_end(portal: str, token: str) -> None:
    with opened(portal) as socket:
        log_in(socket, token)
        socket.send({"id": "p1", "op": "order", "args": [RESTING]})
    eventually(lambda: Outcome.objects.filter(code="0").count() == 1)


def test_without_the_database_nobody_is_let_in(
    portal: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "bearer_on", away_on_the_loop)
    with opened(portal) as socket:
        assert log_in(socket, token)["code"] == "63999"
        assert socket.closing()[0] == 4001


def test_whose_grant_nobody_can_look_up_is_not_served_on(
    acme_socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "bearers", away)
    assert acme_socket.next_event("error")["code"] == "50001"
    assert acme_socket.closing()[0] == 4006
