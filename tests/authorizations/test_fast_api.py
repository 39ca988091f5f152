"""Fast API: an integration written for OKX has its one key made, trades with it and deletes it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pytest_django import Settings

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.models import Binding, Client, Grant, VenueKey
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.trades.actions.sync import catch_up
from connect_portal.trades.models import Attribution
from connect_portal.venue.types import Credentials
from tests.authorizations.oauth import Browser
from tests.authorizations.okx import Integration, allowed, signed
from tests.faults.exchange import PRICE, rest_all, rich_trader
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

MAKE = "/api/v5/users/oauth/apikey"
DELETE = "/api/v5/users/oauth/delete-apikey"
BALANCE = "/api/v5/account/balance"
ORDER = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "sz": "0.001",
    "px": "20000",
    "tag": "ACMEcode1",
}
ASK = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "sell",
    "ordType": "limit",
    "sz": "0.001",
    "px": PRICE,
}
WANTED: dict[str, Any] = {
    "label": "acme bot 7",
    "passphrase": "Fast-Api-2026!",
    "perm": "read_only,trade",
    "bindApp": True,
}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"label": None}, "53011"),
    ({"label": ""}, "53011"),
    ({"label": "l" * 51}, "53015"),
    ({"label": 7}, "53010"),
    ({"label": "a\nb"}, "53010"),
    ({"passphrase": None}, "53011"),
    ({"passphrase": "Short1!"}, "53015"),
    ({"passphrase": "Aa1!" * 8 + "x"}, "53015"),
    ({"passphrase": "alllower-2026"}, "53010"),
    ({"passphrase": "ALLUPPER-2026"}, "53010"),
    ({"passphrase": "No-Digits-At-All"}, "53010"),
    ({"passphrase": "NoSpecials2026"}, "53010"),
    ({"passphrase": "With Blank-2026"}, "53010"),
    ({"perm": "read_only,trade,withdraw"}, "53010"),
    ({"perm": "withdraw"}, "53010"),
    ({"perm": ["trade"]}, "53010"),
    ({"bindApp": "perhaps"}, "53010"),
    ({"ip": "nowhere"}, "53010"),
    ({"ip": ",".join(f"203.0.113.{n}" for n in range(21))}, "53015"),
]


@pytest.fixture
def token(okx: Integration, okx_visitor: Browser) -> str:
    """What Acme holds after Alice allowed it to make a key."""
    return token_of(okx, okx_visitor)


def token_of(okx: Integration, visitor: Browser) -> str:
    """A token for Fast API, after one more consent."""
    answer = okx.redeem(allowed(visitor, okx, "fast_api")).json()
    assert set(answer) == {"access_token", "token_type", "expires_in"}
    return str(answer["access_token"])


def make(okx: Integration, token: str, **changes: Any) -> dict[str, Any]:
    """Ask for a key; the one made, or the refusal."""
    kept = {name: value for name, value in (WANTED | changes).items() if value is not None}
    answer = patiently(okx, token, MAKE, kept)
    return dict(answer["data"][0]) if answer["code"] == "0" else dict(answer)


def patiently(okx: Integration, token: str, path: str, body: Any) -> dict[str, Any]:
    """An answer, asked for again while the gateway finds it too often."""
    while True:
        answer = dict(okx.call(token, "POST", path, body).json())
        if answer["code"] != "50011":
            return answer
        time.sleep(0.5)


def delete(okx: Integration, token: str) -> Any:
    """Ask for the key's end."""
    return patiently(okx, token, DELETE, {})


def delete_at_the_venue() -> None:
    """What the worker does as soon as a key is due."""
    actions.delete_due()


def test_a_query_turns_neither_making_into_deleting_nor_back(okx: Integration, token: str) -> None:
    assert patiently(okx, token, f"{MAKE}?then=/delete-apikey", {})["code"] == "53011"
    assert patiently(okx, token, f"{DELETE}?then=/apikey", {})["code"] == "59506"


def test_make_a_key_that_trades_straight_at_the_venue(
    okx: Integration, token: str, exchange: Sandbox, acme: Institution
) -> None:
    assert delete(okx, token)["code"] == "59506"
    key = make(okx, token)
    assert {name: key[name] for name in WANTED} == WANTED
    assert set(key) == {*WANTED, "apiKey", "secretKey"}

    binding = Binding.objects.get()
    actions.give_money(binding.venue_account, number=1, currency="USDT", actor="system:tests")
    rest_all(exchange, rich_trader(exchange), [ASK])
    bought = ORDER | {"px": PRICE}
    placed = signed(exchange.base_url, key, "POST", "/api/v5/trade/order", bought).json()
    assert placed["data"][0]["sCode"] == "0"
    catch_up([binding.venue_account_id])
    attribution = Attribution.objects.get()
    assert (attribution.institution, attribution.fill.tag) == (acme, "ACMEcode1")
    assert (binding.institution, binding.state, binding.label) == (acme, "bound", "acme bot 7")
    assert queries.standings(binding.venue_account_id)[0].until is None


def test_make_a_second_key_is_50116_until_the_first_is_deleted(
    okx: Integration, okx_visitor: Browser, token: str, exchange: Sandbox
) -> None:
    first = make(okx, token)
    assert make(okx, token)["code"] == "50116"

    newer = token_of(okx, okx_visitor)
    assert make(okx, token)["code"] == "53003"
    assert make(okx, newer)["code"] == "50116"
    assert signed(exchange.base_url, first, "GET", BALANCE).json()["code"] == "0"
    assert delete(okx, newer) == {"code": "0", "data": [{"result": True}]}
    delete_at_the_venue()
    assert signed(exchange.base_url, first, "GET", BALANCE).json()["code"] == "50111"
    assert delete(okx, newer)["code"] == "59506"
    assert signed(exchange.base_url, make(okx, newer), "GET", BALANCE).json()["code"] == "0"


def test_make_a_key_that_only_reads(okx: Integration, token: str, exchange: Sandbox) -> None:
    key = make(okx, token, perm="read_only", bindApp="false")
    assert (key["perm"], key["bindApp"]) == ("read_only", False)
    refused = signed(exchange.base_url, key, "POST", "/api/v5/trade/order", ORDER).json()
    assert refused["code"] == "50120"


def test_make_a_key_for_listed_addresses_works_from_no_other(
    okx: Integration, token: str, exchange: Sandbox
) -> None:
    key = make(okx, token, ip="203.0.113.9, 198.51.100.0/24")
    refused = signed(exchange.base_url, key, "GET", BALANCE).json()
    assert refused["code"] == "50110"
    binding = Binding.objects.get()
    assert binding.ips == ["203.0.113.9", "198.51.100.0/24"]
    # What is done with it is read with a key of ours, which only reads and ends with it.
    ours = as_okx_names(binding.credentials())
    assert signed(exchange.base_url, ours, "GET", BALANCE).json()["code"] == "0"
    placed = signed(exchange.base_url, ours, "POST", "/api/v5/trade/order", ORDER).json()
    assert placed["code"] == "50120"
    Binding.objects.update(next_probe_at=now())
    assert actions.look_after_keys() == 1
    assert Binding.objects.get().state == "bound"
    delete(okx, token)
    delete_at_the_venue()
    assert signed(exchange.base_url, ours, "GET", BALANCE).json()["code"] == "50111"


def test_bind_a_key_to_the_app_limits_it_to_the_clients_servers(
    okx: Integration, token: str
) -> None:
    Client.objects.update(addresses=["127.0.0.0/8", "::1/128"])
    assert make(okx, token)["bindApp"] is True
    assert Binding.objects.get().ips == ["127.0.0.0/8", "::1/128"]


def as_okx_names(credentials: Credentials) -> dict[str, str]:
    """A key in the words of OKX's answer."""
    return {
        "apiKey": credentials.api_key,
        "secretKey": credentials.secret,
        "passphrase": credentials.passphrase,
    }


def test_make_with_a_wrong_field_makes_nothing(okx: Integration, token: str) -> None:
    for changes, number in WRONG:
        assert make(okx, token, **changes)["code"] == number, changes
    for body in ([], "text", 7, [WANTED]):
        assert patiently(okx, token, MAKE, body)["code"] == "53010"
    assert not VenueKey.objects.exists()


def test_eight_requests_at_once_make_one_key(
    okx: Integration, token: str, exchange: Sandbox
) -> None:
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda number: make(okx, token, label=f"bot {number}"), range(8)))
    made = [one for one in said if "apiKey" in one]
    assert len(made) == 1
    assert {one["code"] for one in said if "code" in one} == {"50116"}
    delete_at_the_venue()
    uid = Binding.objects.get().venue_account.uid
    listed = exchange.operate("GET", f"/accounts/{uid}")["keys"]
    assert [key["apiKey"] for key in listed] == [made[0]["apiKey"]]


def test_a_token_from_an_address_that_is_not_listed_makes_nothing(
    okx: Integration, token: str
) -> None:
    Client.objects.update(addresses=["203.0.113.0/24"])
    assert make(okx, token)["code"] == "53014"
    assert delete(okx, token)["code"] == "53014"


def test_a_test_client_has_none_made(okx: Integration, okx_visitor: Browser) -> None:
    Client.objects.update(environment="demo")
    answer = okx_visitor.get(okx.authorize_path("fast_api"))
    assert "error_code=53017" in answer.headers["Location"]


def test_the_token_opens_nothing_else(okx: Integration, token: str) -> None:
    assert okx.call(token, "GET", BALANCE).json()["code"] == "53013"
    assert okx.call(token, "POST", "/api/v5/trade/order", ORDER).json()["code"] == "53013"


def test_a_token_to_trade_makes_no_key(okx: Integration, okx_visitor: Browser) -> None:
    token = okx.redeem(allowed(okx_visitor, okx)).json()["access_token"]
    assert make(okx, token)["code"] == "53013"
    assert delete(okx, token)["code"] == "53013"


def test_ask_for_a_key_and_more_is_refused(okx: Integration, okx_visitor: Browser) -> None:
    for scope in ("fast_api,trade", "read_only,fast_api", "fast_api,fast_api"):
        answer = okx_visitor.get(okx.authorize_path(scope))
        assert "error_code=53010" in answer.headers["Location"], scope


def test_where_it_is_not_offered_nothing_is_asked_or_made(
    okx: Integration, okx_visitor: Browser, token: str, settings: Settings
) -> None:
    settings.SANDBOX_OPERATOR_KEY = ""
    answer = okx_visitor.get(okx.authorize_path("fast_api"))
    assert "error_code=53017" in answer.headers["Location"]
    assert make(okx, token)["code"] == "53017"


def test_an_institution_off_the_api_channel_has_none_made(
    okx: Integration, token: str, acme: Institution
) -> None:
    Institution.objects.filter(pk=acme.pk).update(channels=["oauth"])
    assert make(okx, token)["code"] == "53017"


def by_ending_the_key(alice: Person) -> None:
    actions.unbind(Binding.objects.get().pk, owner_id=alice.pk, actor=alice.actor)


def by_ending_the_consent(alice: Person) -> None:
    actions.end_grant(Grant.objects.get().pk, owner_id=alice.pk, actor=alice.actor)


def by_letting_it_run_out(alice: Person) -> None:
    Grant.objects.update(expires_at=now())
    actions.end_expired()


@pytest.mark.parametrize("end", [by_ending_the_key, by_ending_the_consent, by_letting_it_run_out])
def test_what_the_person_ends_ends_whole(
    okx: Integration,
    token: str,
    exchange: Sandbox,
    alice: Person,
    end: Callable[[Person], None],
) -> None:
    key = make(okx, token)
    end(alice)
    delete_at_the_venue()
    assert signed(exchange.base_url, key, "GET", BALANCE).json()["code"] == "50111"
    assert make(okx, token)["code"] == "53003"
    assert (Binding.objects.get().state, Grant.objects.get().state) == ("unbound", "ended")


def test_a_consent_to_trade_and_one_for_a_key_stand_side_by_side(
    okx: Integration, okx_visitor: Browser, token: str
) -> None:
    key = make(okx, token)
    pair = okx.redeem(allowed(okx_visitor, okx)).json()
    assert okx.call(pair["access_token"], "GET", BALANCE).json()["code"] == "0"
    assert make(okx, token)["code"] == "50116"
    assert key["apiKey"]
