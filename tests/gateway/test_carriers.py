"""A token in other hands is worth nothing: addresses, proofs of possession, environments."""

import pytest
from pytest_django import Settings

from connect_portal.authorizations.models import Client, Grant, VenueAccount
from connect_portal.kit.callers import is_allowed
from connect_portal.venue.types import Credentials
from tests.authorizations.keys import Holder
from tests.gateway.caller import Caller
from tests.gateway.conftest import token_for
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

BALANCE = "/api/v5/account/balance"


@pytest.mark.parametrize(
    ("address", "networks", "allowed"),
    [
        ("203.0.113.7", (), True),
        ("203.0.113.7", ("203.0.113.7",), True),
        ("203.0.113.8", ("203.0.113.7", "198.51.100.0/24"), False),
        ("198.51.100.9", ("203.0.113.7", "198.51.100.0/24"), True),
        ("::ffff:203.0.113.7", ("203.0.113.0/24",), True),
        ("2001:db8::1", ("2001:db8::/32",), True),
        ("2001:db8::1", ("203.0.113.0/24",), False),
        ("", ("203.0.113.0/24",), False),
        ("a name", ("0.0.0.0/0",), False),
    ],
)
def test_an_address_lies_in_a_network_or_not(
    address: str, networks: tuple[str, ...], allowed: bool
) -> None:
    assert is_allowed(address, networks) is allowed


def test_a_token_works_from_the_addresses_of_its_client_only(
    acme_caller: Caller, grant: Grant, settings: Settings
) -> None:
    Client.objects.update(addresses=["203.0.113.0/24"])
    answer = acme_caller.get(BALANCE)
    assert (answer.status_code, answer.json()["code"]) == (401, "53014")
    assert "127.0.0.1" in answer.json()["msg"]
    # What anybody may write into the header moves nobody; what our own proxy appends does.
    assert acme_caller.get(BALANCE, X_Forwarded_For="203.0.113.9").json()["code"] == "53014"
    settings.TRUSTED_PROXIES = 1
    for passed, code in [
        ("203.0.113.9", "0"),
        ("198.51.100.1, 203.0.113.9", "0"),
        ("203.0.113.9, 198.51.100.1", "53014"),
        ("", "53014"),
    ]:
        assert acme_caller.get(BALANCE, X_Forwarded_For=passed).json()["code"] == code


@pytest.fixture
def holder(settings: Settings, portal: str) -> Holder:
    """Acme's key; the portal is public where the test serves it."""
    settings.PUBLIC_URL = portal
    return Holder()


def bound(caller: Caller, grant: Grant, holder: Holder) -> Caller:
    """The caller with a token that is bound to the key."""
    return Caller(caller.base_url, token_for(grant, jkt=holder.jkt), caller.session)


def dpop(caller: Caller, proof: str) -> dict[str, str]:
    """The two headers of a bound token."""
    return {"Authorization": f"DPoP {caller.token}", "DPoP": proof}


def test_a_bound_token_works_with_a_proof_of_its_key_for_this_very_request(
    acme_caller: Caller, grant: Grant, holder: Holder
) -> None:
    caller = bound(acme_caller, grant, holder)
    url = caller.base_url + BALANCE
    right = dpop(caller, holder.proof("GET", url, caller.token))
    assert caller.get(BALANCE, **right).json()["code"] == "0"
    wrong = {
        "replayed": right,
        "as bearer": {},
        "without a proof": dpop(caller, ""),
        "another key": dpop(caller, Holder().proof("GET", url, caller.token)),
        "another method": dpop(caller, holder.proof("POST", url, caller.token)),
        "another address": dpop(caller, holder.proof("GET", f"{url}s", caller.token)),
        "another token": dpop(caller, holder.proof("GET", url, "cxat_other")),
    }
    for what, headers in wrong.items():
        answer = caller.get(BALANCE, **headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "53006"), what
        assert answer.headers["WWW-Authenticate"].startswith("DPoP error="), what


def test_a_token_that_is_bound_to_no_key_is_no_dpop_token(
    acme_caller: Caller, holder: Holder
) -> None:
    proof = holder.proof("GET", acme_caller.base_url + BALANCE, acme_caller.token)
    assert acme_caller.get(BALANCE, **dpop(acme_caller, proof)).json()["code"] == "53006"


def test_a_grant_on_a_demo_account_reaches_the_demo_exchange(
    acme_caller: Caller, grant: Grant, exchange: Sandbox
) -> None:
    demo = exchange.trader("demo-alice", demo=True, USDT="7")
    VenueAccount.objects.filter(pk=grant.venue_account_id).update(environment="demo")
    grant.keep(Credentials(demo.api_key, demo.secret, demo.passphrase))
    grant.save()
    for headers in ({}, {"x_simulated_trading": "1"}):
        (balance,) = acme_caller.get(BALANCE, **headers).json()["data"][0]["details"]
        assert (balance["ccy"], balance["cashBal"]) == ("USDT", "7")


def test_demo_trading_is_not_mistaken_for_the_real_thing(acme_caller: Caller) -> None:
    answer = acme_caller.get(BALANCE, x_simulated_trading="1")
    assert (answer.status_code, answer.json()["code"]) == (401, "50101")
