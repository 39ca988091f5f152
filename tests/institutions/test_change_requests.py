"""Asking for a change: by whom and when, how it is answered, and what the applicant reads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.db import IntegrityError, connection

from connect_portal.institutions.actions import (
    answer_request,
    ask_change,
    letters,
    move,
    propose,
    withdraw_request,
)
from connect_portal.institutions.enums import RejectReason, Step
from connect_portal.institutions.errors import (
    NotNow,
    NotYourPart,
    WordsMissing,
)
from connect_portal.institutions.models import Application, ChangeRequest, Letter, Move, Proposal
from connect_portal.institutions.moves import Event
from connect_portal.institutions.review_errors import (
    AlreadyAsked,
    NothingAsked,
    ReasonMissing,
    RequestOver,
    Unanswered,
    UnknownField,
)
from connect_portal.institutions.reviewing import open_requests
from connect_portal.kit.errors import Refusal
from connect_portal.people.models import Person
from tests.institutions.handing_in import FIELDS, submit
from tests.institutions.road import Road

pytestmark = pytest.mark.django_db


def asked_by(person: Person, application: Application, field: str = "website") -> ChangeRequest:
    words = {"note": f"Please mend the {field}."}
    return ask_change(application.pk, field, person=person, actor=person.actor, **words)


def sent(road: Road, application: Application, note: str = "") -> None:
    """Morgan sends what was asked to the applicant."""
    who = road.manager
    move(application.pk, Event.REQUEST_INFO, person=who, actor=who.actor, note=note)


def handed_in(road: Road, application: Application, **fields: str) -> Application:
    return submit(road.applicant, FIELDS | fields, application_id=application.pk)


# --- asking -------------------------------------------------------------------------------------
def test_a_request_waits_beside_its_field(road: Road) -> None:
    application = road.in_review()
    request = asked_by(road.manager, application)
    whole = asked_by(road.compliance, application, "")
    assert open_requests(application.pk) == {"website": [request], "": [whole]}
    assert request.was == FIELDS["website"]


def test_information_is_not_requested_while_nothing_is_asked(road: Road) -> None:
    application = road.in_review()
    with pytest.raises(NothingAsked):
        sent(road, application)
    sent(road, application, note="Which register?")
    (request,) = open_requests(application.pk)[""]
    assert request.note == "Which register?"


def test_only_reviewers_ask_and_only_during_the_review(road: Road) -> None:
    application = road.in_review()
    for stranger in (road.technical, road.finance, road.applicant):
        with pytest.raises(NotYourPart):
            asked_by(stranger, application)
    asked_by(road.manager, application)
    sent(road, application)
    with pytest.raises(NotNow):
        asked_by(road.manager, application, "company")


@pytest.mark.parametrize(
    "field", ["step", "applicant", "malformed", "no_such_field", "document:none", "x" * 300]
)
def test_what_is_no_field_of_the_form_is_not_asked_about(road: Road, field: str) -> None:
    application = road.in_review()
    with pytest.raises(UnknownField):
        asked_by(road.manager, application, field)


def test_a_request_without_words_is_refused(road: Road) -> None:
    application = road.in_review()
    who = road.manager
    with pytest.raises(WordsMissing):
        ask_change(application.pk, "website", note=" ", person=who, actor=who.actor)


def test_a_second_request_about_a_field_names_the_first(road: Road) -> None:
    application = road.in_review()
    asked_by(road.manager, application)
    with pytest.raises(AlreadyAsked, match="Morgan asked about this"):
        asked_by(road.compliance, application)


def test_the_letter_lists_what_is_asked(road: Road) -> None:
    application = road.in_review()
    asked_by(road.manager, application)
    asked_by(road.manager, application, "document:certificate")
    taken_back = asked_by(road.manager, application, "company")
    sent(road, application, note="Two things.")
    withdraw_request(taken_back.pk, person=road.manager, actor=road.manager.actor)
    letters.send_letter(Letter.objects.latest("pk").pk)
    body = str(mail.outbox[-1].body)
    assert "Two things." in body
    assert "- Website: Please mend the website." in body
    assert "- Certificate of incorporation:" in body
    assert "company" not in body


# --- answering ----------------------------------------------------------------------------------
def test_handing_in_again_needs_every_request_answered(road: Road) -> None:
    application = road.in_review()
    asked_by(road.manager, application)
    asked_by(road.manager, application, "company")
    sent(road, application)
    with pytest.raises(Unanswered, match="website, company"):
        handed_in(road, application)
    with pytest.raises(Unanswered, match="Still to be answered: company"):
        handed_in(road, application, website="https://harbor.example/bots")


def test_another_value_or_a_reply_answers_and_handing_in_answers_for_the_whole(road: Road) -> None:
    application = road.in_review()
    by_reply = asked_by(road.manager, application, "company")
    asked_by(road.manager, application)
    asked_by(road.compliance, application, "")
    sent(road, application)
    who = road.applicant
    answer_request(by_reply.pk, reply="It is right.", person=who, actor=who.actor)
    again = handed_in(road, application, website="https://harbor.example/bots")
    assert again.step == Step.IN_REVIEW
    assert open_requests(application.pk) == {}
    answers = ChangeRequest.objects.order_by("field").values_list("field", "reply", "answered_by")
    assert list(answers) == [
        ("", "", who.pk),
        ("company", "It is right.", who.pk),
        ("website", "", who.pk),
    ]


def test_only_the_applicant_replies_and_only_while_the_answer_is_awaited(road: Road) -> None:
    application = road.in_review()
    request = asked_by(road.manager, application)
    who = road.applicant
    with pytest.raises(NotNow):
        answer_request(request.pk, reply="Here.", person=who, actor=who.actor)
    sent(road, application)
    with pytest.raises(NotYourPart):
        answer_request(request.pk, reply="Here.", person=road.manager, actor=road.manager.actor)
    with pytest.raises(WordsMissing):
        answer_request(request.pk, reply=" \n", person=who, actor=who.actor)


def test_a_withdrawn_request_needs_no_answer(road: Road) -> None:
    application = road.in_review()
    request = asked_by(road.manager, application)
    sent(road, application)
    withdraw_request(request.pk, person=road.compliance, actor=road.compliance.actor)
    assert handed_in(road, application).step == Step.IN_REVIEW
    with pytest.raises(RequestOver, match="withdrawn by Cora"):
        withdraw_request(request.pk, person=road.manager, actor=road.manager.actor)


def test_each_version_that_was_handed_in_is_kept(road: Road) -> None:
    application = road.in_review()
    sent(road, application, note="Better words.")
    handed_in(road, application, description="Better bots.")
    kept = application.submissions.values_list("number", "content__description")
    assert list(kept) == [(1, FIELDS["description"]), (2, "Better bots.")]


# --- at once ------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_or_withdraw_at_once_one_wins_and_the_other_is_told(road: Road) -> None:
    application = road.in_review()
    pair = [road.manager, road.compliance]

    def at_once(act: object) -> list[object]:
        barrier = Barrier(2)

        def one(person: Person) -> object:
            barrier.wait()
            try:
                return act(person)  # type: ignore[operator]
            except Refusal as refusal:
                return refusal
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as both:
            return list(both.map(one, pair))

    asked = at_once(lambda person: asked_by(person, application))
    assert sorted(type(one).__name__ for one in asked) == ["AlreadyAsked", "ChangeRequest"]
    request = ChangeRequest.objects.get()
    gone = at_once(lambda one: withdraw_request(request.pk, person=one, actor=one.actor))
    assert sorted(type(one).__name__ for one in gone) == ["ChangeRequest", "RequestOver"]


# --- rejecting ----------------------------------------------------------------------------------
def test_a_rejection_names_its_reason_and_keeps_it(road: Road) -> None:
    application = road.in_review()
    who = road.compliance
    words = {"note": "Two companies, one number.", "person": who, "actor": who.actor}
    for nothing in ("", "no_such_reason"):
        with pytest.raises(ReasonMissing):
            propose(application.pk, Event.REJECT, reason=nothing, **words)
    propose(application.pk, Event.REJECT, reason=RejectReason.DUPLICATE, **words)
    assert Proposal.objects.get().reason == "duplicate"


def test_the_letter_of_a_rejection_names_the_reason(road: Road) -> None:
    application = road.in_review()
    road.go(application, Event.REJECT)
    assert Move.objects.latest("pk").reason == RejectReason.OTHER
    letters.send_letter(Letter.objects.latest("pk").pk)
    assert "Reason: Another reason." in mail.outbox[-1].body


def test_the_database_takes_no_rejection_without_a_reason(road: Road) -> None:
    application = road.in_review()
    road.go(application, Event.REJECT)
    with pytest.raises(IntegrityError):
        Move.objects.filter(event=Event.REJECT).update(reason="")
