"""A key that is made and bound in one step, and what becomes of it when the binding ends."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from connect_portal.audit.models import Event
from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.models import Binding, VenueKey
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.venue.errors import KeyRefused
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Credentials, Environment
from tests import cast
from tests.faults import proxy as faults
from tests.faults.proxy import Proxy
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, alice: Person, exchange: Sandbox) -> Client:
    """Alice, signed in, with the exchange at hand."""
    return cast.sign_in(client, alice)


def make(page: Client, institution: Institution) -> Any:
    """Press the button; key fields stay as empty as they are."""
    return page.post("/user/bind/", {"institution": institution.pk, "make": "1", "api_key": ""})


def shown(answer: Any) -> Credentials:
    """The key that the page shows."""
    text = unescape(answer.content.decode())
    found = [
        re.search(rf'<code id="made-{part}">([^<]+)<', text)
        for part in ("key", "secret", "passphrase")
    ]
    return Credentials(*(match.group(1) for match in found if match))


def test_one_button_makes_a_key_binds_it_and_shows_it_once(page: Client, acme: Institution) -> None:
    answer = make(page, acme)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    key = shown(answer)
    binding = Binding.objects.get()
    assert (binding.institution, binding.state) == (acme, "bound")
    assert binding.credentials() == key
    report = venue().probe(key)
    assert report.permissions == {"read_only", "trade"}
    assert report.uid == binding.venue_account.uid
    assert key.secret not in page.get("/user/").content.decode()
    event = Event.objects.get(tag="authorizations:binding:bound")
    assert event.data["made_here"] is True


def test_a_key_made_here_dies_at_the_venue_when_its_binding_ends(
    page: Client, acme: Institution, alice: Person
) -> None:
    key = shown(make(page, acme))
    binding = Binding.objects.get()
    asked = page.get(f"/user/bindings/{binding.pk}/end/").content.decode()
    assert "deleted at the venue as well" in asked
    answer = page.post(f"/user/bindings/{binding.pk}/end/", follow=True)
    assert "is deleted at the venue" in answer.content.decode()
    assert actions.delete_due() == 1
    with pytest.raises(KeyRefused):
        venue().probe(key)


def test_a_second_key_made_for_the_same_institution_replaces_the_first(
    page: Client, acme: Institution
) -> None:
    first, second = shown(make(page, acme)), shown(make(page, acme))
    actions.delete_due()
    with pytest.raises(KeyRefused):
        venue().probe(first)
    venue().probe(second)
    assert list(Binding.objects.values_list("state", flat=True)) == ["bound", "unbound"]


def test_the_account_page_says_what_a_made_key_is_for(page: Client, acme: Institution) -> None:
    make(page, acme)
    account = Binding.objects.get().venue_account
    assert "Connection to Acme" in queries.made_keys(account).values()


def test_a_key_whose_making_fails_half_way_is_promised_and_swept(
    page: Client, acme: Institution, proxy: Proxy
) -> None:
    actions.open_account(
        Person.objects.get(name="Alice").pk, Environment.LIVE, actor="system:tests"
    )
    proxy.spoil("/sandbox/v1/accounts/", faults.DOWN, times=5)
    answer = make(page, acme)
    assert answer.status_code == 422
    assert "does not answer" in unescape(answer.content.decode())
    assert not Binding.objects.exists()
    key = VenueKey.objects.get()
    assert key.delete_at is not None, "the sweep will look for it"


def test_an_institution_must_be_chosen_for_a_new_key_too(page: Client) -> None:
    answer = page.post("/user/bind/", {"make": "1"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["institution"]
    assert not VenueKey.objects.exists()


def test_a_venue_account_of_somebody_else_is_no_choice(
    page: Client, acme: Institution, bob: Person
) -> None:
    make(page, acme)
    theirs = actions.open_account(bob.pk, Environment.LIVE, actor="system:tests")
    form = {"institution": acme.pk, "make": "1", "account": theirs.pk}
    assert page.post("/user/bind/", form).status_code == 422
    assert Binding.objects.count() == 1


def test_on_another_venue_nobody_offers_to_make_a_key(
    page: Client, acme: Institution, settings: Any
) -> None:
    settings.SANDBOX_OPERATOR_KEY = ""
    assert "Make a key for me" not in page.get("/user/bind/").content.decode()
    answer = make(page, acme)
    assert set(answer.context["form"].errors) == {"api_key", "secret", "passphrase"}


def test_institutions_are_found_by_part_of_their_name(
    page: Client, acme: Institution, zenith: Institution
) -> None:
    def found(typed: str) -> list[str]:
        text = page.get("/user/bind/institutions/", {"q": typed}).content.decode()
        return re.findall(r">([^<]+)</option>", text)

    assert found("") == ["Acme", "Zenith"]
    assert found("ENI") == ["Zenith"]
    assert found("<script>") == ["None of that name takes API keys"]
