"""The applicant's own writes: keep a draft, submit it, withdraw it, accept the contract."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.actions.agreeing import accept_contract
from connect_portal.institutions.actions.onboarding import move
from connect_portal.institutions.contracts import offer
from connect_portal.institutions.enums import Step, Tag
from connect_portal.institutions.errors import AlreadyOpen, ContractChanged, NoSuchMove
from connect_portal.institutions.models import ONE_OPEN, Application, Institution
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

EDITABLE = (Step.DRAFT, Step.INFORMATION)


def save_draft(
    applicant: "Person", fields: Mapping[str, Any], *, application_id: int | None = None
) -> Application:
    """Keep what the applicant typed, in a new draft or the one they are at.

    ``fields`` are values of `Application`'s columns. Raises AlreadyOpen, and NoSuchMove when the
    application can no longer be changed.
    """
    at = business_now()
    with transaction.atomic():
        application = _editable(applicant, application_id)
        is_new = application.pk is None
        application.begun_at = at if is_new else application.begun_at
        for name, value in fields.items():
            setattr(application, name, value)
        _save(application)
        if is_new:
            data = {"company": application.company}
            subject = application.subject
            record(Tag.APPLICATION_BEGUN, actor=applicant.actor, subject=subject, data=data)
    return application


def _save(application: Application) -> None:
    try:
        with transaction.atomic():
            application.save()
    except IntegrityError as error:
        if ONE_OPEN in str(error):
            raise AlreadyOpen(company=application.company) from error
        raise


def submit(
    applicant: "Person", fields: Mapping[str, Any], *, application_id: int | None = None
) -> Application:
    """Hand in what the applicant typed: a code is reserved for it, and the review clock runs.

    The same verb hands an application back after a question. All or nothing: a refusal keeps no
    draft. Raises Incomplete, CompanyJoined, AlreadyOpen, NoSuchMove (it was handed in already).
    """
    at = business_now()
    with transaction.atomic():
        application = save_draft(applicant, fields, application_id=application_id)
        return move(application.pk, Step.APPLIED, person=applicant, actor=applicant.actor, at=at)


def sign(institution_id: int, *, person: "Person", name: str, sha256: str) -> Application:
    """Accept the contract whose text has the fingerprint ``sha256``, by typing one's name.

    Raises NoSuchMove, NotYours, ContractChanged, ContractAccepted.
    """
    at = business_now()
    with transaction.atomic():
        application = Application.objects.select_for_update().get(institution_id=institution_id)
        offered = offer(Institution.objects.get(pk=institution_id))
        if offered.sha256 != sha256:
            raise ContractChanged()
        if application.step == Step.CONTACTED:
            accept_contract(
                institution_id,
                plan_version_id=offered.plan_version_id,
                level=offered.level,
                accepted_by=name,
                actor=person.actor,
                at=at,
            )
        return move(
            application.pk,
            Step.CONTRACT_ACCEPTED,
            person=person,
            actor=person.actor,
            note=f"Accepted by {name}",
            evidence={"sha256": sha256},
            at=at,
        )


def _editable(applicant: "Person", application_id: int | None) -> Application:
    if application_id is None:
        return Application(applicant=applicant)
    mine = Application.objects.select_for_update().filter(applicant=applicant)
    application = mine.get(pk=application_id)
    if application.step not in EDITABLE:
        last = application.moves.latest("pk")
        raise NoSuchMove(
            company=application.company,
            step=application.get_step_display(),
            at=last.at,
            who=last.person or last.actor,
        )
    return application
