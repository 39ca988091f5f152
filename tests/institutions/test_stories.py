"""Drawn stories of onboarding: whatever is tried, in any order and by anybody, the table holds."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.facts import holidays
from connect_portal.institutions.actions import (
    confirm,
    confirm_renewal,
    countersign,
    decline_renewal,
    move,
    propose,
    propose_renewal,
    refuse_signed,
    sign,
)
from connect_portal.institutions.actions.renewing import announce_due
from connect_portal.institutions.actions.timers import run_timers
from connect_portal.institutions.business_days import business_time
from connect_portal.institutions.enums import (
    BEFORE_QUALIFIED,
    LIVE_STEPS,
    CodeState,
    ProposalState,
    RejectReason,
    Step,
)
from connect_portal.institutions.models import Application, ConnectCode, Contract, Move, Renewal
from connect_portal.institutions.moves import WAYS, Event, Hand
from connect_portal.institutions.renewals import outlook
from connect_portal.institutions.rules import hands_of, turn, way_of
from connect_portal.kit.errors import Refusal
from connect_portal.venue.business_clock import business_now
from tests.institutions.handing_in import ready
from tests.institutions.renewing import go_on
from tests.institutions.road import ALONG, PROOF, Road

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 20, 9, tzinfo=UTC)  # a Friday, Thanksgiving in the week after
STEPS_ALONG = [Event.SUBMIT, *ALONG]
HANDS = st.sampled_from([*Hand])
TRIES = st.tuples(st.sampled_from([*Event]), HANDS, HANDS)
STORIES = st.lists(TRIES, max_size=12)
RENEWING = {
    "wait": Hand.SYSTEM,
    "propose": Hand.ACCOUNT_MANAGER,
    "confirm": Hand.FINANCE,
    "decline": Hand.FINANCE,
    "sign": Hand.APPLICANT,
    "countersign": Hand.COMPLIANCE,
    "refuse": Hand.COMPLIANCE,
    "reinstate": Hand.COMPLIANCE,
}
"""What can be tried of a renewal, and whose it is; None below is for whoever may."""
QUIET = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _try(road: Road, application: Application, event: Event, first: Hand, second: Hand) -> None:
    """One person begins a move, another confirms it where it takes two; refusals change nothing."""
    person, checker = road.who(first), road.who(second)
    before = application.step
    given_facts = {"note": "Because.", "evidence": {"fill": 1}}
    try:
        way = way_of(event, application.step)
        if way is not None and way.checked_by and person is not None:
            words = {"note": "Because.", "reason": RejectReason.OTHER}
            proposal = propose(application.pk, event, person=person, actor=person.actor, **words)
            if checker is not None:
                confirm(proposal.pk, person=checker, actor=checker.actor)
        else:
            actor = person.actor if person else "system:test"
            move(application.pk, event, person=person, actor=actor, **given_facts)
    except Refusal:
        application.refresh_from_db()
        assert application.step == before


@given(far=st.integers(0, len(STEPS_ALONG)), story=STORIES)
@QUIET
def test_no_story_leaves_the_table_makes_one_of_two_people_or_parts_code_and_step(
    road: Road, far: int, story: list[Any]
) -> None:
    with transaction.atomic():
        application = ready(road.applicant)
        for event in STEPS_ALONG[:far]:
            road.go(application, event)
        for event, first, second in story:
            _try(road, application, event, first, second)
            application.refresh_from_db()
            assert_moves_stand_in_the_table(road, application)
            assert_two_people_where_it_takes_two(application)
            assert_code_institution_and_step_agree(application)
        transaction.set_rollback(True)


@pytest.fixture
def active(road: Road) -> Application:
    """An institution that is live and complete; every story begins with it as it is."""
    return road.until(Step.ACTIVE)


@given(story=st.lists(st.tuples(st.sampled_from([*RENEWING]), st.none() | HANDS), max_size=14))
@settings(QUIET, max_examples=25)
def test_no_story_of_renewals_leaves_two_contracts_for_one_day_or_a_live_code_without_one(
    road: Road, active: Application, story: list[tuple[str, Hand | None]]
) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        application, days = Application.objects.get(pk=active.pk), 310
        for act, hand in story:
            days += 20 if act == "wait" else 0
            go_on(patch, days)
            _renew(road, application, act, road.who(hand or RENEWING[act]))
            announce_due()
            run_timers()
            application.refresh_from_db()
            assert_contracts_follow_one_another(application)
            assert_code_institution_and_step_agree(application)
            assert_it_waits_for_whoever_is_next(application)
        transaction.set_rollback(True)


def _renew(road: Road, application: Application, act: str, person: Any) -> None:
    """Somebody tries a step of a renewal, whether or not it is theirs or its time."""
    place, newest = application.institution_id or 0, Contract.objects.latest("pk")
    proposal = Renewal.objects.first()
    signature = {"person": person, "sha256": newest.sha256, "proof": PROOF}
    if person is None:
        return
    try:
        match act:
            case "propose":
                propose_renewal(application.pk, person=person)
            case "confirm" if proposal:
                confirm_renewal(proposal.pk, person=person)
            case "decline" if proposal:
                decline_renewal(proposal.pk, person=person, note="No.")
            case "sign":
                sign(place, **signature, name="Iris")
            case "countersign":
                countersign(place, **signature)
            case "refuse":
                refuse_signed(application.pk, person=person, note="No.")
            case "reinstate" if application.step == Step.SUSPENDED:
                road.go(application, Event.REINSTATE)
    except Refusal:
        pass


def assert_contracts_follow_one_another(application: Application) -> None:
    """Each term begins where the one before has ended, each signed contract has its files, and one
    at most is in hand."""
    rows = Contract.objects.filter(institution=application.institution, declined_at=None)
    agreed = list(rows.exclude(countersigned_at=None).order_by("valid_from"))
    assert rows.filter(countersigned_at=None).count() <= 1
    for before, after in pairwise(agreed):
        assert before.valid_to <= after.valid_from
    assert all(contract.papers.count() == 3 for contract in agreed)
    if application.step == Step.ACTIVE:
        assert agreed[-1].valid_to > business_now()


def assert_it_waits_for_whoever_is_next(application: Application) -> None:
    """The row of the desk says what the contracts say."""
    hand = outlook(application.institution_id or 0, business_now()).hand
    assert application.waits_for == (hand or turn(application.step) or "")


def assert_moves_stand_in_the_table(road: Road, application: Application) -> None:
    """Every move led on from where the last one ended, and was made by whose it is."""
    place = Step.DRAFT
    for made in application.moves.select_related("person"):
        way = next(way for way in WAYS if way.event == made.event)
        assert made.source == place
        assert place in way.sources
        hands = hands_of(made.person, application) if made.person else {Hand.SYSTEM}
        if made.person == road.applicant:
            hands = {Hand.APPLICANT}
        assert hands & ({way.checked_by} if way.checked_by else set(way.by))
        place = Step(made.to)
    assert place == application.step


def assert_two_people_where_it_takes_two(application: Application) -> None:
    """Each such move has its own confirmed proposal, and never one person on both ends."""
    two = {way.event for way in WAYS if way.checked_by}
    confirmed = application.proposals.filter(state=ProposalState.CONFIRMED)
    assert application.moves.filter(event__in=two).count() == confirmed.count()
    assert all(one.proposed_by_id != one.decided_by_id for one in confirmed)


def assert_code_institution_and_step_agree(application: Application) -> None:
    """There is an institution from qualification on, and one code in the state that fits."""
    early = application.step in BEFORE_QUALIFIED
    assert (application.institution_id is None) == early
    codes = ConnectCode.objects.filter(application=application)
    in_use = [code.state for code in codes if code.state != CodeState.VOID]
    if application.step in LIVE_STEPS:
        assert in_use == [CodeState.ACTIVE]
    elif application.step == Step.SUSPENDED:
        assert in_use == [CodeState.SUSPENDED]
    elif application.step in (Step.OFFBOARDING, Step.TERMINATED):
        assert in_use == [CodeState.RETIRED]
    elif early:
        assert in_use in ([], [CodeState.RESERVED])


@given(pauses=st.lists(st.tuples(st.integers(1, 90), st.integers(1, 200)), max_size=4))
@QUIET
def test_the_review_clock_grants_two_business_days_whatever_pauses_and_holidays_lie_between(
    road: Road, pauses: list[tuple[int, int]]
) -> None:
    """Each pause: after how many hours we ask, and how many hours the applicant takes."""
    with transaction.atomic():
        application = ready(road.applicant)
        at, stood_still = START, timedelta()
        iris, morgan = road.applicant, road.manager
        move(application.pk, Event.SUBMIT, person=iris, actor=iris.actor, at=at)
        move(application.pk, Event.SCREEN, person=None, actor="system:test", at=at)
        for hours, answer in pauses:
            asked = at + timedelta(hours=hours)
            at = asked + timedelta(hours=answer)
            words = {"note": "Which country?", "at": asked}
            move(application.pk, Event.REQUEST_INFO, person=morgan, actor=morgan.actor, **words)
            stood_still += business_time(asked, at, holidays())
            move(application.pk, Event.RESUBMIT, person=iris, actor=iris.actor, at=at)
        application.refresh_from_db()
        assert application.due_at is not None
        granted = business_time(START, application.due_at, holidays()) - stood_still
        assert granted == timedelta(days=2)
        assert Move.objects.filter(application=application).count() == 2 + 2 * len(pauses)
        transaction.set_rollback(True)
