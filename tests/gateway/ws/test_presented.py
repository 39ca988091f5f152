"""Tokens that not everybody may carry: from listed addresses only, or with the proof of a key."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as portal_settings
from pytest_django import Settings

from connect_portal.authorizations.models import Client, Grant
from tests.authorizations.keys import Holder
from tests.gateway.conftest import token_for
from tests.gateway.ws.conftest import ORDERS, log_in, opened
from tests.sandbox.sockets import PLACE, Socket

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/ws/v5/private"


@pytest.fixture
def holder() -> Holder:
    """Acme's program and its key."""
    return Holder()


@contextmanager
def knocking(portal: str, **headers: str) -> Iterator[Socket]:
    """A connection whose opening carries headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with opened(portal, additional_headers=named) as socket:
        yield socket


def proof_of(holder: Holder, token: str, **changes: Any) -> str:
    return holder.proof("GET", f"{portal_settings.PUBLIC_URL}{PATH}", token, **changes)


def test_a_token_is_taken_from_listed_addresses_only(
    portal: str, acme_socket: Socket, grant: Grant, token: str
) -> None:
    acme_socket.subscribe(ORDERS)
    Client.objects.filter(pk=grant.client_id).update(addresses=["10.0.0.0/8", "2001:db8::/32"])
    assert acme_socket.next_event("error")["code"] == "53014"
    assert acme_socket.closing()[0] == 4007
    with opened(portal) as socket:
        assert log_in(socket, token)["code"] == "53014"
    Client.objects.filter(pk=grant.client_id).update(addresses=["127.0.0.0/8"])
    with opened(portal) as socket:
        assert log_in(socket, token)["event"] == "login"


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(
    portal: str, grant: Grant, token: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 1
    Client.objects.filter(pk=grant.client_id).update(addresses=["10.0.0.0/8"])
    for seen, is_let_in in [("10.1.2.3", True), ("10.1.2.3, 192.0.2.1", False), ("x", False)]:
        with knocking(portal, X_Forwarded_For=seen) as socket:
            assert (log_in(socket, token)["event"] == "login") == is_let_in


@pytest.mark.parametrize("by_header", [True, False])
def test_a_token_bound_to_a_key_opens_with_the_proof_of_it(
    portal: str, grant: Grant, holder: Holder, by_header: bool
) -> None:
    token = token_for(grant, jkt=holder.jkt)
    carried = {"Authorization": f"DPoP {token}"} if by_header else {}
    with knocking(portal, DPoP=proof_of(holder, token), **carried) as socket:
        answer = socket.next() if by_header else log_in(socket, token)
        assert answer["event"] == "login"
        assert socket.operate("order", PLACE | {"px": "20000"})["code"] == "0"


def test_without_the_right_proof_it_opens_nothing(
    portal: str, grant: Grant, holder: Holder
) -> None:
    token = token_for(grant, jkt=holder.jkt)
    used = proof_of(holder, token)
    with knocking(portal, DPoP=used) as socket:
        assert log_in(socket, token)["event"] == "login"
    for proof in (
        used,
        "",
        "nonsense",
        proof_of(Holder(), token),
        proof_of(holder, "another token"),
        proof_of(holder, token, htm="POST"),
        proof_of(holder, token, htu="https://elsewhere.example/ws/v5/private"),
    ):
        with knocking(portal, DPoP=proof) as socket:
            assert log_in(socket, token)["code"] == "53006"
            assert socket.closing()[0] == 4001


def test_it_is_not_taken_for_a_plain_one(portal: str, grant: Grant, holder: Holder) -> None:
    token = token_for(grant, jkt=holder.jkt)
    carried = {"Authorization": f"Bearer {token}", "DPoP": proof_of(holder, token)}
    with knocking(portal, **carried) as socket:
        assert socket.next()["code"] == "53006"
