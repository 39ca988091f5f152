"""What each move needs before it is made, and what it brings about; `onboarding` alone calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from connect_portal.audit.actions import record
from connect_portal.institutions import contracts
from connect_portal.institutions.actions.agreeing import (
    change_code,
    decline_contract,
    go_live,
    send_contract,
)
from connect_portal.institutions.actions.change_requests import refuse_unanswered
from connect_portal.institutions.actions.entering import open_institution, reserve_code
from connect_portal.institutions.enums import (
    OVER_CODES,
    BusinessKind,
    Channel,
    CodeState,
    Step,
    Tag,
)
from connect_portal.institutions.errors import (
    AppealTooLate,
    CertifiedTooLongAgo,
    CompanyJoined,
    EvidenceMissing,
    Incomplete,
    NoContract,
    SignatureMissing,
)
from connect_portal.institutions.models import Application, Institution, VenueKey
from connect_portal.institutions.moves import APPEAL_WITHIN, CERTIFIED_FOR, Event, Way
from connect_portal.institutions.renewal_errors import ContractOver, ContractStands
from connect_portal.institutions.renewals import outlook
from connect_portal.institutions.rules import address_word
from connect_portal.institutions.sections import gaps_of
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.people.actions import give_membership
from connect_portal.people.enums import MembershipRole


def refuse_unprepared(
    application: Application, way: Way, evidence: Mapping[str, Any], at: datetime
) -> None:
    """Refuse a move whose needs are not met; asked when it is proposed and when it is made.

    Raises Incomplete, CompanyJoined, AppealTooLate, Unanswered, NoContract, ContractOver,
    ContractStands, SignatureMissing, CertifiedTooLongAgo, EvidenceMissing.
    """
    match way.event:
        case Event.SUBMIT | Event.RESUBMIT | Event.APPEAL:
            _refuse_incomplete(application, at)
            _refuse_if_joined(application)
            if way.event == Event.APPEAL:
                _refuse_late_appeal(application, at)
            if way.event == Event.RESUBMIT:
                refuse_unanswered(application)
        case Event.APPROVE:
            _refuse_if_joined(application)
        case Event.COUNTERSIGN:
            signed = outlook(_place(application), at).in_hand
            if signed is None or signed.accepted_at is None:
                raise NoContract()
        case Event.APPROVE_LIVE:
            _refuse_without_contract(application, at)
            _refuse_stale_test(application, at)
        case Event.REINSTATE:
            _refuse_without_contract(application, at)
        case Event.LAPSE:
            ahead = outlook(_place(application), at)
            if not ahead.is_over:
                raise ContractStands(ends=ahead.ends_at)
    if way.signs and "signature" not in evidence:
        raise SignatureMissing(verb=way.verb)
    if way.evidence and not evidence:
        raise EvidenceMissing(verb=way.verb)


def _refuse_incomplete(application: Application, at: datetime) -> None:
    gaps = gaps_of(
        application,
        people=application.people.all(),
        documents=application.documents.filter(replaced_at=None),
        today=at.date(),
    )
    if gaps:
        raise Incomplete(fields="; ".join(gap.words for gap in gaps))


def _refuse_if_joined(application: Application) -> None:
    if Institution.objects.filter(slug=address_word(application.company)).exists():
        raise CompanyJoined(company=application.company)


def _refuse_late_appeal(application: Application, at: datetime) -> None:
    rejected = application.moves.filter(to=Step.REJECTED).latest("pk")
    if at - rejected.at > APPEAL_WITHIN:
        raise AppealTooLate(days=APPEAL_WITHIN.days)


def _refuse_without_contract(application: Application, at: datetime) -> None:
    """Nobody earns but under a contract that both sides signed and that has not ended."""
    ahead = outlook(_place(application), at)
    if ahead.newest is None:
        raise NoContract()
    if ahead.is_over:
        raise ContractOver(ends=ahead.ends_at)


def _refuse_stale_test(application: Application, at: datetime) -> None:
    certified = application.moves.filter(event=Event.CERTIFY).latest("pk")
    if at - certified.at > CERTIFIED_FOR:
        raise CertifiedTooLongAgo(at=certified.at, days=CERTIFIED_FOR.days)


def terms_of(
    application: Application, way: Way, terms: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """What a proposal fixes beside its event: the terms of a contract with its fingerprint.

    Raises NoSuchTerms.
    """
    if way.event != Event.SEND_CONTRACT:
        return {}
    return contracts.proposed(_institution(application), terms, at).terms


def arrive(
    application: Application,
    way: Way,
    evidence: Mapping[str, Any],
    *,
    actor: str,
    at: datetime,
) -> None:
    """Bring about what the move means; the caller saves the application."""
    match way.event:
        case Event.SUBMIT | Event.APPEAL:
            application.submitted_at = at
            reserve_code(application, venue=settings.VENUE_NAME, actor=actor)
            enqueue_on_commit("institutions.screen", application_id=application.pk)
        case Event.APPROVE:
            _open(application, actor=actor)
        case Event.REJECT | Event.WITHDRAW | Event.EXPIRE:
            _void_codes(application, actor=actor)
            VenueKey.objects.filter(application=application).delete()
        case _:
            _arrive_as_institution(application, way.event, evidence, actor=actor, at=at)


def _arrive_as_institution(
    application: Application,
    event: Event,
    evidence: Mapping[str, Any],
    *,
    actor: str,
    at: datetime,
) -> None:
    """The same, once an institution stands behind the application."""
    match event:
        case Event.SEND_CONTRACT:
            offer = contracts.proposed(_institution(application), evidence.get("terms", {}), at)
            terms = {"plan_version_id": offer.plan_version_id, "level": offer.level}
            send_contract(_place(application), **terms, actor=actor, at=at)
        case Event.DECLINE_CONTRACT:
            decline_contract(_place(application), actor=actor, at=at)
        case Event.PROVISION:
            change_code(_place(application), CodeState.SANDBOX, actor=actor, at=at)
            enqueue_on_commit("authorizations.provision", institution_id=_place(application))
        case Event.APPROVE_LIVE:
            go_live(_place(application), actor=actor, at=at)
        case Event.SUSPEND | Event.LAPSE:
            change_code(_place(application), CodeState.SUSPENDED, actor=actor, at=at)
        case Event.REINSTATE:
            change_code(_place(application), CodeState.ACTIVE, actor=actor, at=at)
        case Event.OFFBOARD:
            change_code(_place(application), CodeState.RETIRED, actor=actor, at=at)
            enqueue_on_commit("authorizations.end_of_departed")


def _open(application: Application, *, actor: str) -> None:
    """The institution begins: the applicant owns it, the reserved code is its own."""
    application.institution = open_institution(
        name=application.company,
        kind=BusinessKind(application.kind),
        channels=[Channel(channel) for channel in application.channels],
        venue_account_uid=application.venue_account_uid,
        actor=actor,
    )
    application.codes.exclude(state__in=OVER_CODES).update(institution=application.institution)
    give_membership(
        application.applicant, application.institution.pk, MembershipRole.OWNER, actor=actor
    )


def _void_codes(application: Application, *, actor: str) -> None:
    for code in application.codes.exclude(state__in=OVER_CODES):
        data = {"code": code.code, "from": code.state, "to": CodeState.VOID.value}
        code.state = CodeState.VOID
        code.save(update_fields=["state"])
        record(Tag.CODE_CHANGED, actor=actor, subject=application.subject, data=data)


def _institution(application: Application) -> Institution:
    assert application.institution is not None  # held by a constraint from qualified on
    return application.institution


def _place(application: Application) -> int:
    return _institution(application).pk
