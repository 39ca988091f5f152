"""The people behind a company: entered, changed and taken out by the applicant."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.actions.applying import lock_editable
from connect_portal.institutions.enums import Tag
from connect_portal.institutions.form_errors import TooMany
from connect_portal.institutions.models import CompanyPerson
from connect_portal.kit.clock import now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

MOST_PEOPLE: Final = 50


def save_person(
    applicant: "Person",
    application_id: int,
    fields: Mapping[str, Any],
    *,
    person_id: int | None = None,
) -> CompanyPerson:
    """Enter somebody, or change who is entered: ``fields`` are sound values of the columns.

    Raises NoSuchMove, TooMany, and DoesNotExist for somebody who was taken out.
    """
    with transaction.atomic():
        application = lock_editable(applicant, application_id)
        if person_id is None and application.people.count() >= MOST_PEOPLE:
            raise TooMany(most=MOST_PEOPLE, what="people")
        entered = CompanyPerson(application=application)
        if person_id is not None:
            entered = application.people.get(pk=person_id)
        for name, value in fields.items():
            setattr(entered, name, value)
        entered.save()
        application.saved_at = now()
        application.save(update_fields=["saved_at"])
        data = {"person": entered.pk, "roles": entered.roles}
        record(Tag.PERSON_ENTERED, actor=applicant.actor, subject=application.subject, data=data)
    return entered


def remove_person(applicant: "Person", application_id: int, person_id: int) -> None:
    """Take somebody out; again changes nothing. Raises NoSuchMove."""
    with transaction.atomic():
        application = lock_editable(applicant, application_id)
        if application.people.filter(pk=person_id).delete()[0]:
            application.saved_at = now()
            application.save(update_fields=["saved_at"])
            data = {"person": person_id}
            subject = application.subject
            record(Tag.PERSON_REMOVED, actor=applicant.actor, subject=subject, data=data)
