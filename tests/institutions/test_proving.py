"""Who applies has a verified email address and a second factor, and is led there and back."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from connect_portal.institutions.actions import save_draft
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import NotProven
from connect_portal.institutions.models import Application
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.handing_in import FIELDS, apply, ready, submit
from tests.institutions.road import Road
from tests.pages.visits import security_key
from tests.people.test_signing_in import set_up_totp

pytestmark = pytest.mark.django_db

FIRST = "Before you apply"


def page(client: Client, path: str = "/apply/") -> str:
    return client.get(path).content.decode()


def link(letter: Any) -> str:
    found = re.search(r"/accounts/confirm-email/\S+", letter.body)
    assert found
    return found[0]


@pytest.mark.django_db(transaction=True)
def test_a_stranger_opens_an_account_proves_both_and_comes_back_to_the_form(
    client: Client,
) -> None:
    asked = client.get("/apply/")["Location"]
    sign_up = reverse("account_signup") + "?next=/apply/"
    assert sign_up.replace("/apply/", "%2Fapply%2F") in page(client, asked)
    secret = {"password1": cast.PASSWORD, "password2": cast.PASSWORD}
    form = {"name": "Iris", "email": "iris@harbor.example", "next": "/apply/", **secret}
    assert client.post(sign_up, form)["Location"] == "/apply/"
    said = page(client)
    assert FIRST in said
    assert "We sent a letter to" in said

    confirmed = client.post(link(mail.outbox[0]))
    assert confirmed["Location"] == "/apply/"
    said = page(client)
    assert "is verified" in said
    assert "Set up an app" in said

    assert "go on where you were" in page(client, reverse("mfa_index"))
    set_up_totp(client)
    codes = page(client, reverse("mfa_view_recovery_codes"))
    assert '<a href="/apply/">go on where you were</a>' in codes
    assert "legal name" in page(client)
    assert "go on where you were" not in page(client, reverse("mfa_index"))
    assert apply(client).step == Step.SUBMITTED


def test_the_letter_is_sent_again_on_request(client: Client, mallory: Person) -> None:
    EmailAddress.objects.update(verified=False)
    cast.sign_in(client, mallory)
    assert FIRST in page(client)
    client.post(reverse("account_email"), {"email": mallory.email, "action_send": "1"})
    assert [letter.to for letter in mail.outbox] == [[mallory.email]]


def test_a_passkey_is_a_second_factor_and_recovery_codes_alone_are_none(
    client: Client, mallory: Person
) -> None:
    client.force_login(mallory)
    Authenticator.objects.create(user=mallory, type="recovery_codes", data={})
    assert FIRST in page(client)
    security_key(mallory)
    assert FIRST not in page(client)


@pytest.mark.parametrize("lacking", ["email address", "second factor"])
def test_the_actions_refuse_who_lacks_either_whatever_the_page_did(
    road: Road, lacking: str
) -> None:
    draft = save_draft(road.applicant, FIELDS)
    if lacking == "email address":
        EmailAddress.objects.filter(user=road.applicant).update(verified=False)
    else:
        Authenticator.objects.filter(user=road.applicant).delete()
    with pytest.raises(NotProven, match=lacking):
        save_draft(road.applicant, FIELDS | {"company": "Another"})
    with pytest.raises(NotProven, match=lacking):
        submit(road.applicant, FIELDS, application_id=draft.pk)
    assert save_draft(road.applicant, FIELDS, application_id=draft.pk).pk == draft.pk
    assert Application.objects.count() == 1


def test_who_gave_up_the_factor_while_drafting_keeps_what_was_typed(
    road: Road, client: Client
) -> None:
    draft = ready(road.applicant)
    cast.sign_in(client, road.applicant)
    Authenticator.objects.filter(user=road.applicant).delete()
    assert FIRST in page(client, f"/apply/{draft.pk}/business/")
    kept = client.post(f"/apply/{draft.pk}/business/", {"website": "https://other.example"})
    assert kept.status_code == 302
    assert Application.objects.get().website == "https://other.example"
    answer = client.post(f"/apply/{draft.pk}/review/", {"terms": draft.terms_version})
    assert answer.status_code == 422
    assert "To act for a company you need a second factor" in answer.content.decode()
