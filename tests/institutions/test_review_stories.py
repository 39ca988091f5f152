"""Drawn stories of a review: whatever is ticked, cleared, asked and decided in any order, nobody
is approved, asked or heard without what that takes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.institutions.actions import (
    answer_request,
    ask_change,
    clear_finding,
    confirm,
    move,
    propose,
    take_back,
    tick,
    withdraw_request,
)
from connect_portal.institutions.actions.findings import GONE
from connect_portal.institutions.enums import ProposalState, Severity, Step
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event, Hand
from connect_portal.institutions.reviewing import checklist, open_requests, requests, unchecked
from connect_portal.kit.errors import Refusal
from tests.institutions.handing_in import FIELDS, submit
from tests.institutions.road import Road

pytestmark = pytest.mark.django_db

SHADY = FIELDS | {"contact_email": "iris@mailinator.com"}
HANDS = st.sampled_from([Hand.ACCOUNT_MANAGER, Hand.COMPLIANCE, Hand.TECHNICAL, Hand.APPLICANT])
PICKS = st.integers(0, 9)


def _tick_all(road: Road, application: Application, hand: Hand, pick: int) -> None:
    road.check(application, hand)


def _take_back(road: Road, application: Application, hand: Hand, pick: int) -> None:
    who = road.who(hand)
    lines = checklist(application)
    take_back(application.pk, lines[pick % len(lines)].item.key, person=who, actor=who.actor)


def _tick(road: Road, application: Application, hand: Hand, pick: int) -> None:
    who = road.who(hand)
    lines = checklist(application)
    tick(application.pk, lines[pick % len(lines)].item.key, person=who, actor=who.actor)


def _clear(road: Road, application: Application, hand: Hand, pick: int) -> None:
    who = road.who(hand)
    for finding in application.findings.all():
        clear_finding(finding.pk, reason="Known.", person=who, actor=who.actor)


def _ask(road: Road, application: Application, hand: Hand, pick: int) -> None:
    who = road.who(hand)
    field = ["", "website", "contact_email"][pick % 3]
    ask_change(application.pk, field, note="Why?", person=who, actor=who.actor)


def _withdraw(road: Road, application: Application, hand: Hand, pick: int) -> None:
    who = road.who(hand)
    for request in requests(application.pk)[-1:]:
        withdraw_request(request.pk, person=who, actor=who.actor)


def _send(road: Road, application: Application, hand: Hand, pick: int) -> None:
    who = road.who(hand)
    note = "" if pick % 2 else "Please."
    move(application.pk, Event.REQUEST_INFO, person=who, actor=who.actor, note=note)


def _answer(road: Road, application: Application, hand: Hand, pick: int) -> None:
    who = road.who(hand)
    for request in requests(application.pk)[-1:]:
        answer_request(request.pk, reply="So.", person=who, actor=who.actor)


def _hand_in(road: Road, application: Application, hand: Hand, pick: int) -> None:
    change = {"website": f"https://harbor.example/{pick}"} if pick % 2 else {}
    submit(road.applicant, SHADY | change, application_id=application.pk)


def _propose(road: Road, application: Application, hand: Hand, pick: int) -> None:
    who = road.manager
    propose(application.pk, Event.APPROVE, person=who, actor=who.actor)


def _confirm(road: Road, application: Application, hand: Hand, pick: int) -> None:
    who = road.compliance
    for proposal in application.proposals.filter(state=ProposalState.OPEN):
        confirm(proposal.pk, person=who, actor=who.actor)


ACTS = st.sampled_from(
    [
        _tick_all,
        _tick_all,
        _take_back,
        _tick,
        _clear,
        _clear,
        _ask,
        _withdraw,
        _send,
        _answer,
        _hand_in,
        _propose,
        _propose,
        _confirm,
        _confirm,
    ]
)


@given(story=st.lists(st.tuples(ACTS, HANDS, PICKS), min_size=5, max_size=25))
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_story_skips_a_guard(
    road: Road, story: list[tuple[Callable[..., None], Hand, int]]
) -> None:
    with transaction.atomic():
        application = road.in_review(**SHADY)
        for act, hand, pick in story:
            moves = application.moves.count()
            before = facts_of(application)
            try:
                with transaction.atomic():
                    act(road, application, hand, pick)
            except Refusal:
                assert facts_of(application) == before
            application.refresh_from_db()
            if application.moves.count() > moves:
                assert_nothing_was_skipped(application)
            assert_nothing_is_lost(application)
        transaction.set_rollback(True)


def facts_of(application: Application) -> list[Any]:
    """What a refusal may not change."""
    return [
        application.ticks.count(),
        application.findings.filter(cleared_at=None).count(),
        application.requests.filter(answered_at=None, withdrawn_at=None).count(),
        application.moves.count(),
    ]


def assert_nothing_was_skipped(application: Application) -> None:
    """The move that was just made had everything ticked, cleared and answered that it takes."""
    waiting = open_requests(application.pk)
    match application.moves.latest("pk").event:
        case Event.APPROVE:
            assert unchecked(application, Hand.ACCOUNT_MANAGER) == []
            assert unchecked(application, Hand.COMPLIANCE) == []
            blocking = application.findings.filter(severity=Severity.BLOCKING, cleared_at=None)
            assert not blocking.exists()
            assert waiting == {}
        case Event.REQUEST_INFO:
            assert waiting
        case Event.RESUBMIT:
            assert waiting == {}
            assert application.step == Step.IN_REVIEW


def assert_nothing_is_lost(application: Application) -> None:
    """Findings stay, and whoever cleared one is named unless it went by itself."""
    findings = list(application.findings.all())
    assert {finding.rule for finding in findings} >= {"disposable_mail"}
    cleared = [one for one in findings if one.cleared_at is not None]
    assert all(one.cleared_by_id or one.reason == GONE for one in cleared)
    assert len({(one.rule, one.field, one.seen) for one in findings}) == len(findings)
