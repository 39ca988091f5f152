"""The applicant's own writes: keep a draft, submit it, hand in the technical details."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from connect_portal.audit.actions import record
from connect_portal.institutions import terms_of_programme
from connect_portal.institutions.actions.onboarding import move
from connect_portal.institutions.enums import Channel, Step, Tag
from connect_portal.institutions.errors import (
    AlreadyOpen,
    NoSuchMove,
    NotProven,
)
from connect_portal.institutions.form_errors import TermsChanged
from connect_portal.institutions.models import ONE_OPEN, Application
from connect_portal.institutions.moves import Event
from connect_portal.kit.clock import now
from connect_portal.people.standing import needs_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

EDITABLE = (Step.DRAFT, Step.INFO_REQUESTED)


def save_draft(
    applicant: "Person", fields: Mapping[str, Any], *, application_id: int | None = None
) -> Application:
    """Begin a draft, or keep ``fields``, sound values of `Application`'s columns, in one.

    Raises NotProven for a new draft, AlreadyOpen, and NoSuchMove when the application can no longer
    be changed.
    """
    if application_id is None:
        _refuse_unproven(applicant)
    at = business_now()
    with transaction.atomic():
        application = (
            Application(applicant=applicant, begun_at=at)
            if application_id is None
            else lock_editable(applicant, application_id)
        )
        is_new = application.pk is None
        _keep(application, fields)
        if is_new:
            data = {"company": application.company}
            subject = application.subject
            record(Tag.APPLICATION_BEGUN, actor=applicant.actor, subject=subject, data=data)
    return application


def save_fields(
    applicant: "Person",
    application_id: int,
    columns: Mapping[str, Any],
    *,
    mended: Collection[str] = (),
    malformed: Mapping[str, Any] | None = None,
) -> Application:
    """Keep what was typed: sound ``columns``; and by field what is ``malformed``, as it was typed
    with what is wrong about it, until the field is among the ``mended``.

    Raises AlreadyOpen, and NoSuchMove when the application can no longer be changed.
    """
    with transaction.atomic():
        application = lock_editable(applicant, application_id)
        kept = {name: what for name, what in application.malformed.items() if name not in mended}
        application.malformed = kept | dict(malformed or {})
        _keep(application, columns)
    return application


def submit(applicant: "Person", application_id: int, *, terms_version: str) -> Application:
    """Hand in an application, its applicant having accepted that version of the terms: a code is
    reserved for it, and the review clock runs.

    The same verb hands an application back after a question. Raises NotProven, TermsChanged,
    Incomplete, CompanyJoined, Unanswered, NoSuchMove (it was handed in already).
    """
    _refuse_unproven(applicant)
    if terms_version != terms_of_programme.VERSION:
        raise TermsChanged(version=terms_of_programme.VERSION)
    at = business_now()
    with transaction.atomic():
        application = lock_editable(applicant, application_id)
        application.terms_version, application.terms_accepted_at = terms_version, at
        if Channel.OAUTH not in application.channels:
            application.redirect_uris = []  # of a model that was chosen before
        application.save(update_fields=["terms_version", "terms_accepted_at", "redirect_uris"])
        event = Event.SUBMIT if application.step == Step.DRAFT else Event.RESUBMIT
        return move(application.pk, event, person=applicant, actor=applicant.actor, at=at)


def lock_editable(applicant: "Person", application_id: int) -> Application:
    """The applicant's own application under its row lock; the caller owns the transaction.

    Raises Application.DoesNotExist, and NoSuchMove when it can no longer be changed.
    """
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


def _keep(application: Application, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(application, name, value)
    application.saved_at = now()
    try:
        with transaction.atomic():
            application.save()
    except IntegrityError as error:
        if ONE_OPEN in str(error):
            raise AlreadyOpen(company=application.company) from error
        raise


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
