"""Watch lists: uploaded by one, approved by another, everybody compared with what is in force."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.institutions.actions import (
    approve_list,
    clear_finding,
    confirm,
    decline_list,
    propose,
    upload_list,
)
from connect_portal.institutions.actions.screening import screen_again
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import NotYourPart
from connect_portal.institutions.models import WatchEntry, WatchList
from connect_portal.institutions.moves import Event, Hand
from connect_portal.institutions.review_errors import (
    FindingsOpen,
    ListDecided,
    ListMalformed,
    ListWaits,
    OwnList,
)
from connect_portal.institutions.tasks import sweep
from connect_portal.institutions.watch_lists import difference, in_force
from connect_portal.institutions.watching import Entry, read_list
from connect_portal.kit.errors import Refusal
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.road import Road

FIRST = b"kind,value,source\ncountry,kp,example\nname,Trading HARBOR Ltd,example\n"
PAGE = "/console/watch-lists/"


def uploaded(person: Person, content: bytes = FIRST) -> WatchList:
    return upload_list(content, file_name="list.csv", person=person, actor=person.actor)


def approved(road: Road, content: bytes) -> WatchList:
    row = uploaded(road.compliance, content)
    return approve_list(row.pk, person=road.manager, actor=road.manager.actor)


# --- the file -----------------------------------------------------------------------------------
def test_a_list_is_read_without_repetition_and_countries_in_capitals() -> None:
    content = b"\xef\xbb\xbfSource,Kind,Value\nx,country,kp\ny,country,KP\n,name, Ivan Volkov \n"
    assert read_list(content) == [
        Entry("country", "KP", "y"),
        Entry("name", "Ivan Volkov"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The first line names the columns"),
        (b"kind,value\n", "names nobody"),
        (b"country,KP\nname,Ivan\n", "The first line names the columns"),
        (b"kind,value\ncompany,Acme\n", "Line 2: the kind"),
        (b"kind,value\ncountry,North Korea\n", "Line 2: “NORTH KOREA” is no ISO"),
        (b"kind,value\nname,...\n", "Line 2: the name has no letters"),
        (b"kind,value\nname," + b"x" * 201 + b"\n", "at most 200 characters"),
        (b"kind,value\nname,\xff\xfe\n", "no text in UTF-8"),
        (b"kind,value\nname,a\0b\n", "no text in UTF-8"),
        (b'kind,value\nname,"a\n', "is no CSV"),
        (b"x" * 5_000_001, "more than 5 MB"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_its_line(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_list(content)


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused_in_words(content: bytes) -> None:
    for start in (b"", b"kind,value,source\n"):
        with suppress(ValueError):
            assert read_list(start + content)


# --- two people ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_compliance_uploads_and_a_second_person_approves(road: Road) -> None:
    for stranger in (road.manager, road.technical, road.finance, road.applicant):
        with pytest.raises(NotYourPart):
            uploaded(stranger)
    row = uploaded(road.compliance)
    assert (row.rows, len(row.sha256), in_force()) == (2, 64, None)
    with pytest.raises(OwnList):
        approve_list(row.pk, person=road.compliance, actor=road.compliance.actor)
    for stranger in (road.technical, road.finance, road.applicant):
        with pytest.raises(NotYourPart):
            approve_list(row.pk, person=stranger, actor=stranger.actor)
    approve_list(row.pk, person=road.manager, actor=road.manager.actor)
    assert in_force() == row


@pytest.mark.django_db
def test_the_table_itself_takes_no_list_approved_by_whoever_uploaded_it(road: Road) -> None:
    row = uploaded(road.compliance)
    with pytest.raises(IntegrityError, match="takes_two"), transaction.atomic():
        WatchList.objects.filter(pk=row.pk).update(
            state="approved", decided_by=road.compliance, decided_at=row.uploaded_at
        )


@pytest.mark.django_db
def test_one_list_waits_at_a_time_and_a_declined_one_never_counts(road: Road) -> None:
    row = uploaded(road.compliance)
    with pytest.raises(ListWaits, match="uploaded by Cora"):
        uploaded(cast.staff("Dana", "compliance"))
    decline_list(row.pk, person=road.compliance, actor=road.compliance.actor)
    assert in_force() is None
    with pytest.raises(ListDecided, match="declined by Cora"):
        approve_list(row.pk, person=road.manager, actor=road.manager.actor)
    with pytest.raises(ListMalformed, match="names nobody"):
        uploaded(road.compliance, b"kind,value\n")
    assert WatchEntry.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(road: Road) -> None:
    row = uploaded(road.compliance)
    barrier = Barrier(2)

    def attempt(decide: Any, person: Person) -> str:
        barrier.wait()
        try:
            decide(row.pk, person=person, actor=person.actor)
        except Refusal as refusal:
            return refusal.text
        else:
            return ""
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        one = both.submit(attempt, approve_list, road.manager)
        two = both.submit(attempt, decline_list, cast.staff("Dana", "compliance"))
        won, lost = sorted([one.result(), two.result()])
    assert won == ""
    assert "already" in lost


# --- what it finds ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_everybody_under_way_is_compared_when_a_list_comes_into_force(road: Road) -> None:
    application = road.in_review()
    approved(road, FIRST)
    assert screen_again() == 1
    (finding,) = application.findings.all()
    assert (finding.rule, finding.field, finding.severity) == (
        "blocked_name",
        "company",
        "blocking",
    )
    assert "“Trading HARBOR Ltd”" in finding.seen
    assert screen_again() == 0


@pytest.mark.django_db
def test_the_sweep_compares_when_the_job_was_lost(road: Road) -> None:
    application = road.in_review()
    approved(road, FIRST)
    sweep()
    assert application.findings.get().rule == "blocked_name"
    assert WatchList.objects.get().compared_at is not None


@pytest.mark.django_db
def test_a_list_without_the_name_clears_its_finding_and_no_other(road: Road) -> None:
    approved(road, FIRST)
    application = road.in_review(contact_email="iris@mailinator.com")
    assert application.findings.filter(cleared_at=None).count() == 2
    approved(road, b"kind,value\ncountry,KP\n")
    assert screen_again() == 1
    assert [one.rule for one in application.findings.filter(cleared_at=None)] == ["disposable_mail"]


@pytest.mark.django_db
def test_whoever_has_joined_is_found_too_and_whoever_is_at_an_end_is_not(road: Road) -> None:
    joined = road.until(Step.ACTIVE)
    gone = road.in_review(company="Ivan Volkov")
    road.go(gone, Event.WITHDRAW)
    approved(road, FIRST + b"name,Volkov Ivan,\n")
    assert screen_again() == 1
    assert joined.findings.get(cleared_at=None).rule == "blocked_name"
    assert not gone.findings.filter(rule="blocked_name").exists()


@pytest.mark.django_db
def test_a_name_that_was_listed_since_the_approval_holds_technical_access(road: Road) -> None:
    application = road.until(Step.TECH_REVIEW)
    approved(road, FIRST)
    screen_again()
    road.check(application, Hand.TECHNICAL)
    theo, morgan = road.technical, road.manager
    proposal = propose(application.pk, Event.PROVISION, person=theo, actor=theo.actor)
    with pytest.raises(FindingsOpen, match="blocked name"):
        confirm(proposal.pk, person=morgan, actor=morgan.actor)
    road.clear(application)
    moved = confirm(proposal.pk, person=morgan, actor=morgan.actor)
    assert moved.step == Step.SANDBOX_TEST


@pytest.mark.django_db
def test_what_a_person_cleared_is_not_found_again_by_the_next_list(road: Road) -> None:
    approved(road, FIRST)
    application = road.in_review()
    cora = road.compliance
    finding = application.findings.get()
    clear_finding(finding.pk, reason="Another Harbor.", person=cora, actor=cora.actor)
    approved(road, FIRST + b"country,IR,\n")
    assert screen_again() == 0


# --- the pages ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_list_is_uploaded_and_approved_on_its_pages(road: Road) -> None:
    cora, morgan = road.browser(road.compliance), road.browser(road.manager)
    answer = cora.post(PAGE, {"file": SimpleUploadedFile("list.csv", FIRST)})
    assert answer.status_code == 302
    page = answer["Location"]
    assert "You uploaded it yourself" in cora.get(page).content.decode()
    assert cora.post(page, {"then": "approve"}).status_code == 403
    assert morgan.post(page, {"then": "approve"}).status_code == 302
    assert morgan.post(page, {"then": "decline"}).status_code == 409
    assert "in force" in morgan.get(PAGE).content.decode()


@pytest.mark.django_db
def test_a_refused_file_is_told_beside_the_field_and_others_find_no_form(road: Road) -> None:
    cora = road.browser(road.compliance)
    answer = cora.post(PAGE, {"file": SimpleUploadedFile("list.csv", b"kind,value\nx,y\n")})
    assert answer.status_code == 422
    assert "Line 2: the kind" in answer.content.decode()
    assert cora.post(PAGE).status_code == 422
    morgan = road.browser(road.manager)
    assert "Upload the next list" not in morgan.get(PAGE).content.decode()
    upload = {"file": SimpleUploadedFile("list.csv", FIRST)}
    assert morgan.post(PAGE, upload).status_code == 403
    assert road.browser(road.applicant).get(PAGE).status_code == 403
    assert morgan.get(f"{PAGE}999999/").status_code == 404


@pytest.mark.django_db
def test_a_list_says_what_it_changes(road: Road) -> None:
    approved(road, FIRST)
    row = uploaded(road.compliance, b"kind,value\ncountry,KP\ncountry,IR\n")
    changed = difference(row)
    assert (changed.added, changed.removed) == (1, 1)
    assert [entry.value for entry in changed.added_lines] == ["IR"]
    assert [entry.value for entry in changed.removed_lines] == ["Trading HARBOR Ltd"]
