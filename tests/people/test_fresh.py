"""What counts as a fresh sign-in."""

import time
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.contrib.sessions.backends.cache import SessionStore
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory

from connect_portal.people.actions import set_totp
from connect_portal.people.fresh import ask_for_proof, kept_form, missing_proof
from connect_portal.people.models import Person
from tests import cast
from tests.pages.visits import security_key

pytestmark = pytest.mark.django_db

PASSWORD = {"method": "password"}
CODE = {"method": "mfa", "type": "totp"}
PASSKEY = {"method": "mfa", "type": "webauthn"}


def asked(person: Person, *proofs: dict[str, Any], seconds_ago: int = 0) -> str | None:
    """What is missing for ``person`` who showed ``proofs`` so long ago."""
    request: HttpRequest = RequestFactory().get("/")
    request.user, request.session = person, SessionStore()
    for proof in proofs:
        record_authentication(request, person, **proof)
    key = "account_authentication_methods"
    request.session[key] = [
        one | {"at": time.time() - seconds_ago} for one in request.session.get(key, [])
    ]
    return missing_proof(request)


def test_a_password_is_enough_without_a_second_factor(alice: Person) -> None:
    assert asked(alice) == "account_reauthenticate"
    assert asked(alice, PASSWORD) is None
    assert asked(alice, PASSWORD, seconds_ago=301) == "account_reauthenticate"


def test_whoever_has_an_authenticator_app_shows_both(alice: Person) -> None:
    set_totp(alice, cast.TOTP_SECRET, actor=cast.ACTOR)
    assert asked(alice) == "account_reauthenticate"
    assert asked(alice, PASSWORD) == "mfa_reauthenticate"
    assert asked(alice, CODE) == "account_reauthenticate"
    assert asked(alice, PASSWORD, CODE) is None


def test_a_passkey_stands_for_both(alice: Person) -> None:
    security_key(alice)
    assert asked(alice) == "mfa_reauthenticate_webauthn"
    assert asked(alice, PASSWORD) == "mfa_reauthenticate_webauthn"
    assert asked(alice, PASSKEY) is None
    assert asked(alice, PASSKEY, seconds_ago=301) == "mfa_reauthenticate_webauthn"


def test_the_way_to_the_proof_leads_back_to_a_form_that_was_kept_once() -> None:
    request = RequestFactory().post("/oauth/authorize/?a=1&b=2", {"days": "30"})
    request.session = SessionStore()
    answer = ask_for_proof(request, "account_reauthenticate")
    assert answer["Location"] == (
        "/accounts/reauthenticate/?next=%2Foauth%2Fauthorize%2F%3Fa%3D1%26b%3D2"
    )
    other = RequestFactory().get("/oauth/authorize/")
    same = RequestFactory().get("/oauth/authorize/?a=1&b=2")
    other.session = same.session = request.session
    assert kept_form(other) is None
    assert kept_form(same) == QueryDict("days=30")
    assert kept_form(same) is None
