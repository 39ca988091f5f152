"""Letters: one for each move, sent at least once and not twice, whatever happens to the mail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from threading import Barrier

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import override_settings
from django.utils.html import escape

from connect_portal.institutions.actions import (
    approve_edition,
    letters,
    move,
    posting,
    propose_edition,
)
from connect_portal.institutions.actions.screening import screen
from connect_portal.institutions.enums import EditionKind, Step
from connect_portal.institutions.models import Application, ConnectCode, Letter
from connect_portal.institutions.moves import WAYS, Event
from connect_portal.kit.clock import now
from connect_portal.people.enums import MembershipRole
from tests import cast
from tests.institutions.road import Road

AWAY = "tests.institutions.test_letters.Away"


class Away(EmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, messages: object) -> int:
        raise ConnectionRefusedError("no mail server here")


@pytest.mark.django_db
def test_a_letter_says_what_happened_what_is_next_and_where_to_look(road: Road) -> None:
    application = road.in_review()
    who = road.manager
    question = "Which country is it registered in?"
    move(application.pk, Event.REQUEST_INFO, person=who, actor=who.actor, note=question)
    for letter in letters.unsent():
        assert letters.send_letter(letter)
    submitted, _, asked = mail.outbox
    assert submitted.subject == "Harbor Trading: application submitted"
    due = f"{Letter.objects.earliest('pk').due_at:%Y-%m-%d %H:%M} UTC"
    assert f"You hear from us by {due}." in " ".join(submitted.body.split()), "what was promised"
    assert asked.to == [road.applicant.email]
    assert f"    {question}\n" in asked.body
    assert "What comes next: answer each request" in asked.body
    assert "/apply/status/" in asked.body
    ((html, kind),) = asked.alternatives
    assert kind == "text/html"
    assert f"<blockquote>{question}</blockquote>" in html


TOLD = {
    Event.SUBMIT: "application submitted",
    Event.SCREEN: "under review",
    Event.REQUEST_INFO: "we need something from you",
    Event.RESUBMIT: "your answers are here",
    Event.APPROVE: "your application is approved",
    Event.REJECT: "we cannot take your application further",
    Event.APPEAL: "we have your appeal",
    Event.WITHDRAW: "application withdrawn",
    Event.EXPIRE: "application closed",
    Event.LOG_CONTACT: "your contract is being prepared",
    Event.SEND_CONTRACT: "your contract is ready",
    Event.SIGN: "you signed the contract",
    Event.COUNTERSIGN: "the contract is in force",
    Event.DECLINE_CONTRACT: "the contract is not countersigned",
    Event.SUBMIT_TECH: "we have your technical details",
    Event.RETURN_TECH: "please look at your technical details again",
    Event.PROVISION: "your technical access is set up",
    Event.CERTIFY: "the test trading is passed",
    Event.APPROVE_LIVE: "you are live",
    Event.RETURN_TEST: "please test once more",
    Event.FIRST_FILL: "your first fill has arrived",
    Event.COMPLETE: "onboarding is complete",
    Event.EXTEND: "we watch your orders a little longer",
    Event.FAIL: "back to the sandbox test",
    Event.SUSPEND: "your access is suspended",
    Event.REINSTATE: "your access works again",
    Event.LAPSE: "your contract has ended",
    Event.OFFBOARD: "leaving the programme",
    Event.CLOSE: "everything is settled",
}
NOTED = {way.event for way in WAYS if way.needs_note}
STORIES = (
    "submit screen request_info resubmit approve log_contact send_contract sign decline_contract",
    "submit screen reject appeal withdraw",
    "submit screen request_info expire",
    "submit screen approve log_contact send_contract sign countersign submit_tech return_tech "
    "submit_tech provision certify return_test certify approve_live first_fill extend fail",
    "submit screen approve log_contact send_contract sign countersign submit_tech provision "
    "certify approve_live first_fill complete suspend reinstate lapse offboard close",
)


def test_the_stories_tell_of_every_move_there_is() -> None:
    assert {Event(word) for story in STORIES for word in story.split()} == set(TOLD) == set(Event)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.django_db
def test_every_move_has_a_letter_in_its_own_words(road: Road, story: str) -> None:
    first, *events = (Event(word) for word in story.split())
    application = road.submitted()
    for event in (first, *events):
        if event != first:
            road.go(application, event)
        (letter,) = letters.unsent()
        assert letters.send_letter(letter)
        sent = mail.outbox.pop()
        assert sent.subject == f"Harbor Trading: {TOLD[event]}"
        ((html, _),) = sent.alternatives
        for shown in (sent.body, unescape(html)):
            assert "What comes next" in shown
            assert "{{" not in shown
            assert event not in NOTED or application.moves.latest("pk").note in shown


@pytest.mark.django_db
def test_a_letter_is_written_in_the_words_in_force_when_the_move_was_made(road: Road) -> None:
    edition = propose_edition(
        EditionKind.LETTER,
        Event.SCREEN,
        body="{{ company }} is read\n\nYour code: {{ code }}.\n\n{{ note }}\n\nBye.",
        note="Shorter.",
        person=road.manager,
    )
    before = road.submitted()
    screen(before.pk)
    approve_edition(edition.pk, person=road.compliance)
    after = road.submitted(company="Pier Trading")
    screen(after.pk)
    for letter in letters.unsent():
        letters.send_letter(letter)
    old, new = Letter.objects.filter(move__event=Event.SCREEN).order_by("pk")
    assert (old.edition, old.subject) == (0, "Harbor Trading: under review")
    code = ConnectCode.objects.get(application=after).code
    assert (new.edition, new.subject) == (1, "Pier Trading is read")
    assert f"Your code: {code}.\n\nBye.\n" in new.text, "an empty note leaves no paragraph"


@pytest.mark.django_db
def test_a_letter_that_is_tried_again_says_what_it_said_before(road: Road) -> None:
    application = road.submitted()
    letter = Letter.objects.get()
    with override_settings(EMAIL_BACKEND=AWAY):
        assert not letters.send_letter(letter.pk)
    letter.refresh_from_db()
    Application.objects.filter(pk=application.pk).update(company="Renamed")
    Letter.objects.update(claimed_at=None)
    assert letters.send_letter(letter.pk)
    (sent,) = mail.outbox
    assert (sent.subject, sent.body) == (letter.subject, letter.text)
    assert sent.extra_headers["Message-ID"].startswith(f"<move-{letter.move_id}@")


@pytest.mark.django_db
def test_once_there_is_an_institution_its_owners_get_the_letters(road: Road) -> None:
    application = road.until(Step.QUALIFIED)
    mara = cast.member("Mara", application.institution)
    cast.member("Ben", application.institution, MembershipRole.VIEWER)
    road.go(application, Event.LOG_CONTACT)
    letters.send_letter(Letter.objects.latest("pk").pk)
    (sent,) = mail.outbox
    assert sent.to == [road.applicant.email, mara.email]
    assert "/institution/harbor-trading/onboarding/" in sent.body


@pytest.mark.django_db
def test_words_of_others_stay_words_in_a_letter(road: Road) -> None:
    application = road.in_review(contact_name="<script>Iris</script>")
    who, note = road.manager, "<b>Which</b> {{ code }} & {% now %}?"
    move(application.pk, Event.REQUEST_INFO, person=who, actor=who.actor, note=note)
    letters.send_letter(Letter.objects.latest("pk").pk)
    (sent,) = mail.outbox
    assert note in sent.body
    ((html, _),) = sent.alternatives
    assert escape(note) in html
    assert "<script>" not in html


@pytest.mark.django_db
def test_the_case_lists_each_letter_and_whether_it_went_out(road: Road) -> None:
    application = road.in_review()
    page, morgan = f"/console/applications/{application.pk}/", road.browser(road.manager)
    assert morgan.get(page).content.decode().count("on its way") == 2
    Letter.objects.filter(pk=letters.unsent()[0]).update(attempts=2)
    letters.send_letter(letters.unsent()[1])
    text = morgan.get(page).content.decode()
    assert "waits for the mail server" in text
    assert "sent <time" in text


@pytest.mark.django_db
def test_a_letter_that_was_sent_is_not_sent_again(road: Road) -> None:
    road.submitted()
    letter = Letter.objects.get()
    assert letters.send_letter(letter.pk)
    assert not letters.send_letter(letter.pk)
    assert letters.unsent() == []
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_company_with_odd_letters_in_its_name_makes_one_line_of_subject(road: Road) -> None:
    road.submitted(company='Harbor <b>& "Sons"</b>')
    letters.send_letter(Letter.objects.get().pk)
    assert mail.outbox[0].subject.startswith('Harbor <b>& "Sons"</b>: ')


@pytest.mark.django_db
def test_a_mail_server_that_is_down_delays_only_the_letters(road: Road) -> None:
    with override_settings(EMAIL_BACKEND=AWAY):
        application = road.until(Step.QUALIFIED)
        for letter in letters.unsent():
            assert not letters.send_letter(letter)
    assert application.step == Step.QUALIFIED
    assert letters.unsent() == [], "whoever tried a moment ago is left to it"
    Letter.objects.update(claimed_at=now() - posting.AGAIN_AFTER - timedelta(seconds=1))
    waiting = letters.unsent()
    assert len(waiting) == 3
    for letter in waiting:
        assert letters.send_letter(letter)
    assert len(mail.outbox) == 3
    assert set(Letter.objects.values_list("attempts", flat=True)) == {2}


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_sends_a_letter(road: Road) -> None:
    road.submitted()
    letter = Letter.objects.get().pk
    Letter.objects.update(claimed_at=None, sent_at=None)
    mail.outbox.clear()
    barrier = Barrier(4)

    def send(_: int) -> bool:
        barrier.wait()
        try:
            return letters.send_letter(letter)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        assert sorted(workers.map(send, range(4))) == [False, False, False, True]
    assert len(mail.outbox) == 1
