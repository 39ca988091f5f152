"""An application as its last page shows it: every section with its answers in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from connect_portal.institutions.enums import Channel
from connect_portal.institutions.filling import Filling, page_of
from connect_portal.institutions.labels import label_of
from connect_portal.institutions.models import Application
from connect_portal.institutions.sections import Gap, Section, is_asked


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands in a field; ``lines`` is empty while nothing does."""

    label: str
    lines: list[str]
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its answers, and what is open in it."""

    section: Section
    url: str
    answers: list[Answer]
    gaps: list[Gap]


def summary(filled: Filling) -> list[Part]:
    """Every section but the last, in order."""
    answers = {
        Section.BUSINESS: _business(filled.application),
        Section.COMPANY: _company(filled.application),
        Section.PEOPLE: _people(filled),
        Section.CONTACTS: _contacts(filled.application),
        Section.DOCUMENTS: _documents(filled),
        Section.TECHNICAL: _technical(filled),
    }
    return [
        Part(
            section=section,
            url=page_of(section, filled.application.pk),
            answers=list(those),
            gaps=[gap for gap in filled.gaps if gap.section == section],
        )
        for section, those in answers.items()
    ]


def _answer(field: str, *values: object, is_code: bool = False) -> Answer:
    lines = [str(value) for value in values if value not in (None, "")]
    return Answer(label_of(field), lines, is_code)


def _business(application: Application) -> Iterable[Answer]:
    yield _answer("kind", application.kind_names)
    yield _answer("model", application.channel_names)
    yield _answer("website", application.website)
    yield _answer("description", *application.description.splitlines())
    yield _answer("expected_users", _grouped(application.expected_users))
    volume = _grouped(application.expected_volume)
    yield _answer("expected_volume", f"{volume} USD a month" if volume else "")


def _company(application: Application) -> Iterable[Answer]:
    for field in ("company", "trading_name", "registration_number", "registered_on"):
        yield _answer(field, getattr(application, field))
    yield _answer("country", application.country_name)
    yield _answer("region", application.region)
    yield _answer("registered_address", *application.registered_address.splitlines())
    principal = application.principal_address.splitlines()
    yield _answer("principal_address", *(principal or ["the registered address"]))


def _people(filled: Filling) -> Iterable[Answer]:
    for person in filled.people:
        share = f"{person.share.normalize():f} %" if person.share else ""
        yield Answer(
            person.name,
            [
                ", ".join(
                    filter(None, [person.role_names, share, person.country_name, person.email])
                )
            ],
        )
    if filled.application.has_no_owner:
        yield Answer("Beneficial owners", ["none"])


def _contacts(application: Application) -> Iterable[Answer]:
    for kind in ("contact", "technical_contact", "finance_contact"):
        name, email = (getattr(application, f"{kind}_{part}") for part in ("name", "email"))
        yield Answer(label_of(f"{kind}_name"), [part for part in (name, email) if part])


def _documents(filled: Filling) -> Iterable[Answer]:
    for slot in filled.slots():
        if slot.current or slot.asked.is_required:
            yield Answer(slot.asked.name, [document.name for document in slot.current])


def _technical(filled: Filling) -> Iterable[Answer]:
    application = filled.application
    yield _answer("venue_account_uid", application.venue_account_uid, is_code=True)
    key = filled.venue_key
    yield Answer("Read-only key", [f"{key.hint}…" if key else "none"])
    if is_asked("redirect_uris", application.channels or list(Channel)):
        yield _answer("redirect_uris", *application.redirect_uris, is_code=True)
    yield _answer("ips", *(application.ips or ["any address"]), is_code=bool(application.ips))
    yield Answer("Logo", [document.name for document in filled.logo.current] or ["none"])


def _grouped(value: int | Decimal | None) -> str:
    return "" if value is None else f"{value:,}"
