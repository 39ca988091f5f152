"""What each step needs before it is made, and what it brings about; `onboarding` alone calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from connect_portal.institutions.actions.agreeing import change_code, go_live
from connect_portal.institutions.actions.entering import open_institution, reserve_code
from connect_portal.institutions.enums import BusinessKind, Channel, CodeState, Step, Way
from connect_portal.institutions.errors import (
    CompanyJoined,
    EvidenceMissing,
    Incomplete,
    NoContract,
)
from connect_portal.institutions.models import Application, Contract, Institution
from connect_portal.institutions.rules import address_word, missing
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.people.actions import give_membership
from connect_portal.people.enums import MembershipRole


def refuse_unprepared(application: Application, way: Way, evidence: Mapping[str, Any]) -> None:
    """Refuse a step whose needs are not met; asked when it is proposed and when it is made.

    Raises Incomplete, CompanyJoined, NoContract, EvidenceMissing.
    """
    match way.to:
        case Step.APPLIED:
            if fields := missing(application):
                raise Incomplete(fields=", ".join(name.replace("_", " ") for name in fields))
            _refuse_if_joined(application)
        case Step.QUALIFIED:
            _refuse_if_joined(application)
        case Step.CONTRACT_ACCEPTED | Step.LIVE:
            if not Contract.objects.filter(institution=application.institution).exists():
                raise NoContract()
    if way.evidence and not evidence:
        raise EvidenceMissing(verb=way.verb)


def _refuse_if_joined(application: Application) -> None:
    if Institution.objects.filter(slug=address_word(application.company)).exists():
        raise CompanyJoined(company=application.company)


def arrive(application: Application, to: Step, *, actor: str, at: datetime) -> None:
    """Bring about what the step means; the caller saves the application."""
    match to:
        case Step.APPLIED:
            application.submitted_at = application.submitted_at or at
            reserve_code(application, venue=settings.VENUE_NAME, actor=actor)
        case Step.QUALIFIED:
            _open(application, actor=actor)
        case Step.TECHNICAL_ACCESS:
            change_code(_place(application), CodeState.SANDBOX, actor=actor)
            enqueue_on_commit("authorizations.provision", institution_id=_place(application))
        case Step.LIVE:
            go_live(_place(application), actor=actor, at=at)
        case Step.REJECTED | Step.WITHDRAWN:
            application.codes.update(state=CodeState.RETIRED)


def _open(application: Application, *, actor: str) -> None:
    """The institution begins: the applicant owns it, the reserved code is its own."""
    application.institution = open_institution(
        name=application.company,
        kind=BusinessKind(application.kind),
        channels=[Channel(channel) for channel in application.channels],
        venue_account_uid=application.venue_account_uid,
        actor=actor,
    )
    application.codes.update(institution=application.institution)
    give_membership(
        application.applicant, application.institution.pk, MembershipRole.OWNER, actor=actor
    )


def _place(application: Application) -> int:
    assert application.institution_id is not None  # held by a constraint from qualified on
    return application.institution_id
