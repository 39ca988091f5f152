"""Pages around OAuth: the person's connections, and the institution's own client."""

import re

import pytest
from django.test import Client

from connect_portal.authorizations import queries
from connect_portal.authorizations.models import Grant
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests import cast
from tests.authorizations.oauth import CALLBACK, client_of, grant_without_a_venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def grant(acme: Institution, alice: Person) -> Grant:
    """Alice's grant to Acme."""
    return grant_without_a_venue(alice, client_of(acme)[0])


def test_a_person_sees_what_a_grant_allows_and_ends_it_after_a_question(
    client: Client, grant: Grant, alice: Person
) -> None:
    cast.sign_in(client, alice)
    page = client.get("/user/").content.decode()
    assert "See balances, orders and fills; Place and cancel orders" in page
    address = f"/user/grants/{grant.pk}/end/"
    assert "tokens stop working" in client.get(address).content.decode()
    assert Grant.objects.get().is_live, "a look ends nothing"
    answer = client.post(address, follow=True)
    assert "can no longer act on your account" in answer.content.decode()
    assert "Ended by you" in answer.content.decode()
    assert "already ended" in client.post(address, follow=True).content.decode()


def test_a_grant_of_another_person_is_not_to_be_found(
    client: Client, grant: Grant, mallory: Person
) -> None:
    cast.sign_in(client, mallory)
    for address in (f"/user/grants/{grant.pk}/", f"/user/grants/{grant.pk}/end/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
    assert Grant.objects.get().is_live


def test_the_page_of_a_grant_fetches_what_was_done_with_it(
    client: Client, grant: Grant, alice: Person
) -> None:
    cast.sign_in(client, alice)
    page = client.get(f"/user/grants/{grant.pk}/").content.decode()
    (panel,) = re.findall(r'hx-get="([^"]+)"', page)
    assert client.get(panel).status_code == 200


def test_an_owner_makes_a_secret_that_is_shown_once_and_works_beside_the_old_one(
    client: Client, acme: Institution, ada: Person
) -> None:
    ours, old = client_of(acme)
    cast.sign_in(client, ada)
    page = client.get("/institution/acme/access/").content.decode()
    assert ours.client_id in page
    assert CALLBACK in page
    assert "ACMEcode1" in page
    shown = client.post("/institution/acme/access/").content.decode()
    found = re.search(r'<code id="secret">(\w{128})</code>', shown)
    assert found is not None
    assert queries.is_secret_of(ours.client_id, found[1])
    assert queries.is_secret_of(ours.client_id, old)
    assert found[1] not in client.get("/institution/acme/access/").content.decode()


def test_who_looks_on_makes_no_secret(client: Client, acme: Institution, ben: Person) -> None:
    ours, secret = client_of(acme)
    cast.sign_in(client, ben)
    assert "Make a client secret" not in client.get("/institution/acme/access/").content.decode()
    assert client.post("/institution/acme/access/").status_code == 403
    assert queries.is_secret_of(ours.client_id, secret)


def test_before_technical_access_there_is_no_client_to_make_a_secret_for(
    client: Client, ada: Person
) -> None:
    cast.sign_in(client, ada)
    assert "No OAuth client yet" in client.get("/institution/acme/access/").content.decode()
    assert client.post("/institution/acme/access/").status_code == 403


def test_the_client_of_a_rival_is_behind_its_own_door(
    client: Client, acme: Institution, rival: Person
) -> None:
    cast.sign_in(client, rival)
    assert client.get("/institution/acme/access/").status_code == 403
