"""Writes about people, each with its audit line."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from connect_portal.audit.queries import events_about, verify
from connect_portal.institutions.models import Institution
from connect_portal.people import queries, rules
from connect_portal.people.actions import give_membership, give_staff_role, register, set_totp
from connect_portal.people.enums import MembershipRole, StaffRole
from connect_portal.people.errors import AlreadyMember, EmailTaken
from connect_portal.people.models import Person
from tests import cast

pytestmark = pytest.mark.django_db


def trail(person: Person) -> list[tuple[str, str, dict[str, object]]]:
    """What the audit trail says about a person: tag, actor, data."""
    return [(event.tag, event.actor, event.data) for event in events_about(person.actor)]


def test_register_makes_somebody_who_can_sign_in_and_says_so_in_the_trail() -> None:
    alice = register(
        email="Alice@Example.com", password=cast.PASSWORD, name="Alice", actor="demo", is_demo=True
    )
    assert alice.check_password(cast.PASSWORD)
    assert (alice.email, alice.actor) == ("alice@example.com", f"person:{alice.pk}")
    data = {"email": "alice@example.com", "staff_role": "", "is_demo": True}
    assert trail(alice) == [("people:person:registered", "demo", data)]


def test_two_spellings_of_one_address_are_one_person(alice: Person) -> None:
    assert queries.find("ALICE@example.com") == alice
    with pytest.raises(EmailTaken, match="already here"):
        register(email="ALICE@example.com", password=None, name="Alice", actor="demo")


def test_the_database_itself_holds_addresses_to_lower_case(alice: Person) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=alice.pk).update(email="Alice@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create_user("ALICE@example.com")


def test_an_unknown_role_is_refused_and_leaves_nothing_behind() -> None:
    with pytest.raises(ValueError, match="pirate"):
        register(email="m@example.com", password=None, name="M", staff_role="pirate", actor="demo")
    assert queries.find("m@example.com") is None
    assert verify().count == 0


def test_give_staff_role_records_what_it_was_and_what_it_is(mallory: Person) -> None:
    give_staff_role(mallory, StaffRole.FINANCE, actor="person:1")
    assert rules.works_for_exchange(Person.objects.get(pk=mallory.pk))
    data = {"from": "", "to": "finance"}
    assert trail(mallory)[-1] == ("people:staff_role:given", "person:1", data)


def test_give_membership_opens_one_institution_only(
    alice: Person, acme: Institution, zenith: Institution
) -> None:
    place = give_membership(alice, acme.pk, MembershipRole.VIEWER, actor="person:1")
    assert (place.role, place.given_by) == ("viewer", "person:1")
    assert rules.belongs_here(alice, slug="acme")
    assert not rules.owns(alice, acme)
    assert not rules.belongs_here(alice, slug="zenith")
    data = {"institution": acme.pk, "role": "viewer"}
    assert trail(alice)[-1] == ("people:membership:given", "person:1", data)


def test_give_membership_twice_is_refused(ada: Person, acme: Institution) -> None:
    with pytest.raises(AlreadyMember, match="Ada already belongs"):
        give_membership(ada, acme.pk, MembershipRole.VIEWER, actor="person:1")
    assert rules.owns(ada, acme)


def test_set_totp_keeps_the_secret_sealed_and_shows_it_once(alice: Person) -> None:
    secret = set_totp(alice, actor="demo")
    factor = Authenticator.objects.get(user=alice)
    assert secret not in str(factor.data)
    assert factor.wrap().validate_code(cast.code_now(secret))
    assert trail(alice)[-1] == ("people:second_factor:added", "demo", {"type": "totp"})


def test_set_totp_again_replaces_the_secret(alice: Person) -> None:
    set_totp(alice, actor="demo")
    assert set_totp(alice, cast.TOTP_SECRET, actor="demo") == cast.TOTP_SECRET
    assert Authenticator.objects.get(user=alice).wrap().validate_code(cast.code_now())
