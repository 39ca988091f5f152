"""Whole exchanges over a socket: login, subscriptions, orders, fills, the end of a grant."""

from typing import Any

import pytest

from connect_portal.authorizations.actions.grants import end_grant
from connect_portal.authorizations.models import Grant
from connect_portal.gateway.models import Decision, Outcome
from connect_portal.people.models import Person
from tests.gateway.conftest import fresh_id
from tests.gateway.test_exchange import CODE, at_venue
from tests.gateway.ws.conftest import ORDERS, log_in, opened
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order
from tests.sandbox.sockets import PLACE, Socket

pytestmark = pytest.mark.django_db(transaction=True)


def placed(socket: Socket, **changes: Any) -> dict[str, Any]:
    """The row of an order placed over the socket."""
    (row,) = socket.operate("order", PLACE | {"px": "20000"} | changes)["data"]
    found: dict[str, Any] = row
    return found


def test_an_order_reaches_the_exchange_with_the_code_and_is_pushed(
    acme_socket: Socket, exchange: Sandbox, trader: Trader
) -> None:
    acme_socket.subscribe(ORDERS)
    mine = fresh_id()
    row = placed(acme_socket, clOrdId=mine)
    assert (row["sCode"], row["clOrdId"], row["tag"]) == ("0", mine, CODE)
    assert at_venue(exchange, trader, mine)["tag"] == CODE
    decision = Decision.objects.get()
    assert (decision.client_order_id, decision.tag_forwarded, decision.code) == (mine, CODE, "0")
    assert Outcome.objects.get().order_id == row["ordId"]


def test_a_fill_is_pushed_with_the_code(
    acme_socket: Socket, exchange: Sandbox, maker: Trader
) -> None:
    acme_socket.subscribe(ORDERS)
    assert order(exchange, maker, "sell", "0.001", "39000")["sCode"] == "0"
    mine = fresh_id()
    acme_socket.send(
        {"id": "p1", "op": "order", "args": [PLACE | {"px": "39000", "clOrdId": mine}]}
    )
    filled = acme_socket.next_row("orders")
    while filled["state"] != "filled":
        filled = acme_socket.next_row("orders")
    assert (filled["clOrdId"], filled["tag"], filled["fillSz"]) == (mine, CODE, "0.001")


def test_an_ended_grant_closes_its_sockets_and_opens_no_new_one(
    portal: str, acme_socket: Socket, grant: Grant, alice: Person, token: str
) -> None:
    acme_socket.subscribe(ORDERS)
    end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)
    assert acme_socket.next_event("error")["code"] == "53003"
    assert acme_socket.closing()[0] == 4007
    with opened(portal) as again:
        assert log_in(again, token)["code"] == "53003"
        assert again.closing()[0] == 4001
