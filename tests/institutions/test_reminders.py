"""Reminders: on their days by the business clock, once for each occasion, sent like letters."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from connect_portal.audit.queries import verify
from connect_portal.institutions.actions import move, reminding
from connect_portal.institutions.actions.timers import run_timers
from connect_portal.institutions.enums import ReminderKind, Step
from connect_portal.institutions.models import Application, Reminder
from connect_portal.institutions.moves import Event
from connect_portal.institutions.reminders import PLAN_OF
from connect_portal.kit.clock import now
from tests import cast
from tests.institutions.road import Road
from tests.institutions.test_letters import AWAY
from tests.institutions.test_moves import at_once

pytestmark = pytest.mark.django_db

Later = Callable[..., None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Let business time go on by days from the real one."""
    start = now()

    def go(days: float) -> None:
        moment = start + timedelta(days=days)
        for module in ("reminding", "timers"):
            place = f"connect_portal.institutions.actions.{module}.business_now"
            monkeypatch.setattr(place, lambda: moment)

    return go


def asked(road: Road) -> Application:
    """An application that waits for an answer."""
    application = road.in_review()
    person = road.manager
    move(
        application.pk, Event.REQUEST_INFO, person=person, actor=person.actor, note="Which country?"
    )
    application.refresh_from_db()
    return application


def deliver() -> list[str]:
    """Send what waits; the subjects of what went out."""
    mail.outbox.clear()
    for pk in reminding.unsent_reminders():
        reminding.send_reminder(pk)
    return [letter.subject for letter in mail.outbox]


def kinds() -> list[str]:
    return list(Reminder.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("days", "count"), [(2.99, 0), (3.01, 1), (6.99, 1), (7.01, 1), (29.99, 1), (30.01, 0)]
)
def test_a_question_is_reminded_of_after_three_and_seven_days_until_it_expires(
    road: Road, later: Later, days: float, count: int
) -> None:
    asked(road)
    later(days)
    assert reminding.remind() == count


def test_each_reminder_is_made_once_however_often_the_sweep_comes(road: Road, later: Later) -> None:
    application = asked(road)
    for days in (3.1, 3.2, 6.9, 7.1, 7.2, 20):
        later(days)
        reminding.remind()
    assert kinds() == ["answer", "answer"]
    assert deliver() == ["Harbor Trading: your answer is still awaited"] * 2
    assert deliver() == []
    assert application.reminders.filter(sent_at=None).count() == 0
    assert verify().intact


def test_a_site_that_was_away_sends_the_newest_only(road: Road, later: Later) -> None:
    asked(road)
    later(8)
    assert reminding.remind() == 1


def test_the_letter_says_what_is_asked_and_until_when(road: Road, later: Later) -> None:
    application = asked(road)
    later(3.1)
    reminding.remind()
    deliver()
    (letter,) = mail.outbox
    until = application.moves.latest("pk").at + PLAN_OF[ReminderKind.ANSWER].within
    assert letter.to == [road.applicant.email]
    assert f"{until:%Y-%m-%d %H:%M} UTC" in " ".join(str(letter.body).split())
    assert letter.extra_headers["Message-ID"].startswith("<reminder-")


def test_what_was_answered_is_not_reminded_of_even_if_the_letter_was_late(
    road: Road, later: Later
) -> None:
    application = asked(road)
    later(3.1)
    reminding.remind()
    Application.objects.filter(pk=application.pk).update(step=Step.IN_REVIEW, paused_at=None)
    assert deliver() == []
    assert Reminder.objects.get().overtaken_at is not None
    later(7.1)
    assert reminding.remind() == 0


def test_a_mail_server_that_is_away_delays_a_reminder_and_loses_none(
    road: Road, later: Later
) -> None:
    asked(road)
    later(3.1)
    reminding.remind()
    with override_settings(EMAIL_BACKEND=AWAY):
        assert deliver() == []
    Reminder.objects.update(claimed_at=now() - timedelta(minutes=3))
    assert len(deliver()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_make_one(road: Road, later: Later) -> None:
    asked(road)
    later(3.1)
    assert at_once(reminding.remind, reminding.remind) == ["done", "done"]
    assert Reminder.objects.count() == 1
    connection.close()


def test_a_contract_that_waits_is_reminded_of_within_ten_days(road: Road, later: Later) -> None:
    road.until(Step.CONTRACT_SENT)
    for days in (2.9, 3.1, 7.1, 9.1, 10.1):
        later(days)
        reminding.remind()
    assert kinds() == ["sign"] * 3
    assert deliver() == ["Harbor Trading: your contract waits to be signed"] * 3


@pytest.mark.parametrize(("days", "count"), [(22.9, 0), (23.1, 1), (30.1, 0)])
def test_a_rejected_applicant_hears_a_week_before_the_appeal_closes(
    road: Road, later: Later, days: float, count: int
) -> None:
    application = road.in_review()
    road.go(application, Event.REJECT)
    later(days)
    assert reminding.remind() == count
    assert kinds() == ["appeal"] * count


def test_the_end_of_a_contract_is_told_sixty_thirty_and_seven_days_ahead(
    road: Road, later: Later
) -> None:
    application = road.until(Step.ACTIVE)
    ends = now() + timedelta(days=100)
    road.end_contracts(ends)
    told = []
    for left in (61, 59.9, 45, 29.9, 6.9, 0.1):
        later(100 - left)
        told.append(reminding.remind())
    assert told == [0, 1, 0, 1, 1, 0]
    assert set(Reminder.objects.values_list("deadline", flat=True)) == {ends}
    later(100.1)
    assert reminding.remind() == 0
    assert run_timers() == 1
    application.refresh_from_db()
    assert application.step == Step.SUSPENDED


def test_a_renewed_contract_is_told_of_anew(road: Road, later: Later) -> None:
    road.until(Step.ACTIVE)
    for days_to_end in (365, 730):
        road.end_contracts(now() + timedelta(days=days_to_end))
        later(days_to_end - 59)
        assert reminding.remind() == 1


def test_staff_sees_the_reminders_on_the_case(road: Road, later: Later, client: Client) -> None:
    application = asked(road)
    cast.sign_in(client, road.manager)
    page = f"/console/applications/{application.pk}/"
    assert "Reminders" not in client.get(page).content.decode()
    later(3.1)
    reminding.remind()
    deliver()
    said = client.get(page).content.decode()
    assert "Answer awaited" in said
    assert "sent <time" in said


def test_a_sweep_takes_as_many_queries_for_thirty_as_for_one(road: Road, later: Later) -> None:
    counts = []
    for number in (1, 30):
        for one in range(number):
            waiting = road.submitted(company=f"Company {number} {one}")
            Application.objects.filter(pk=waiting.pk).update(step=Step.INFO_REQUESTED)
            waiting.moves.create(
                event="request_info", source="in_review", to="info_requested", at=now(), actor="x:1"
            )
        later(3.1)
        reminding.remind()
        with CaptureQueriesContext(connection) as asked_of:
            assert reminding.remind() == 0
        counts.append(len(asked_of))
    assert counts[0] == counts[1]


def test_no_reminder_is_due_at_a_moment_before_its_own(road: Road) -> None:
    for plan in PLAN_OF.values():
        anchor = datetime.fromisoformat("2026-11-26T00:00:00+00:00")
        for days in plan.days:
            moment = anchor + timedelta(days=days)
            assert plan.newest(anchor, moment) == days
            assert plan.newest(anchor, moment - timedelta(microseconds=1)) != days
        assert plan.newest(anchor, anchor + plan.within) is None
