"""The desk: what is under way by the time left, for each role its queue, found again by its
address."""

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from connect_portal.institutions import desk
from connect_portal.institutions.actions import move, propose
from connect_portal.institutions.desk import Queue, Wanted
from connect_portal.institutions.enums import Step
from connect_portal.institutions.forms.desk import DeskForm
from connect_portal.institutions.models import Application, SavedFilter
from connect_portal.institutions.moves import Event
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.handing_in import FIELDS, submit
from tests.institutions.road import Road

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
ALL = Wanted(Queue.ALL)


def waiting(road: Road, company: str, **columns: Any) -> Application:
    """A submitted application, with some columns as the test wants them."""
    made = submit(road.applicant, FIELDS | {"company": company})
    Application.objects.filter(pk=made.pk).update(**columns)
    return made


def companies(wanted: Wanted, person: Person, now: datetime = MONDAY) -> list[str]:
    return [row.application.company for row in desk.page(wanted, person, now).rows]


def shown(road: Road, person: Person, query: str = "", status: int = 200) -> str:
    answer = road.browser(person).get(f"/console/{query}")
    assert answer.status_code == status
    return unescape(answer.content.decode())


# --- order and pages ----------------------------------------------------------------------------
def test_the_desk_is_sorted_by_the_time_left_and_what_stands_still_comes_last(road: Road) -> None:
    for company, hours in {"Soon": 2, "Relaxed": 30, "Late": -1}.items():
        waiting(road, company, due_at=MONDAY + timedelta(hours=hours))
    waiting(road, "Unclocked", due_at=None)
    asked = road.in_review(company="Asked")
    who = road.manager
    move(asked.pk, Event.REQUEST_INFO, person=who, actor=who.actor, note="Which?", at=MONDAY)
    rows = desk.page(ALL, who, MONDAY).rows
    assert [row.application.company for row in rows] == [
        *("Late", "Soon", "Relaxed"),
        *("Unclocked", "Asked"),
    ]
    assert [row.clock.tone for row in rows] == ["bad", "warn", "info", "neutral", "neutral"]
    assert [row.clock.text for row in rows[:4]] == [
        "Late by 1 h 0 min",
        "2 h 0 min left",
        "1 d 6 h left",
        "",
    ]
    assert rows[4].clock.text.startswith("Stands still")


def test_pages_show_each_application_once_though_many_are_due_at_once(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "ROWS", 4)
    for number in range(11):
        waiting(road, f"Company {number}", due_at=None if number % 3 else MONDAY)
    seen, after = [], ""
    while True:
        page = desk.page(ALL, road.manager, MONDAY, after=after)
        seen += [row.application.company for row in page.rows]
        if not page.goes_on:
            break
        after = page.goes_on
    assert sorted(seen) == sorted(f"Company {number}" for number in range(11))


def test_the_next_page_is_a_link(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "ROWS", 1)
    waiting(road, "First", due_at=MONDAY)
    waiting(road, "Second", due_at=MONDAY)
    page = desk.page(ALL, road.manager, MONDAY)
    first = shown(road, road.manager, "?queue=all")
    assert f"?queue=all&after={page.goes_on}" in first
    assert "Second" not in first
    assert "Second" in shown(road, road.manager, f"?queue=all&after={page.goes_on}")


def test_a_full_desk_costs_as_many_queries_as_an_empty_one(
    road: Road, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = road.browser(road.manager)
    browser.get("/console/?queue=all")
    with django_assert_num_queries(9) as empty:
        browser.get("/console/?queue=all")
    for number in range(30):
        waiting(road, f"Company {number}", assignee=road.manager)
    with django_assert_num_queries(len(empty) + 2):  # the codes and the proposals of all rows
        browser.get("/console/?queue=all")


# --- queues -------------------------------------------------------------------------------------
def test_each_role_finds_its_own_queue_first(road: Road) -> None:
    road.in_review()
    assert "Harbor Trading" in shown(road, road.manager)
    assert "Nothing waits for your role" in shown(road, road.compliance)
    assert "Harbor Trading" in shown(road, road.compliance, "?queue=all")


def test_what_another_proposed_waits_to_be_confirmed_by_the_checker_only(road: Road) -> None:
    application, who = road.in_review(), road.manager
    road.prepare(application, Event.APPROVE)
    propose(application.pk, Event.APPROVE, person=who, actor=who.actor)
    confirm = Wanted(Queue.CONFIRM)
    assert companies(confirm, road.compliance) == ["Harbor Trading"]
    assert companies(Wanted(Queue.ROLE), road.compliance) == ["Harbor Trading"]
    assert companies(confirm, road.manager) == companies(confirm, road.finance) == []
    assert "“approve” proposed by Morgan" in shown(road, road.compliance)


def test_an_active_institution_is_on_the_desk_only_while_something_is_proposed(road: Road) -> None:
    application, who = road.until(Step.ACTIVE), road.compliance
    assert companies(ALL, road.manager) == []
    propose(application.pk, Event.SUSPEND, person=who, actor=who.actor, note="A leak.")
    assert companies(Wanted(Queue.CONFIRM), road.manager) == ["Harbor Trading"]


def test_drafts_are_nobodys_business_and_ends_are_found_by_their_stage(road: Road) -> None:
    application, who = road.in_review(), road.applicant
    move(application.pk, Event.WITHDRAW, person=who, actor=who.actor)
    assert "No application waits" in shown(road, road.manager, "?queue=all")
    assert "Harbor Trading" in shown(road, road.manager, "?stage=withdrawn")
    assert "draft" not in dict(DeskForm.base_fields["stage"].choices)  # type: ignore[attr-defined]


def test_the_rail_counts_what_waits_for_oneself(road: Road) -> None:
    application, who = road.in_review(), road.manager
    assert desk.waiting_for(who) == 1
    assert desk.waiting_for(road.compliance) == 0
    road.prepare(application, Event.APPROVE)
    propose(application.pk, Event.APPROVE, person=who, actor=who.actor)
    assert (desk.waiting_for(who), desk.waiting_for(road.compliance)) == (0, 1)
    assert '<span class="count">1</span>' in shown(road, road.compliance, "connections/")


# --- numbers ------------------------------------------------------------------------------------
def test_the_numbers_tell_stages_breaches_ages_and_what_nobody_has(road: Road) -> None:
    me, day = road.manager, timedelta(days=1)
    common = {"assignee": me, "submitted_at": MONDAY - 3 * day, "moved_at": MONDAY - day / 2}
    waiting(road, "Late", due_at=MONDAY - day, **common)
    waiting(road, "Soon", due_at=MONDAY + day / 2, **common)
    waiting(road, "New", due_at=MONDAY + 2 * day, submitted_at=MONDAY, moved_at=MONDAY)
    told = desk.counts(Queue.ALL, me, MONDAY)
    assert (told.total, told.late, told.soon, told.unassigned) == (3, 1, 1, 1)
    assert told.stages == {Step.SUBMITTED: 3}
    assert (told.ages, told.stays) == ((1, 0, 2, 0), (3, 0, 0, 0))
    assert told.queues[Queue.MINE] == 2
    assert desk.counts(Queue.MINE, me, MONDAY).total == 2


# --- filters ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=harb", {"Harbor"}),
        ("q=WREN@EXAMPLE.COM", {"Wren"}),
        ("kind=aggregator", {"Wren"}),
        ("channel=oauth", {"Harbor"}),
        ("country=GB", {"Wren"}),
        ("late=1", {"Wren"}),
        ("who=0", {"Harbor", "Wren"}),
        ("stage=in_review", set()),
        ("stage=submitted&channel=api", {"Harbor", "Wren"}),
        ("hand=system", {"Harbor", "Wren"}),
        ("age=3", {"Wren"}),
        ("stay=0", {"Harbor"}),
    ],
)
def test_filters_are_held_in_the_address(road: Road, query: str, found: set[str]) -> None:
    waiting(road, "Harbor")
    waiting(
        road,
        "Wren",
        kind="aggregator",
        channels=["api"],
        country="GB",
        contact_email="wren@example.com",
        **dict.fromkeys(("due_at", "submitted_at", "moved_at"), MONDAY - timedelta(days=30)),
    )
    page = shown(road, road.manager, f"?queue=all&{query}")
    assert {name for name in ("Harbor", "Wren") if f">{name}</a>" in page} == found


def test_a_code_finds_its_application(road: Road) -> None:
    application = waiting(road, "Harbor")
    code = application.codes.get().code
    waiting(road, "Wren")
    assert companies(Wanted(Queue.ALL, q=code), road.manager) == ["Harbor"]


@pytest.mark.parametrize(
    "query",
    [
        *("queue=yours", "stage=draft", "who=-1", f"who={2**63}", "age=9", "country=ZZ"),
        *(
            "after=x",
            "after=1",
            f"after={'9' * 18}.1",
            f"after={'9' * 19}.1",
            "after=1.²",
            "q=%00",
            f"q={'x' * 121}",
        ),
    ],
)
def test_an_address_that_makes_no_sense_is_answered_in_words(road: Road, query: str) -> None:
    road.in_review()
    page = shown(road, road.manager, f"?{query}", status=422)
    assert f"does not know ({query.partition('=')[0]})" in page
    assert "Harbor Trading" in page


# --- views that are kept ------------------------------------------------------------------------
def test_a_view_is_kept_by_name_for_oneself_alone(road: Road) -> None:
    mine = road.browser(road.manager)
    query = {"query": "queue=all&country=US", "name": "Overseas"}
    assert mine.post("/console/desk/views/", query)["Location"] == "/console/?queue=all&country=US"
    assert ">Overseas</a>" in shown(road, road.manager)
    assert "Overseas" not in shown(road, road.compliance)
    theirs = road.browser(road.compliance)
    theirs.post("/console/desk/views/", {"forget": SavedFilter.objects.get().pk})
    assert SavedFilter.objects.count() == 1
    mine.post("/console/desk/views/", {"forget": SavedFilter.objects.get().pk})
    assert not SavedFilter.objects.exists()


def test_a_view_kept_twice_is_replaced_and_a_nameless_one_is_refused(road: Road) -> None:
    browser = road.browser(road.manager)
    for query, name in (("queue=all", "Mine"), ("queue=role", "Mine"), ("queue=role", " ")):
        browser.post("/console/desk/views/", {"query": query, "name": name})
    assert [(row.name, row.query) for row in SavedFilter.objects.all()] == [("Mine", "queue=role")]
    assert "Give the view a name" in shown(road, road.manager)


def test_nobody_keeps_more_views_than_can_be_found_again(road: Road) -> None:
    browser = road.browser(road.manager)
    for number in range(21):
        browser.post("/console/desk/views/", {"query": "queue=all", "name": f"View {number}"})
    assert SavedFilter.objects.count() == 20
    assert "You keep 20 views already" in shown(road, road.manager)


def test_only_staff_come_to_the_desk(road: Road) -> None:
    browser = road.browser(cast.person("Mallory"))
    assert browser.get("/console/").status_code == 403
    assert browser.post("/console/desk/take/", {"take": "1:0"}).status_code == 403
    assert browser.post("/console/desk/views/", {"name": "x"}).status_code == 403
