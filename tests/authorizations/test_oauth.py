"""The OAuth server as strict clients and hostile ones meet it, on real sockets."""

from datetime import timedelta
from html import unescape

import pytest
import requests
from django.conf import settings
from django.core import serializers

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.models import (
    AccessToken,
    AuthorizationCode,
    Client,
    ClientSecret,
    Grant,
    RedirectURI,
    RefreshToken,
)
from connect_portal.institutions.models import ConnectCode, Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue.types import Environment
from tests import cast
from tests.authorizations.oauth import (
    CALLBACK,
    CLIENT_ID,
    UNREADABLE,
    VERIFIER,
    Browser,
    Program,
    a_while_later,
    authorize_path,
    carried,
    works,
)

pytestmark = pytest.mark.django_db(transaction=True)


# --- the whole exchange -------------------------------------------------------------------------


def test_a_strict_client_gets_tokens_refreshes_inspects_and_revokes_them(
    visitor: Browser, program: Program
) -> None:
    with program.authlib() as client:
        found = client.get(
            f"{program.site}/.well-known/oauth-authorization-server", withhold_token=True
        ).json()
        url, state = client.create_authorization_url(
            f"{program.site}/oauth/authorize/", code_verifier=VERIFIER
        )
        answer = visitor.allow(url.removeprefix(program.site))
        assert (answer["state"], answer["iss"]) == (state, found["issuer"])

        back = f"{CALLBACK}?code={answer['code']}&state={state}"
        token_url = f"{program.site}/oauth/token/"
        first = client.fetch_token(
            token_url, authorization_response=back, code_verifier=VERIFIER, state=state
        )
        assert first["access_token"].startswith("cxat_")
        assert first["refresh_token"].startswith("cxrt_")
        assert (first["token_type"], first["expires_in"]) == ("Bearer", 3600)
        assert first["scope"] == "read_only trade"

        second = client.refresh_token(token_url, first["refresh_token"])
        assert not works(first)
        assert works(second)
        told = client.introspect_token(
            f"{program.site}/oauth/introspect/", token=second["access_token"]
        ).json()
        assert (told["active"], told["client_id"]) == (True, CLIENT_ID)
        assert "username" not in told

        gone = client.revoke_token(
            f"{program.site}/oauth/revoke_token/", token=second["refresh_token"]
        )
        assert gone.status_code == 200
        assert not works(second)
    assert Grant.objects.get().ended_by == "institution"


def test_discovery_names_what_is_there_and_nothing_else(program: Program) -> None:
    found = Browser(program.site).get("/.well-known/oauth-authorization-server").json()
    assert found["issuer"] == settings.PUBLIC_URL
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    for name in (
        *("authorization", "token", "revocation", "introspection"),
        "pushed_authorization_request",
    ):
        path = found[f"{name}_endpoint"].removeprefix(settings.PUBLIC_URL)
        assert Browser(program.site).get(path).status_code != 404
    for path in ("applications", "register", "device-authorization", "authorized_tokens"):
        assert Browser(program.site).get(f"/oauth/{path}/").status_code == 404


def test_codes_tokens_and_secrets_are_nowhere_in_the_database(
    visitor: Browser, program: Program
) -> None:
    code = visitor.allow()["code"]
    pair = program.redeem(code).json()
    rows = [*AuthorizationCode.objects.all(), *AccessToken.objects.all()]
    rows += [*RefreshToken.objects.all(), *ClientSecret.objects.all()]
    stored = serializers.serialize("json", rows)
    for secret in (code, pair["access_token"], pair["refresh_token"], program.secret):
        assert secret not in stored


# --- the consent page ---------------------------------------------------------------------------


def test_the_page_says_who_asks_for_what_and_may_lead_back(visitor: Browser) -> None:
    answer = visitor.ask()
    page = unescape(answer.text)
    for words in ("Acme", "Place and cancel orders", "Withdraw, or move", "commission", "One year"):
        assert words in page
    assert "form-action 'self' https://acme.example" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert not Grant.objects.exists()


def test_a_stranger_signs_in_first_and_comes_back(program: Program) -> None:
    answer = Browser(program.site).ask()
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=/oauth/authorize/")


def test_state_comes_back_byte_for_byte(visitor: Browser) -> None:
    for state in ("s t&a=té", "%00%0d%0a", "javascript:alert(1)", "a" * 500):
        path = authorize_path(state=state)
        assert carried(visitor.send(path, {"decision": "deny"}))["state"] == state


def test_who_denies_gives_nothing(visitor: Browser) -> None:
    answer = carried(visitor.send(authorize_path(), {"decision": "deny"}))
    assert answer["error"] == "access_denied"
    assert (answer["state"], answer["iss"]) == ("s t&a=té", settings.PUBLIC_URL)
    assert not Grant.objects.exists()


def test_consent_narrows_scopes_and_time(visitor: Browser, program: Program) -> None:
    pair = program.redeem(visitor.allow(scopes=["read_only"], days="30")["code"]).json()
    assert pair["scope"] == "read_only"
    grant = Grant.objects.get()
    assert grant.scopes == ["read_only"]
    assert grant.expires_at - grant.granted_at < timedelta(days=30, minutes=1)


@pytest.mark.parametrize(
    "form", [{"scopes": ["trade"]}, {"scopes": []}, {"days": "3650"}, {"scopes": ["withdraw"]}]
)
def test_consent_never_widens_what_was_asked(visitor: Browser, form: dict[str, object]) -> None:
    path = authorize_path(scope="read_only")
    choice = {"decision": "allow", "scopes": ["read_only"], "days": "90", "scope": "trade"}
    assert visitor.send(path, choice | form).status_code == 422
    assert not Grant.objects.exists()


def test_a_field_of_the_form_cannot_stand_in_for_the_request(
    visitor: Browser, program: Program
) -> None:
    extra = {"scope": "read_only trade", "redirect_uri": "https://evil.example/", "client_id": "x"}
    answer = visitor.allow(authorize_path(scope="read_only"), scopes=["read_only"], **extra)
    assert program.redeem(answer["code"]).json()["scope"] == "read_only"


def test_nobody_is_passed_by_the_question(visitor: Browser, pair: dict[str, str]) -> None:
    answer = visitor.ask(approval_prompt="auto", prompt="none")
    assert answer.status_code == 200
    assert "Allow" in answer.text


def test_a_forged_form_gives_nothing(visitor: Browser) -> None:
    choice = {"decision": "allow", "scopes": "read_only", "days": "90"}
    answer = visitor.session.post(visitor.site + authorize_path(), data=choice)
    assert answer.status_code == 403
    assert not Grant.objects.exists()


# --- wrong requests -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        "https://evil.example/callback",
        CALLBACK + "/",
        CALLBACK + "\x00",
        CALLBACK + "?x=1",
        CALLBACK + "#f",
        CALLBACK + ";p",
        CALLBACK + "/../callback",
        "https://acme.example:443/callback",
        "https://ACME.example/callback",
        "https://acme.example@evil.example/callback",
        "https://u@acme.example/callback",
        "http://acme.example/callback",
        "https://acme.example/Callback",
        "javascript:alert(1)",
        "https://acme.example/callback\r\nX: 1",
    ],
)
def test_an_address_that_was_not_approved_is_never_answered(
    visitor: Browser, uri: str | None
) -> None:
    answer = visitor.ask(redirect_uri=uri)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "We" not in answer.headers.get("Refresh", "")


@pytest.mark.parametrize("client_id", [None, "", "unknown", "\x00", "acme-client "])
def test_an_unknown_client_is_never_answered(visitor: Browser, client_id: str | None) -> None:
    assert visitor.ask(client_id=client_id).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "="}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unauthorized_client"),
        ({"scope": "read_only withdraw"}, "invalid_scope"),
    ],
)
def test_a_wrong_request_of_a_known_client_is_told_to_it(
    visitor: Browser, changes: dict[str, str | None], error: str
) -> None:
    answer = carried(visitor.ask(**changes))
    assert answer["error"] == error
    assert answer["iss"] == settings.PUBLIC_URL
    assert answer["state"] == "s t&a=té"


def test_a_parameter_that_comes_twice_is_refused(visitor: Browser, program: Program) -> None:
    assert visitor.get(authorize_path() + "&scope=read_only").status_code == 400
    code = visitor.allow()["code"]
    answer = program.redeem(code, code_verifier=[VERIFIER, VERIFIER])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_an_address_withdrawn_while_the_page_was_open_gets_no_code(visitor: Browser) -> None:
    visitor.ask()
    RedirectURI.objects.update(withdrawn_at=now())
    assert visitor.send(authorize_path(), {"decision": "allow"}).status_code in (400, 403)
    assert not Grant.objects.exists()


# --- redeeming ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "?x=1"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": "\x00"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_redemption_is_refused(
    visitor: Browser, program: Program, changes: dict[str, str], error: str
) -> None:
    answer = program.redeem(visitor.allow()["code"], **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert "no-store" in answer.headers["Cache-Control"]
    assert not AccessToken.objects.exists()


def test_a_code_is_bound_to_its_client(visitor: Browser, rival_server: Program) -> None:
    answer = rival_server.redeem(visitor.allow()["code"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("secret", ["", "wrong", "x" * 128])
def test_a_wrong_secret_opens_nothing(visitor: Browser, program: Program, secret: str) -> None:
    impostor = Program(program.site, program.client_id, secret)
    answer = impostor.redeem(visitor.allow()["code"])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_client_without_a_secret_opens_nothing(visitor: Browser, program: Program) -> None:
    code = visitor.allow()["code"]
    ClientSecret.objects.all().delete()
    assert Program(program.site, CLIENT_ID, "").redeem(code).status_code == 401


def test_a_code_lives_for_a_minute(visitor: Browser, program: Program) -> None:
    code = visitor.allow()["code"]
    row = AuthorizationCode.objects.get()
    assert timedelta(seconds=50) < row.expires - now() <= timedelta(seconds=60)
    AuthorizationCode.objects.update(expires=now())
    assert program.redeem(code).json()["error"] == "invalid_grant"


def test_a_replayed_code_burns_what_it_minted(visitor: Browser, program: Program) -> None:
    code = visitor.allow()["code"]
    pair = program.redeem(code).json()
    assert works(pair)
    assert program.redeem(code).json()["error"] == "invalid_grant"
    assert not works(pair)
    assert program.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"
    assert Grant.objects.get().ended_by == "replay"


# --- refreshing ---------------------------------------------------------------------------------


def test_a_refresh_kills_the_pair_before_and_its_replay_ends_the_grant(
    program: Program, pair: dict[str, str]
) -> None:
    newer = program.refresh(pair["refresh_token"]).json()
    assert (works(pair), works(newer)) == (False, True)
    a_while_later()
    assert program.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"
    assert not works(newer)
    assert Grant.objects.get().ended_by == "replay"


def test_a_refresh_never_widens_scopes(visitor: Browser, program: Program) -> None:
    pair = program.redeem(visitor.allow(scopes=["read_only"])["code"]).json()
    answer = program.refresh(pair["refresh_token"], scope="read_only trade")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_nothing_outlives_the_grant(program: Program, pair: dict[str, str]) -> None:
    Grant.objects.update(expires_at=now() + timedelta(minutes=10))
    newer = program.refresh(pair["refresh_token"]).json()
    assert newer["expires_in"] <= 600
    Grant.objects.update(expires_at=now())
    assert program.refresh(newer["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_lives_three_days_from_its_making(
    program: Program, pair: dict[str, str]
) -> None:
    RefreshToken.objects.update(created=now() - timedelta(days=3, seconds=1))
    assert program.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_an_ended_grant_gets_no_more_tokens(
    program: Program, pair: dict[str, str], alice: Person
) -> None:
    actions.end_grant(Grant.objects.get().pk, owner_id=alice.pk, actor=alice.actor)
    assert program.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_deactivated_person_gets_no_more_tokens(
    program: Program, pair: dict[str, str], alice: Person
) -> None:
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert program.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"
    told = program.post("introspect", token=pair["access_token"]).json()
    assert told == {"active": False}


def test_a_suspended_institution_is_no_client(
    visitor: Browser, program: Program, pair: dict[str, str]
) -> None:
    ConnectCode.objects.update(state="suspended")
    assert visitor.ask().status_code == 400
    assert program.refresh(pair["refresh_token"]).status_code == 401


# --- tokens of others ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
def test_another_client_can_neither_inspect_nor_revoke(
    pair: dict[str, str], rival_server: Program, kind: str, hint: str | None
) -> None:
    assert rival_server.post("introspect", token=pair[kind]).json() == {"active": False}
    answer = rival_server.post("revoke_token", token=pair[kind], token_type_hint=hint)
    assert answer.status_code == 200
    assert works(pair)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
def test_revoking_either_token_kills_both_whatever_the_hint(
    program: Program, pair: dict[str, str], kind: str, hint: str | None
) -> None:
    for _ in range(2):
        answer = program.post("revoke_token", token=pair[kind], token_type_hint=hint)
        assert answer.status_code == 200
    assert not works(pair)
    for token in (pair["access_token"], pair["refresh_token"]):
        assert program.post("introspect", token=token).json() == {"active": False}


@pytest.mark.parametrize("endpoint", ["introspect", "revoke_token", "token"])
def test_no_endpoint_answers_without_a_secret(
    program: Program, pair: dict[str, str], endpoint: str
) -> None:
    form = {"token": pair["access_token"], "grant_type": "refresh_token", "refresh_token": "x"}
    answer = requests.post(f"{program.site}/oauth/{endpoint}/", data=form, timeout=30)
    assert answer.status_code == 401
    assert "active" not in answer.text


@pytest.mark.parametrize("endpoint", ["introspect", "revoke_token", "token"])
def test_nothing_is_taken_from_the_query_string(
    program: Program, pair: dict[str, str], endpoint: str
) -> None:
    form = {"token": pair["access_token"], "client_id": CLIENT_ID, "client_secret": program.secret}
    answer = requests.post(f"{program.site}/oauth/{endpoint}/", params=form, timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("endpoint", ["par", "introspect", "revoke_token", "token"])
@pytest.mark.parametrize(("kind", "body", "status"), UNREADABLE)
def test_a_body_that_is_too_large_or_no_form_is_refused_in_the_words_of_the_rfc(
    program: Program, endpoint: str, kind: str, body: str, status: int
) -> None:
    headers = {"Content-Type": kind}
    answer = requests.post(
        f"{program.site}/oauth/{endpoint}/", data=body, headers=headers, timeout=30
    )
    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request")


# --- from where, and on which accounts ----------------------------------------------------------


def test_a_client_that_named_its_servers_is_served_from_there_only(
    program: Program, pair: dict[str, str]
) -> None:
    Client.objects.update(addresses=["198.51.100.0/24"])
    assert program.refresh(pair["refresh_token"]).status_code == 401
    assert program.post("introspect", token=pair["access_token"]).status_code == 401
    assert program.post("par").status_code == 401
    Client.objects.update(addresses=["127.0.0.0/8", "::1/128"])
    assert program.refresh(pair["refresh_token"]).status_code == 200


def test_the_test_client_is_granted_a_demo_account(
    visitor: Browser, program: Program, acme: Institution
) -> None:
    test = actions.open_test_client(acme.pk, actor=cast.ACTOR)
    secret = actions.make_secret(acme.pk, actor=cast.ACTOR, environment=Environment.DEMO)
    tester = Program(program.site, test.client_id, secret)
    path = authorize_path(client_id=test.client_id)
    assert "demo account" in visitor.get(path).text
    pair = tester.redeem(visitor.allow(path)["code"]).json()
    assert Grant.objects.get().venue_account.environment == "demo"
    assert queries.bearer(pair["access_token"]).environment is Environment.DEMO
    assert program.refresh(pair["refresh_token"]).status_code == 400, "the live client's are others"
