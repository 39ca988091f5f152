"""What an institution sees of its order requests."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from connect_portal.gateway.queries import SHOWN
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests.gateway.making import busy_grant, decided, grant_of

pytestmark = pytest.mark.django_db


def seen(client: Client, slug: str, **query: str) -> str:
    """The text of the page, without its markup."""
    answer = client.get(reverse("gateway_institution:decisions", args=[slug]), query)
    assert answer.status_code == 200
    return re.sub(r"(<[^>]*>|\s)+", " ", answer.text)


def test_each_request_is_told_with_its_reason_and_can_be_chosen_by_result(
    client: Client, ada: Person, alice: Person, acme: Institution
) -> None:
    busy_grant(alice, acme)
    client.force_login(ada)
    every = seen(client, acme.slug)
    assert "Refused here Parameter tag error (51000)" in every
    ids = ("accepted1", "foreign1", "poor1", "lost1")
    assert all(one in every for one in ids)
    for which, shown in [
        ("refused", "foreign1"),
        ("accepted", "accepted1"),
        ("not-accepted", "poor1"),
        ("unknown", "lost1"),
    ]:
        text = seen(client, acme.slug, which=which)
        assert [one for one in ids if one in text] == [shown]


def test_older_requests_are_a_page_further(
    client: Client, ada: Person, alice: Person, acme: Institution
) -> None:
    grant = grant_of(alice, acme)
    rows = [decided(grant, f"row{number}x") for number in range(SHOWN + 1)]
    client.force_login(ada)
    first = client.get(reverse("gateway_institution:decisions", args=[acme.slug])).text
    assert "row0x" not in first
    assert f"before={rows[1].pk}" in first
    assert "row0x" in seen(client, acme.slug, before=str(rows[1].pk))


def test_another_institutions_requests_are_not_among_them(
    client: Client, ada: Person, alice: Person, acme: Institution, zenith: Institution
) -> None:
    decided(grant_of(alice, zenith, uid="7005"), "theirs1")
    client.force_login(ada)
    assert "theirs1" not in seen(client, acme.slug)
    client_answer = client.get(reverse("gateway_institution:decisions", args=[zenith.slug]))
    assert client_answer.status_code == 403


@pytest.mark.parametrize("query", [{"which": "odd"}, {"before": "x"}, {"before": "9" * 30}])
def test_an_odd_address_is_no_page(
    client: Client, ada: Person, acme: Institution, query: dict[str, str]
) -> None:
    client.force_login(ada)
    answer = client.get(reverse("gateway_institution:decisions", args=[acme.slug]), query)
    assert answer.status_code == 404
