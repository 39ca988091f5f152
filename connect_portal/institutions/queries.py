"""Reads of this room, for every room above."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from connect_portal.institutions.enums import (
    OVER_CODES,
    WORKING_CODES,
    Channel,
    CodeState,
    PersonRole,
)
from connect_portal.institutions.models import (
    Application,
    CompanyPerson,
    ConnectCode,
    Document,
    Institution,
    Letter,
    Submission,
    VenueKey,
)
from connect_portal.institutions.models import Contract as ContractRow
from connect_portal.institutions.rules import may_see
from connect_portal.institutions.sections import LOGO
from connect_portal.kit import files

if TYPE_CHECKING:
    from connect_portal.people.models import Person


@dataclass(frozen=True, slots=True)
class Contract:
    """What an institution agreed to: that plan and level; fills from ``live_since`` on earn."""

    institution_id: int
    plan_version_id: int
    level: int
    accepted_at: datetime
    live_since: datetime | None


@dataclass(frozen=True, slots=True)
class Term:
    """A span of business time, from ``begins`` on and before ``ends`` (None: no later term is
    known), and the plan and level by which its fills are paid."""

    begins: datetime
    ends: datetime | None
    plan_version_id: int
    level: int

    def holds_at(self, moment: datetime) -> bool:
        """Whether a fill at ``moment`` is paid by it."""
        return self.begins <= moment and (self.ends is None or moment < self.ends)


def contract(institution_id: int, at: datetime) -> Contract | None:
    """The accepted contract of an institution by which it is paid ``at`` (business time), or will
    be: of several the one whose term began last."""
    rows = ContractRow.objects.filter(declined_at=None, institution_id=institution_id)
    begun = rows.filter(valid_from__lte=at).order_by("-valid_from")
    first = rows.exclude(accepted_at=None).order_by("pk")
    row = begun.values_list(*Contract.__dataclass_fields__).first()
    row = row or first.values_list(*Contract.__dataclass_fields__).first()
    return Contract(*row) if row else None


def terms(institution_ids: Collection[int] | None = None) -> dict[int, list[Term]]:
    """By what the fills of each institution that is live are paid, of all or of some: its terms in
    their order, each until the next begins.

    The first begins when the institution went live. A term does not end by itself: what is traded
    after the last one, until the code is suspended, is paid by it.
    """
    rows = ContractRow.objects.filter(live_since__isnull=False).order_by("valid_from")
    if institution_ids is not None:
        rows = rows.filter(institution_id__in=institution_ids)
    found: dict[int, list[Term]] = {}
    for row in rows.defer("text"):
        assert row.valid_from is not None  # held by constraints, as both sides signed it
        assert row.live_since is not None
        spans, begins = found.setdefault(row.institution_id, []), row.live_since
        if spans:
            begins = max(row.valid_from, begins)
            spans[-1] = replace(spans[-1], ends=begins)
        spans.append(Term(begins, None, row.plan_version_id, row.level))
    return {pk: [term for term in spans if term.begins != term.ends] for pk, spans in found.items()}


def is_open(institution_id: int) -> bool:
    """Whether orders may be brought in its name: a code in use that is not suspended."""
    codes = ConnectCode.objects.filter(institution_id=institution_id, state__in=WORKING_CODES)
    return codes.exists()


def redirect_uris(institution_id: int) -> list[str]:
    """The redirect URIs that were approved with its technical access, exactly as given."""
    return _approved(institution_id, "redirect_uris")


def ips(institution_id: int) -> list[str]:
    """Its servers' approved addresses and networks in CIDR notation; empty means any."""
    return _approved(institution_id, "ips")


def approved_logo(institution_id: int) -> bytes:
    """The picture that was approved with its technical access; empty where it handed in none."""
    rows = Document.objects.filter(
        application__institution_id=institution_id, kind=LOGO, replaced_at=None
    )
    found = rows.filter(application__institution__codes__state__in=WORKING_CODES).first()
    try:
        return files.read(found.sha256) if found else b""
    except FileNotFoundError:  # a store that lost it keeps nobody from technical access
        return b""


def _approved(institution_id: int, field: str) -> list[str]:
    rows = Application.objects.filter(
        institution_id=institution_id, institution__codes__state__in=WORKING_CODES
    )
    return list(rows.values_list(field, flat=True).first() or [])


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a Connect code is, and the spans of business time in which it does not count."""

    institution_id: int
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()

    def counts_at(self, moment: datetime) -> bool:
        """Whether a fill at ``moment`` is the institution's."""
        return not any(
            since <= moment and (until is None or moment < until) for since, until in self.pauses
        )


def code_holders(venue: str, codes: Collection[str]) -> dict[str, Holder]:
    """Whose the given ``codes`` are, by code: those of ``venue`` that work, or did before."""
    rows = ConnectCode.objects.filter(venue=venue, code__in=codes, institution__isnull=False)
    holders = {}
    for row in rows.prefetch_related("pauses"):
        pauses = tuple((pause.since, pause.until) for pause in row.pauses.all())
        stands_still = any(until is None for _, until in pauses)
        if row.state in WORKING_CODES or stands_still:
            assert row.institution_id is not None  # asked for above
            holders[row.code] = Holder(row.institution_id, pauses)
    return holders


def code_of(institution_id: int, venue: str) -> str | None:
    """The Connect code in use of an institution at ``venue``, whatever its state."""
    codes = ConnectCode.objects.filter(institution_id=institution_id, venue=venue)
    return codes.exclude(state__in=OVER_CODES).values_list("code", flat=True).first()


def code_of_application(application: Application, venue: str) -> str | None:
    """The Connect code that an application brought at ``venue``, unless it was given up."""
    codes = application.codes.filter(venue=venue).exclude(state=CodeState.VOID)
    return codes.values_list("code", flat=True).last()


def institution(slug: str) -> Institution | None:
    """The institution of that slug."""
    return Institution.objects.filter(slug=slug).first()


def institutions(ids: Collection[int] | None = None) -> list[Institution]:
    """All institutions by name, or those of ``ids``."""
    rows = Institution.objects.all()
    return list(rows if ids is None else rows.filter(pk__in=ids))


def departed() -> list[int]:
    """Institutions that have left the programme: their code is retired, no other is in use."""
    retired = Institution.objects.filter(codes__state=CodeState.RETIRED).distinct()
    in_use = ConnectCode.objects.exclude(state__in=OVER_CODES).filter(institution__isnull=False)
    return list(retired.exclude(pk__in=in_use.values("institution")).values_list("pk", flat=True))


def open_to_bindings(venue: str) -> list[Institution]:
    """Institutions an end user may bind an API key for: on the API channel, with a working code."""
    return list(
        Institution.objects.filter(
            channels__contains=[Channel.API],
            codes__venue=venue,
            codes__state__in=WORKING_CODES,
        )
    )


def open_to_consents() -> list[int]:
    """Institutions that end users may authorize: on the OAuth channel, with a working code."""
    rows = Institution.objects.filter(
        channels__contains=[Channel.OAUTH], codes__state__in=WORKING_CODES
    )
    return list(rows.distinct().values_list("pk", flat=True))


def documents_of(application_id: int, *, versions: bool = False) -> list[Document]:
    """The documents of an application in the order of handing in, or with ``versions`` those that
    were replaced too (``replaced_at``). `institutions_documents_user:document` shows one."""
    rows = Document.objects.filter(application_id=application_id).select_related("uploaded_by")
    return list(rows if versions else rows.filter(replaced_at=None))


def document_for(person: "Person", document_id: int) -> Document | None:
    """A document, for whoever may see it: its applicant, the owners of the institution that came of
    the application, and the exchange's staff; None for anybody else."""
    rows = Document.objects.select_related("application__institution")
    found = rows.filter(pk=document_id).first()
    return found if found is not None and may_see(person, found.application) else None


def people_of(application_id: int) -> list[CompanyPerson]:
    """The directors, beneficial owners and signatories of a company, as they were entered."""
    return list(CompanyPerson.objects.filter(application_id=application_id))


@dataclass(frozen=True, slots=True)
class Signatory:
    """Somebody who may sign in the company's name."""

    name: str
    email: str


def signatories_of(application_id: int) -> list[Signatory]:
    """Who may sign the contract of an application's company."""
    signing = CompanyPerson.objects.filter(
        application_id=application_id, roles__contains=[PersonRole.SIGNATORY]
    )
    return [Signatory(name, email) for name, email in signing.values_list("name", "email")]


def submissions_of(application_id: int) -> list[Submission]:
    """An application as it was handed in each time, the first one first."""
    return list(Submission.objects.filter(application_id=application_id))


def own_key(institution_id: int) -> VenueKey | None:
    """The read-only key of an institution's own account at the venue, if it gave one."""
    return VenueKey.objects.filter(application__institution_id=institution_id).first()


def codes_of(institution_id: int) -> list[ConnectCode]:
    """Every Connect code that an institution has or had, the newest first."""
    return list(ConnectCode.objects.filter(institution_id=institution_id).order_by("-pk"))


def agreement(institution_id: int, at: datetime) -> ContractRow | None:
    """The contract of an institution with its plan: the one whose term began last before ``at``
    (business time), else the newest there is, however far it has come."""
    rows = ContractRow.objects.filter(institution_id=institution_id)
    rows = rows.select_related("plan_version__plan")
    begun = rows.filter(valid_from__lte=at).order_by("-valid_from")
    return begun.first() or rows.first()


def letters_of(application_id: int) -> QuerySet[Letter]:
    """The letters of an application that went out, with what each tells of."""
    rows = Letter.objects.filter(move__application_id=application_id, sent_at__isnull=False)
    return rows.select_related("move")


def files_of(application_id: int) -> QuerySet[Document]:
    """Every file that was handed in, those that a newer one replaced too."""
    return Document.objects.filter(application_id=application_id).select_related("uploaded_by")
