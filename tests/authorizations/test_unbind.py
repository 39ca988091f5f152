"""Ending a binding."""

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from connect_portal.audit.models import Event
from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.models import Binding
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests import cast
from tests.faults.exchange import bound, rich_trader
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def binding(client: Client, alice: Person, acme: Institution, exchange: Sandbox) -> Binding:
    """Alice's key for Acme, with Alice signed in."""
    cast.sign_in(client, alice)
    return bound(alice, rich_trader(exchange), acme).bindings.get()


def address(binding: Binding) -> str:
    return f"/user/bindings/{binding.pk}/end/"


def test_ending_a_binding_destroys_our_copy_and_ends_the_leave_at_once(
    binding: Binding, client: Client, alice: Person
) -> None:
    asked = client.get(address(binding))
    assert "our copy of the key is destroyed" in asked.content.decode()
    assert Binding.objects.get().state == "bound", "a look ends nothing"

    assert client.post(address(binding)).status_code == 302
    binding.refresh_from_db()
    assert (binding.state, binding.ended_by) == ("unbound", "user")
    assert binding.sealed_credentials is None
    (standing,) = queries.standings(binding.venue_account_id)
    assert standing.until == binding.ended_at
    assert queries.accesses([binding.venue_account_id]) == []
    event = Event.objects.get(tag="authorizations:binding:unbound")
    assert (event.actor, event.subject) == (alice.actor, f"binding:{binding.pk}")


def test_whoever_ends_a_key_of_their_own_is_told_to_delete_it_at_the_venue(
    binding: Binding, client: Client
) -> None:
    assert "until you delete it there" in client.get(address(binding)).content.decode()
    answer = client.post(address(binding), follow=True).content.decode()
    assert f"The key {binding.key_hint}… still works at the venue" in answer


def test_the_institution_is_told_which_key_to_forget(
    binding: Binding, client: Client, ada: Person, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    client.post(address(binding))
    actions.send_waiting()
    (letter,) = mailoutbox
    assert letter.to == [ada.email]
    assert f"the key {binding.key_hint}…" in letter.body
    assert "Stop trading with it" in letter.body


def test_a_binding_that_has_ended_is_not_ended_twice(binding: Binding, client: Client) -> None:
    client.post(address(binding))
    for again in (
        client.post(address(binding), follow=True),
        client.get(address(binding), follow=True),
    ):
        assert again.redirect_chain == [("/user/", 302)]
        assert "already ended" in again.content.decode()
    assert Event.objects.filter(tag="authorizations:binding:unbound").count() == 1


def test_a_binding_of_another_person_is_not_to_be_found(
    binding: Binding, client: Client, mallory: Person
) -> None:
    client.logout()
    cast.sign_in(client, mallory)
    assert client.get(address(binding)).status_code == 404
    assert client.post(address(binding)).status_code == 404
    assert Binding.objects.get().state == "bound"
