"""The renewal of a contract: due towards its end, proposed by one person and confirmed by another,
then signed by both sides (`signing`) and sealed like the first one.

The same hands act as with a first contract, so their rights are those of its moves; but the
application stays where it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.institutions import contracts
from connect_portal.institutions.actions.agreeing import decline_contract, send_contract
from connect_portal.institutions.actions.guards import refuse_unmakeable
from connect_portal.institutions.actions.reminding import tell
from connect_portal.institutions.actions.turns import renew_turn
from connect_portal.institutions.business_days import DAY, after_business_time
from connect_portal.institutions.editions import holidays
from connect_portal.institutions.enums import ProposalState, ReminderKind, Step, Tag
from connect_portal.institutions.errors import (
    AlreadyDecided,
    AlreadyProposed,
    ContractSent,
    NoteMissing,
    NotYours,
    Overtaken,
    OwnProposal,
)
from connect_portal.institutions.models import NOTE_LENGTH, Application, Contract, Renewal
from connect_portal.institutions.moves import BUSINESS_DAYS, Event, Way
from connect_portal.institutions.renewal_errors import NoRenewal, NothingToRenew, RenewalNotDue
from connect_portal.institutions.renewals import RENEWABLE, Outlook, outlook, unannounced
from connect_portal.institutions.rules import hands_of, may_begin, way_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

ACTOR: Final = "system:calendar"
VERB: Final = "Renew the contract"


def announce_due() -> int:
    """Put the renewals that are due on the desk, each once; how many."""
    at = business_now()
    return sum(_announce(pk, at) for pk in unannounced(at).values_list("pk", flat=True))


@transaction.atomic
def _announce(application_id: int, at: datetime) -> bool:
    application = _locked(application_id)
    ahead = outlook(_place(application), at)
    new = Contract.objects.filter(institution=_place(application), renewal_due_since=None)
    if ahead.stage is None or not new.exclude(valid_to=None).update(renewal_due_since=at):
        return False
    renew_turn(application, at=at)
    _note(Tag.RENEWAL_DUE, application, ACTOR, {"ends": ahead.ends_at})
    return True


def propose_renewal(
    application_id: int,
    *,
    person: "Person",
    terms: Mapping[str, Any] | None = None,
    note: str = "",
) -> Renewal:
    """Ask finance to confirm that the contract is renewed, on the ``plan_version`` and ``level`` of
    ``terms``, else on those it has, as they are in force now.

    Raises NotYours, NothingToRenew, ContractSent, AlreadyProposed, RenewalNotDue, NoSuchTerms.
    """
    at = business_now()
    with transaction.atomic():
        application = _locked(application_id)
        refuse_others(person, application, way(Event.SEND_CONTRACT))
        before = _renewable(application, at)
        offer = contracts.proposed(before.institution, terms or {}, at)
        proposal = Renewal.objects.create(
            before=before,
            proposed_by=person,
            proposed_at=at,
            note=note[:NOTE_LENGTH],
            terms=offer.terms,
        )
        renew_turn(application, at=at)
        data = {"renewal": proposal.pk, "note": proposal.note, "terms": proposal.terms}
        _note(Tag.RENEWAL_PROPOSED, application, person.actor, data)
    return proposal


def confirm_renewal(renewal_id: int, *, person: "Person", note: str = "") -> Contract:
    """Send the contract that was proposed, as the second person. After commit: the letter.

    Raises AlreadyDecided, Overtaken, OwnProposal, NotYours, Unchecked, TermsChanged.
    """
    at = business_now()
    with transaction.atomic():
        proposal, application = _undecided(renewal_id, person)
        refuse_unmakeable(application, way(Event.SEND_CONTRACT))
        offer = contracts.proposed(proposal.before.institution, proposal.terms, at)
        terms = {"plan_version_id": offer.plan_version_id, "level": offer.level}
        contract = send_contract(_place(application), **terms, actor=person.actor, at=at)
        proposal.contract = contract
        _decide(proposal, ProposalState.CONFIRMED, person, note, at)
        data = {"renewal": proposal.pk, "proposed_by": proposal.proposed_by.actor}
        _note(Tag.RENEWAL_CONFIRMED, application, person.actor, data)
        told = {"about": contract, "deadline": proposal.before.valid_to, "note": proposal.note}
        follow(application, ReminderKind.RENEWAL, **told, actor=person.actor, at=at)
    return contract


def decline_renewal(renewal_id: int, *, person: "Person", note: str) -> Renewal:
    """Refuse a proposed renewal with a reason; another can be proposed.

    Raises AlreadyDecided, Overtaken, OwnProposal, NotYours, NoteMissing.
    """
    at = business_now()
    with transaction.atomic():
        proposal, application = _undecided(renewal_id, person)
        if not note.strip():
            raise NoteMissing(verb="Decline")
        _decide(proposal, ProposalState.DECLINED, person, note, at)
        renew_turn(application, at=at)
        data = {"renewal": proposal.pk, "note": proposal.answer}
        _note(Tag.RENEWAL_DECLINED, application, person.actor, data)
    return proposal


def refuse_signed(application_id: int, *, person: "Person", note: str) -> None:
    """Put a renewal aside that the institution signed and the exchange does not countersign.

    Raises NotYours, NoRenewal, NoteMissing.
    """
    at = business_now()
    with transaction.atomic():
        application = _locked(application_id)
        declining = way(Event.DECLINE_CONTRACT)
        refuse_others(person, application, declining)
        ahead = outlook(_place(application), at) if application.institution_id else Outlook(at)
        if not ahead.renews or ahead.in_hand is None or ahead.in_hand.accepted_at is None:
            raise NoRenewal()
        if not note.strip():
            raise NoteMissing(verb=declining.verb)
        decline_contract(_place(application), actor=person.actor, at=at)
        told = {"about": ahead.in_hand, "deadline": ahead.ends_at, "note": note[:NOTE_LENGTH]}
        follow(application, ReminderKind.RENEW_STOP, **told, actor=person.actor, at=at)


def signed(application: Application, contract: Contract, *, actor: str, at: datetime) -> None:
    """Go on after the institution signed; inside the caller's transaction."""
    days = BUSINESS_DAYS[Step.CONTRACT_SIGNED]
    due = after_business_time(at, days * DAY, holidays(at))
    told = {"about": contract, "deadline": due}
    follow(application, ReminderKind.RENEW_SIGN, **told, actor=actor, at=at)


def countersigned(
    application: Application, contract: Contract, *, actor: str, at: datetime
) -> None:
    """Go on after the exchange signed too; inside the caller's transaction."""
    told = {"about": contract, "deadline": contract.valid_to}
    follow(application, ReminderKind.RENEWED, **told, actor=actor, at=at)


def follow(
    application: Application, kind: ReminderKind, *, actor: str, at: datetime, **told: Any
) -> None:
    """Pass the turn on and owe the institution a letter."""
    renew_turn(application, at=at)
    tell(application, kind, **told, actor=actor, at=at)


def way(event: Event) -> Way:
    """The move of a first contract that a step of a renewal is like."""
    step = {Event.SEND_CONTRACT: Step.CONTRACTING, Event.SIGN: Step.CONTRACT_SENT}
    found = way_of(event, step.get(event, Step.CONTRACT_SIGNED))
    assert found is not None  # the table has it
    return found


def refuse_others(person: "Person", application: Application, like: Way) -> None:
    """Refuse whoever could not make the same move of a first contract. Raises NotYours."""
    if not may_begin(person, application, like):
        raise NotYours(verb=like.verb, hands=" or ".join(hand.label for hand in like.by))


def _renewable(application: Application, at: datetime) -> Contract:
    """The contract that is to be renewed, if nothing is under way and it is time."""
    ahead = outlook(_place(application), at) if application.institution_id else Outlook(at)
    if application.step not in RENEWABLE or ahead.newest is None:
        raise NothingToRenew(company=application.company, step=application.get_step_display())
    if ahead.in_hand is not None:
        raise ContractSent(at=ahead.in_hand.sent_at)
    if (there := ahead.proposal) is not None:
        raise AlreadyProposed(name=there.proposed_by, verb=VERB, at=there.proposed_at)
    if ahead.stage is None:
        raise RenewalNotDue(ends=ahead.ends_at, due=ahead.due_from)
    return ahead.newest


def _undecided(renewal_id: int, person: "Person") -> tuple[Renewal, Application]:
    """An open proposal that the person may decide, its application locked first."""
    found = Renewal.objects.select_related("before").get(pk=renewal_id)
    rows = Application.objects.select_for_update()
    application = rows.get(institution_id=found.before.institution_id)
    proposal = Renewal.objects.select_related("proposed_by", "before__institution").get(
        pk=renewal_id
    )
    if proposal.state != ProposalState.OPEN:
        state = proposal.get_state_display().lower()
        raise AlreadyDecided(state=state, name=proposal.decided_by, at=proposal.decided_at)
    if application.step not in RENEWABLE:
        raise Overtaken()
    checker = way(Event.SEND_CONTRACT).checked_by
    assert checker is not None  # the table has it
    if proposal.proposed_by_id == person.pk:
        raise OwnProposal(hand=checker.label)
    if checker not in hands_of(person, application):
        raise NotYours(verb=f"Decide about: {VERB}", hands=checker.label)
    return proposal, application


def _decide(
    proposal: Renewal, state: ProposalState, person: "Person", note: str, at: datetime
) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, person, at
    proposal.answer = note[:NOTE_LENGTH]
    proposal.save()


def _locked(application_id: int) -> Application:
    return Application.objects.select_for_update().get(pk=application_id)


def _place(application: Application) -> int:
    assert application.institution_id is not None  # whoever has a contract is an institution
    return application.institution_id


def _note(tag: Tag, application: Application, actor: str, data: Mapping[str, Any]) -> None:
    record(tag, actor=actor, subject=f"institution:{_place(application)}", data=data)
