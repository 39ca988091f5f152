"""The table of moves: which there are, who may make each, what each needs, and that two cannot
both be first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from connect_portal.audit.models import Event
from connect_portal.audit.queries import verify
from connect_portal.institutions.actions import confirm, decline, move, propose, save_draft, submit
from connect_portal.institutions.enums import ROAD, WAYS, Hand, ProposalState, Step, Way
from connect_portal.institutions.errors import (
    AlreadyDecided,
    AlreadyProposed,
    CompanyJoined,
    EvidenceMissing,
    Incomplete,
    NoContract,
    NoSuchMove,
    NoteMissing,
    NotYours,
    Overtaken,
    OwnProposal,
    TakesOne,
    TakesTwo,
)
from connect_portal.institutions.models import Application, ConnectCode, Institution, Letter, Move
from connect_portal.institutions.rules import missing, ways_from
from connect_portal.institutions.words import WORDS
from connect_portal.kit.errors import Refusal
from connect_portal.people.models import Person
from connect_portal.people.rules import owns
from tests import cast
from tests.institutions.road import FIELDS, Road

OTHERS = [Step.DRAFT, Step.INFORMATION, Step.REJECTED, Step.WITHDRAWN]


def place_at(road: Road, step: Step) -> Application:
    """An application at any step."""
    if step in ROAD:
        return road.until(step)
    if step == Step.DRAFT:
        return save_draft(road.applicant, FIELDS)
    application = road.applied()
    match step:
        case Step.INFORMATION:
            ask(road, application)
        case Step.WITHDRAWN:
            go(application, step, road.applicant)
        case Step.REJECTED:
            road.by_two(application, step, road.compliance, road.manager)
    application.refresh_from_db()
    return application


def go(application: Application, to: Step, person: Person, **more: Any) -> Application:
    return move(application.pk, to, person=person, actor=person.actor, **more)


def suggest(application: Application, to: Step, person: Person, note: str = "Please.") -> Any:
    return propose(application.pk, to, person=person, actor=person.actor, note=note)


def ask(road: Road, application: Application, at: datetime | None = None) -> Application:
    return go(application, Step.INFORMATION, road.manager, note="Which country?", at=at)


# --- the table ----------------------------------------------------------------------------------
def test_the_road_is_the_onboarding_process_of_the_rules_without_gaps() -> None:
    for step, following in pairwise(ROAD):
        assert following in [way.to for way in ways_from(step)]


def test_whoever_checks_has_another_role_than_whoever_proposes() -> None:
    two = {way.to: (*way.by, way.checked_by) for way in WAYS if way.checked_by}
    assert two == {
        Step.QUALIFIED: (Hand.ACCOUNT_MANAGER, Hand.COMPLIANCE),
        Step.REJECTED: (Hand.COMPLIANCE, Hand.ACCOUNT_MANAGER),
        Step.TECHNICAL_ACCESS: (Hand.TECHNICAL, Hand.ACCOUNT_MANAGER),
        Step.LIVE: (Hand.TECHNICAL, Hand.ACCOUNT_MANAGER),
    }


def test_every_step_has_words_for_the_applicant() -> None:
    assert WORDS.keys() == set(Step)
    assert all(words.label and words.news and words.next for words in WORDS.values())


@pytest.mark.django_db
@pytest.mark.parametrize("step", [*ROAD, *OTHERS])
def test_from_a_step_only_the_moves_of_the_table_are_made(road: Road, step: Step) -> None:
    application = place_at(road, step)
    moves, events = Move.objects.count(), Event.objects.count()
    for to in set(Step) - {way.to for way in ways_from(step)}:
        with pytest.raises(NoSuchMove, match="Harbor Trading"):
            move(application.pk, to, person=None, actor=cast.ACTOR, note="x", evidence={"x": 1})
        with pytest.raises(NoSuchMove):
            suggest(application, to, road.manager)
    application.refresh_from_db()
    assert application.step == step
    assert (Move.objects.count(), Event.objects.count()) == (moves, events)


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.source}-{way.to}")
def test_a_move_is_for_the_roles_of_the_table_and_nobody_else(road: Road, way: Way) -> None:
    application = place_at(road, way.source)
    people = {
        Hand.APPLICANT: road.applicant,
        Hand.ACCOUNT_MANAGER: road.manager,
        Hand.COMPLIANCE: road.compliance,
        Hand.TECHNICAL: road.technical,
        "finance": cast.staff("Finn", "finance"),
        "nobody": cast.person("Mallory"),
    }
    begin: Callable[..., Any] = suggest if way.checked_by else go
    for hand, person in people.items():
        if hand not in way.by:
            with pytest.raises(NotYours):
                begin(application, way.to, person, note="A note.")
    application.refresh_from_db()
    assert application.step == way.source


@pytest.mark.django_db
def test_a_move_that_takes_two_is_not_made_by_one_and_the_other_way_round(road: Road) -> None:
    application = road.applied()
    with pytest.raises(TakesTwo, match="the compliance team confirms"):
        go(application, Step.QUALIFIED, road.manager)
    with pytest.raises(TakesOne):
        suggest(application, Step.INFORMATION, road.manager)


@pytest.mark.django_db
@pytest.mark.parametrize("note", ["", "  \n"])
def test_a_question_a_rejection_and_a_contact_need_words(road: Road, note: str) -> None:
    application = road.applied()
    with pytest.raises(NoteMissing):
        go(application, Step.INFORMATION, road.manager, note=note)
    with pytest.raises(NoteMissing):
        suggest(application, Step.REJECTED, road.compliance, note)
    road.step(application, Step.QUALIFIED)
    with pytest.raises(NoteMissing):
        go(application, Step.CONTACTED, road.manager, note=note)


# --- what a step needs and brings about ---------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("field", [name for name in FIELDS if name != "ips"])
def test_what_the_model_needs_must_be_there_to_submit(road: Road, field: str) -> None:
    with pytest.raises(Incomplete, match=field.replace("_", " ")):
        submit(road.applicant, FIELDS | {field: type(FIELDS[field])()})
    assert not Application.objects.exists()
    assert not ConnectCode.objects.exists()


def test_a_model_without_oauth_needs_no_redirect_uri() -> None:
    assert missing(Application(**FIELDS | {"channels": ["api"], "redirect_uris": []})) == []
    assert missing(Application(**FIELDS | {"redirect_uris": []})) == ["redirect_uris"]


@pytest.mark.django_db
def test_submitting_reserves_a_code_of_twelve_that_belongs_to_nobody_yet(road: Road) -> None:
    application = road.applied()
    code = ConnectCode.objects.get()
    assert len(code.code) == 12
    assert (code.application, code.institution, code.state) == (application, None, "reserved")


@pytest.mark.django_db
def test_the_code_follows_the_steps(road: Road) -> None:
    application = road.applied()
    kept = ConnectCode.objects.get().code
    states = {}
    for step in ROAD[1:]:
        road.step(application, step)
        application.refresh_from_db()
        states[step] = ConnectCode.objects.get(code=kept).state
    assert set(states.values()) == {"reserved", "sandbox", "active"}
    assert [step for step, state in states.items() if state == "sandbox"] == [
        Step.TECHNICAL_ACCESS,
        Step.TEST_TRADING,
    ]
    assert [step for step, state in states.items() if state == "active"] == [
        Step.LIVE,
        Step.COMPLETE,
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("end", [Step.REJECTED, Step.WITHDRAWN])
def test_an_application_that_ends_retires_its_code_and_may_be_begun_anew(
    road: Road, end: Step
) -> None:
    place_at(road, end)
    assert ConnectCode.objects.get().state == "retired"
    road.applied()
    assert ConnectCode.objects.filter(state="reserved").count() == 1


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
    rival = submit(cast.person("Otto"), FIELDS)
    road.until(Step.QUALIFIED)
    with pytest.raises(CompanyJoined):
        suggest(rival, Step.QUALIFIED, road.manager)
    with pytest.raises(CompanyJoined):
        submit(cast.person("Mallory"), FIELDS | {"company": "HARBOR trading"})


@pytest.mark.django_db
def test_steps_that_rest_on_something_are_refused_without_it(road: Road) -> None:
    application = road.until(Step.CONTACTED)
    with pytest.raises(NoContract):
        go(application, Step.CONTRACT_ACCEPTED, road.applicant)
    road.step(application, Step.CONTRACT_ACCEPTED)
    road.step(application, Step.TECHNICAL_ACCESS)
    with pytest.raises(EvidenceMissing):
        go(application, Step.TEST_TRADING, road.technical)


@pytest.mark.django_db
def test_every_move_leaves_one_line_in_the_log_one_letter_and_one_in_the_trail(road: Road) -> None:
    application = road.until(Step.COMPLETE)
    assert list(Move.objects.values_list("to", flat=True)) == list(ROAD)
    assert Letter.objects.count() == len(ROAD)
    told = Event.objects.filter(subject=application.subject, tag__startswith="institutions:applic")
    assert [event.tag.rpartition(":")[2] for event in told.order_by("pk")] == ["begun", *ROAD]
    assert verify().intact


# --- the clock ----------------------------------------------------------------------------------
FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_the_clock_stands_still_while_the_applicant_is_asked(road: Road) -> None:
    application = save_draft(road.applicant, FIELDS)
    go(application, Step.APPLIED, road.applicant, at=FRIDAY_NOON)
    ask(road, application, at=datetime(2026, 11, 23, 12, tzinfo=UTC))
    asked = Application.objects.get()
    assert asked.due_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert asked.paused_at == datetime(2026, 11, 23, 12, tzinfo=UTC)
    answered = go(
        application, Step.APPLIED, road.applicant, at=datetime(2026, 11, 25, 12, tzinfo=UTC)
    )
    assert answered.paused_at is None
    assert answered.due_at == datetime(2026, 11, 27, 12, tzinfo=UTC), "Thanksgiving is the 26th"
    assert answered.submitted_at == FRIDAY_NOON
    assert ConnectCode.objects.count() == 1


@pytest.mark.django_db
def test_the_log_says_whether_a_step_kept_its_clock(road: Road) -> None:
    application = save_draft(road.applicant, FIELDS)
    go(application, Step.APPLIED, road.applicant, at=datetime(2026, 11, 2, tzinfo=UTC))
    road.step(application, Step.QUALIFIED)
    late = Move.objects.get(to=Step.QUALIFIED)
    assert late.was_late == (late.at > datetime(2026, 11, 4, tzinfo=UTC))
    assert Move.objects.get(to=Step.APPLIED).due_at is None


# --- two people ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_whoever_proposed_cannot_decide_and_is_told_why(road: Road) -> None:
    proposal = suggest(road.applied(), Step.QUALIFIED, road.manager)
    with pytest.raises(OwnProposal, match="You proposed this yourself"):
        confirm(proposal.pk, person=road.manager, actor=road.manager.actor)
    with pytest.raises(NotYours):
        confirm(proposal.pk, person=road.technical, actor=road.technical.actor)


@pytest.mark.django_db
def test_the_table_itself_refuses_one_person_twice(road: Road) -> None:
    proposal = suggest(road.applied(), Step.QUALIFIED, road.manager)
    proposal.state, proposal.decided_by = ProposalState.CONFIRMED, road.manager
    proposal.decided_at = FRIDAY_NOON
    with pytest.raises(IntegrityError, match="takes_two"), transaction.atomic():
        proposal.save()


@pytest.mark.django_db
def test_a_declined_proposal_leaves_everything_where_it_was(road: Road) -> None:
    application = road.applied()
    proposal = suggest(application, Step.QUALIFIED, road.manager)
    with pytest.raises(AlreadyProposed, match="Morgan"):
        suggest(application, Step.REJECTED, road.compliance)
    cora = road.compliance
    with pytest.raises(NoteMissing):
        decline(proposal.pk, person=cora, actor=cora.actor, note="")
    decline(proposal.pk, person=cora, actor=cora.actor, note="The website is empty.")
    with pytest.raises(AlreadyDecided, match="declined by Cora"):
        confirm(proposal.pk, person=cora, actor=cora.actor)
    application.refresh_from_db()
    assert application.step == Step.APPLIED
    suggest(application, Step.QUALIFIED, road.manager)


@pytest.mark.django_db
def test_a_proposal_is_overtaken_when_the_application_moves(road: Road) -> None:
    application = road.applied()
    proposal = suggest(application, Step.QUALIFIED, road.manager)
    go(application, Step.WITHDRAWN, road.applicant)
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
    proposal = suggest(road.applied(), Step.QUALIFIED, road.manager)
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
    application = road.applied()
    proposal = suggest(application, Step.QUALIFIED, road.manager)
    cora, iris = road.compliance, road.applicant
    ends = at_once(
        lambda: confirm(proposal.pk, person=cora, actor=cora.actor),
        lambda: go(application, Step.WITHDRAWN, iris),
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
    log = [lambda: go(application, Step.CONTACTED, road.manager, note="We spoke.")] * 2
    assert at_once(*log) == ["application.no_such_move", "done"]
    assert Move.objects.filter(to=Step.CONTACTED).count() == 1
