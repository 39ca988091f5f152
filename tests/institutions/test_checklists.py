"""Checklists: who ticks what, when a tick holds, and what does not go on without them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from connect_portal.institutions.actions import (
    ask_change,
    clear_finding,
    confirm,
    propose,
    take_back,
    tick,
    withdraw_request,
    write_note,
)
from connect_portal.institutions.checklists import ITEMS
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import (
    NotNow,
    NotYourPart,
    WordsMissing,
)
from connect_portal.institutions.models import Application, Note, Tick
from connect_portal.institutions.moves import Event, Hand
from connect_portal.institutions.review_errors import (
    AlreadyTicked,
    FindingsOpen,
    NotTicked,
    RequestsOpen,
    Unchecked,
    UnknownItem,
)
from connect_portal.institutions.reviewing import checklist, unchecked
from connect_portal.kit.errors import Refusal
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.road import Road, reviewed

pytestmark = pytest.mark.django_db


def ticked(application: Application, key: str, person: Person) -> Tick:
    return tick(application.pk, key, person=person, actor=person.actor)


def suggest(application: Application, event: Event, person: Person) -> Any:
    return propose(application.pk, event, person=person, actor=person.actor)


# --- ticking ------------------------------------------------------------------------------------
def test_each_role_ticks_its_own_items_and_no_others(road: Road) -> None:
    application = road.in_review()
    for item in ITEMS:
        for hand in (Hand.ACCOUNT_MANAGER, Hand.COMPLIANCE, Hand.TECHNICAL, Hand.FINANCE):
            if hand != item.hand:
                with pytest.raises(NotYourPart, match=item.hand.label):
                    ticked(application, item.key, road.who(hand))
        with pytest.raises(NotYourPart):
            ticked(application, item.key, road.applicant)
        ticked(application, item.key, road.who(item.hand))
    assert all(line.is_done for line in checklist(application))


def test_a_tick_is_taken_back_by_a_row_of_its_own(road: Road) -> None:
    application = road.in_review()
    morgan = road.manager
    with pytest.raises(NotTicked):
        take_back(application.pk, "model", person=morgan, actor=morgan.actor)
    ticked(application, "model", morgan)
    with pytest.raises(AlreadyTicked, match="Morgan ticked this"):
        ticked(application, "model", cast.staff("Mona"))
    take_back(application.pk, "model", person=morgan, actor=morgan.actor)
    assert not next(line for line in checklist(application) if line.item.key == "model").is_done
    assert list(Tick.objects.values_list("number", "is_done")) == [(1, True), (2, False)]


def test_a_tick_holds_while_the_answers_that_it_is_about_stay(road: Road) -> None:
    application = road.in_review()
    ticked(application, "business", road.manager)
    ticked(application, "contact", road.manager)
    Application.objects.update(website="https://elsewhere.example/")
    application.refresh_from_db()
    lines = {line.item.key: line for line in checklist(application)}
    assert (lines["business"].is_done, lines["business"].is_outdated) == (False, True)
    assert (lines["contact"].is_done, lines["contact"].is_outdated) == (True, False)
    ticked(application, "business", road.manager)


def test_what_changed_while_somebody_looked_is_not_ticked(road: Road) -> None:
    application = road.in_review()
    line = next(one for one in checklist(application) if one.item.key == "business")
    Application.objects.update(website="https://elsewhere.example/")
    sent = {"do": "tick", "about": "business", "seen": line.over}
    answer = road.browser(road.manager).post(f"/console/applications/{application.pk}/", sent)
    assert answer.status_code == 409
    assert "The answers changed while you looked" in answer.content.decode()
    assert not Tick.objects.exists()


def test_there_are_no_items_but_those_of_the_chosen_model(road: Road) -> None:
    application = road.in_review(channels=["api"], redirect_uris=[])
    for key in ("redirects", "nothing", ""):
        with pytest.raises(UnknownItem):
            ticked(application, key, road.technical)


def test_nothing_is_ticked_at_an_end(road: Road) -> None:
    application = road.in_review()
    road.go(application, Event.WITHDRAW)
    with pytest.raises(NotNow):
        ticked(application, "model", road.manager)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["tick", "clear"])
def test_of_two_who_tick_or_clear_at_once_one_wins_and_the_other_is_told(
    road: Road, act: str
) -> None:
    application = road.in_review(contact_email="iris@mailinator.com")
    finding = application.findings.get()
    acts: dict[str, Callable[[Person], Any]] = {
        "tick": lambda one: ticked(application, "entity", one),
        "clear": lambda one: clear_finding(finding.pk, reason="So.", person=one, actor=one.actor),
    }
    barrier = Barrier(2)

    def attempt(person: Person) -> str:
        barrier.wait()
        try:
            acts[act](person)
        except Refusal as refusal:
            return refusal.text
        else:
            return ""
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        ends = sorted(both.map(attempt, [road.compliance, cast.staff("Dana", "compliance")]))
    assert ends[0] == ""
    assert "already" in ends[1]
    assert "Cora" in ends[1] or "Dana" in ends[1]


# --- guards -------------------------------------------------------------------------------------
def test_approval_is_proposed_with_the_account_managers_list_and_without_open_requests(
    road: Road,
) -> None:
    application = road.in_review()
    morgan = road.manager
    with pytest.raises(Unchecked, match="The account manager has not checked yet"):
        suggest(application, Event.APPROVE, morgan)
    road.check(application, Hand.ACCOUNT_MANAGER)
    ask_change(application.pk, "website", note="Why?", person=morgan, actor=morgan.actor)
    with pytest.raises(RequestsOpen, match="website"):
        suggest(application, Event.APPROVE, morgan)


def test_approval_is_confirmed_with_compliances_list_and_without_blocking_findings(
    road: Road,
) -> None:
    application = road.in_review(contact_email="iris@mailinator.com")
    road.check(application, Hand.ACCOUNT_MANAGER)
    proposal = suggest(application, Event.APPROVE, road.manager)
    cora = road.compliance

    def confirmed() -> Application:
        return confirm(proposal.pk, person=cora, actor=cora.actor)

    with pytest.raises(Unchecked, match="The compliance team has not checked yet"):
        confirmed()
    road.check(application, Hand.COMPLIANCE)
    with pytest.raises(FindingsOpen, match="disposable mail"):
        confirmed()
    road.clear(application)
    request = ask_change(application.pk, "", note="Why?", person=cora, actor=cora.actor)
    with pytest.raises(RequestsOpen, match="the whole application"):
        confirmed()
    withdraw_request(request.pk, person=cora, actor=cora.actor)
    assert confirmed().step == Step.QUALIFIED


def test_a_tick_taken_back_after_the_proposal_holds_the_approval(road: Road) -> None:
    application = road.in_review()
    road.prepare(application, Event.APPROVE)
    proposal = suggest(application, Event.APPROVE, road.manager)
    take_back(application.pk, "model", person=road.manager, actor=road.manager.actor)
    with pytest.raises(Unchecked, match="chosen model"):
        confirm(proposal.pk, person=road.compliance, actor=road.compliance.actor)


def test_a_contract_is_confirmed_with_finances_list(road: Road) -> None:
    application = road.until(Step.CONTRACTING)
    proposal = suggest(application, Event.SEND_CONTRACT, road.manager)
    finn = road.finance
    with pytest.raises(Unchecked, match="The finance team"):
        confirm(proposal.pk, person=finn, actor=finn.actor)
    road.check(application, Hand.FINANCE)
    assert confirm(proposal.pk, person=finn, actor=finn.actor).step == Step.CONTRACT_SENT


def test_access_is_proposed_with_the_technical_list_as_it_was_handed_in(road: Road) -> None:
    application = road.in_review()
    road.check(application, Hand.TECHNICAL)
    road.go(application, Event.APPROVE)
    for event in (Event.LOG_CONTACT, Event.SEND_CONTRACT, Event.SIGN, Event.COUNTERSIGN):
        road.go(application, event)
    Application.objects.update(ips=["8.8.8.8/32"])
    application.refresh_from_db()
    road.alone(application, Event.SUBMIT_TECH)
    with pytest.raises(Unchecked, match="The server addresses"):
        suggest(application, Event.PROVISION, road.technical)
    road.check(application, Hand.TECHNICAL)
    assert unchecked(application, Hand.TECHNICAL) == []
    suggest(application, Event.PROVISION, road.technical)


# --- notes --------------------------------------------------------------------------------------
def test_staff_keep_notes_and_the_applicant_never_reads_them(road: Road) -> None:
    application = road.in_review()
    who = road.finance
    write_note(application.pk, text="They called.", person=who, actor=who.actor)
    assert Note.objects.get().by == who
    status = road.browser(road.applicant).get("/apply/status/").content.decode()
    assert "They called." not in status
    with pytest.raises(WordsMissing):
        write_note(application.pk, text=" ", person=who, actor=who.actor)
    iris = road.applicant
    with pytest.raises(NotYourPart):
        write_note(application.pk, text="Me too.", person=iris, actor=iris.actor)


def test_the_tables_of_a_review_let_nobody_delete_a_row(road: Road) -> None:
    application = reviewed(road)
    for rows in (application.requests, application.findings, application.ticks, application.notes):
        with pytest.raises(DatabaseError, match="kept for good"), transaction.atomic():
            rows.all().delete()
        assert rows.exists()
