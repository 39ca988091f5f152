"""The applicant's own writes: keep a draft, submit it, hand in the technical details."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.actions.onboarding import move
from connect_portal.institutions.enums import Step, Tag
from connect_portal.institutions.errors import (
    AlreadyOpen,
    NoSuchMove,
    NotProven,
)
from connect_portal.institutions.models import ONE_OPEN, Application
from connect_portal.institutions.moves import Event
from connect_portal.people.standing import needs_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

EDITABLE = (Step.DRAFT, Step.INFO_REQUESTED)


def save_draft(
    applicant: "Person", fields: Mapping[str, Any], *, application_id: int | None = None
) -> Application:
    """Keep what the applicant typed, in a new draft or the one they are at.

    ``fields`` are values of `Application`'s columns. Raises NotProven for a new draft, AlreadyOpen,
    and NoSuchMove when the application can no longer be changed.
    """
    if application_id is None:
        _refuse_unproven(applicant)
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
    draft. Raises NotProven, Incomplete, CompanyJoined, AlreadyOpen, NoSuchMove (it was handed in
    already).
    """
    _refuse_unproven(applicant)
    at = business_now()
    with transaction.atomic():
        application = save_draft(applicant, fields, application_id=application_id)
        event = Event.SUBMIT if application.step == Step.DRAFT else Event.RESUBMIT
        return move(application.pk, event, person=applicant, actor=applicant.actor, at=at)


def submit_tech(institution_id: int, fields: Mapping[str, Any], *, person: "Person") -> Application:
    """Hand in the technical details: ``fields`` are ``redirect_uris`` and ``ips``, as checked.

    Raises NoSuchMove, NotYours.
    """
    at = business_now()
    with transaction.atomic():
        application = Application.objects.select_for_update().get(institution_id=institution_id)
        if application.step == Step.TECH_SETUP:
            application.redirect_uris, application.ips = fields["redirect_uris"], fields["ips"]
            application.save(update_fields=["redirect_uris", "ips"])
        return move(application.pk, Event.SUBMIT_TECH, person=person, actor=person.actor, at=at)


def _refuse_unproven(applicant: "Person") -> None:
    if needs := needs_of(applicant):
        raise NotProven(needs=" and ".join(need.words for need in needs))


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
