"""The security checklist of OAuth 2.0 (RFC 9700), one row for each demand on an authorization
server that applies here: the paragraph, what it asks, and how it is seen to hold.

What does not apply: 4.6 and 4.9 are for resource servers that hand tokens on, 4.13 is the
operator's proxy, 4.17 is for answers by postMessage, of which there are none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
import requests

from connect_portal.authorizations.models import AuthorizationCode, Client, Grant, RefreshToken
from connect_portal.kit.clock import now
from tests.authorizations.keys import Holder
from tests.authorizations.oauth import (
    CALLBACK,
    VERIFIER,
    Browser,
    Program,
    a_while_later,
    authorize_path,
    carried,
    works,
)

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class World:
    """Alice's browser, Acme's server, and Zenith's, which may be up to no good."""

    visitor: Browser
    program: Program
    rival: Program

    def code(self, **asked: str | None) -> str:
        """A fresh code for Acme."""
        return self.visitor.allow(authorize_path(**asked))["code"]

    def pair(self, **form: object) -> dict[str, str]:
        """Fresh tokens for Acme."""
        answer = self.program.redeem(self.visitor.allow(**form)["code"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def metadata(self) -> dict[str, object]:
        """What the server says of itself (RFC 8414)."""
        path = "/.well-known/oauth-authorization-server"
        return dict(self.visitor.get(path).json())


@pytest.fixture
def world(visitor: Browser, program: Program, rival_server: Program) -> World:
    """Everybody, ready."""
    return World(visitor, program, rival_server)


def refused(answer: requests.Response, error: str) -> bool:
    """Whether an endpoint says no in the words of RFC 6749, 5.2."""
    return answer.status_code in (400, 401) and answer.json()["error"] == error


# --- what is asked ------------------------------------------------------------------------------


def redirect_uris_match_exactly(world: World) -> None:
    for uri in (f"{CALLBACK}?x=1", f"{CALLBACK}/", CALLBACK.upper(), "https://acme.example"):
        assert world.visitor.ask(redirect_uri=uri).status_code == 400


def no_open_redirector(world: World) -> None:
    wrong = (
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "unknown"},
        {"client_id": None},
    )
    for changes in wrong:
        answer = world.visitor.ask(**changes, scope="nonsense")
        assert answer.status_code == 400
        assert "Location" not in answer.headers


def pkce_for_every_client(world: World) -> None:
    for kind in (Client.CLIENT_CONFIDENTIAL, Client.CLIENT_PUBLIC):
        Client.objects.update(client_type=kind)
        without = world.visitor.ask(code_challenge=None, code_challenge_method=None)
        assert carried(without)["error"] == "invalid_request"


def s256_only(world: World) -> None:
    answer = world.visitor.ask(code_challenge=VERIFIER, code_challenge_method="plain")
    assert carried(answer)["error"] == "invalid_request"
    assert world.metadata()["code_challenge_methods_supported"] == ["S256"]


def no_implicit_grant(world: World) -> None:
    assert carried(world.visitor.ask(response_type="token"))["error"] == "unsupported_response_type"
    assert world.metadata()["response_types_supported"] == ["code"]


def no_code_in_a_fragment(world: World) -> None:
    for mode in ("fragment", "form_post", "web_message"):
        answer = world.visitor.ask(response_mode=mode)
        assert urlsplit(answer.headers["Location"]).fragment == ""
        assert carried(answer)["error"] == "invalid_request"


def tokens_can_be_bound_to_a_key(world: World) -> None:
    holder = Holder()
    proof = holder.proof("POST", f"{world.program.site}/oauth/token/")
    pair = world.program.with_proof(proof).redeem(world.code()).json()
    stolen = {"Authorization": f"Bearer {pair['access_token']}"}
    url = f"{world.program.site}/api/v5/account/balance"
    assert requests.get(url, headers=stolen, timeout=30).status_code == 401
    owned = {
        "Authorization": f"DPoP {pair['access_token']}",
        "DPoP": holder.proof("GET", url, pair["access_token"]),
    }
    assert requests.get(url, headers=owned, timeout=30).status_code == 200


def tokens_allow_no_more_than_was_granted(world: World) -> None:
    pair = world.pair(scopes=["read_only"])
    assert pair["scope"] == "read_only"
    url = f"{world.program.site}/api/v5/trade/order"
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    answer = requests.post(url, json={}, headers=headers, timeout=30)
    assert answer.json()["code"] == "53013"


def no_password_grant(world: World) -> None:
    form = {"grant_type": "password", "username": "alice@example.com", "password": "x"}
    assert refused(world.program.post("token", **form), "unsupported_grant_type")


def clients_authenticate(world: World) -> None:
    code = world.code()
    for secret in ("", "guess", world.rival.secret):
        impostor = Program(world.program.site, world.program.client_id, secret)
        assert refused(impostor.redeem(code), "invalid_client")
    assert refused(Program(world.program.site, "acme-client", None).redeem(code), "invalid_client")


def metadata_is_published(world: World) -> None:
    said = world.metadata()
    assert said["issuer"] == world.program.site
    assert said["authorization_response_iss_parameter_supported"] is True
    assert said["pushed_authorization_request_endpoint"] == f"{world.program.site}/oauth/par/"
    assert "ES256" in str(said["dpop_signing_alg_values_supported"])


# --- what attackers do --------------------------------------------------------------------------


def nothing_leaks_by_the_referrer(world: World) -> None:
    answer = world.visitor.ask()
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]


def no_token_in_an_address(world: World) -> None:
    answer = world.visitor.allow()
    assert set(answer) == {"code", "state", "iss"}
    pair = world.program.redeem(answer["code"]).json()
    url = f"{world.program.site}/api/v5/account/balance"
    told = requests.get(url, params={"access_token": pair["access_token"]}, timeout=30)
    assert told.status_code == 401


def answers_name_their_issuer(world: World) -> None:
    denied = carried(world.visitor.send(authorize_path(), {"decision": "deny"}))
    wrong = carried(world.visitor.ask(scope="nonsense"))
    for answer in (world.visitor.allow(), denied, wrong):
        assert answer["iss"] == world.program.site


def an_injected_code_is_worth_nothing(world: World) -> None:
    code = world.code()
    assert refused(world.program.redeem(code, code_verifier="w" * 64), "invalid_grant")
    assert refused(world.rival.redeem(code), "invalid_grant")
    assert refused(world.program.redeem(code, redirect_uri=f"{CALLBACK}/"), "invalid_grant")


def a_code_is_used_once_and_its_replay_burns(world: World) -> None:
    code = world.code()
    pair = world.program.redeem(code).json()
    assert refused(world.program.redeem(code), "invalid_grant")
    assert not works(pair)


def a_code_is_short_lived(world: World) -> None:
    world.code()
    assert AuthorizationCode.objects.get().expires <= now() + timedelta(seconds=60)


def pkce_is_not_left_out_later(world: World) -> None:
    assert refused(world.program.redeem(world.code(), code_verifier=None), "invalid_request")


def state_comes_back(world: World) -> None:
    assert world.visitor.allow(authorize_path(state="<a&b>"))["state"] == "<a&b>"


def another_client_learns_nothing_of_a_token(world: World) -> None:
    pair = world.pair()
    for token in (pair["access_token"], pair["refresh_token"]):
        assert world.rival.post("introspect", token=token).json() == {"active": False}
        world.rival.post("revoke_token", token=token)
    assert works(pair)


def nobody_is_sent_on_without_a_question(world: World) -> None:
    stranger = Browser(world.program.site)
    answer = stranger.ask(scope="nonsense")
    assert urlsplit(answer.headers["Location"]).path == "/accounts/login/"


def a_form_is_answered_by_302(world: World) -> None:
    choice = {"decision": "allow", "scopes": ["read_only"], "days": "90"}
    assert world.visitor.send(authorize_path(scope="read_only"), choice).status_code == 302


def refresh_tokens_rotate_and_a_replay_ends_all(world: World) -> None:
    first = world.pair()
    second = world.program.refresh(first["refresh_token"]).json()
    a_while_later()
    assert refused(world.program.refresh(first["refresh_token"]), "invalid_grant")
    assert not works(second)
    assert refused(world.program.refresh(second["refresh_token"]), "invalid_grant")


def refresh_tokens_belong_to_their_client(world: World) -> None:
    pair = world.pair()
    assert refused(world.rival.refresh(pair["refresh_token"]), "invalid_grant")
    assert works(pair)


def refresh_tokens_run_out(world: World) -> None:
    idle, over = world.pair(), now() - timedelta(days=3, seconds=1)
    RefreshToken.objects.update(created=over)
    assert refused(world.program.refresh(idle["refresh_token"]), "invalid_grant")
    RefreshToken.objects.update(created=now())
    Grant.objects.update(expires_at=now())
    assert refused(world.program.refresh(idle["refresh_token"]), "invalid_grant")


def no_client_passes_for_a_person(world: World) -> None:
    assert refused(
        world.program.post("token", grant_type="client_credentials"), "unsupported_grant_type"
    )
    told = world.program.post("introspect", token=world.pair()["access_token"]).json()
    assert told["sub"] == f"grant:{Grant.objects.get().pk}" != told["client_id"]


def no_frame_around_the_question(world: World) -> None:
    headers = world.visitor.ask().headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


class Row(NamedTuple):
    """One demand."""

    paragraph: str
    holds: Callable[[World], None]


CHECKLIST = (
    Row("2.1", redirect_uris_match_exactly),
    Row("2.1", no_open_redirector),
    Row("2.1.1", pkce_for_every_client),
    Row("2.1.1", s256_only),
    Row("2.1.2", no_implicit_grant),
    Row("2.1.2", no_code_in_a_fragment),
    Row("2.2.1", tokens_can_be_bound_to_a_key),
    Row("2.2.2", refresh_tokens_rotate_and_a_replay_ends_all),
    Row("2.3", tokens_allow_no_more_than_was_granted),
    Row("2.4", no_password_grant),
    Row("2.5", clients_authenticate),
    Row("2.6", metadata_is_published),
    Row("4.2", nothing_leaks_by_the_referrer),
    Row("4.2", a_code_is_short_lived),
    Row("4.3", no_token_in_an_address),
    Row("4.4", answers_name_their_issuer),
    Row("4.5", an_injected_code_is_worth_nothing),
    Row("4.5", a_code_is_used_once_and_its_replay_burns),
    Row("4.7", state_comes_back),
    Row("4.8", pkce_is_not_left_out_later),
    Row("4.10", another_client_learns_nothing_of_a_token),
    Row("4.11", nobody_is_sent_on_without_a_question),
    Row("4.12", a_form_is_answered_by_302),
    Row("4.14", refresh_tokens_belong_to_their_client),
    Row("4.14", refresh_tokens_run_out),
    Row("4.15", no_client_passes_for_a_person),
    Row("4.16", no_frame_around_the_question),
)


@pytest.mark.parametrize(
    "row", CHECKLIST, ids=[f"{row.paragraph} {row.holds.__name__}" for row in CHECKLIST]
)
def test_the_server_meets_each_demand_of_the_checklist(world: World, row: Row) -> None:
    row.holds(world)
