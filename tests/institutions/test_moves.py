"""The table of moves: which there are, who may make each, what each needs, and that two cannot
both be first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from connect_portal.audit.models import Event as Line
from connect_portal.audit.queries import verify
from connect_portal.institutions.actions import confirm, decline, move, propose, save_draft
from connect_portal.institutions.actions.timers import run_timers
from connect_portal.institutions.enums import ROAD, ProposalState, RejectReason, Step
from connect_portal.institutions.errors import (
    AlreadyDecided,
    AlreadyProposed,
    AppealTooLate,
    CompanyJoined,
    EvidenceMissing,
    Incomplete,
    NoSuchMove,
    NoteMissing,
    NotYours,
    Overtaken,
    OwnProposal,
    TakesOne,
    TakesTwo,
)
from connect_portal.institutions.labels import label_of
from connect_portal.institutions.models import (
    Application,
    CodePause,
    ConnectCode,
    Contract,
    Institution,
    Letter,
    Move,
)
from connect_portal.institutions.moves import WAYS, Event, Hand, Way
from connect_portal.institutions.queries import code_holders, is_open
from connect_portal.institutions.review_errors import (
    NothingAsked,
)
from connect_portal.institutions.rules import ways_from
from connect_portal.institutions.sections import missing
from connect_portal.institutions.words import WORDS
from connect_portal.kit.clock import now
from connect_portal.kit.errors import Refusal
from connect_portal.people.models import Person
from connect_portal.people.rules import owns
from tests import cast
from tests.institutions.handing_in import FIELDS, ready, submit
from tests.institutions.road import ALONG, Road


def place_at(road: Road, step: Step) -> Application:
    """An application at any step."""
    if step in ROAD:
        return road.until(step)
    if step == Step.DRAFT:
        return ready(road.applicant)
    before, *events = {
        Step.INFO_REQUESTED: (Step.IN_REVIEW, Event.REQUEST_INFO),
        Step.WITHDRAWN: (Step.SUBMITTED, Event.WITHDRAW),
        Step.REJECTED: (Step.IN_REVIEW, Event.REJECT),
        Step.EXPIRED: (Step.IN_REVIEW, Event.REQUEST_INFO, Event.EXPIRE),
        Step.SUSPENDED: (Step.ACTIVE, Event.SUSPEND),
        Step.OFFBOARDING: (Step.ACTIVE, Event.OFFBOARD),
        Step.TERMINATED: (Step.ACTIVE, Event.OFFBOARD, Event.CLOSE),
    }[step]
    application = road.until(before)
    for event in events:
        road.go(application, event)
    assert application.step == step
    return application


def go(application: Application, event: Event, person: Person | None, **more: Any) -> Application:
    actor = person.actor if person else "system:test"
    return move(application.pk, event, person=person, actor=actor, **more)


def suggest(
    road: Road, application: Application, event: Event, person: Person, note: str = "Please."
) -> Any:
    """Propose a move; where it leads on from here, everything is prepared for it."""
    if any(way.event == event for way in ways_from(application.step)):
        road.prepare(application, event)
    words = {"note": note, "reason": RejectReason.OTHER}
    return propose(application.pk, event, person=person, actor=person.actor, **words)


def ask(road: Road, application: Application, at: datetime | None = None) -> Application:
    return go(application, Event.REQUEST_INFO, road.manager, note="Which country?", at=at)


# --- the table ----------------------------------------------------------------------------------
def test_every_step_of_the_road_leads_to_the_next_by_one_event() -> None:
    for step, event, following in zip(ROAD, ALONG, ROAD[1:], strict=False):
        assert [way.to for way in ways_from(step) if way.event == event] == [following]


def test_an_event_leaves_a_step_in_one_way_only() -> None:
    pairs = [(way.event, source) for way in WAYS for source in way.sources]
    assert len(pairs) == len(set(pairs))
    assert {event for event, _ in pairs} == set(Event)


def test_whoever_checks_has_another_role_than_whoever_proposes() -> None:
    two = {way.event: (*way.by, way.checked_by) for way in WAYS if way.checked_by}
    assert two == {
        Event.APPROVE: (Hand.ACCOUNT_MANAGER, Hand.COMPLIANCE),
        Event.REJECT: (Hand.COMPLIANCE, Hand.ACCOUNT_MANAGER),
        Event.SEND_CONTRACT: (Hand.ACCOUNT_MANAGER, Hand.FINANCE),
        Event.PROVISION: (Hand.TECHNICAL, Hand.ACCOUNT_MANAGER),
        Event.APPROVE_LIVE: (Hand.TECHNICAL, Hand.ACCOUNT_MANAGER),
        Event.SUSPEND: (Hand.COMPLIANCE, Hand.TECHNICAL, Hand.ACCOUNT_MANAGER),
        Event.REINSTATE: (Hand.COMPLIANCE, Hand.ACCOUNT_MANAGER),
        Event.OFFBOARD: (Hand.ACCOUNT_MANAGER, Hand.FINANCE),
    }


def test_every_step_has_words_for_the_applicant() -> None:
    assert WORDS.keys() == set(Step)
    assert all(words.label and words.news and words.next for words in WORDS.values())


@pytest.mark.django_db
@pytest.mark.parametrize("step", Step)
def test_from_a_step_only_the_moves_of_the_table_are_made(road: Road, step: Step) -> None:
    application = place_at(road, step)
    moves, lines = Move.objects.count(), Line.objects.count()
    for event in set(Event) - {way.event for way in ways_from(step)}:
        with pytest.raises(NoSuchMove, match="Harbor Trading"):
            go(application, event, None, note="x", evidence={"x": 1})
        with pytest.raises(NoSuchMove):
            suggest(road, application, event, road.manager)
    application.refresh_from_db()
    assert application.step == step
    assert (Move.objects.count(), Line.objects.count()) == (moves, lines)


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.event)
def test_a_move_is_for_the_roles_of_the_table_and_nobody_else(road: Road, way: Way) -> None:
    application = place_at(road, way.sources[-1])
    people = {hand: road.who(hand) for hand in Hand if road.who(hand)}
    begin: Callable[..., Any] = partial(suggest, road) if way.checked_by else go
    for hand, person in {**people, "nobody": cast.person("Mallory")}.items():
        if hand not in way.by:
            with pytest.raises(NotYours):
                begin(application, way.event, person, note="A note.")
    if Hand.SYSTEM not in way.by and not way.checked_by:
        with pytest.raises(NotYours):
            go(application, way.event, None, note="A note.", evidence={"x": 1})
    application.refresh_from_db()
    assert application.step == way.sources[-1]


@pytest.mark.django_db
def test_a_move_that_takes_two_is_not_made_by_one_and_the_other_way_round(road: Road) -> None:
    application = road.in_review()
    with pytest.raises(TakesTwo, match="the compliance team confirms"):
        go(application, Event.APPROVE, road.manager)
    with pytest.raises(TakesOne):
        suggest(road, application, Event.REQUEST_INFO, road.manager)


@pytest.mark.django_db
@pytest.mark.parametrize("note", ["", "  \n"])
def test_a_question_a_rejection_and_a_contact_need_words(road: Road, note: str) -> None:
    application = road.in_review()
    with pytest.raises(NothingAsked):
        go(application, Event.REQUEST_INFO, road.manager, note=note)
    with pytest.raises(NoteMissing):
        suggest(road, application, Event.REJECT, road.compliance, note)
    road.go(application, Event.APPROVE)
    with pytest.raises(NoteMissing):
        go(application, Event.LOG_CONTACT, road.manager, note=note)


UNSET = {"expected_users", "expected_volume", "registered_on"}


# --- what a step needs and brings about ---------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("field", [name for name in FIELDS if name != "ips"])
def test_what_the_model_needs_must_be_there_to_submit(road: Road, field: str) -> None:
    without = {field: None if field in UNSET else type(FIELDS[field])()}
    with pytest.raises(Incomplete, match=label_of("model" if field == "channels" else field)):
        submit(road.applicant, FIELDS | without)
    assert Application.objects.get().step == Step.DRAFT
    assert not ConnectCode.objects.exists()


def test_a_model_without_oauth_needs_no_redirect_uri() -> None:
    assert missing(Application(**FIELDS | {"channels": ["api"], "redirect_uris": []})) == []
    assert missing(Application(**FIELDS | {"redirect_uris": []})) == ["redirect_uris"]


@pytest.mark.django_db
def test_submitting_reserves_a_code_of_twelve_that_belongs_to_nobody_yet(road: Road) -> None:
    application = road.submitted()
    code = ConnectCode.objects.get()
    assert len(code.code) == 12
    assert (code.application, code.institution, code.state) == (application, None, "reserved")


@pytest.mark.django_db
def test_the_code_follows_the_steps(road: Road) -> None:
    application = road.submitted()
    kept = ConnectCode.objects.get().code
    states: dict[str, list[Step]] = {}
    for event in ALONG:
        road.go(application, event)
        state = ConnectCode.objects.get(code=kept).state
        states.setdefault(state, []).append(Step(application.step))
    assert states.keys() == {"reserved", "sandbox", "active"}
    assert states["sandbox"] == [Step.SANDBOX_TEST, Step.GO_LIVE_REVIEW]
    assert states["active"] == [Step.ONLINE_TEST, Step.MONITORING, Step.ACTIVE]


@pytest.mark.django_db
@pytest.mark.parametrize("end", [Step.REJECTED, Step.WITHDRAWN, Step.EXPIRED])
def test_an_application_that_ends_voids_its_code_and_may_be_begun_anew(
    road: Road, end: Step
) -> None:
    place_at(road, end)
    assert ConnectCode.objects.get().state == "void"
    road.submitted()
    assert ConnectCode.objects.filter(state="reserved").count() == 1


@pytest.mark.django_db
def test_a_rejection_is_appealed_within_thirty_days_with_a_code_of_its_own(road: Road) -> None:
    application = place_at(road, Step.REJECTED)
    at = Move.objects.get(to=Step.REJECTED).at
    late = at + timedelta(days=31)
    with pytest.raises(AppealTooLate, match="30 days"):
        go(application, Event.APPEAL, road.applicant, note="Look again.", at=late)
    go(application, Event.APPEAL, road.applicant, note="Look again.", at=at + timedelta(days=29))
    application.refresh_from_db()
    assert application.step == Step.SUBMITTED
    assert sorted(ConnectCode.objects.values_list("state", flat=True)) == ["reserved", "void"]


@pytest.mark.django_db
def test_a_suspended_institution_goes_back_to_where_it_stood(road: Road) -> None:
    application = road.until(Step.MONITORING)
    place = application.institution_id or 0
    code = ConnectCode.objects.get()
    road.go(application, Event.SUSPEND)
    code.refresh_from_db()
    assert (application.step, code.state, is_open(place)) == (Step.SUSPENDED, "suspended", False)
    road.go(application, Event.REINSTATE)
    code.refresh_from_db()
    assert (application.step, code.state, is_open(place)) == (Step.MONITORING, "active", True)


@pytest.mark.django_db
def test_a_code_does_not_count_from_its_suspension_until_it_is_reinstated(road: Road) -> None:
    application = road.until(Step.ACTIVE)
    code = ConnectCode.objects.get().code
    road.go(application, Event.SUSPEND)
    road.go(application, Event.REINSTATE)
    pause = CodePause.objects.get()
    assert pause.until is not None
    holder = code_holders(cast.VENUE, [code])[code]
    moments = [pause.since - SECOND, pause.since, pause.until - TICK, pause.until]
    assert [holder.counts_at(moment) for moment in moments] == [True, False, False, True]
    road.go(application, Event.OFFBOARD)
    retired = CodePause.objects.get(until=None)
    holder = code_holders(cast.VENUE, [code])[code]
    assert holder.counts_at(retired.since - TICK)
    assert not holder.counts_at(retired.since)


@pytest.mark.django_db
def test_drafts_and_unanswered_questions_expire_and_contracts_lapse_by_their_date(
    road: Road,
) -> None:
    draft = save_draft(road.applicant, FIELDS | {"company": "Old draft"})
    asked = place_at(road, Step.INFO_REQUESTED)
    assert run_timers() == 0
    Application.objects.filter(pk=draft.pk).update(begun_at=now() - timedelta(days=91))
    Application.objects.filter(pk=asked.pk).update(paused_at=now() - timedelta(days=31))
    assert run_timers() == 2
    assert run_timers() == 0
    assert set(Application.objects.values_list("step", flat=True)) == {"expired"}

    active = road.until(Step.ACTIVE)
    road.end_contracts(now())
    assert run_timers() == 1
    active.refresh_from_db()
    assert active.step == Step.SUSPENDED


@pytest.mark.django_db
def test_a_contract_that_is_not_countersigned_is_prepared_anew(road: Road) -> None:
    application = road.until(Step.CONTRACT_SIGNED)
    road.go(application, Event.DECLINE_CONTRACT)
    assert application.step == Step.CONTRACTING
    assert Contract.objects.get().declined_at is not None
    for event in (Event.SEND_CONTRACT, Event.SIGN, Event.COUNTERSIGN):
        road.go(application, event)
    assert Contract.objects.get(declined_at=None).countersigned_at is not None


@pytest.mark.django_db
def test_qualifying_opens_the_institution_with_the_applicant_as_its_owner(road: Road) -> None:
    application = road.until(Step.QUALIFIED)
    place = Institution.objects.get()
    assert application.institution == place
    assert owns(road.applicant, place)
    assert (place.name, place.channels) == ("Harbor Trading", ["api", "oauth"])
    assert place.venue_account_uid == FIELDS["venue_account_uid"]
    assert ConnectCode.objects.get().institution == place


@pytest.mark.django_db
def test_two_companies_of_one_name_cannot_both_join(road: Road) -> None:
    rival = submit(cast.applicant("Otto"), FIELDS)
    road.go(rival, Event.SCREEN)
    road.until(Step.QUALIFIED)
    with pytest.raises(CompanyJoined):
        suggest(road, rival, Event.APPROVE, road.manager)
    with pytest.raises(CompanyJoined):
        submit(cast.applicant("Mallory"), FIELDS | {"company": "HARBOR trading"})


@pytest.mark.django_db
def test_moves_that_rest_on_facts_are_refused_without_them(road: Road) -> None:
    application = road.until(Step.SANDBOX_TEST)
    with pytest.raises(EvidenceMissing):
        go(application, Event.CERTIFY, None)
    road.go(application, Event.CERTIFY)
    road.go(application, Event.APPROVE_LIVE)
    with pytest.raises(EvidenceMissing):
        go(application, Event.FIRST_FILL, None)


@pytest.mark.django_db
def test_every_move_leaves_one_line_in_the_log_one_letter_and_one_in_the_trail(road: Road) -> None:
    application = road.until(Step.ACTIVE)
    events = [Event.SUBMIT, *ALONG]
    assert list(Move.objects.values_list("event", flat=True)) == events
    assert list(Move.objects.values_list("to", flat=True)) == list(ROAD)
    assert Letter.objects.count() == len(events)
    told = Line.objects.filter(subject=application.subject, tag__startswith="institutions:applic")
    assert [line.tag.rpartition(":")[2] for line in told.order_by("pk")] == ["begun", *events]
    assert verify().intact


# --- the clock ----------------------------------------------------------------------------------
FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)


@pytest.mark.django_db
def test_the_clock_stands_still_while_the_applicant_is_asked(road: Road) -> None:
    application = ready(road.applicant)
    go(application, Event.SUBMIT, road.applicant, at=FRIDAY_NOON)
    go(application, Event.SCREEN, None, at=FRIDAY_NOON)
    ask(road, application, at=datetime(2026, 11, 23, 12, tzinfo=UTC))
    asked = Application.objects.get()
    assert asked.due_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert asked.paused_at == datetime(2026, 11, 23, 12, tzinfo=UTC)
    answered = go(
        application, Event.RESUBMIT, road.applicant, at=datetime(2026, 11, 25, 12, tzinfo=UTC)
    )
    assert answered.paused_at is None
    assert answered.due_at == datetime(2026, 11, 27, 12, tzinfo=UTC), "Thanksgiving is the 26th"
    assert answered.submitted_at == FRIDAY_NOON
    assert ConnectCode.objects.count() == 1


@pytest.mark.django_db
def test_the_log_says_whether_a_step_kept_its_clock(road: Road) -> None:
    application = ready(road.applicant)
    go(application, Event.SUBMIT, road.applicant, at=datetime(2026, 11, 2, tzinfo=UTC))
    go(application, Event.SCREEN, None, at=datetime(2026, 11, 2, tzinfo=UTC))
    road.go(application, Event.APPROVE)
    late = Move.objects.get(to=Step.QUALIFIED)
    assert late.was_late == (late.at > datetime(2026, 11, 4, tzinfo=UTC))
    assert Move.objects.get(to=Step.SUBMITTED).due_at is None


# --- two people ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_whoever_proposed_cannot_decide_and_is_told_why(road: Road) -> None:
    proposal = suggest(road, road.in_review(), Event.APPROVE, road.manager)
    with pytest.raises(OwnProposal, match="You proposed this yourself"):
        confirm(proposal.pk, person=road.manager, actor=road.manager.actor)
    with pytest.raises(NotYours):
        confirm(proposal.pk, person=road.technical, actor=road.technical.actor)


@pytest.mark.django_db
def test_the_table_itself_refuses_one_person_twice(road: Road) -> None:
    proposal = suggest(road, road.in_review(), Event.APPROVE, road.manager)
    proposal.state, proposal.decided_by = ProposalState.CONFIRMED, road.manager
    proposal.decided_at = FRIDAY_NOON
    with pytest.raises(IntegrityError, match="takes_two"), transaction.atomic():
        proposal.save()


@pytest.mark.django_db
def test_a_declined_proposal_leaves_everything_where_it_was(road: Road) -> None:
    application = road.in_review()
    proposal = suggest(road, application, Event.APPROVE, road.manager)
    with pytest.raises(AlreadyProposed, match="Morgan"):
        suggest(road, application, Event.REJECT, road.compliance)
    cora = road.compliance
    with pytest.raises(NoteMissing):
        decline(proposal.pk, person=cora, actor=cora.actor, note="")
    decline(proposal.pk, person=cora, actor=cora.actor, note="The website is empty.")
    with pytest.raises(AlreadyDecided, match="declined by Cora"):
        confirm(proposal.pk, person=cora, actor=cora.actor)
    application.refresh_from_db()
    assert application.step == Step.IN_REVIEW
    suggest(road, application, Event.APPROVE, road.manager)


@pytest.mark.django_db
def test_a_proposal_is_overtaken_when_the_application_moves(road: Road) -> None:
    application = road.in_review()
    proposal = suggest(road, application, Event.APPROVE, road.manager)
    go(application, Event.WITHDRAW, road.applicant)
    with pytest.raises(Overtaken):
        confirm(proposal.pk, person=road.compliance, actor=road.compliance.actor)


# --- races --------------------------------------------------------------------------------------
def at_once(*attempts: Callable[[], Any]) -> list[str]:
    """What became of each attempt, all begun at the same moment: "done" or the refusal's code."""
    barrier = Barrier(len(attempts))

    def run(attempt: Callable[[], Any]) -> str:
        try:
            barrier.wait()
            attempt()
        except Refusal as refusal:
            return refusal.code
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return sorted(pool.map(run, attempts))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_does_and_the_other_learns_who(road: Road) -> None:
    proposal = suggest(road, road.in_review(), Event.APPROVE, road.manager)
    second = cast.staff("Dana", "compliance")
    both = [
        lambda who=who: confirm(proposal.pk, person=who, actor=who.actor)
        for who in (road.compliance, second)
    ]
    assert at_once(*both) == ["done", "proposal.decided"]
    assert Institution.objects.count() == 1
    assert Move.objects.filter(to=Step.QUALIFIED).count() == 1
    assert verify().intact


@pytest.mark.django_db(transaction=True)
def test_confirming_and_withdrawing_at_once_end_in_one_of_the_two(road: Road) -> None:
    application = road.in_review()
    proposal = suggest(road, application, Event.APPROVE, road.manager)
    cora, iris = road.compliance, road.applicant
    ends = at_once(
        lambda: confirm(proposal.pk, person=cora, actor=cora.actor),
        lambda: go(application, Event.WITHDRAW, iris),
    )
    assert ends in (["application.no_such_move", "done"], ["done", "proposal.overtaken"])
    assert Institution.objects.count() == (Application.objects.get().step == Step.QUALIFIED)


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_four_times_at_once_is_one_application_with_one_code(road: Road) -> None:
    iris = road.applicant
    ends = at_once(*[lambda: submit(iris, FIELDS)] * 4)
    assert ends == ["application.already_open"] * 3 + ["done"]
    assert (Application.objects.count(), ConnectCode.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_contact_logged_by_two_at_once_is_logged_once(road: Road) -> None:
    application = road.until(Step.QUALIFIED)
    log = [lambda: go(application, Event.LOG_CONTACT, road.manager, note="We spoke.")] * 2
    assert at_once(*log) == ["application.no_such_move", "done"]
    assert Move.objects.filter(to=Step.CONTRACTING).count() == 1
