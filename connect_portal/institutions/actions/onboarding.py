"""The road of an application: `move` is the one way along it, `propose`, `confirm` and `decline`
lead to it where a move takes two people."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.actions.assigning import assign_by_load
from connect_portal.institutions.actions.guards import refuse_unmakeable, refuse_unproposable
from connect_portal.institutions.actions.reviews import begin_move, follow_move
from connect_portal.institutions.actions.steps import arrive, refuse_unprepared, terms_of
from connect_portal.institutions.actions.turns import pass_turn
from connect_portal.institutions.business_days import DAY, after_business_time, due_after_pause
from connect_portal.institutions.editions import holidays
from connect_portal.institutions.enums import ProposalState, RejectReason, Step, Tag
from connect_portal.institutions.errors import (
    AlreadyDecided,
    AlreadyProposed,
    NoSuchMove,
    NoteMissing,
    NotYours,
    Overtaken,
    OwnProposal,
    TakesOne,
    TakesTwo,
)
from connect_portal.institutions.models import NOTE_LENGTH, Application, Letter, Move, Proposal
from connect_portal.institutions.moves import (
    BUSINESS_DAYS,
    CLOCK_RUNS_ON,
    OBSERVATION,
    Event,
    Hand,
    Way,
)
from connect_portal.institutions.review_errors import ReasonMissing
from connect_portal.institutions.rules import may_begin, may_confirm, way_of
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person


def move(
    application_id: int,
    event: Event,
    *,
    person: "Person | None",
    actor: str,
    note: str = "",
    evidence: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Application:
    """Let an event happen to an application; ``person`` None means the site itself.

    ``evidence`` holds the facts of a higher room on which the move rests (JSON values); ``at`` is
    business time, asked for when not given.
    Raises NoSuchMove, NotYours, TakesTwo, NoteMissing, EvidenceMissing and the refusals of what
    the event brings about. After commit: the applicant's letter.
    """
    at = at or business_now()
    with transaction.atomic():
        application, way = _locked(application_id, event)
        if way.checked_by is not None:
            raise TakesTwo(verb=way.verb, hand=way.checked_by.label)
        _refuse_unless_theirs(person, application, way)
        _refuse_without_note(way, note)
        row = Move(person=person, actor=actor, note=note, evidence=dict(evidence or {}), at=at)
        return _take(application, way, row)


def propose(
    application_id: int,
    event: Event,
    *,
    person: "Person",
    actor: str,
    note: str = "",
    reason: RejectReason | str = "",
    terms: Mapping[str, Any] | None = None,
) -> Proposal:
    """Ask a second person to confirm a move; ``reason`` says why somebody is rejected, ``terms``
    on which plan version and level a contract is sent, unless on the usual ones.

    Raises NoSuchMove, NotYours, TakesOne, AlreadyProposed, NoteMissing, ReasonMissing, NoSuchTerms
    and what the step needs.
    """
    at = business_now()
    with transaction.atomic():
        application, way = _locked(application_id, event)
        if way.checked_by is None:
            raise TakesOne(verb=way.verb)
        _refuse_unless_theirs(person, application, way)
        _refuse_without_note(way, note)
        if way.event == Event.REJECT and reason not in RejectReason.values:
            raise ReasonMissing(verb=way.verb)
        if there := application.proposals.filter(state=ProposalState.OPEN).first():
            verb = there.get_event_display()
            raise AlreadyProposed(name=there.proposed_by, verb=verb, at=there.proposed_at)
        refuse_unprepared(application, way, {}, at)
        refuse_unproposable(application, way)
        proposal = application.proposals.create(
            event=event,
            proposed_by=person,
            proposed_at=at,
            note=note[:NOTE_LENGTH],
            reason=reason if way.event == Event.REJECT else "",
            terms=terms_of(application, way, terms or {}, at),
        )
        _pass_the_turn(application, at, proposed=event)
        data = {"event": event, "note": proposal.note, "reason": proposal.reason}
        data |= {"terms": proposal.terms} if proposal.terms else {}
        record(Tag.MOVE_PROPOSED, actor=actor, subject=application.subject, data=data)
    return proposal


def confirm(proposal_id: int, *, person: "Person", actor: str, note: str = "") -> Application:
    """Make a proposed move, as the second person.

    Raises AlreadyDecided (who was first), Overtaken, OwnProposal, NotYours and what the step needs.
    """
    at = business_now()
    with transaction.atomic():
        proposal, way = _undecided(proposal_id, person)
        _decide(proposal, ProposalState.CONFIRMED, person, note, at)
        row = Move(person=person, actor=actor, note=note or proposal.note, at=at)
        row.evidence, row.reason = {"proposal": proposal.pk}, proposal.reason
        row.evidence |= {"terms": proposal.terms} if proposal.terms else {}
        moved = _take(proposal.application, way, row)
        data = {"proposal": proposal.pk, "proposed_by": proposal.proposed_by.actor}
        record(Tag.PROPOSAL_CONFIRMED, actor=actor, subject=moved.subject, data=data)
    return moved


def decline(proposal_id: int, *, person: "Person", actor: str, note: str) -> Proposal:
    """Refuse a proposed move with a reason; the application stays where it is.

    Raises AlreadyDecided, Overtaken, OwnProposal, NotYours, NoteMissing.
    """
    at = business_now()
    with transaction.atomic():
        proposal, way = _undecided(proposal_id, person)
        if not note.strip():
            raise NoteMissing(verb="Decline")
        _decide(proposal, ProposalState.DECLINED, person, note, at)
        _pass_the_turn(proposal.application, at)
        data = {"event": way.event, "note": proposal.answer}
        subject = proposal.application.subject
        record(Tag.PROPOSAL_DECLINED, actor=actor, subject=subject, data=data)
    return proposal


def _locked(application_id: int, event: Event) -> tuple[Application, Way]:
    """The application under its row lock, and the way that the event leads from where it stands."""
    application = Application.objects.select_for_update().get(pk=application_id)
    way = way_of(event, application.step)
    if way is None:
        last = application.moves.last()
        raise NoSuchMove(
            company=application.company,
            step=application.get_step_display(),
            at=last.at if last else application.begun_at,
            who=(last.person or last.actor) if last else application.applicant,
        )
    return application, way


def _undecided(proposal_id: int, person: "Person") -> tuple[Proposal, Way]:
    """An open proposal that the person may decide, its application locked first."""
    found = Proposal.objects.get(pk=proposal_id)
    application = Application.objects.select_for_update().get(pk=found.application_id)
    proposal = Proposal.objects.select_related("proposed_by").get(pk=proposal_id)
    proposal.application = application
    if proposal.state == ProposalState.LAPSED:
        raise Overtaken()
    if proposal.state != ProposalState.OPEN:
        assert proposal.decided_at is not None  # held by a constraint
        state = proposal.get_state_display().lower()
        raise AlreadyDecided(state=state, name=proposal.decided_by, at=proposal.decided_at)
    way = way_of(proposal.event, application.step)
    if way is None or way.checked_by is None:  # a move closes what it overtakes
        raise Overtaken()
    if proposal.proposed_by_id == person.pk:
        raise OwnProposal(hand=way.checked_by.label)
    if not may_confirm(person, proposal, way):
        raise NotYours(verb=f"Decide about: {way.verb}", hands=way.checked_by.label)
    return proposal, way


def _decide(
    proposal: Proposal, state: ProposalState, person: "Person", note: str, at: datetime
) -> None:
    proposal.state = state
    proposal.decided_by = person
    proposal.decided_at = at
    proposal.answer = note[:NOTE_LENGTH]
    proposal.save(update_fields=["state", "decided_by", "decided_at", "answer"])


def _refuse_unless_theirs(person: "Person | None", application: Application, way: Way) -> None:
    may = Hand.SYSTEM in way.by if person is None else may_begin(person, application, way)
    if not may:
        raise NotYours(verb=way.verb, hands=" or ".join(hand.label for hand in way.by))


def _refuse_without_note(way: Way, note: str) -> None:
    if way.needs_note and not note.strip():
        raise NoteMissing(verb=way.verb)


def _take(application: Application, way: Way, row: Move) -> Application:
    """Make the move, whose right is proved: its log row, what it brings about, clock and letter."""
    refuse_unprepared(application, way, row.evidence, row.at)
    refuse_unmakeable(application, way)
    to = way.to or _where_it_came_from(application)
    row.application, row.event, row.source, row.to = application, way.event, application.step, to
    row.note = row.note[:NOTE_LENGTH]
    begin_move(application, way, row)
    row.due_at = None if way.event in CLOCK_RUNS_ON else application.due_at
    row.save(force_insert=True)
    application.proposals.filter(state=ProposalState.OPEN).update(state=ProposalState.LAPSED)

    _wind_clock(application, way, to, row.at)
    arrive(application, way, row.evidence, actor=row.actor, at=row.at)
    application.step = to
    pass_turn(application, at=row.at)
    application.moved_at = row.at if to != row.source else application.moved_at
    application.save()
    follow_move(application, way, row)
    letter = Letter.objects.create(move=row, due_at=application.due_at)
    enqueue_on_commit("institutions.send_letter", letter_id=letter.pk)
    record(
        f"{Tag.APPLICATION_MOVED}{way.event.value}",
        actor=row.actor,
        subject=application.subject,
        data={
            "from": row.source,
            "to": to,
            "note": row.note,
            "reason": row.reason,
            "evidence": row.evidence,
        },
    )
    if way.event == Event.SCREEN:
        assign_by_load(application, at=row.at)
    return application


def _pass_the_turn(
    application: Application, at: datetime, *, proposed: Event | None = None
) -> None:
    """Say whose turn it is, now that a move is proposed or no longer is."""
    pass_turn(application, at=at, proposed=proposed)
    application.save(update_fields=["waits_for", "due_at"])


def _where_it_came_from(application: Application) -> Step:
    """Where a suspended institution stood before."""
    return Step(application.moves.filter(to=application.step).latest("pk").source)


def _wind_clock(application: Application, way: Way, to: Step, at: datetime) -> None:
    """Hold the clock, let it go on, or wind it anew for the exchange's next step."""
    if way.event == Event.REQUEST_INFO:
        application.paused_at = at
    elif way.event == Event.RESUBMIT and application.paused_at and application.due_at:
        application.due_at = due_after_pause(
            application.due_at, holidays(at), paused_at=application.paused_at, resumed_at=at
        )
        application.paused_at = None
    elif way.event not in CLOCK_RUNS_ON:
        application.due_at = _due(to, at)
        application.paused_at = None


def _due(step: Step, at: datetime) -> datetime | None:
    """When the exchange's next move is due at a step reached at ``at``; None without a promise."""
    if step == Step.MONITORING:
        return at + OBSERVATION
    days = BUSINESS_DAYS.get(step)
    return after_business_time(at, days * DAY, holidays(at)) if days else None
