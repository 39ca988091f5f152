"""Who looks after an application: the account manager with the least to do, until somebody takes
it, hands it over or lets it go. Each change keeps a row of history and its audit line."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from connect_portal.audit.actions import record
from connect_portal.institutions.enums import Assigned, Tag
from connect_portal.institutions.errors import (
    NoSuchColleague,
    NotOnYourDesk,
    NotUnderWay,
    OthersLookAfterIt,
    TakenMeanwhile,
    WordsMissing,
)
from connect_portal.institutions.models import NOTE_LENGTH, UNDER_WAY, Application, Assignment
from connect_portal.institutions.rules import may_look_after
from connect_portal.people.enums import StaffRole
from connect_portal.people.queries import holders
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from connect_portal.people.models import Person

ACTOR = "system:desk"


def assign_by_load(application: Application, *, at: datetime) -> None:
    """Give an application that nobody has to the account manager with the fewest open ones, of
    equals to whoever has had none for longest. Without account managers it stays nobody's.

    One statement, in a transaction that has an audit line already: the trail lets one writer on at
    a time, so the next statement counts what the one before assigned.
    """
    free = Application.objects.filter(pk=application.pk, assignee=None)
    chosen = _by_load().exclude(pk=application.applicant_id).values("pk")[:1]
    if not free.update(assignee_id=Subquery(chosen), assigned_at=at):
        return
    application.refresh_from_db(fields=["assignee", "assigned_at"])
    if application.assignee is not None:
        _note(application, application.assignee, None, Assigned.BY_LOAD, "", at)


def take(application_id: int, *, person: "Person", seen: int | None) -> Application:
    """Take an application from nobody, or from the colleague ``seen`` who was shown to have it.

    Raises OthersLookAfterIt, NotUnderWay, and TakenMeanwhile when it is somebody else's by now:
    of two who take at once, one is first and the other reads who it was.
    """
    at = business_now()
    with transaction.atomic():
        application = _held(application_id, person)
        if application.assignee_id != seen:
            raise _taken(application, person)
        return _give(application, person, person, Assigned.TAKEN, "", at)


def hand_over(application_id: int, *, to_id: int, note: str, person: "Person") -> Application:
    """Hand one's own application to a named colleague, who reads the note.

    Raises NotOnYourDesk, NoSuchColleague, WordsMissing, NotUnderWay.
    """
    at = business_now()
    colleague = holders(StaffRole.ACCOUNT_MANAGER).filter(pk=to_id).exclude(pk=person.pk).first()
    with transaction.atomic():
        application = _own(application_id, person)
        if colleague is None or not may_look_after(colleague, application):
            raise NoSuchColleague()
        if not note.strip():
            raise WordsMissing()
        return _give(application, colleague, person, Assigned.HANDED_OVER, note, at)


def release(application_id: int, *, person: "Person") -> Application:
    """Let one's own application go, for anybody to take. Raises NotOnYourDesk, NotUnderWay."""
    at = business_now()
    with transaction.atomic():
        application = _own(application_id, person)
        return _give(application, None, person, Assigned.RELEASED, "", at)


def _by_load() -> "QuerySet[Person]":
    """Account managers, the one with the least to do first."""
    theirs = Application.objects.filter(UNDER_WAY, assignee=OuterRef("pk")).order_by()
    load = theirs.values("assignee").annotate(number=Count("pk")).values("number")
    given = Assignment.objects.filter(person=OuterRef("pk")).order_by()
    latest = given.values("person").annotate(latest=Max("at")).values("latest")
    return (
        holders(StaffRole.ACCOUNT_MANAGER)
        .annotate(load=Coalesce(Subquery(load), 0), latest=Subquery(latest))
        .order_by("load", F("latest").asc(nulls_first=True), "pk")
    )


def _held(application_id: int, person: "Person") -> Application:
    """The application under its row lock, which this person may look after."""
    application = Application.objects.select_for_update().get(pk=application_id)
    if not may_look_after(person, application):
        raise OthersLookAfterIt()
    if not application.waits_for:
        raise NotUnderWay(company=application.company)
    return application


def _own(application_id: int, person: "Person") -> Application:
    application = _held(application_id, person)
    if application.assignee_id != person.pk:
        raise NotOnYourDesk(company=application.company, name=application.assignee or "nobody")
    return application


def _taken(application: Application, person: "Person") -> TakenMeanwhile:
    name = "you" if application.assignee_id == person.pk else application.assignee or "nobody"
    at = application.assigned_at or application.begun_at
    return TakenMeanwhile(company=application.company, name=name, at=at)


def _give(
    application: Application,
    person: "Person | None",
    by: "Person",
    how: Assigned,
    note: str,
    at: datetime,
) -> Application:
    application.assignee, application.assigned_at = person, at
    application.save(update_fields=["assignee", "assigned_at"])
    _note(application, person, by, how, note, at)
    return application


def _note(
    application: Application,
    person: "Person | None",
    by: "Person | None",
    how: Assigned,
    note: str,
    at: datetime,
) -> None:
    kept = application.assignments.create(
        person=person, by=by, how=how, note=note[:NOTE_LENGTH], at=at
    )
    record(
        f"{Tag.ASSIGNED}{how.value}",
        actor=by.actor if by else ACTOR,
        subject=application.subject,
        data={"to": person.actor if person else None, "note": kept.note},
    )
