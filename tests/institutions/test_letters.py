"""Letters: one for each move, sent at least once and not twice, whatever happens to the mail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import override_settings

from connect_portal.institutions.actions import letters, move
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import Letter
from connect_portal.institutions.moves import Event
from connect_portal.institutions.words import WORDS
from connect_portal.kit.clock import now
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
    assert submitted.subject == f"Harbor Trading: {WORDS[Step.SUBMITTED].label}"
    assert asked.to == [road.applicant.email]
    assert question in asked.body
    assert WORDS[Step.INFO_REQUESTED].next in asked.body
    assert "/apply/status/" in asked.body
    ((html, kind),) = asked.alternatives
    assert kind == "text/html"
    assert question in html


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
    Letter.objects.update(claimed_at=now() - letters.AGAIN_AFTER - timedelta(seconds=1))
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
