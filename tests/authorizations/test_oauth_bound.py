"""Tokens that are bound to a key (RFC 9449), for confidential clients and public ones."""

from typing import Any

import pytest

from connect_portal.authorizations import queries
from connect_portal.authorizations.models import AccessToken, Client, Grant, RefreshToken
from tests.authorizations.keys import Holder
from tests.authorizations.oauth import (
    CLIENT_ID,
    Browser,
    Program,
    a_while_later,
    authorize_path,
    carried,
    works,
)

pytestmark = pytest.mark.django_db(transaction=True)


class Bound:
    """Acme's server with a key of its own."""

    def __init__(self, program: Program) -> None:
        self.program, self.holder = program, Holder()
        self.url = f"{program.site}/oauth/token/"

    def proof(self, holder: Holder | None = None, **claims: Any) -> Program:
        """Acme's server with a proof for the token endpoint, of its own key or another."""
        return self.program.with_proof((holder or self.holder).proof("POST", self.url, **claims))


@pytest.fixture
def bound(program: Program) -> Bound:
    """Acme's server, which holds a key."""
    return Bound(program)


@pytest.fixture
def public(program: Program) -> Program:
    """Acme's app on somebody's phone, which has no secret."""
    client = Client.objects.get(client_id=CLIENT_ID)
    client.secrets.all().delete()
    Client.objects.filter(pk=client.pk).update(client_type=Client.CLIENT_PUBLIC)
    return Program(program.site, CLIENT_ID, None)


def test_a_pair_got_with_a_proof_is_bound_to_its_key(visitor: Browser, bound: Bound) -> None:
    pair = bound.proof().redeem(visitor.allow()["code"]).json()
    assert pair["token_type"] == "DPoP"
    assert "jkt" not in pair
    assert queries.bearer(pair["access_token"]).jkt == bound.holder.jkt
    told = bound.program.post("introspect", token=pair["access_token"]).json()
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": bound.holder.jkt})


def test_a_pair_got_without_a_proof_is_bound_to_none(pair: dict[str, str]) -> None:
    assert pair["token_type"] == "Bearer"
    assert queries.bearer(pair["access_token"]).jkt == ""


@pytest.mark.parametrize(
    "claims", [{"htu": "https://portal.example/oauth/token/"}, {"htm": "GET"}, {"iat": 0}]
)
def test_a_wrong_proof_gets_no_tokens(
    visitor: Browser, bound: Bound, claims: dict[str, Any]
) -> None:
    code = visitor.allow()["code"]
    answer = bound.proof(**claims).redeem(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert bound.proof().redeem(code).status_code == 200, "the code is still good"


def test_two_proofs_are_none(visitor: Browser, bound: Bound) -> None:
    proofs = [bound.holder.proof("POST", bound.url) for _ in range(2)]
    answer = bound.program.with_proof(", ".join(proofs)).redeem(visitor.allow()["code"])
    assert answer.json()["error"] == "invalid_dpop_proof"


def test_a_proof_is_taken_once_by_the_endpoint(visitor: Browser, bound: Bound) -> None:
    again = bound.proof()
    pair = again.redeem(visitor.allow()["code"]).json()
    answer = again.refresh(pair["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


def test_a_confidential_client_may_change_its_key(visitor: Browser, bound: Bound) -> None:
    pair = bound.proof().redeem(visitor.allow()["code"]).json()
    newer = bound.proof(next_key := Holder()).refresh(pair["refresh_token"]).json()
    assert queries.bearer(newer["access_token"]).jkt == next_key.jkt
    assert RefreshToken.objects.filter(revoked=None).get().jkt == ""


def test_a_client_that_wants_bound_tokens_gets_no_others(visitor: Browser, bound: Bound) -> None:
    Client.objects.update(dpop_required=True)
    code = visitor.allow()["code"]
    answer = bound.program.redeem(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    pair = bound.proof().redeem(code).json()
    answer = bound.program.refresh(pair["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert bound.proof().refresh(pair["refresh_token"]).status_code == 200


def test_a_code_for_a_key_is_redeemed_by_its_holder(visitor: Browser, bound: Bound) -> None:
    code = visitor.allow(authorize(bound.holder.jkt))["code"]
    answer = bound.proof(Holder()).redeem(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert bound.program.redeem(code).json()["error"] == "invalid_dpop_proof"
    assert bound.proof().redeem(code).status_code == 200


def test_a_code_for_what_is_no_key_is_not_given(visitor: Browser) -> None:
    assert carried(visitor.get(authorize("short")))["error"] == "invalid_request"


def test_grace_is_for_the_holder_of_the_same_key(visitor: Browser, bound: Bound) -> None:
    pair = bound.proof().redeem(visitor.allow()["code"]).json()
    newer = bound.proof().refresh(pair["refresh_token"])
    again = bound.proof().refresh(pair["refresh_token"])
    assert again.json() == newer.json()
    assert bound.proof(Holder()).refresh(pair["refresh_token"]).status_code == 400


# --- public clients -----------------------------------------------------------------------------


def test_a_public_client_gets_tokens_by_pkce_alone(visitor: Browser, public: Program) -> None:
    pair = public.redeem(visitor.allow()["code"]).json()
    assert works(pair)
    assert works(public.refresh(pair["refresh_token"]).json())


@pytest.mark.parametrize("verifier", [None, "w" * 64])
def test_a_public_client_without_its_verifier_gets_none(
    visitor: Browser, public: Program, verifier: str | None
) -> None:
    answer = public.redeem(visitor.allow()["code"], code_verifier=verifier)
    assert answer.status_code == 400
    assert not AccessToken.objects.exists()


def test_a_public_client_that_shows_a_secret_is_refused(visitor: Browser, public: Program) -> None:
    code = visitor.allow()["code"]
    for secret in ("", "guess"):
        answer = Program(public.site, CLIENT_ID, secret).redeem(code)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_confidential_client_cannot_pass_for_a_public_one(
    visitor: Browser, program: Program
) -> None:
    answer = Program(program.site, CLIENT_ID, None).redeem(visitor.allow()["code"])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_public_client_ends_its_grant_but_inspects_nothing(
    visitor: Browser, public: Program
) -> None:
    pair = public.redeem(visitor.allow()["code"]).json()
    assert public.post("introspect", token=pair["access_token"]).status_code == 401
    assert public.post("revoke_token", token=pair["access_token"]).status_code == 200
    assert Grant.objects.get().ended_by == "institution"


def test_the_refresh_token_of_a_public_client_is_bound_too(
    visitor: Browser, public: Program
) -> None:
    bound = Bound(public)
    pair = bound.proof().redeem(visitor.allow()["code"]).json()
    thief = bound.proof(Holder()).refresh(pair["refresh_token"])
    assert (thief.status_code, thief.json()["error"]) == (400, "invalid_grant")
    assert public.refresh(pair["refresh_token"]).json()["error"] == "invalid_dpop_proof"
    newer = bound.proof().refresh(pair["refresh_token"])
    assert (newer.status_code, newer.json()["token_type"]) == (200, "DPoP")
    a_while_later()
    assert bound.proof().refresh(pair["refresh_token"]).status_code == 400
    assert not works(newer.json()), "a replay ends the grant of a public client too"


def authorize(jkt: str) -> str:
    """Acme's request for a code that is bound to a key."""
    return authorize_path(dpop_jkt=jkt)
