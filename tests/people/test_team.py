"""The team of an institution: invited by letter, in by one's own hand, never without an owner."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from connect_portal.audit.queries import verify
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people import actions, queries, rules
from connect_portal.people.enums import MembershipRole
from connect_portal.people.errors import AlreadyInvited, AlreadyMember, LastOwner
from connect_portal.people.models import Invitation, Membership, Person
from tests import cast
from tests.institutions.test_moves import at_once

pytestmark = pytest.mark.django_db

TEAM = "/institution/acme/team/"


def browser_of(person: Person) -> Client:
    return cast.sign_in(Client(), person)


def invite(acme: Institution, email: str, role: str = "developer") -> Invitation:
    return actions.invite(acme.pk, email=email, role=role, actor="person:1")


def address_in(letter: mail.EmailMessage) -> str:
    found = re.search(r"/invitations/\S+", str(letter.body))
    assert found
    return found[0]


def test_somebody_is_invited_by_letter_and_joins_by_their_own_hand(
    ada: Person, bob: Person
) -> None:
    owner = browser_of(ada)
    asked = {"do": "invite", "email": bob.email.upper(), "role": "developer"}
    assert owner.post(TEAM, asked).status_code == 302
    assert bob.email in owner.get(TEAM).content.decode()
    for invitation in queries.unsent_invitations():
        actions.send_invitation(invitation)
    assert queries.unsent_invitations() == []
    (letter,) = mail.outbox
    assert letter.to == [bob.email]
    page = address_in(letter)
    browser = browser_of(bob)
    assert "Join Acme?" in browser.get(page).content.decode()
    assert not rules.belongs_here(bob, slug="acme"), "looking at it is not joining"
    assert browser.post(page)["Location"] == "/institution/acme/"
    place = Membership.objects.get(person=bob)
    assert (place.role, place.given_by) == ("developer", bob.actor)
    assert browser.post(page).status_code == 409
    assert verify().intact


def test_a_letter_that_was_passed_on_opens_nothing(acme: Institution, mallory: Person) -> None:
    page = f"/invitations/{invite(acme, 'eve@acme.example').token}/"
    answer = browser_of(mallory).post(page)
    assert answer.status_code == 409
    assert "is for eve@acme.example" in answer.content.decode()
    assert not rules.belongs_here(mallory, slug="acme")
    assert browser_of(mallory).get("/invitations/invented/").status_code == 404


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
def test_an_invitation_that_is_over_opens_nothing(
    acme: Institution, ada: Person, bob: Person, how: str
) -> None:
    invitation = invite(acme, bob.email)
    if how == "withdrawn":
        sent = {"do": "withdraw", "row": invitation.pk}
        assert browser_of(ada).post(TEAM, sent).status_code == 302
    else:
        Invitation.objects.update(expires_at=now() - timedelta(seconds=1))
    answer = browser_of(bob).post(f"/invitations/{invitation.token}/")
    assert answer.status_code == 409
    assert "no longer open" in answer.content.decode()
    invite(acme, bob.email)


def test_one_invitation_for_one_address_and_none_for_a_member(
    acme: Institution, ada: Person
) -> None:
    invite(acme, "eve@acme.example")
    with pytest.raises(AlreadyInvited):
        invite(acme, "EVE@acme.example")
    with pytest.raises(AlreadyMember):
        invite(acme, ada.email)
    answer = browser_of(ada).post(TEAM, {"do": "invite", "email": ada.email, "role": "owner"})
    assert answer.status_code == 422
    assert "already belongs" in answer.content.decode()


def test_the_last_owner_can_neither_leave_nor_be_made_less(acme: Institution, ada: Person) -> None:
    (place,) = queries.team_of(acme.pk)
    with pytest.raises(LastOwner):
        actions.end_membership(place.pk, acme.pk, actor=ada.actor)
    with pytest.raises(LastOwner):
        actions.change_role(place.pk, acme.pk, MembershipRole.VIEWER, actor=ada.actor)
    answer = browser_of(ada).post(TEAM, {"do": "end", "row": place.pk}, follow=True)
    assert "without an owner" in answer.content.decode()
    assert rules.owns(ada, acme)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_end_each_other_at_once_leave_one(acme: Institution, ada: Person) -> None:
    second = cast.member("Bea", acme)
    places = [place.pk for place in queries.team_of(acme.pk)]
    ends = at_once(
        *[lambda pk=pk: actions.end_membership(pk, acme.pk, actor="person:1") for pk in places]
    )
    assert ends == ["done", "membership.last_owner"]
    assert rules.owns(ada, acme) != rules.owns(second, acme)
    connection.close()


def test_an_owner_changes_a_role_and_only_an_owner_may(
    acme: Institution, ada: Person, ben: Person
) -> None:
    place = Membership.objects.get(person=ben)
    sent = {"do": "role", "row": place.pk, "role": "finance"}
    assert browser_of(ben).post(TEAM, sent).status_code == 403
    assert browser_of(ada).post(TEAM, sent).status_code == 302
    place.refresh_from_db()
    assert place.role == "finance"
    assert "Send the invitation" not in browser_of(ben).get(TEAM).content.decode()


def test_a_developer_works_on_the_technical_side_and_sees_no_statements(
    acme: Institution,
) -> None:
    developer = cast.member("Dev", acme, MembershipRole.DEVELOPER)
    assert rules.develops(developer, acme)
    assert not rules.owns(developer, acme)
    browser = browser_of(developer)
    assert browser.get("/institution/acme/statements/").status_code == 403
    assert browser.get("/institution/acme/guide/").status_code == 200
    viewer = browser_of(cast.member("Vic", acme, MembershipRole.VIEWER))
    assert viewer.get("/institution/acme/statements/").status_code == 200


def test_a_place_in_another_institution_is_out_of_reach(ada: Person, rival: Person) -> None:
    foreign = Membership.objects.get(person=rival)
    answer = browser_of(ada).post(TEAM, {"do": "end", "row": foreign.pk}, follow=True)
    assert "no longer there" in answer.content.decode()
    assert Membership.objects.filter(pk=foreign.pk).exists()
