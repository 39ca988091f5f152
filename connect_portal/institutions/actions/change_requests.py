"""Asking the applicant for a change: asked and withdrawn by reviewers, answered by the applicant.

A request is answered by a reply, or by handing in again with another value in its field; one about
the application as a whole by handing in again.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet

from connect_portal.audit.actions import record
from connect_portal.institutions.answers import answers_of, is_field
from connect_portal.institutions.enums import Step, Tag
from connect_portal.institutions.errors import (
    NotNow,
    NotYourPart,
    WordsMissing,
)
from connect_portal.institutions.labels import label_of
from connect_portal.institutions.models import NOTE_LENGTH, Application, ChangeRequest, Move
from connect_portal.institutions.moves import REVIEWERS, Hand
from connect_portal.institutions.review_errors import (
    AlreadyAsked,
    NothingAsked,
    RequestOver,
    Unanswered,
    UnknownField,
)
from connect_portal.institutions.rules import hands_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

_AT_REVIEW = (Step.IN_REVIEW, Step.INFO_REQUESTED)


def ask_change(
    application_id: int, field: str, *, note: str, person: "Person", actor: str
) -> ChangeRequest:
    """Ask for a change of one field; the applicant reads it when information is requested.

    Raises NotYourPart, NotNow, UnknownField, WordsMissing, AlreadyAsked (who was first).
    """
    at = business_now()
    with transaction.atomic():
        application = Application.objects.select_for_update().get(pk=application_id)
        _refuse_unless_reviewer(person, application)
        if application.step != Step.IN_REVIEW:
            raise NotNow(company=application.company, step=application.get_step_display())
        return ask(application, field, note=note, person=person, actor=actor, at=at)


def ask(
    application: Application, field: str, *, note: str, person: "Person", actor: str, at: datetime
) -> ChangeRequest:
    """The same about an application whose lock the caller holds, and whose right is proved."""
    if not note.strip():
        raise WordsMissing()
    if not is_field(field):
        raise UnknownField(field=field)
    if there := _open(application).filter(field=field).select_related("asked_by").first():
        raise AlreadyAsked(name=there.asked_by, at=there.asked_at, note=there.note)
    request = application.requests.create(
        field=field,
        note=note[:NOTE_LENGTH],
        was=answers_of(application).get(field),
        asked_by=person,
        asked_at=at,
    )
    _note(Tag.REQUEST_ASKED, request, actor, {"note": request.note})
    return request


def withdraw_request(request_id: int, *, person: "Person", actor: str) -> ChangeRequest:
    """Take a request back: the applicant need not answer it.

    Raises NotYourPart, NotNow, RequestOver (who was first).
    """
    at = business_now()
    with transaction.atomic():
        request = _locked(request_id)
        _refuse_unless_reviewer(person, request.application)
        request.withdrawn_by, request.withdrawn_at = person, at
        request.save(update_fields=["withdrawn_by", "withdrawn_at"])
        _note(Tag.REQUEST_WITHDRAWN, request, actor, {})
    return request


def answer_request(request_id: int, *, reply: str, person: "Person", actor: str) -> ChangeRequest:
    """Answer a request in words, as the applicant, while the information is awaited.

    Raises NotYourPart, NotNow, RequestOver, WordsMissing.
    """
    at = business_now()
    with transaction.atomic():
        request = _locked(request_id)
        application = request.application
        if Hand.APPLICANT not in hands_of(person, application):
            raise NotYourPart(hands=Hand.APPLICANT.label)
        if application.step != Step.INFO_REQUESTED:
            raise NotNow(company=application.company, step=application.get_step_display())
        if not reply.strip():
            raise WordsMissing()
        request.reply = reply[:NOTE_LENGTH]
        request.answered_by, request.answered_at = person, at
        request.save(update_fields=["reply", "answered_by", "answered_at"])
        _note(Tag.REQUEST_ANSWERED, request, actor, {"reply": request.reply})
    return request


def unanswered(application: Application) -> list[ChangeRequest]:
    """Open requests about fields in which nothing changed."""
    now = answers_of(application)
    return [one for one in _open(application) if one.field and now.get(one.field) == one.was]


def refuse_unanswered(application: Application) -> None:
    """Refuse to hand in again before everything is answered. Raises Unanswered."""
    if waiting := unanswered(application):
        raise Unanswered(fields=", ".join(label_of(one.field).lower() for one in waiting))


def close_answered(application: Application, *, person: "Person | None", at: datetime) -> None:
    """Note that handing in again answered what was open; the caller holds the lock."""
    _open(application).update(answered_by=person, answered_at=at)


def asked(application: Application, row: Move) -> list[int]:
    """The numbers of the requests that ``row`` sends to the applicant; the caller holds the lock.

    Where nothing was asked about a field, its note asks about the whole. Raises NothingAsked.
    """
    if not _open(application).exists():
        if row.person is None or not row.note.strip():
            raise NothingAsked()
        ask(application, "", note=row.note, person=row.person, actor=row.actor, at=row.at)
    return list(_open(application).values_list("pk", flat=True))


def _open(application: Application) -> QuerySet[ChangeRequest]:
    return application.requests.filter(answered_at=None, withdrawn_at=None)


def _locked(request_id: int) -> ChangeRequest:
    """An open request of an application under review, the application locked first."""
    found = ChangeRequest.objects.get(pk=request_id)
    application = Application.objects.select_for_update().get(pk=found.application_id)
    people = ("answered_by", "withdrawn_by")
    request = ChangeRequest.objects.select_related(*people).get(pk=request_id)
    request.application = application
    if request.answered_at is not None:
        raise RequestOver(how="answered", name=request.answered_by, at=request.answered_at)
    if request.withdrawn_at is not None:
        raise RequestOver(how="withdrawn", name=request.withdrawn_by, at=request.withdrawn_at)
    if application.step not in _AT_REVIEW:
        raise NotNow(company=application.company, step=application.get_step_display())
    return request


def _refuse_unless_reviewer(person: "Person", application: Application) -> None:
    if not hands_of(person, application) & set(REVIEWERS):
        raise NotYourPart(hands=" or ".join(hand.label for hand in REVIEWERS))


def _note(tag: Tag, request: ChangeRequest, actor: str, data: dict[str, str]) -> None:
    about = {"request": request.pk, "field": request.field}
    record(tag, actor=actor, subject=request.application.subject, data=about | data)
