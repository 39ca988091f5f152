"""Entering the programme: a name, an address made of it, and a line in the trail."""

import pytest

from connect_portal.audit.models import Event
from connect_portal.institutions.actions import open_institution
from connect_portal.institutions.enums import BusinessKind, Channel
from connect_portal.institutions.errors import NameTaken, NameUnusable
from connect_portal.institutions.models import Institution
from connect_portal.institutions.queries import institution, institutions
from tests import cast

pytestmark = pytest.mark.django_db


def enter(name: str) -> Institution:
    return open_institution(
        name=name, kind=BusinessKind.AGGREGATOR, channels=[Channel.API], actor=cast.ACTOR
    )


def test_a_company_is_found_by_the_address_made_of_its_name() -> None:
    opened = enter("Quiet Harbour & Sons")
    assert opened.slug == "quiet-harbour-sons"
    assert institution("quiet-harbour-sons") == opened
    assert institution("Quiet Harbour & Sons") is None


def test_the_trail_says_who_let_it_in() -> None:
    opened = enter("Quiet Harbour")
    line = Event.objects.get()
    assert (line.tag, line.actor) == ("institutions:institution:opened", cast.ACTOR)
    assert line.subject == f"institution:{opened.pk}"
    assert line.data == {"name": "Quiet Harbour", "kind": "aggregator", "channels": ["api"]}


def test_two_names_that_read_alike_cannot_share_an_address() -> None:
    enter("Acme")
    with pytest.raises(NameTaken, match="acme"):
        enter("ACME!")
    assert Event.objects.count() == 1


@pytest.mark.parametrize("name", ["", "   ", "日本", "---", "a" * 121, "Acme\0"], ids=ascii)
def test_a_name_that_leaves_no_address_is_refused(name: str) -> None:
    with pytest.raises(NameUnusable):
        enter(name)
    assert institutions() == []


def test_a_long_name_gets_an_address_that_fits() -> None:
    opened = enter("a " * 60)
    assert len(opened.slug) <= 60
    assert institution(opened.slug) == opened


def test_institutions_come_by_name_and_by_number(acme: Institution, zenith: Institution) -> None:
    assert [row.name for row in institutions()] == ["Acme", "Zenith"]
    assert institutions([zenith.pk]) == [zenith]
    assert institutions([]) == []
