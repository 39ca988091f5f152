"""What the pages of the application form show: one application, its sections and what is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.urls import reverse

from connect_portal.facts import DocumentKind, document_kinds
from connect_portal.institutions import reviewing
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import (
    Application,
    ChangeRequest,
    CompanyPerson,
    Document,
    VenueKey,
)
from connect_portal.institutions.sections import LOGO, Gap, Section, anchor_of, gaps_of, section_of
from connect_portal.kit import pictures, uploads


@dataclass(frozen=True, slots=True)
class Tab:
    """A section in the rail of the form. ``asked`` counts requests for change that wait in it."""

    section: Section
    url: str
    is_current: bool
    gaps: int
    asked: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do in it."""
        return not self.gaps and not self.asked


@dataclass(frozen=True, slots=True)
class Slot:
    """A kind of document with the files that are there, and those that they replaced."""

    field: str
    asked: DocumentKind
    current: list[Document]
    earlier: list[Document]
    requests: list[ChangeRequest]

    @property
    def anchor(self) -> str:
        """The id of its place on the page."""
        return anchor_of(self.field)

    @property
    def accept(self) -> str:
        """What a browser offers to choose from; what a file is, its content tells."""
        return "image/png" if self.asked is _LOGO else "application/pdf,image/png,image/jpeg"

    @property
    def most_bytes(self) -> int:
        """How large a file may be."""
        logo, other = pictures.MOST_BYTES, settings.UPLOAD_MOST_BYTES
        return logo if self.asked is _LOGO else int(other)

    @property
    def limits(self) -> str:
        """What may be handed in, in words."""
        if self.asked is _LOGO:
            least, most = pictures.SIDES[0], pictures.SIDES[-1]
            size = pictures.MOST_BYTES // 1024
            return f"A PNG picture, {least} to {most} pixels wide and high, at most {size} KiB."
        return f"PDF, PNG or JPEG, at most {uploads.most_megabytes()} MB."


_LOGO: Final = DocumentKind(
    LOGO, "Logo", False, False, False, "End users see it where they consent."
)


@dataclass(frozen=True, slots=True)
class Filling:
    """An application while it is filled in, read once for a page.

    ``versions`` are all its documents, replaced ones too; ``requests`` wait for an answer,
    by field.
    """

    application: Application
    people: list[CompanyPerson]
    versions: list[Document]
    requests: dict[str, list[ChangeRequest]]
    gaps: list[Gap]
    venue_key: VenueKey | None

    @property
    def documents(self) -> list[Document]:
        """The documents that count."""
        return [document for document in self.versions if document.replaced_at is None]

    @property
    def question(self) -> list[ChangeRequest]:
        """What is asked about the application as a whole."""
        return self.requests.get("", [])

    @property
    def gaps_elsewhere(self) -> list[Gap]:
        """What is mended on other pages than the last one."""
        return [gap for gap in self.gaps if gap.section != Section.REVIEW]

    def tabs(self, current: Section) -> list[Tab]:
        """The rail of the form."""
        return [
            Tab(
                section=section,
                url=page_of(section, self.application.pk),
                is_current=section == current,
                gaps=sum(gap.section == section for gap in self.gaps),
                asked=sum(section_of(field) == section for field in self.requests if field),
            )
            for section in Section
        ]

    def slots(self) -> list[Slot]:
        """The documents that are asked for, in their order."""
        return [self._slot(asked) for asked in document_kinds().values()]

    @property
    def logo(self) -> Slot:
        """The picture that end users see."""
        return self._slot(_LOGO)

    def first_open(self) -> Section:
        """Where to go on: where something is asked or missing, else the review."""
        tabs = self.tabs(Section.REVIEW)
        asked = next((tab.section for tab in tabs if tab.asked), None)
        return asked or next((tab.section for tab in tabs if tab.gaps), Section.REVIEW)

    def _slot(self, asked: DocumentKind) -> Slot:
        field = LOGO if asked is _LOGO else f"document:{asked.kind}"
        mine = [document for document in self.versions if document.kind == asked.kind]
        return Slot(
            field=field,
            asked=asked,
            current=[document for document in mine if document.replaced_at is None],
            earlier=[document for document in mine if document.replaced_at is not None],
            requests=self.requests.get(field, []),
        )


def filling(application: Application, today: date) -> Filling:
    """Read what the form's pages show of an application, in the same few queries each time."""
    people = list(application.people.all())
    versions = list(application.documents.all())
    asked = application.step == Step.INFO_REQUESTED
    return Filling(
        application=application,
        people=people,
        versions=versions,
        requests=reviewing.open_requests(application.pk) if asked else {},
        gaps=gaps_of(application, people=people, documents=_current(versions), today=today),
        venue_key=VenueKey.objects.filter(application=application).first(),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for change, and the place where it is answered."""

    request: ChangeRequest
    url: str


def asked_of(application: Application) -> list[Asked]:
    """What the applicant is asked for while the information is awaited, in the form's order."""
    if application.step != Step.INFO_REQUESTED:
        return []
    waiting = reviewing.open_requests(application.pk)
    order = list(Section)
    fields = sorted(waiting, key=lambda field: order.index(section_of(field)))
    return [
        Asked(
            request=request,
            url=f"{page_of(section_of(field), application.pk)}#{anchor_of(field)}",
        )
        for field in fields
        for request in waiting[field]
    ]


def page_of(section: Section, application_id: int) -> str:
    """The address of a section's page."""
    return reverse(f"institutions_user:{section.value}", args=[application_id])


def _current(versions: Iterable[Document]) -> list[Document]:
    return [document for document in versions if document.replaced_at is None]
