"""The console's page of an application: buttons for those who may press them."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from connect_portal.institutions.actions import propose
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import Application, Move, Proposal
from connect_portal.institutions.moves import Event
from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.handing_in import FIELDS, submit
from tests.institutions.road import Road

APPLICATIONS = "/console/applications/"


def page_of(application: Application) -> str:
    return f"{APPLICATIONS}{application.pk}/"


def buttons(road: Road, person: Person, application: Application) -> set[str]:
    """What a person finds to press."""
    text = road.browser(person).get(page_of(application)).content.decode()
    found = re.findall(r'name="choice" value="([a-z]+):([a-z0-9_]+)"', text)
    return {verb if about.isdecimal() else about for verb, about in found}


def press(road: Road, person: Person, application: Application, choice: str, note: str = "") -> Any:
    return road.browser(person).post(page_of(application), {"choice": choice, "note": note})


def proposed(road: Road) -> tuple[Application, Proposal]:
    application = road.in_review()
    who = road.manager
    road.prepare(application, Event.APPROVE)
    return application, propose(
        application.pk, Event.APPROVE, person=who, actor=who.actor, note="Good."
    )


# --- one application ----------------------------------------------------------------------------
@pytest.mark.django_db
def test_each_role_has_its_own_buttons(road: Road) -> None:
    application = road.in_review()
    assert buttons(road, road.manager, application) == {"request_info", "approve"}
    assert buttons(road, road.compliance, application) == {"request_info", "reject"}
    assert buttons(road, road.technical, application) == set()
    assert buttons(road, road.finance, application) == set()


@pytest.mark.django_db
def test_the_second_person_gets_the_buttons_that_the_first_has_not(road: Road) -> None:
    application, _ = proposed(road)
    assert buttons(road, road.compliance, application) == {"confirm", "decline"}
    assert buttons(road, road.manager, application) == {"request_info"}
    page = road.browser(road.manager).get(page_of(application)).content.decode()
    assert "You proposed this yourself" in page


@pytest.mark.django_db
def test_a_button_that_is_not_theirs_is_refused_in_words(road: Road) -> None:
    application, proposal = proposed(road)
    answer = press(road, road.manager, application, f"confirm:{proposal.pk}")
    assert answer.status_code == 403
    assert "You proposed this yourself" in answer.content.decode()
    answer = press(road, road.technical, application, "propose:reject", "No.")
    assert answer.status_code == 403
    assert "is for the compliance team" in unescape(answer.content.decode())


@pytest.mark.django_db
def test_a_missing_note_is_asked_for_beside_the_field_and_a_typed_one_is_kept(road: Road) -> None:
    application = road.in_review()
    assert press(road, road.manager, application, "move:request_info").status_code == 422
    who = road.manager
    road.prepare(application, Event.APPROVE)
    proposal = propose(application.pk, Event.APPROVE, person=who, actor=who.actor)
    answer = press(road, road.manager, application, f"decline:{proposal.pk}", "My long reason.")
    assert answer.status_code == 403
    assert "My long reason." in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("choice", "status"),
    [
        ("", 422),
        ("delete:1", 422),
        ("move:" + "x" * 30, 422),
        ("move:nowhere", 409),
        ("move:complete", 409),
        ("confirm:999999", 409),
        ("confirm:qualified", 409),
        ("confirm:²", 422),
        ("move:approve", 422),
    ],
)
def test_no_button_makes_a_move_that_is_not_there(road: Road, choice: str, status: int) -> None:
    application = road.in_review()
    assert press(road, road.manager, application, choice, "x").status_code == status
    assert Move.objects.count() == 2


@pytest.mark.django_db
def test_a_proposal_is_decided_on_its_own_application_only(road: Road) -> None:
    _, proposal = proposed(road)
    other = submit(road.applicant, FIELDS | {"company": "Other"})
    assert press(road, road.compliance, other, f"confirm:{proposal.pk}").status_code == 409
    assert Proposal.objects.get().state == "open"


@pytest.mark.django_db
def test_only_staff_come_in_and_what_is_not_there_is_not_found(road: Road) -> None:
    application = road.in_review()
    assert road.browser(road.applicant).get(page_of(application)).status_code == 403
    assert road.browser(road.manager).get(f"{APPLICATIONS}999999/").status_code == 404
    assert (
        road.browser(road.manager).get(f"{APPLICATIONS}{application.pk}/fills/").status_code == 404
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_at_once_one_wins_and_the_other_reads_who_it_was(road: Road) -> None:
    application, proposal = proposed(road)
    pair = [road.browser(road.compliance), road.browser(cast.staff("Dana", StaffRole.COMPLIANCE))]
    barrier = Barrier(2)

    def approve(browser: Client) -> tuple[int, str]:
        barrier.wait()
        try:
            answer = browser.post(page_of(application), {"choice": f"confirm:{proposal.pk}"})
            return answer.status_code, answer.content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        (won, _), (lost, page) = sorted(both.map(approve, pair))
    assert (won, lost) == (302, 409)
    assert re.search(r"already confirmed by (Cora|Dana) at", page)
    assert Move.objects.filter(to=Step.QUALIFIED).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "fills/"])
def test_what_an_applicant_typed_is_shown_as_text(road: Road, path: str) -> None:
    markup = "<script>alert(1)</script>"
    application = road.until(Step.SANDBOX_TEST)
    Application.objects.update(company=markup, description=markup, contact_name=markup)
    page = road.browser(road.manager).get(page_of(application) + path).content.decode()
    assert markup not in page
    assert "&lt;script&gt;" in page
