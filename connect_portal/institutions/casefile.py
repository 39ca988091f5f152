"""What the console's page of an application shows: every answer with what changed, was asked and
was found about it; documents, checklists and notes. As many queries for a long one as for a short.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from connect_portal.facts import countries
from connect_portal.institutions import reviewing
from connect_portal.institutions.answers import answers_of, document_field, fields_in
from connect_portal.institutions.enums import CLOSED_STEPS, BusinessKind, Channel, Severity, Step
from connect_portal.institutions.labels import label_of
from connect_portal.institutions.models import (
    Application,
    ChangeRequest,
    Document,
    Finding,
    Note,
    Submission,
)
from connect_portal.institutions.moves import REVIEWERS, Hand
from connect_portal.institutions.rules import hands_of
from connect_portal.institutions.sections import LOGO, Section, anchor_of

if TYPE_CHECKING:
    from connect_portal.people.models import Person

_CODES: Final = ("redirect_uris", "ips", "venue_account_uid", "registration_number")
_NUMBERS: Final = {"expected_users": "users", "expected_volume": "USD a month"}
_YES_OR_NO: Final = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Row:
    """One field: what it says, what it said in the version before (None where it is the same), what
    is open about it, and what was settled before."""

    name: str
    lines: list[str]
    was: list[str] | None = None
    waiting: list[ChangeRequest] = field(default_factory=list)
    settled: list[ChangeRequest] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The field as people read it."""
        return label_of(self.name)

    @property
    def anchor(self) -> str:
        """The id of its place on the page."""
        return anchor_of(self.name)

    @property
    def place(self) -> str:
        """The form that asks about it."""
        return f"ask:{self.name}"

    @property
    def is_code(self) -> bool:
        """Whether it is read letter by letter."""
        return self.name in _CODES


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the form."""

    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it was handed in, its kind's row, and the files that it replaced."""

    document: Document
    row: Row
    earlier: list[Document]

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it inside a page."""
        return self.document.media_type.startswith("image/")

    @property
    def url(self) -> str:
        """Where it is streamed from, for whoever may see it."""
        return reverse("institutions_documents_user:document", args=[self.document.pk])


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding, as somebody with those hands finds it."""

    finding: Finding
    hands: set[Hand]

    @property
    def anchor(self) -> str:
        """The place of what it is about."""
        return anchor_of(self.finding.field)

    @property
    def label(self) -> str:
        """What it is about, as people read it."""
        return label_of(self.finding.field)

    @property
    def place(self) -> str:
        """The form that clears it."""
        return f"clear:{self.finding.pk}"

    @property
    def may_clear(self) -> bool:
        """Whether these hands may say that it is none."""
        blocking = self.finding.severity == Severity.BLOCKING
        return bool(self.hands & set((Hand.COMPLIANCE,) if blocking else REVIEWERS))


@dataclass(frozen=True, slots=True)
class Casefile:
    """Everything about one application that a reviewer looks at."""

    application: Application
    parts: list[Part]
    papers: list[Paper]
    whole: Row
    findings: list[Finding]
    checklist: list[tuple[Hand, list[reviewing.Line]]]
    notes: list[Note]
    version: int
    may_ask: bool
    may_withdraw: bool
    may_tick: bool
    hands: set[Hand]

    @property
    def open_findings(self) -> list["Seen"]:
        """What nobody has cleared yet, blocking ones first."""
        return [Seen(one, self.hands) for one in self.findings if one.cleared_at is None]

    @property
    def settled_findings(self) -> list["Seen"]:
        """What was cleared, by whom and why."""
        return [Seen(one, self.hands) for one in self.findings if one.cleared_at is not None]

    @property
    def waiting(self) -> list[ChangeRequest]:
        """Every request that the applicant has not answered, those about the whole first."""
        rows = [self.whole, *(row for part in self.parts for row in part.rows)]
        papers = {paper.row.name: paper.row for paper in self.papers}
        return [request for row in [*rows, *papers.values()] for request in row.waiting]


def casefile(application: Application, person: "Person") -> Casefile:
    """Read an application as ``person`` may review it."""
    hands = hands_of(person, application) - {Hand.APPLICANT}
    is_reviewer = bool(hands & set(REVIEWERS))
    submissions = list(application.submissions.all())
    findings = reviewing.findings(application.pk)
    rows = _Rows(application, _before(submissions), findings)
    return Casefile(
        application=application,
        parts=list(rows.parts()),
        papers=list(rows.papers()),
        whole=rows.row(""),
        findings=findings,
        checklist=_by_hand(reviewing.checklist(application)),
        notes=reviewing.notes(application.pk),
        version=len(submissions),
        may_ask=application.step == Step.IN_REVIEW and is_reviewer,
        may_withdraw=application.step in (Step.IN_REVIEW, Step.INFO_REQUESTED) and is_reviewer,
        may_tick=application.step not in (Step.DRAFT, *CLOSED_STEPS),
        hands=hands,
    )


class _Rows:
    """Makes the rows of an application from what was read once."""

    def __init__(
        self, application: Application, before: Mapping[str, Any] | None, findings: list[Finding]
    ) -> None:
        self.now = answers_of(application)
        self.before = before
        self.documents = list(application.documents.all())
        self.requests = _by_field(reviewing.requests(application.pk))
        self.findings = _by_field(one for one in findings if one.cleared_at is None)

    def parts(self) -> Iterable[Part]:
        """Every section of the form."""
        for section in Section:
            rows = [self.row(name) for name in fields_in(section) if name != LOGO]
            if rows:
                yield Part(section.label, rows)

    def papers(self) -> Iterable[Paper]:
        """The documents that count, with the ones before."""
        for document in self.documents:
            if document.replaced_at is None:
                earlier = [one for one in self.documents if one.replaced_at is not None]
                same_kind = [one for one in earlier if one.kind == document.kind]
                yield Paper(document, self.row(document_field(document.kind)), same_kind)

    def row(self, name: str) -> Row:
        """The row of a field."""
        asked = self.requests.get(name, [])
        lines = _words(name, self.now.get(name))
        was = None if self.before is None else _words(name, self.before.get(name))
        is_file = name == LOGO or ":" in name  # its row shows the files themselves
        return Row(
            name=name,
            lines=lines,
            was=None if was == lines or is_file else was,
            waiting=[request for request in asked if request.is_open],
            settled=[request for request in asked if not request.is_open],
            findings=self.findings.get(name, []),
        )


def _before(submissions: list[Submission]) -> Mapping[str, Any] | None:
    """The answers of the version before the one that was handed in last."""
    return submissions[-2].content if len(submissions) > 1 else None


def _by_field(found: Iterable[Any]) -> dict[str, list[Any]]:
    by_field = defaultdict(list)
    for one in found:
        by_field[one.field].append(one)
    return by_field


def _by_hand(lines: list[reviewing.Line]) -> list[tuple[Hand, list[reviewing.Line]]]:
    by_hand = defaultdict(list)
    for line in lines:
        by_hand[line.item.hand].append(line)
    return list(by_hand.items())


def _words(name: str, value: Any) -> list[str]:
    """An answer as people read it, a line for each value; empty where nothing was answered."""
    if isinstance(value, bool):
        value = _YES_OR_NO[value]
    values = value if isinstance(value, list) else str(value or "").splitlines()
    return [_word(name, str(one)) for one in values if str(one)]


def _word(name: str, value: str) -> str:
    if name in _NUMBERS:
        return f"{Decimal(value):,} {_NUMBERS[name]}"
    names: dict[str, Mapping[Any, str]] = {
        "kind": dict(BusinessKind.choices),
        "other_kinds": dict(BusinessKind.choices),
        "model": dict(Channel.choices),
        "country": countries(),
    }
    return str(names.get(name, {}).get(value, value))
