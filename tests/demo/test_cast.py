"""The cast: loaded whole, loaded once, and everything on its card works."""

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from connect_portal.audit.models import Event
from connect_portal.demo import actions, applying, store
from connect_portal.demo.actions import load
from connect_portal.demo.errors import NoSandbox, NotHere
from connect_portal.demo.queries import card
from connect_portal.institutions.models import Application, ConnectCode, Institution
from connect_portal.people.models import Membership, Person
from tests import cast
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed

pytestmark = pytest.mark.django_db

ROLES = {
    "applicant": "applicant",
    "applicant_2": "applicant",
    "acme_owner": "institution_owner",
    "zenith_owner": "institution_owner",
    "account_manager": "account_manager",
    "compliance": "compliance",
    "technical": "technical",
    "finance": "finance",
    "trader": "end_user",
    "counterparty": "end_user",
    "outsider": "none",
}
STAFF = ("account_manager", "compliance", "technical", "finance")
WITH_FACTOR = (*STAFF, "applicant", "applicant_2")
KEY = {"api_key", "secret", "passphrase"}


def trader(keys: dict[str, str], uid: str = "") -> Trader:
    return Trader(uid, keys["api_key"], keys["secret"], keys["passphrase"])


def everything() -> tuple[Any, ...]:
    """What a second load must leave alone."""
    return (
        card(),
        list(Person.objects.order_by("pk").values_list("pk", "email", "password")),
        list(Membership.objects.values_list("person_id", "institution_id", "role")),
        list(ConnectCode.objects.values_list("institution_id", "code", "state")),
        list(Application.objects.values_list("pk", "company", "step", "people", "documents")),
        Event.objects.count(),
    )


def balances(sandbox: Sandbox, keys: dict[str, str]) -> dict[str, str]:
    answer = signed(sandbox, trader(keys), "GET", "/api/v5/account/balance").json()
    return {row["ccy"]: row["cashBal"] for row in answer["data"][0]["details"]}


def signs_in(who: str) -> Client:
    """Go through the forms as a member of the cast."""
    shown, client = card(), Client()
    person = shown["users"][who]
    answer = client.post(
        "/accounts/login/", {"login": person["email"], "password": shown["password"]}
    )
    assert answer.status_code == 302
    if person["totp_secret"]:
        assert answer.headers["Location"].startswith("/accounts/2fa/")
        code = cast.code_now(person["totp_secret"])
        answer = client.post(answer.headers["Location"], {"code": code})
        assert answer.status_code == 302
    assert "2fa" not in answer.headers["Location"]
    return client


# --- the card -----------------------------------------------------------------------------------
def test_the_card_has_exactly_the_keys_that_programs_rely_on(loaded: Path) -> None:
    shown = card()
    assert list(shown) == [
        "portal_url",
        "gateway_url",
        "gateway_ws_url",
        "sandbox_url",
        "sandbox_ws_url",
        "password",
        "users",
        "institutions",
        "venue_accounts",
        "oauth",
    ]
    assert {key: user["role"] for key, user in shown["users"].items()} == ROLES
    assert all(set(user) == {"email", "role", "totp_secret"} for user in shown["users"].values())
    with_totp = {key for key, user in shown["users"].items() if user["totp_secret"]}
    assert with_totp == set(WITH_FACTOR)
    assert set(shown["institutions"]) == {"acme", "zenith"}
    for company in shown["institutions"].values():
        assert set(company) == {"connect_code", "venue_account", "oauth"}
        assert set(company["venue_account"]) == {"uid", "keys"}
        assert {name: set(key) for name, key in company["venue_account"]["keys"].items()} == {
            "read_only": KEY
        }
        assert set(company["oauth"]) == {"client_id", "client_secret", "redirect_uri", "scopes"}
        assert company["oauth"]["scopes"] == "read_only trade"
    assert set(shown["venue_accounts"]) == {"trader", "counterparty"}
    for account in shown["venue_accounts"].values():
        assert set(account) == {"uid", "keys"}
        assert {name: set(key) for name, key in account["keys"].items()} == {
            "trade": KEY,
            "read_only": KEY,
        }
    names = ("authorize", "token", "revoke", "introspect", "discovery", "par")
    assert set(shown["oauth"]) == {f"{name}_url" for name in names}
    assert all(shown["oauth"][f"{name}_url"].startswith(settings.PUBLIC_URL) for name in names)
    assert shown["gateway_url"] == settings.PUBLIC_URL
    assert shown["gateway_ws_url"] == f"{settings.PUBLIC_URL.replace('http', 'ws', 1)}/ws/v5"


def test_before_the_cast_is_loaded_the_card_invents_nothing(home: Path) -> None:
    shown = card()
    assert shown["password"] is None
    assert shown["institutions"]["acme"]["connect_code"] is None
    assert shown["venue_accounts"]["trader"] == {
        "uid": None,
        "keys": {"trade": None, "read_only": None},
    }
    assert list(home.iterdir()) == []


def test_the_command_prints_the_card_as_json(
    loaded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("demo", "--json")
    assert json.loads(capsys.readouterr().out) == card()


def test_the_secrets_lie_in_a_file_for_its_owner_alone(loaded: Path) -> None:
    path = loaded / "demo.json"
    assert path.stat().st_mode & 0o777 == 0o600
    kept = json.loads(path.read_text())
    assert set(kept["totp_secrets"]) == set(WITH_FACTOR)
    assert set(kept["keys"]) == set(kept["uids"]) == {"acme", "zenith", "trader", "counterparty"}
    assert len(kept["password"]) == 20
    assert [one.name for one in loaded.iterdir() if one.is_file()] == ["demo.json"]


def test_an_unfinished_file_left_readable_by_others_is_not_written_into(home: Path) -> None:
    (home / "demo.new").touch(0o644)
    store.write({"password": "secret"})
    assert (home / "demo.json").stat().st_mode & 0o777 == 0o600


# --- loading ------------------------------------------------------------------------------------
def test_loading_again_changes_nothing(loaded: Path, sandbox: Sandbox) -> None:
    keys = card()["venue_accounts"]["trader"]["keys"]["read_only"]
    before, money = everything(), balances(sandbox, keys)
    content = (loaded / "demo.json").read_bytes()
    load()
    assert everything() == before
    assert balances(sandbox, keys) == money
    assert (loaded / "demo.json").read_bytes() == content


class PowerCut(Exception):
    """The machine stops."""


@pytest.mark.parametrize(
    ("module", "step"),
    [
        (actions, "issue_code"),
        (actions, "give_membership"),
        (actions, "set_totp"),
        (actions, "register"),
        (actions, "open_institution"),
        (applying.actions, "add_document"),
        (applying.actions, "submit"),
        (applying, "screen"),
    ],
)
@pytest.mark.parametrize("time", [1, 2])
def test_a_load_that_was_interrupted_goes_on_where_it_stopped(
    module: ModuleType,
    step: str,
    time: int,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    sandbox: Sandbox,
) -> None:
    real, calls = getattr(module, step), []

    def cut(*args: Any, **kwargs: Any) -> Any:
        calls.append(step)
        if len(calls) == time:
            raise PowerCut
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(module, step, cut)
        with pytest.raises(PowerCut):
            load()
    load()
    assert Person.objects.filter(is_demo=True).count() == len(ROLES)
    assert Membership.objects.count() == Institution.objects.count() == 2
    assert ConnectCode.objects.filter(state="active").count() == 2
    assert Application.objects.filter(submitted_at=None).count() == 0
    signs_in("account_manager")
    assert balances(sandbox, card()["venue_accounts"]["trader"]["keys"]["trade"])["BTC"] == "5"


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_when_the_file_was_lost_everybody_gets_new_secrets_that_work(
    content: str | None, loaded: Path, sandbox: Sandbox
) -> None:
    before = card()
    path = loaded / "demo.json"
    path.unlink() if content is None else path.write_text(content)
    load()
    after = card()
    assert after["password"] != before["password"]
    assert (
        after["institutions"]["acme"]["connect_code"]
        == (before["institutions"]["acme"]["connect_code"])
    )
    assert after["venue_accounts"]["trader"]["uid"] == before["venue_accounts"]["trader"]["uid"]
    signs_in("finance")
    signs_in("trader")
    assert balances(sandbox, after["venue_accounts"]["trader"]["keys"]["trade"])["BTC"] == "5"


def test_it_loads_only_where_things_are_tried_out(home: Path) -> None:
    with override_settings(DEMO=False, EMBEDDED=False), pytest.raises(NotHere):
        load()
    with override_settings(VENUE_NAME="okx-us"), pytest.raises(NoSandbox):
        load()
    assert not Person.objects.exists()
    assert list(home.iterdir()) == []


def test_the_command_says_in_a_sentence_why_not(home: Path) -> None:
    with override_settings(DEMO=False, EMBEDDED=False), pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo", "--load")
    with (
        override_settings(VENUE_URL="http://127.0.0.1:1"),
        pytest.raises(CommandError, match="sandbox exchange does not answer"),
    ):
        call_command("demo", "--load")


# --- what is under way --------------------------------------------------------------------------
def test_the_desk_shows_a_review_that_began_and_an_application_just_handed_in(
    loaded: Path,
) -> None:
    desk = signs_in("account_manager").get("/console/").content.decode()
    assert "Zenith Pay" in desk
    assert "Acme Copy" in desk
    under_review = Application.objects.get(company="Zenith Pay")
    page = signs_in("compliance").get(f"/console/applications/{under_review.pk}/").content.decode()
    assert "Which pairs do you sell" in page
    assert "Zenith named this account" in page
    assert "It expires on" in page


@pytest.mark.parametrize("who", ["zenith_owner", "acme_owner"])
def test_an_owner_sees_the_clock_of_an_application_and_has_no_factor_for_it(
    who: str, loaded: Path
) -> None:
    page = signs_in(who).get("/apply/status/").content.decode()
    assert re.search(r"[12] d \d+ h left", page)
    assert card()["users"][who]["totp_secret"] is None


# --- what the card promises ---------------------------------------------------------------------
@pytest.mark.parametrize("who", list(ROLES))
def test_everybody_signs_in_with_what_the_card_says(who: str, loaded: Path) -> None:
    client = signs_in(who)
    may = {
        "/user/": True,
        "/console/": who in STAFF,
        "/institution/acme/": who == "acme_owner",
        "/institution/zenith/": who == "zenith_owner",
    }
    assert {path: client.get(path).status_code == 200 for path in may} == may


@pytest.mark.parametrize("who", ["trader", "counterparty"])
def test_both_venue_accounts_hold_base_and_quote_money(
    who: str, loaded: Path, sandbox: Sandbox
) -> None:
    held = balances(sandbox, card()["venue_accounts"][who]["keys"]["read_only"])
    assert held == {"USDT": "500000", "USDC": "500000", "BTC": "5", "ETH": "100", "SOL": "1000"}


def test_a_trade_key_places_an_order_with_the_code_and_a_read_only_key_does_not(
    loaded: Path, sandbox: Sandbox
) -> None:
    shown = card()
    keys = shown["venue_accounts"]["trader"]["keys"]
    code = shown["institutions"]["acme"]["connect_code"]
    placed = order(sandbox, trader(keys["trade"]), "buy", "0.001", "100", tag=code)
    assert (placed["sCode"], placed["tag"]) == ("0", code)
    assert order(sandbox, trader(keys["read_only"]), "buy", "0.001", "100")["code"] == "50120"


@pytest.mark.parametrize("company", ["acme", "zenith"])
def test_the_exchange_knows_whose_code_it_is(company: str, loaded: Path, sandbox: Sandbox) -> None:
    shown = card()
    ours = shown["institutions"][company]
    key = trader(ours["venue_account"]["keys"]["read_only"])
    users = shown["venue_accounts"]["trader"]["keys"]["trade"]["api_key"]
    target = f"/api/v5/broker/fd/if-rebate?apiKey={users}"
    (said,) = signed(sandbox, key, "GET", target).json()["data"]
    assert (said["type"], said["brokerCode"]) == ("0", ours["connect_code"])


@pytest.mark.parametrize("company", ["acme", "zenith"])
def test_a_companys_own_account_can_be_read_and_nothing_else(
    company: str, loaded: Path, sandbox: Sandbox
) -> None:
    account = card()["institutions"][company]["venue_account"]
    key = trader(account["keys"]["read_only"])
    said = signed(sandbox, key, "GET", "/api/v5/account/config").json()["data"][0]
    assert (said["uid"], said["perm"]) == (account["uid"], "read_only")
    assert Institution.objects.get(slug=company).venue_account_uid == account["uid"]
