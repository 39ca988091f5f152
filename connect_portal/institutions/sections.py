"""The application form's sections, which field stands in which, and what is still open in each.

A field goes by its name in the form: the column's, but ``model`` for the channels; ``people``,
``document:<kind>``, ``logo``, ``venue_key`` and ``terms`` are rows of their own.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.db import models

from connect_portal.facts import document_kinds
from connect_portal.institutions import terms_of_programme
from connect_portal.institutions.enums import Channel, PersonRole
from connect_portal.institutions.labels import label_of
from connect_portal.institutions.models import Application, CompanyPerson, Document

LOGO: Final = "logo"
"""The kind of document that is no paper but a picture to show."""


class Section(models.TextChoices):
    """The pages of the form in their order; the value stands in the address."""

    BUSINESS = "business", "Your business"
    COMPANY = "company", "Legal entity"
    PEOPLE = "people", "People"
    CONTACTS = "contacts", "Contacts"
    DOCUMENTS = "documents", "Documents"
    TECHNICAL = "technical", "Technical"
    REVIEW = "review", "Review and submit"


FIELDS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.BUSINESS: (
        "kind",
        "other_kinds",
        "model",
        "website",
        "description",
        "expected_users",
        "expected_volume",
    ),
    Section.COMPANY: (
        "company",
        "trading_name",
        "registration_number",
        "registered_on",
        "country",
        "region",
        "registered_address",
        "principal_address",
    ),
    Section.PEOPLE: ("people", "has_no_owner"),
    Section.CONTACTS: (
        "contact_name",
        "contact_email",
        "technical_contact_name",
        "technical_contact_email",
        "finance_contact_name",
        "finance_contact_email",
    ),
    Section.DOCUMENTS: (),
    Section.TECHNICAL: ("venue_account_uid", "venue_key", "redirect_uris", "ips", LOGO),
    Section.REVIEW: ("", "terms"),
}
COLUMNS: Final = {"model": "channels"}
"""Fields whose column has another name."""
_SEVERAL: Final = frozenset({"redirect_uris", "expected_users"})
_OPTIONAL: Final = {
    "other_kinds",
    "trading_name",
    "region",
    "principal_address",
    "has_no_owner",
    "technical_contact_name",
    "technical_contact_email",
    "finance_contact_name",
    "finance_contact_email",
    "venue_key",
    "ips",
    LOGO,
    "people",  # asked about in its own words below
    "",
    "terms",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that an application still lacks, or that cannot be taken as it was typed."""

    field: str
    words: str

    @property
    def section(self) -> Section:
        """Where it is mended."""
        return section_of(self.field)

    @property
    def anchor(self) -> str:
        """The fragment that names its place on the page."""
        return anchor_of(self.field)


def section_of(field: str) -> Section:
    """The section in which a field stands."""
    if field.startswith("document:"):
        return Section.DOCUMENTS
    return next(section for section, fields in FIELDS.items() if field in fields)


def anchor_of(field: str) -> str:
    """The id of a field's place on its page."""
    return f"field-{field.replace(':', '-')}"


def is_asked(field: str, channels: Collection[str]) -> bool:
    """Whether the chosen model needs the field at all: redirect URIs are for OAuth only."""
    return field != "redirect_uris" or Channel.OAUTH in channels


def is_needed(field: str, channels: Collection[str]) -> bool:
    """Whether nothing can be submitted while the field is empty."""
    return field not in _OPTIONAL and is_asked(field, channels)


def missing(application: Application) -> list[str]:
    """The fields that are needed on the chosen channels and still empty, in form order."""
    columns = [name for names in FIELDS.values() for name in names]
    needed = [name for name in columns if is_needed(name, application.channels)]
    return [name for name in needed if not getattr(application, COLUMNS.get(name, name))]


def gaps_of(
    application: Application,
    *,
    people: Collection[CompanyPerson],
    documents: Collection[Document],
    today: date,
) -> list[Gap]:
    """All that stands in the way of submitting, in the order of the form."""
    malformed = [
        Gap(name, f"{label_of(name)}: {' '.join(kept['why'])}")
        for name, kept in application.malformed.items()
        if is_asked(name, application.channels)
    ]
    empty = [
        Gap(name, f"{label_of(name)} {'are' if name in _SEVERAL else 'is'} missing")
        for name in missing(application)
        if name not in application.malformed
    ]
    gaps = [*malformed, *empty, *_of_people(application, people), *_of_papers(documents, today)]
    if application.terms_version != terms_of_programme.VERSION:
        gaps.append(Gap("terms", "The terms are not accepted yet"))
    order = list(Section)
    return sorted(gaps, key=lambda gap: order.index(gap.section))


def _of_people(application: Application, people: Collection[CompanyPerson]) -> Iterable[Gap]:
    roles = {role for person in people for role in person.roles}
    if PersonRole.DIRECTOR not in roles:
        yield Gap("people", "A director is missing")
    if PersonRole.SIGNATORY not in roles:
        yield Gap("people", "An authorised signatory is missing")
    least = settings.OWNER_SHARE_PERCENT
    if PersonRole.OWNER not in roles and not application.has_no_owner:
        yield Gap(
            "has_no_owner", f"Name who owns {least} % or more, or say that nobody owns so much"
        )
    if PersonRole.OWNER in roles and application.has_no_owner:
        yield Gap("has_no_owner", "You name a beneficial owner, and say that there is none")
    if sum((person.share or 0) for person in people) > 100:
        yield Gap("people", "The shares come to more than 100 %")


def _of_papers(documents: Collection[Document], today: date) -> Iterable[Gap]:
    there = {document.kind for document in documents}
    for kind, asked in document_kinds().items():
        if asked.is_required and kind not in there:
            yield Gap(f"document:{kind}", f"{asked.name} is missing")
    for document in documents:
        if document.expires_on and document.expires_on < today:
            yield Gap(
                f"document:{document.kind}",
                f"{document.kind_name} has expired on {document.expires_on:%Y-%m-%d}",
            )
