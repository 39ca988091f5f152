"""Pushed authorization requests (RFC 9126): left with us by the client, brought by one browser."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from connect_portal.authorizations import actions
from connect_portal.authorizations.models import Client, Grant, PushedRequest
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from tests.authorizations.keys import Holder
from tests.authorizations.oauth import (
    CLIENT_ID,
    QUERY,
    Browser,
    Program,
    carried,
)

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = {name: text for name, text in QUERY.items() if name != "client_id"}


def push(program: Program, **changes: Any) -> requests.Response:
    """Push a right request, changed."""
    return program.post("par", **(ASKED | changes))


def path_of(reference: str, **more: str) -> str:
    """Where the client sends a browser with a reference."""
    query = {"client_id": CLIENT_ID, "request_uri": reference} | more
    return f"/oauth/authorize/?{urlencode(query)}"


@pytest.fixture
def reference(program: Program) -> str:
    """The reference to a right request."""
    answer = push(program)
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 90)
    assert "no-store" in answer.headers["Cache-Control"]
    return str(answer.json()["request_uri"])


@pytest.fixture
def strict(program: Program) -> Program:
    """Acme, which pushes all its requests."""
    Client.objects.filter(client_id=CLIENT_ID).update(par_required=True)
    return program


def test_a_pushed_request_is_asked_about_and_answered(
    program: Program, visitor: Browser, reference: str
) -> None:
    answer = visitor.allow(path_of(reference))
    assert answer["state"] == QUERY["state"]
    assert program.redeem(answer["code"]).json()["scope"] == "read_only trade"


def test_a_person_may_say_no_to_it(visitor: Browser, reference: str) -> None:
    answer = carried(visitor.send(path_of(reference), {"decision": "deny"}))
    assert answer["error"] == "access_denied"


def test_nothing_beside_the_reference_counts(visitor: Browser, reference: str) -> None:
    path = path_of(
        reference, scope="read_only", state="other", redirect_uri="https://evil.example/"
    )
    assert visitor.allow(path)["state"] == QUERY["state"]
    assert Grant.objects.get().scopes == ["read_only", "trade"]


def test_the_reference_is_stored_by_its_checksum(reference: str) -> None:
    assert PushedRequest.objects.get().checksum == checksum(reference)


def test_a_reference_is_answered_once(visitor: Browser, reference: str) -> None:
    visitor.allow(path_of(reference))
    assert visitor.get(path_of(reference)).status_code == 400


def test_a_reference_is_for_the_browser_that_brings_it_first(
    program: Program, visitor: Browser, bob: Person, reference: str
) -> None:
    assert visitor.get(path_of(reference)).status_code == 200
    assert visitor.get(path_of(reference)).status_code == 200, "a reload"
    other = Browser(program.site).sign_in(bob)
    assert other.get(path_of(reference)).status_code == 400


def test_whoever_arrives_in_time_may_sign_in_at_leisure(
    program: Program, alice: Person, reference: str
) -> None:
    browser = Browser(program.site)
    assert "/accounts/login/" in browser.get(path_of(reference)).headers["Location"]
    soon = PushedRequest.objects.get().expires_at
    assert soon > now() + timedelta(minutes=29)
    assert "code" in browser.sign_in(alice).allow(path_of(reference))


def test_a_reference_is_good_for_a_minute_and_a_half(visitor: Browser, reference: str) -> None:
    assert PushedRequest.objects.get().expires_at < now() + timedelta(seconds=91)
    PushedRequest.objects.update(expires_at=now())
    assert visitor.get(path_of(reference)).status_code == 400
    actions.forget_old_tokens()
    assert not PushedRequest.objects.exists()


@pytest.mark.parametrize("client_id", ["zenith", "", "\x00"])
def test_a_reference_is_for_its_own_client(
    visitor: Browser, rival_server: Program, reference: str, client_id: str
) -> None:
    assert visitor.get(path_of(reference, client_id=client_id)).status_code == 400


@pytest.mark.parametrize(
    "reference",
    ["", "x", "\x00", "https://evil.example/request.jwt", "urn:ietf:params:oauth:request_uri:x"],
)
def test_a_reference_that_we_did_not_give_is_never_answered(
    visitor: Browser, reference: str
) -> None:
    answer = visitor.get(path_of(reference))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://evil.example/callback"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "read_only withdraw"}, "invalid_scope"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"dpop_jkt": "short"}, "invalid_request"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
        ({"state": ["one", "two"]}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_refused_when_it_is_pushed(
    program: Program, changes: dict[str, Any], error: str
) -> None:
    answer = push(program, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert not PushedRequest.objects.exists()


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_nobody_pushes_in_the_name_of_another(program: Program, secret: str) -> None:
    answer = push(Program(program.site, CLIENT_ID, secret))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_client_cannot_push_for_another(rival_server: Program, program: Program) -> None:
    answer = push(rival_server, client_id=CLIENT_ID)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_client_that_pushes_all_is_taken_by_reference_only(
    strict: Program, visitor: Browser
) -> None:
    assert carried(visitor.ask())["error"] == "invalid_request"
    assert "code" in visitor.allow(path_of(push(strict).json()["request_uri"]))


def test_an_address_withdrawn_after_the_push_gets_no_code(
    visitor: Browser, reference: str, program: Program
) -> None:
    Client.objects.get(client_id=CLIENT_ID).redirects.update(withdrawn_at=now())
    assert visitor.get(path_of(reference)).status_code == 400


def test_a_proof_beside_the_push_names_the_key_of_the_code(
    program: Program, visitor: Browser
) -> None:
    holder, thief = Holder(), Holder()
    url = f"{program.site}/oauth/par/"
    reference = pushed_with(program, holder.proof("POST", url)).json()["request_uri"]
    code = visitor.allow(path_of(reference))["code"]
    token_url = f"{program.site}/oauth/token/"
    for proof in (thief.proof("POST", token_url), ""):
        assert program.with_proof(proof).redeem(code).status_code == 400
    answer = program.with_proof(holder.proof("POST", token_url)).redeem(code)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")


def test_a_proof_and_a_name_for_another_key_do_not_go_together(program: Program) -> None:
    proof = Holder().proof("POST", f"{program.site}/oauth/par/")
    answer = pushed_with(program, proof, dpop_jkt=Holder().jkt)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_wrong_proof_beside_the_push_is_refused(program: Program) -> None:
    answer = pushed_with(program, Holder().proof("POST", f"{program.site}/oauth/token/"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


def pushed_with(program: Program, proof: str, **changes: str) -> requests.Response:
    """Push a right request with a proof of possession."""
    return push(program.with_proof(proof), **changes)
