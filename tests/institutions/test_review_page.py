"""The page of a review: asked, cleared, ticked and noted on it, with and without being allowed."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connect_portal.institutions.actions import ask_change, withdraw_request, write_note
from connect_portal.institutions.enums import Severity
from connect_portal.institutions.models import Application, Document, Finding, Note, Tick
from connect_portal.institutions.moves import Event
from connect_portal.institutions.reviewing import checklist
from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.road import Road, reviewed

pytestmark = pytest.mark.django_db


def address(application: Application) -> str:
    return f"/console/applications/{application.pk}/"


def send(road: Road, person: Person, application: Application, verb: str, **about: Any) -> Any:
    """Send one of the small forms of the page."""
    if verb == "tick":
        lines = {line.item.key: line.over for line in checklist(application)}
        about["seen"] = lines.get(about["about"], "")
    return road.browser(person).post(address(application), {"do": verb} | about)


def shown(road: Road, person: Person, application: Application) -> str:
    return unescape(road.browser(person).get(address(application)).content.decode())


def verbs(road: Road, person: Person, application: Application) -> set[str]:
    """What a person finds small forms for."""
    page = road.browser(person).get(address(application)).content.decode()
    return set(re.findall(r'name="do" value="([a-z_]+)"', page))


@pytest.fixture
def shady(road: Road) -> Application:
    """An application with a finding that blocks it."""
    return road.in_review(contact_email="iris@mailinator.com")


# --- each verb ----------------------------------------------------------------------------------
def test_each_role_finds_what_it_may_do(road: Road, shady: Application) -> None:
    assert verbs(road, road.manager, shady) == {"ask", "tick", "note"}
    assert verbs(road, road.compliance, shady) == {"ask", "tick", "clear", "note"}
    assert verbs(road, road.technical, shady) == {"tick", "note"}
    assert verbs(road, road.finance, shady) == {"tick", "note"}


def test_a_change_is_asked_for_beside_its_field_and_withdrawn(
    road: Road, shady: Application
) -> None:
    asked = send(road, road.manager, shady, "ask", about="website", note="It shows nothing.")
    assert asked.status_code == 302
    request = shady.requests.get()
    assert "It shows nothing." in shown(road, road.finance, shady)
    assert send(road, road.compliance, shady, "withdraw", about=request.pk).status_code == 302
    request.refresh_from_db()
    assert request.withdrawn_by == road.compliance


def test_a_finding_is_cleared_with_its_reason(road: Road, shady: Application) -> None:
    finding = shady.findings.get()
    page = shown(road, road.compliance, shady)
    assert finding.seen in page
    answer = send(road, road.compliance, shady, "clear", about=finding.pk, note="They moved.")
    assert answer.status_code == 302
    assert "They moved." in shown(road, road.manager, shady)


def test_an_item_is_ticked_and_taken_back(road: Road, shady: Application) -> None:
    assert send(road, road.manager, shady, "tick", about="model").status_code == 302
    assert "Take back" in shown(road, road.manager, shady)
    assert send(road, road.manager, shady, "take_back", about="model").status_code == 302
    assert Tick.objects.count() == 2


def test_a_note_is_kept_for_the_staff(road: Road, shady: Application) -> None:
    assert send(road, road.finance, shady, "note", note="<b>They</b> called.").status_code == 302
    page = road.browser(road.manager).get(address(shady)).content.decode()
    assert "&lt;b&gt;They&lt;/b&gt; called." in page
    assert Note.objects.get().by == road.finance


def test_what_changed_since_the_last_version_is_shown(road: Road) -> None:
    application = reviewed(road)
    page = shown(road, road.manager, application)
    assert "http://harbor.test" in page
    assert "https://harbor.example/" in page
    assert "It is right as it is." in page
    assert page.count("before:") == 1


def test_documents_lie_beside_the_form_pictures_are_shown_and_others_linked(road: Road) -> None:
    application = road.in_review()
    paper = application.documents.get(kind="certificate")
    page = shown(road, road.compliance, application)
    assert f'href="/documents/{paper.pk}/"' in page
    assert '<img src="/documents/' not in page
    application.documents.filter(pk=paper.pk).update(media_type="image/png")
    assert f'<img src="/documents/{paper.pk}/"' in shown(road, road.compliance, application)
    asked = {"about": "document:certificate", "note": "It is cut off."}
    assert send(road, road.compliance, application, "ask", **asked).status_code == 302
    assert (
        send(road, road.compliance, application, "ask", about="logo", note="?").status_code == 302
    )


# --- refusals -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("verb", "about", "note", "status"),
    [
        ("ask", "website", "", 422),
        ("ask", "step", "Why?", 422),
        ("ask", "website", "x" * 2001, 422),
        ("ask", "x" * 41, "Why?", 422),
        ("tick", "nothing", "", 422),
        ("tick", "entity", "", 403),
        ("take_back", "model", "", 409),
        ("clear", "finding", "So.", 403),
        ("clear", "999999", "So.", 404),
        ("clear", "²", "So.", 404),
        ("withdraw", "9" * 40, "", 404),
        ("note", "", " ", 422),
        ("delete", "1", "", 422),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    road: Road, shady: Application, verb: str, about: str, note: str, status: int
) -> None:
    about = about.replace("finding", str(shady.findings.get().pk))
    answer = send(road, road.manager, shady, verb, about=about, note=note)
    assert answer.status_code == status
    assert not shady.requests.exists()
    assert not Tick.objects.exists()
    assert not Note.objects.exists()
    assert shady.findings.get().cleared_at is None


def test_a_refusal_stands_beside_its_form_and_keeps_what_was_typed(
    road: Road, shady: Application
) -> None:
    send(road, road.manager, shady, "ask", about="website", note="First.")
    answer = send(road, road.compliance, shady, "ask", about="website", note="My long question.")
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Morgan asked about this" in page
    assert "My long question.</textarea>" in page


def test_rows_of_another_application_are_not_touched_from_here(
    road: Road, shady: Application
) -> None:
    other = road.in_review(company="Other")
    finding = shady.findings.get()
    answer = send(road, road.compliance, other, "clear", about=finding.pk, note="So.")
    assert answer.status_code == 404
    finding.refresh_from_db()
    assert finding.cleared_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_pages_at_once_one_wins_and_the_other_says_who(
    road: Road, shady: Application
) -> None:
    finding = shady.findings.get()
    dana = cast.staff("Dana", StaffRole.COMPLIANCE)
    pair = [road.browser(road.compliance), road.browser(dana)]
    sent = {"do": "clear", "about": finding.pk, "note": "So."}
    barrier = Barrier(2)

    def clear(browser: Any) -> tuple[int, str]:
        barrier.wait()
        try:
            answer = browser.post(address(shady), sent)
            return answer.status_code, answer.content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        (won, _), (lost, page) = sorted(both.map(clear, pair))
    assert (won, lost) == (302, 409)
    assert re.search(r"cleared by (Cora|Dana) at", page)


# --- cost ---------------------------------------------------------------------------------------
def test_a_long_review_costs_as_many_queries_as_a_short_one(road: Road) -> None:
    application = road.in_review()
    road.browser(road.manager).get(address(application))

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert road.browser(road.manager).get(address(application)).status_code == 200
        return len(queries)

    fill(road, application, 1)
    short = cost()
    fill(road, application, 30)
    assert cost() == short


def fill(road: Road, application: Application, rows: int) -> None:
    """Rows of everything that the page lists."""
    who = {"person": road.manager, "actor": road.manager.actor}
    at = application.submitted_at
    assert at is not None
    for number in range(rows):
        request = ask_change(application.pk, "website", note=f"Why {number}?", **who)
        withdraw_request(request.pk, **who)
        write_note(application.pk, text=f"Note {number}", **who)
        about = {"application": application, "field": "website", "found_at": at}
        Finding.objects.create(
            **about, rule="same_website", seen=f"{rows} {number}", severity=Severity.NOTICE
        )
        Document.objects.create(
            application=application,
            kind="other",
            name=f"{number}.png",
            media_type="image/png",
            size=1,
            sha256="0" * 64,
            uploaded_by=road.applicant,
        )
    road.go(application, Event.REQUEST_INFO)
    road.answer(application)
