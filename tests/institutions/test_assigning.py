"""Who looks after an application: given by load, taken, handed over, let go."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from connect_portal.audit.models import Event as Line
from connect_portal.institutions.actions import move
from connect_portal.institutions.actions.screening import screen
from connect_portal.institutions.models import Application, Assignment
from connect_portal.institutions.moves import Event
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.handing_in import FIELDS, submit
from tests.institutions.road import Road


def history(application: Application) -> list[tuple[str, str, str]]:
    """How, to whom and by whom, oldest first."""
    return [(row.how, str(row.person), str(row.by)) for row in application.assignments.all()]


def page_of(application: Application) -> str:
    return f"/console/applications/{application.pk}/desk/"


def act(road: Road, person: Person, application: Application, **form: Any) -> tuple[int, str]:
    """Press something on the page; the status and the words of the answer."""
    answer = road.browser(person).post(page_of(application), form)
    return answer.status_code, unescape(answer.content.decode())


def take(road: Road, person: Person, application: Application, seen: int = 0) -> tuple[int, str]:
    return act(road, person, application, act="take", seen=seen)


# --- by load ------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_screened_application_goes_to_whoever_has_the_fewest_open(road: Road) -> None:
    dana = cast.staff("Dana")
    first, second, third = (road.in_review(company=name) for name in ("One", "Two", "Three"))
    assert [one.assignee for one in (first, second, third)] == [road.manager, dana, road.manager]
    who = road.applicant
    for ended in (first, third):
        move(ended.pk, Event.WITHDRAW, person=who, actor=who.actor)
    assert road.in_review(company="Four").assignee == road.manager


@pytest.mark.django_db
def test_of_equals_whoever_has_had_none_for_longest_is_next(road: Road) -> None:
    dana = cast.staff("Dana")
    who, given = road.applicant, []
    for name in ("One", "Two", "Three"):
        application = road.in_review(company=name)
        given.append(application.assignee)
        move(application.pk, Event.WITHDRAW, person=who, actor=who.actor)
    assert given == [road.manager, dana, road.manager]


@pytest.mark.django_db
def test_an_assignment_is_in_the_history_and_in_the_trail(road: Road) -> None:
    application = road.in_review()
    assert history(application) == [("by_load", "Morgan", "None")]
    line = Line.objects.get(tag="institutions:assignment:by_load")
    assert (line.actor, line.subject) == ("system:desk", application.subject)
    assert line.data == {"to": road.manager.actor, "note": ""}


@pytest.mark.django_db
def test_without_account_managers_it_is_nobodys(road: Road) -> None:
    Person.objects.filter(pk=road.manager.pk).update(is_active=False)
    application = road.in_review()
    assert application.assignee is None
    assert history(application) == []


@pytest.mark.django_db
def test_an_account_manager_never_looks_after_an_application_of_their_own() -> None:
    dana = cast.staff("Dana")
    application = submit(dana, FIELDS)
    screen(application.pk)
    application.refresh_from_db()
    assert application.assignee is None
    assert cast.sign_in(Client(), dana).post(page_of(application), {"seen": 0}).status_code == 403


@pytest.mark.django_db
def test_an_answered_question_comes_back_to_whoever_had_it(road: Road) -> None:
    cast.staff("Dana")
    application, who = road.in_review(), road.manager
    move(application.pk, Event.REQUEST_INFO, person=who, actor=who.actor, note="Which?")
    who = road.applicant
    move(application.pk, Event.RESUBMIT, person=who, actor=who.actor)
    application.refresh_from_db()
    assert application.assignee == road.manager


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_spread_evenly(road: Road) -> None:
    for name in ("Dana", "Kim"):
        cast.staff(name)
    made = [submit(road.applicant, FIELDS | {"company": f"Company {n}"}).pk for n in range(9)]
    barrier = Barrier(3)

    def screen_some(some: list[int]) -> None:
        barrier.wait()
        try:
            for pk in some:
                screen(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as three:
        list(three.map(screen_some, (made[0::3], made[1::3], made[2::3])))
    loads = Counter(Application.objects.values_list("assignee__name", flat=True))
    assert loads == {"Morgan": 3, "Dana": 3, "Kim": 3}


# --- take ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_colleagues_application_is_taken_from_the_desk(road: Road) -> None:
    application, dana = road.in_review(), cast.staff("Dana")
    page = unescape(road.browser(dana).get("/console/?queue=all").content.decode())
    assert f'value="{application.pk}:{road.manager.pk}"' in page
    form = {"take": f"{application.pk}:{road.manager.pk}", "query": "queue=all"}
    answer = road.browser(dana).post("/console/desk/take/", form, follow=True)
    assert answer.redirect_chain == [("/console/?queue=all", 302)]
    assert "Harbor Trading is on your desk now" in answer.content.decode()
    assert history(application)[1:] == [("taken", "Dana", "Dana")]


@pytest.mark.django_db
def test_what_a_colleague_has_taken_meanwhile_is_not_taken_from_them(road: Road) -> None:
    application, dana = road.in_review(), cast.staff("Dana")
    assert act(road, road.manager, application, act="release")[0] == 302
    assert take(road, dana, application)[0] == 302
    status, page = take(road, road.manager, application)
    assert status == 409
    assert "Harbor Trading is with Dana since" in page


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_at_once_one_wins_and_the_other_reads_who_it_was(road: Road) -> None:
    application, dana = road.in_review(), cast.staff("Dana")
    act(road, road.manager, application, act="release")
    both = [road.browser(one) for one in (road.manager, dana)]
    barrier = Barrier(2)

    def press(browser: Client) -> tuple[int, str]:
        barrier.wait()
        try:
            answer = browser.post(page_of(application), {"act": "take", "seen": 0})
            return answer.status_code, answer.content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pair:
        (won, _), (lost, page) = sorted(pair.map(press, both))
    assert (won, lost) == (302, 409)
    winner = Application.objects.get().assignee
    assert f"Harbor Trading is with {winner} since" in page
    assert Assignment.objects.filter(how="taken").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("take", ["", "1", "1:", "x:0", "1:²", f"{'9' * 19}:0", "999999:0"])
def test_nothing_is_taken_that_is_not_there(road: Road, take: str) -> None:
    browser = road.browser(road.manager)
    assert browser.post("/console/desk/take/", {"take": take}).status_code == 404


@pytest.mark.django_db
def test_after_taking_nobody_is_sent_to_another_site(road: Road) -> None:
    application = road.in_review()
    form = {"take": f"{application.pk}:0", "query": "//evil.example/?x=1"}
    answer = road.browser(road.manager).post("/console/desk/take/", form)
    assert answer["Location"].startswith("/console/?")


@pytest.mark.django_db
def test_other_roles_look_after_nothing(road: Road) -> None:
    application = road.in_review()
    status, page = take(road, road.compliance, application, road.manager.pk)
    assert status == 403
    assert "looked after by account managers" in page
    assert "Take" not in road.browser(road.compliance).get("/console/?queue=all").content.decode()


@pytest.mark.django_db
def test_what_is_over_needs_nobody(road: Road) -> None:
    application, who = road.in_review(), road.applicant
    move(application.pk, Event.WITHDRAW, person=who, actor=who.actor)
    status, page = take(road, cast.staff("Dana"), application, road.manager.pk)
    assert status == 422
    assert "Nothing waits at Harbor Trading any more" in page


# --- hand over and let go -----------------------------------------------------------------------
@pytest.mark.django_db
def test_one_hands_over_to_a_named_colleague_who_reads_why(road: Road) -> None:
    application, dana = road.in_review(), cast.staff("Dana")
    form = {"act": "hand_over", "to": dana.pk, "note": "I am away."}
    assert act(road, road.manager, application, **form)[0] == 302
    assert history(application)[-1] == ("handed_over", "Dana", "Morgan")
    assert "I am away." in road.browser(dana).get(page_of(application)).content.decode()
    line = Line.objects.get(tag="institutions:assignment:handed_over")
    assert line.data == {"to": dana.actor, "note": "I am away."}


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["to", "note"])
def test_a_hand_over_names_somebody_and_says_why(road: Road, missing: str) -> None:
    application, dana = road.in_review(), cast.staff("Dana")
    form = {"act": "hand_over", "to": dana.pk, "note": "I am away."} | {missing: ""}
    assert act(road, road.manager, application, **form)[0] == 422
    assert len(history(application)) == 1


@pytest.mark.django_db
def test_nobody_hands_over_what_a_colleague_has(road: Road) -> None:
    application, dana = road.in_review(), cast.staff("Dana")
    form = {"act": "hand_over", "to": road.manager.pk, "note": "Yours."}
    status, page = act(road, dana, application, **form)
    assert status == 422
    assert "Harbor Trading is with Morgan, not with you" in page


@pytest.mark.django_db
def test_nothing_is_handed_to_somebody_of_another_role(road: Road) -> None:
    application = road.in_review()
    form = {"act": "hand_over", "to": road.finance.pk, "note": "Yours."}
    assert act(road, road.manager, application, **form)[0] == 422
    assert len(history(application)) == 1


@pytest.mark.django_db
def test_what_is_let_go_waits_on_everybodys_desk(road: Road) -> None:
    application = road.in_review()
    assert act(road, road.manager, application, act="release")[0] == 302
    assert history(application)[-1] == ("released", "None", "Morgan")
    assert "Harbor Trading" not in road.browser(road.manager).get("/console/").content.decode()
    shown = road.browser(road.manager).get("/console/?queue=all&who=0").content.decode()
    assert "Harbor Trading" in shown


@pytest.mark.django_db
def test_the_database_holds_that_only_a_release_is_to_nobody(road: Road) -> None:
    application = road.in_review()
    with pytest.raises(IntegrityError):
        application.assignments.create(person=None, how="taken", at=application.begun_at)


@pytest.mark.django_db
def test_an_application_that_is_not_there_is_not_found(road: Road) -> None:
    assert road.browser(road.manager).get("/console/applications/999999/desk/").status_code == 404
