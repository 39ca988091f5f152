"""OKX's OAuth dialect: an integration that was written for OKX meets the portal."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from connect_portal.authorizations import actions
from connect_portal.authorizations.models import (
    AuthorizationCode,
    Client,
    Grant,
    RefreshToken,
)
from connect_portal.institutions.models import ConnectCode, Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from tests.authorizations.oauth import (
    CALLBACK,
    CHALLENGE,
    UNREADABLE,
    VERIFIER,
    Browser,
    Program,
    authorize_path,
    client_of,
)
from tests.authorizations.okx import Integration, allowed, said

pytestmark = pytest.mark.django_db(transaction=True)

BELOW_API = "/api/v5/users/oauth/token"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
READ = "read_only"
WRONG_REQUESTS: list[tuple[str | None, dict[str, str | None]]] = [
    (None, {}),
    ("", {}),
    ("withdraw", {}),
    ("read_only,withdraw", {}),
    (READ, {"response_type": "token"}),
    (READ, {"access_type": "online"}),
    (READ, {"state": None}),
    (READ, {"code_challenge": "short", "code_challenge_method": "S256"}),
    (READ, {"code_challenge": CHALLENGE, "code_challenge_method": "plain"}),
    (READ, {"code_challenge": CHALLENGE}),
]
UNANSWERABLE_REQUESTS: list[dict[str, str | None]] = [
    {"client_id": "nobody"},
    {"client_id": None},
    {"redirect_uri": CALLBACK + "/"},
    {"redirect_uri": None},
]
WRONG_FIELDS: list[tuple[dict[str, str | None], str]] = [
    ({"client_id": "nobody"}, "53010"),
    ({"client_secret": "guess"}, "53010"),
    ({"client_secret": None}, "53010"),
    ({"client_id": None}, "53011"),
    ({"client_id": ""}, "53011"),
    ({"code": None}, "53011"),
    ({"grant_type": None}, "53011"),
    ({"grant_type": "password"}, "53010"),
    ({"grant_type": "refresh_token"}, "53011"),
    ({"code": "c" * 2001}, "53015"),
    ({"code": "c\0"}, "53010"),
    ({"code": "é"}, "53010"),
]
ODD_BODIES = [
    *(b"", b"{", b"[]", b"[1]", b'"text"', b"null", b"\xff", b"[" * 100_000),
    *(b'{"code": 1}', b'{"code": {"a": "b"}}', b'{"code": ["a"]}', b'{"code": "\\ud800"}'),
    b'{"code": "a", "code": "b"}',
]


def sent_back(answer: requests.Response) -> dict[str, str]:
    """The parameters with which a browser goes back to Acme."""
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(CALLBACK + "?")
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


# --- the whole exchange -------------------------------------------------------------------------


def test_an_integration_written_for_okx_trades_without_a_change(
    okx_visitor: Browser, okx: Integration
) -> None:
    pair = okx.redeem(allowed(okx_visitor, okx)).json()
    assert set(pair) == {"access_token", "refresh_token", "expires_in", "token_type"}
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 3600)

    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit"}
    order |= {"sz": "0.001", "px": "20000", "tag": "ACMEcode1"}
    actions.give_money(_account(), number=1, currency="USDT", actor="system:tests")
    answer = okx.call(pair["access_token"], "POST", "/api/v5/trade/order", order).json()
    assert answer["code"] == "0", answer

    newer = okx.refresh(pair["refresh_token"]).json()
    assert set(newer) == set(pair)
    balance = "/api/v5/account/balance"
    assert okx.call(pair["access_token"], "GET", balance).json()["code"] == "53003"
    assert okx.call(newer["access_token"], "GET", balance).json()["code"] == "0"


def _account() -> Any:
    return Grant.objects.get().venue_account


def test_redeem_below_api_gives_the_same_as_without(okx_visitor: Browser, okx: Integration) -> None:
    code = allowed(okx_visitor, okx)
    pair = okx.token(BELOW_API, grant_type="authorization_code", code=code)
    assert (pair.status_code, pair.json()["token_type"]) == (200, "bearer")
    fields = {"grant_type": "refresh_token", "refresh_token": pair.json()["refresh_token"]}
    assert okx.token(BELOW_API, **fields).status_code == 200


def test_redeem_as_a_form_is_taken_too(okx_visitor: Browser, okx: Integration) -> None:
    form = {"grant_type": "authorization_code", "code": allowed(okx_visitor, okx)}
    form |= {"client_id": okx.client_id, "client_secret": okx.client_secret}
    answer = requests.post(okx.host + BELOW_API, data=form, timeout=30)
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 3600)


def test_the_token_answer_is_compact_and_never_kept(okx_visitor: Browser, okx: Integration) -> None:
    answer = okx.redeem(allowed(okx_visitor, okx))
    assert ": " not in answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert "no-store" in answer.headers["Cache-Control"]


def test_ask_with_pkce_wants_the_verifier_beside_the_secret(
    okx_visitor: Browser, okx: Integration
) -> None:
    code = allowed(okx_visitor, okx, **PKCE)
    assert said(okx.redeem(code)) == (400, "53011")
    assert said(okx.redeem(code, code_verifier="w" * 64)) == (400, "53009")
    assert okx.redeem(code, code_verifier=VERIFIER).status_code == 200


def test_ask_with_a_channel_id_changes_nothing(okx_visitor: Browser, okx: Integration) -> None:
    code = allowed(okx_visitor, okx, channelId="ACMEcode1")
    assert okx.redeem(code).status_code == 200


def test_allow_less_than_asked_opens_less(okx_visitor: Browser, okx: Integration) -> None:
    path = okx.authorize_path("read_only,trade")
    answer = okx_visitor.send(path, {"decision": "allow", "scopes": ["read_only"], "days": "30"})
    pair = okx.redeem(okx.callback(answer.headers["Location"])).json()
    refused = okx.call(pair["access_token"], "POST", "/api/v5/trade/order", {}).json()
    assert refused["code"] == "53013"


# --- asking -------------------------------------------------------------------------------------


def test_deny_sends_back_53001(okx_visitor: Browser, okx: Integration) -> None:
    back = sent_back(okx_visitor.send(okx.authorize_path("trade"), {"decision": "deny"}))
    assert (back["error"], back["error_code"]) == ("access_denied", "53001")
    assert (back["state"], back["domain"], "code" in back) == (okx.state, okx.host, False)


def test_ask_for_what_cannot_be_answers_the_client_with_53010(
    okx_visitor: Browser, okx: Integration
) -> None:
    for scope, changes in WRONG_REQUESTS:
        back = sent_back(okx_visitor.get(okx.authorize_path(scope, **changes)))
        assert (back["error_code"], back["domain"]) == ("53010", okx.host), changes


def test_ask_without_a_known_client_and_address_is_said_on_our_page(
    okx_visitor: Browser, okx: Integration
) -> None:
    for changes in UNANSWERABLE_REQUESTS:
        answer = okx_visitor.get(okx.authorize_path("read_only", **changes))
        assert answer.status_code == 400, changes
        assert "This connection cannot be made" in answer.text


def test_ask_twice_in_one_address_is_said_on_our_page(
    okx_visitor: Browser, okx: Integration
) -> None:
    path = okx.authorize_path("read_only") + "&scope=trade"
    assert okx_visitor.get(path).status_code == 400


def test_ask_unknown_person_leads_to_sign_in(okx: Integration) -> None:
    answer = Browser(okx.host).get(okx.authorize_path("read_only"))
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_a_public_client_shows_a_verifier_instead_of_a_secret(
    okx_visitor: Browser, okx: Integration
) -> None:
    Client.objects.update(client_type=Client.CLIENT_PUBLIC)
    back = sent_back(okx_visitor.get(okx.authorize_path("read_only")))
    assert (back["error"], back["error_code"]) == ("invalid_request", "53010")

    code = allowed(okx_visitor, okx, **PKCE)
    bare: dict[str, str | None] = {"client_secret": None}
    assert said(okx.redeem(code, **bare)) == (400, "53011")
    assert said(okx.redeem(code, code_verifier="w" * 64, **bare)) == (400, "53009")
    pair = okx.redeem(code, code_verifier=VERIFIER, **bare).json()
    assert okx.refresh(pair["refresh_token"], **bare).status_code == 200


@pytest.mark.parametrize("path", ["/v5/users/oauth/token", BELOW_API])
@pytest.mark.parametrize(("kind", "body"), [(kind, body) for kind, body, _ in UNREADABLE])
def test_a_body_that_is_too_large_or_no_form_is_refused_in_okxs_words(
    okx: Integration, path: str, kind: str, body: str
) -> None:
    headers = {"Content-Type": kind}
    answer = requests.post(okx.host + path, data=body, headers=headers, timeout=30)
    assert said(answer) == (400, "53010")


# --- codes --------------------------------------------------------------------------------------


def test_redeem_at_the_other_dialect_is_refused_both_ways(
    okx_visitor: Browser, okx: Integration
) -> None:
    program = Program(okx.host, okx.client_id, okx.client_secret)
    theirs = allowed(okx_visitor, okx, **PKCE)
    assert program.redeem(theirs).json() == {"error": "invalid_grant"}
    account = str(Grant.objects.get().venue_account_id)
    ours = okx_visitor.allow(authorize_path(client_id=okx.client_id), account=account)["code"]
    assert said(okx.redeem(ours, code_verifier=VERIFIER)) == (400, "53012")
    assert program.redeem(ours).status_code == 200


def test_redeem_lives_ten_minutes(okx_visitor: Browser, okx: Integration) -> None:
    code = allowed(okx_visitor, okx)
    row = AuthorizationCode.objects.get()
    left = row.expires - row.created
    assert timedelta(minutes=9, seconds=59) < left <= timedelta(minutes=10, seconds=1)
    AuthorizationCode.objects.update(expires=now() - timedelta(seconds=1))
    assert said(okx.redeem(code)) == (400, "53012")


def test_redeem_twice_burns_what_the_first_one_got(okx_visitor: Browser, okx: Integration) -> None:
    code = allowed(okx_visitor, okx)
    pair = okx.redeem(code).json()
    assert said(okx.redeem(code)) == (400, "53012")
    answer = okx.call(pair["access_token"], "GET", "/api/v5/account/balance")
    assert answer.json()["code"] == "53003"
    assert said(okx.refresh(pair["refresh_token"])) == (400, "53003")


def test_redeem_after_the_person_ended_it_says_canceled(
    okx_visitor: Browser, okx: Integration, alice: Person
) -> None:
    code = allowed(okx_visitor, okx)
    actions.end_grant(Grant.objects.get().pk, owner_id=alice.pk, actor=alice.actor)
    assert said(okx.redeem(code)) == (400, "53001")


def test_redeem_for_a_person_who_may_not_sign_in_says_frozen(
    okx_visitor: Browser, okx: Integration
) -> None:
    code = allowed(okx_visitor, okx)
    Person.objects.update(is_active=False)
    assert said(okx.redeem(code)) == (400, "53004")


def test_redeem_for_a_suspended_institution_says_frozen_to_the_client_alone(
    okx_visitor: Browser, okx: Integration
) -> None:
    code = allowed(okx_visitor, okx)
    ConnectCode.objects.update(state="suspended")
    assert said(okx.redeem(code)) == (400, "53004")
    assert said(okx.redeem(code, client_secret="guess")) == (400, "53010")


def test_redeem_naming_another_address_is_refused(okx_visitor: Browser, okx: Integration) -> None:
    code = allowed(okx_visitor, okx)
    assert said(okx.redeem(code, redirect_uri=CALLBACK + "/")) == (400, "53016")
    assert okx.redeem(code, redirect_uri=CALLBACK).status_code == 200


def test_redeem_as_another_client_is_refused(
    okx_visitor: Browser, okx: Integration, zenith: Institution
) -> None:
    code = allowed(okx_visitor, okx)
    client, secret = client_of(zenith, "https://zenith.example/callback")
    stolen = okx.redeem(code, client_id=client.client_id, client_secret=secret)
    assert said(stolen) == (400, "53012")
    assert okx.redeem(code).status_code == 200


# --- refreshing ---------------------------------------------------------------------------------


@pytest.fixture
def pair(okx_visitor: Browser, okx: Integration) -> dict[str, Any]:
    """The tokens of a whole exchange."""
    return dict(okx.redeem(allowed(okx_visitor, okx)).json())


def test_refresh_twice_ends_the_grant(pair: dict[str, Any], okx: Integration) -> None:
    newer = okx.refresh(pair["refresh_token"]).json()
    RefreshToken.objects.filter(revoked__isnull=False).update(revoked=now() - timedelta(minutes=1))
    assert said(okx.refresh(pair["refresh_token"])) == (400, "53005")
    assert said(okx.refresh(newer["refresh_token"])) == (400, "53003")


def test_refresh_that_was_never_given_is_refused(pair: dict[str, Any], okx: Integration) -> None:
    assert said(okx.refresh("cxrt_invented")) == (400, "53005")


def test_refresh_after_three_days_is_refused(pair: dict[str, Any], okx: Integration) -> None:
    RefreshToken.objects.update(created=now() - timedelta(days=3, seconds=1))
    assert said(okx.refresh(pair["refresh_token"])) == (400, "53002")


def test_refresh_for_a_frozen_person_is_refused(pair: dict[str, Any], okx: Integration) -> None:
    Person.objects.update(is_active=False)
    assert said(okx.refresh(pair["refresh_token"])) == (400, "53004")


# --- bad input ----------------------------------------------------------------------------------

GOOD = {"grant_type": "authorization_code", "code": "invented"}


def test_redeem_with_a_wrong_field_names_what_is_wrong(okx: Integration) -> None:
    for fields, number in WRONG_FIELDS:
        assert said(okx.token(**{**GOOD, **fields})) == (400, number), fields


def test_redeem_with_an_odd_body_is_a_parameter_error(okx: Integration) -> None:
    address = okx.host + "/v5/users/oauth/token"
    for body in ODD_BODIES:
        headers = {"Content-Type": "application/json"}
        answer = requests.post(address, data=body, headers=headers, timeout=30)
        assert said(answer) == (400, "53010"), body[:40]


def test_redeem_from_the_query_string_is_refused(okx: Integration) -> None:
    answer = okx.token("/v5/users/oauth/token?code=x", **GOOD)
    assert said(answer) == (400, "53010")


def test_call_with_another_method_is_50115(okx: Integration) -> None:
    for path in ("/v5/users/oauth/token", BELOW_API):
        for ask in (requests.get, requests.put, requests.delete):
            assert said(ask(okx.host + path, timeout=30)) == (405, "50115")


def test_a_client_that_calls_from_elsewhere_is_told_so(
    okx_visitor: Browser, okx: Integration
) -> None:
    Client.objects.update(addresses=["198.51.100.0/24"])
    assert said(okx.redeem(allowed(okx_visitor, okx))) == (401, "53014")
