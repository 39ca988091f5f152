"""Who works for the exchange: proposed by one, confirmed by another, taken by the invited with a
second factor; sessions end at once."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connect_portal.audit.queries import events_about, verify
from connect_portal.kit.clock import now
from connect_portal.people import actions, queries, rules
from connect_portal.people.enums import StaffRole
from connect_portal.people.errors import (
    AlreadyConfirmed,
    AlreadyHolds,
    AlreadyInvited,
    OwnStaffProposal,
)
from connect_portal.people.models import Person, StaffInvitation
from tests import cast
from tests.institutions.test_moves import at_once

pytestmark = pytest.mark.django_db

STAFF = "/console/staff/"
CONSOLE = "/console/"


@pytest.fixture
def root(db: None) -> Person:
    """The administrator."""
    return cast.administrator("Root")


@pytest.fixture
def cora(db: None) -> Person:
    """Compliance, who confirms."""
    return cast.staff("Cora", StaffRole.COMPLIANCE)


def browser_of(person: Person) -> Client:
    """A browser of its own; who has more than one signs in twice with the code of one moment."""
    cache.clear()
    return cast.sign_in(Client(), person)


def propose(root: Person, email: str, role: str = "technical") -> StaffInvitation:
    return actions.propose_staff(email=email, role=role, person=root)


def press(browser: Client, do: str, row: int, page: str = STAFF) -> str:
    """Press a button; what the page says then."""
    return browser.post(page, {"do": do, "row": row}, follow=True).content.decode()


def address_in(letter: mail.EmailMessage) -> str:
    found = re.search(r"/invitations/staff/\S+", str(letter.body))
    assert found
    return found[0]


def groups_of(person: Person) -> list[str]:
    return list(person.groups.values_list("name", flat=True))


def test_a_colleague_is_proposed_by_one_confirmed_by_another_and_accepts(
    root: Person, cora: Person
) -> None:
    eve = cast.applicant("Eve")
    asked = {"do": "propose", "email": eve.email.upper(), "role": "technical"}
    assert browser_of(root).post(STAFF, asked).status_code == 302
    assert list(queries.staff_letters()) == [], "nobody is written to before the second person"
    (invitation,) = queries.staff_invitations()
    assert "Done." in press(browser_of(cora), "confirm", invitation.pk)
    call_sweep()
    (letter,) = mail.outbox
    assert letter.to == [eve.email]

    browser = browser_of(eve)
    page = address_in(letter)
    assert "Work for the exchange?" in browser.get(page).content.decode()
    assert not rules.works_for_exchange(eve), "looking at it is not accepting"
    assert browser.post(page)["Location"] == "/start/"
    assert browser.get(CONSOLE).status_code == 200
    eve.refresh_from_db()
    assert (eve.staff_role, groups_of(eve)) == ("technical", ["Technical"])
    assert browser.post(page).status_code == 409
    assert verify().intact


def call_sweep() -> None:
    """What beat does each minute."""
    for pk in queries.staff_letters().values_list("pk", flat=True):
        actions.send_staff_invitation(pk)


def test_accepting_waits_for_a_verified_address_and_a_second_factor(
    root: Person, cora: Person, mallory: Person
) -> None:
    invitation = propose(root, mallory.email)
    actions.confirm_staff(invitation.pk, person=cora)
    EmailAddress.objects.update(verified=False)
    browser, page = browser_of(mallory), f"/invitations/staff/{invitation.token}/"
    said = browser.get(page).content.decode()
    assert "A verified email address" in said
    assert "A second factor" in said
    answer = browser.post(page)
    assert answer.status_code == 409
    assert "To accept you need" in answer.content.decode()
    assert browser.get(CONSOLE).status_code == 403
    assert page in browser.get(reverse("mfa_index")).content.decode(), "the way back"


def test_a_letter_that_was_passed_on_or_not_confirmed_or_is_over_opens_nothing(
    root: Person, cora: Person
) -> None:
    eve, dora = cast.applicant("Eve"), cast.applicant("Dora")
    waiting = propose(root, eve.email)
    page = f"/invitations/staff/{waiting.token}/"
    assert "no longer open" in browser_of(eve).post(page).content.decode()
    actions.confirm_staff(waiting.pk, person=cora)
    assert "is for eve@example.com" in browser_of(dora).post(page).content.decode()
    StaffInvitation.objects.update(expires_at=now() - timedelta(seconds=1))
    assert browser_of(eve).post(page).status_code == 409
    assert browser_of(eve).get("/invitations/staff/invented/").status_code == 404
    assert not Person.objects.filter(pk__in=[eve.pk, dora.pk]).exclude(staff_role="").exists()
    propose(root, eve.email)


def test_nobody_confirms_what_they_proposed_or_what_is_for_themselves(
    root: Person, cora: Person
) -> None:
    invitation = propose(root, "eve@exchange.example")
    with pytest.raises(OwnStaffProposal):
        actions.confirm_staff(invitation.pk, person=root)
    own = propose(root, cora.email, "finance")
    with pytest.raises(OwnStaffProposal):
        actions.confirm_staff(own.pk, person=cora)
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffInvitation.objects.filter(pk=own.pk).update(confirmed_by=root)


def test_a_proposal_is_declined_or_taken_back_and_can_be_made_again(
    root: Person, cora: Person
) -> None:
    invitation = propose(root, "eve@exchange.example")
    with pytest.raises(AlreadyInvited):
        propose(root, "EVE@exchange.example")
    assert "Done." in press(browser_of(cora), "withdraw", invitation.pk)
    assert "no longer open" in press(browser_of(root), "confirm", invitation.pk)
    propose(root, "eve@exchange.example")
    with pytest.raises(AlreadyHolds):
        propose(root, cora.email, "compliance")
    answer = browser_of(root).post(
        STAFF, {"do": "propose", "email": cora.email, "role": "compliance"}
    )
    assert answer.status_code == 422
    assert "has that role already" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_does(root: Person, cora: Person) -> None:
    dan = cast.staff("Dan", StaffRole.COMPLIANCE)
    invitation = propose(root, "eve@exchange.example")
    ends = at_once(
        *[lambda who=who: actions.confirm_staff(invitation.pk, person=who) for who in (cora, dan)]
    )
    assert ends == ["done", AlreadyConfirmed.code]
    connection.close()


@pytest.mark.parametrize("role", ["account_manager", "technical", "finance"])
def test_other_staff_sees_no_staff_page_and_nobody_but_an_administrator_gives_roles(
    root: Person, cora: Person, role: str
) -> None:
    somebody = cast.staff("Sam", role)
    browser = browser_of(somebody)
    assert browser.get(STAFF).status_code == 403
    assert browser.get(f"{STAFF}{root.pk}/").status_code == 403
    assert STAFF not in browser.get(CONSOLE).content.decode()
    for person in (somebody, cora):
        with pytest.raises(PermissionDenied):
            propose(person, "eve@exchange.example")
        with pytest.raises(PermissionDenied):
            actions.take_staff_role(root, person=person)
    assert "Propose a colleague" not in browser_of(cora).get(STAFF).content.decode()


def test_taking_a_role_away_ends_the_sessions_at_the_next_request(
    root: Person, morgan: Person
) -> None:
    browser = browser_of(morgan)
    assert browser.get(CONSOLE).status_code == 200
    page = f"{STAFF}{morgan.pk}/"
    assert "Done." in press(browser_of(root), "take", morgan.pk, page)
    assert browser.get(CONSOLE)["Location"] == f"/accounts/login/?next={CONSOLE}"
    morgan.refresh_from_db()
    assert (morgan.staff_role, groups_of(morgan)) == ("", [])
    tags = [event.tag for event in events_about(morgan.actor)]
    assert tags[-2:] == ["people:sessions:ended", "people:staff_role:given"]


def test_compliance_sees_the_sessions_of_a_colleague_and_ends_one(
    cora: Person, morgan: Person
) -> None:
    phone, desk = Client(headers={"user-agent": "Phone"}), Client(headers={"user-agent": "Desk"})
    for browser in (phone, desk):
        cache.clear()
        cast.sign_in(browser, morgan)
    page = f"{STAFF}{morgan.pk}/"
    said = browser_of(cora).get(page).content.decode()
    assert "Phone" in said
    assert "Desk" in said
    row = UserSession.objects.get(user_agent="Phone").pk
    assert "Done." in press(browser_of(cora), "end", row, page)
    assert phone.get(CONSOLE)["Location"] == f"/accounts/login/?next={CONSOLE}"
    assert desk.get(CONSOLE).status_code == 200


def test_sessions_of_who_is_no_colleague_are_out_of_reach(cora: Person, alice: Person) -> None:
    assert browser_of(cora).get(f"{STAFF}{alice.pk}/").status_code == 404
    assert (
        browser_of(cora).post(f"{STAFF}{alice.pk}/", {"do": "end_all", "row": 1}).status_code == 404
    )


def test_everybody_signs_out_their_other_sessions_on_the_account_page(alice: Person) -> None:
    first, second = browser_of(alice), browser_of(alice)
    assert "Ended." in press(second, "end_others", 1, reverse("people_sessions_user:sessions"))
    assert first.get("/user/").status_code == 302
    assert second.get("/user/").status_code == 200


def test_one_of_the_own_sessions_ends_alone_and_nobody_elses(alice: Person, bob: Person) -> None:
    here, there, further = browser_of(alice), browser_of(alice), browser_of(alice)
    others = browser_of(bob)
    page = reverse("people_sessions_user:sessions")
    rows = {row.session_key: row.pk for row in UserSession.objects.all()}
    key = {one: rows[one.session.session_key] for one in (here, there, further, others)}
    assert "Ended." in press(here, "end", key[there], page)
    assert "It had ended already." in press(here, "end", key[others], page)
    assert "It had ended already." in press(here, "end", key[here], page)
    assert there.get("/user/").status_code == 302
    assert [one.get("/user/").status_code for one in (here, further, others)] == [200] * 3


def test_the_first_administrator_comes_by_a_command_and_starts_at_the_staff(
    mallory: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("give_role", mallory.email, "administrator")
    assert "Administrator" in capsys.readouterr().out
    mallory.refresh_from_db()
    assert rules.administers(mallory)
    assert [event.tag for event in events_about(mallory.actor)][-1] == "people:administrator:given"
    actions.set_totp(mallory, cast.TOTP_SECRET, actor=cast.ACTOR)
    browser = browser_of(mallory)
    assert browser.get("/start/")["Location"] == STAFF
    assert CONSOLE + '"' not in browser.get(STAFF).content.decode(), "no page that says no"


def test_a_role_and_its_group_are_one(db: None) -> None:
    person = cast.person("Sam", staff_role=StaffRole.FINANCE)
    other = Group.objects.create(name="Choir")
    person.groups.add(other)
    actions.give_staff_role(person, "technical", actor=cast.ACTOR)
    assert groups_of(person) == ["Choir", "Technical"]


def test_the_list_takes_as_many_queries_for_thirty_as_for_one(root: Person) -> None:
    browser = browser_of(root)
    counts = []
    for number in (1, 30):
        for one in range(number):
            cast.staff(f"Sam{number}-{one}")
            propose(root, f"eve{number}-{one}@exchange.example")
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(STAFF).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
