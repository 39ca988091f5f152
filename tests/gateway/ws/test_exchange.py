"""Whole exchanges over a socket: login, subscriptions, orders, fills, the end of a grant."""

from collections.abc import Callable
from typing import Any

import pytest

from connect_portal.authorizations.actions.grants import end_grant
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.models import AccessToken, Grant
from connect_portal.gateway.models import Decision
from connect_portal.institutions.models import ConnectCode, Institution
from connect_portal.kit import feed
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from tests.faults.exchange import rich_trader
from tests.gateway.conftest import fresh_id, granted, outcomes, token_for
from tests.gateway.test_exchange import CODE, FOREIGN, at_venue, kept
from tests.gateway.ws.conftest import ORDERS, log_in, opened
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import get, order
from tests.sandbox.sockets import PLACE, Socket

pytestmark = pytest.mark.django_db(transaction=True)

RESTING = PLACE | {"px": "20000"}
STOP = [{"slTriggerPx": "1", "slOrdPx": "-1"}]


def placed(socket: Socket, **changes: Any) -> dict[str, Any]:
    """The row of an order placed over the socket."""
    (row,) = socket.operate("order", RESTING | changes)["data"]
    found: dict[str, Any] = row
    return found


# --- orders -------------------------------------------------------------------------------------
def test_an_order_reaches_the_exchange_with_the_code_and_its_own_id(
    acme_socket: Socket, exchange: Sandbox, trader: Trader
) -> None:
    mine = fresh_id()
    row = placed(acme_socket, clOrdId=mine)
    assert (row["sCode"], row["clOrdId"], row["tag"]) == ("0", mine, CODE)
    assert at_venue(exchange, trader, mine)["tag"] == CODE
    assert kept("client_order_id", "tag_forwarded", "code") == [(mine, CODE, "0")]
    assert outcomes().get().order_id == row["ordId"]


def test_an_answer_has_the_shape_of_the_venues(acme_socket: Socket) -> None:
    acme_socket.send({"id": "a1", "op": "order", "args": [RESTING], "expTime": "4102444800000"})
    answer = acme_socket.next()
    assert set(answer) == {"id", "op", "code", "msg", "data", "inTime", "outTime"}
    assert (answer["id"], answer["op"], answer["code"], answer["msg"]) == ("a1", "order", "0", "")


def test_an_order_lives_from_placing_to_cancelling_over_a_socket(acme_socket: Socket) -> None:
    acme_socket.subscribe(ORDERS)
    mine = fresh_id()
    which = {"instId": PLACE["instId"], "clOrdId": mine}
    for number, (op, arg) in enumerate(
        [
            ("order", RESTING | {"clOrdId": mine}),
            ("amend-order", which | {"newSz": "0.002"}),
            ("cancel-order", which),
        ]
    ):
        acme_socket.send({"id": f"o{number}", "op": op, "args": [arg]})  # without waiting
    states = [
        (row["state"], row["sz"]) for row in (acme_socket.next_row("orders") for _ in range(3))
    ]
    assert states == [("live", "0.001"), ("live", "0.002"), ("canceled", "0.002")]
    assert kept("operation", "code") == [("place", "0"), ("amend", "0"), ("cancel", "0")]


@pytest.mark.parametrize("tag", [FOREIGN, CODE.lower(), 1, [CODE]])
def test_a_foreign_tag_is_refused_and_never_leaves(
    acme_socket: Socket, exchange: Sandbox, trader: Trader, tag: object
) -> None:
    mine = fresh_id()
    answer = acme_socket.operate("order", RESTING | {"clOrdId": mine, "tag": tag})
    assert (answer["code"], answer["msg"]) == ("1", "")
    assert (answer["data"][0]["sCode"], answer["data"][0]["clOrdId"]) == ("51000", mine)
    assert at_venue(exchange, trader, mine) == {}
    assert kept("allowed", "code") == [(False, "51000")]


def test_a_batch_is_judged_item_by_item_and_answered_in_its_order(acme_socket: Socket) -> None:
    items = [
        RESTING | {"tag": FOREIGN},
        RESTING,
        RESTING | {"attachAlgoOrds": STOP},
        RESTING | {"sz": "1000000000"},
    ]
    answer = acme_socket.operate("batch-orders", *items)
    assert (answer["code"], answer["msg"]) == ("2", "")
    assert [row["sCode"] for row in answer["data"]] == ["51000", "0", "50030", "51005"]
    ordered = answer["data"][1]["ordId"]
    which = {"instId": PLACE["instId"], "ordId": ordered}
    assert acme_socket.operate("batch-amend-orders", which | {"newSz": "0.002"})["code"] == "0"
    assert acme_socket.operate("batch-cancel-orders", which)["code"] == "0"


def test_an_instrument_may_be_named_by_its_number(
    acme_socket: Socket, exchange: Sandbox, trader: Trader
) -> None:
    listed = exchange.public("public/instruments?instType=SPOT")["data"]
    number = next(row["instIdCode"] for row in listed if row["instId"] == PLACE["instId"])
    numbered = {name: value for name, value in RESTING.items() if name != "instId"}
    mine = fresh_id()
    arg = numbered | {"instIdCode": number, "clOrdId": mine}
    assert acme_socket.operate("order", arg)["code"] == "0"
    assert at_venue(exchange, trader, mine)["tag"] == CODE
    assert kept("instrument") == [(PLACE["instId"],)]


def test_a_token_that_may_only_read_listens_but_cannot_write(
    portal: str, alice: Person, zenith: Institution, exchange: Sandbox
) -> None:
    reading = granted(alice, zenith, rich_trader(exchange), Scope.READ_ONLY)
    with opened(portal) as socket:
        log_in(socket, token_for(reading))
        socket.subscribe({"channel": "account"})
        answer = socket.operate("order", RESTING)
        assert (answer["code"], answer["data"]) == ("53013", [])
    assert not Decision.objects.exists()


# --- pushes -------------------------------------------------------------------------------------
def test_a_fill_is_pushed_with_the_code(
    acme_socket: Socket, exchange: Sandbox, maker: Trader
) -> None:
    acme_socket.subscribe(ORDERS)
    assert order(exchange, maker, "sell", "0.001", "39000")["sCode"] == "0"
    mine = fresh_id()
    taking = PLACE | {"px": "39000", "clOrdId": mine}
    acme_socket.send({"id": "p1", "op": "order", "args": [taking]})
    filled = acme_socket.next_row("orders")
    while filled["state"] != "filled":
        filled = acme_socket.next_row("orders")
    assert (filled["clOrdId"], filled["tag"], filled["fillSz"]) == (mine, CODE, "0.001")


def test_the_account_is_pushed_and_subscriptions_end(acme_socket: Socket) -> None:
    for channel in ("account", "balance_and_position"):
        acme_socket.subscribe({"channel": channel})
        assert acme_socket.next_push(channel)["data"]
        acme_socket.send({"op": "unsubscribe", "args": [{"channel": channel}]})
        assert acme_socket.next_event("unsubscribe")["arg"] == {"channel": channel}


def test_orders_under_another_institutions_code_are_not_shown(
    acme_socket: Socket, exchange: Sandbox, trader: Trader
) -> None:
    acme_socket.subscribe(ORDERS)
    for tag in (FOREIGN, "", CODE):
        assert order(exchange, trader, "buy", "0.001", "20000", tag=tag)["sCode"] == "0"
    assert [acme_socket.next_row("orders")["tag"] for _ in range(2)] == ["", CODE]


def test_neither_are_their_fills_whose_pushes_name_no_code(
    acme_socket: Socket, exchange: Sandbox, trader: Trader, maker: Trader
) -> None:
    exchange.operate("POST", f"/accounts/{trader.uid}/level", {"level": "VIP5"})
    acme_socket.subscribe({"channel": "fills"})
    for tag in (FOREIGN, CODE):
        assert order(exchange, maker, "sell", "0.001", "39000")["sCode"] == "0"
        assert order(exchange, trader, "buy", "0.001", "39000", tag=tag)["sCode"] == "0"
    newest, _ = get(exchange, trader, "trade/fills?instType=SPOT")
    assert newest["tag"] == CODE
    assert acme_socket.next_row("fills")["tradeId"] == newest["tradeId"]


# --- the end ------------------------------------------------------------------------------------
def suspend(grant: Grant) -> None:
    ConnectCode.objects.filter(institution_id=grant.institution_id).update(state="suspended")


def expire(grant: Grant) -> None:
    AccessToken.objects.filter(grant=grant).update(expires=now())


def run_out(grant: Grant) -> None:
    Grant.objects.filter(pk=grant.pk).update(expires_at=now())


def end(grant: Grant) -> None:
    end_grant(grant.pk, owner_id=grant.person_id, actor=grant.person.actor)


@pytest.mark.parametrize(
    ("over", "code"), [(end, "53003"), (suspend, "53004"), (expire, "53002"), (run_out, "53002")]
)
def test_what_ends_a_grant_closes_its_sockets_and_opens_no_new_one(
    portal: str,
    acme_socket: Socket,
    grant: Grant,
    token: str,
    over: Callable[[Grant], None],
    code: str,
) -> None:
    over(grant)
    told = acme_socket.next_event("error")
    assert (told["code"], acme_socket.closing()[0]) == (code, 4007)
    with opened(portal) as again:
        assert log_in(again, token)["code"] == code
        assert again.closing()[0] == 4001


def test_the_end_of_one_grant_leaves_the_others(
    portal: str, acme_socket: Socket, grant: Grant, zenith: Institution, trader: Trader
) -> None:
    theirs = granted(grant.person, zenith, trader, Scope.TRADE)
    with opened(portal) as zenith_socket:
        log_in(zenith_socket, token_for(theirs))
        end(grant)
        assert acme_socket.closing()[0] == 4007
        assert placed(zenith_socket)["tag"] == FOREIGN


def test_without_the_bell_an_end_is_found_by_looking(
    acme_socket: Socket, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "ring", lambda *_: None)
    end(grant)
    assert acme_socket.closing()[0] == 4007
