"""Who may act for whom, and who sees whom."""

import pytest
from django.contrib.auth.models import AnonymousUser

from connect_portal.institutions.models import Institution
from connect_portal.people import queries, rules
from connect_portal.people.models import Person

pytestmark = pytest.mark.django_db


def test_each_audience_is_told_from_the_others(ada: Person, alice: Person, morgan: Person) -> None:
    visitor = AnonymousUser()
    asked = (
        rules.is_signed_in,
        rules.works_for_exchange,
        rules.belongs_here,
    )
    answers = {
        "visitor": [rule(visitor) for rule in asked],
        "Alice": [rule(alice) for rule in asked],
        "Ada": [rule(ada) for rule in asked],
        "Morgan": [rule(morgan) for rule in asked],
    }
    assert answers == {
        "visitor": [False, False, False],
        "Alice": [True, False, False],
        "Ada": [True, False, True],
        "Morgan": [True, True, False],
    }


def test_a_member_is_at_home_in_their_own_institution_only(
    ada: Person, ben: Person, rival: Person
) -> None:
    for person, own, other in (
        (ada, "acme", "zenith"),
        (ben, "acme", "zenith"),
        (rival, "zenith", "acme"),
    ):
        assert rules.belongs_here(person, slug=own)
        assert not rules.belongs_here(person, slug=other)
        assert not rules.belongs_here(person, slug="nobody")


def test_staff_who_left_work_here_no_more(morgan: Person) -> None:
    morgan.is_active = False
    assert not rules.works_for_exchange(morgan)


def test_a_member_is_known_by_the_institution(ada: Person, acme: Institution) -> None:
    assert queries.institutions_of(ada) == [acme.pk]
    assert queries.first_institution_slug(ada) == "acme"
