"""What pages show of editions: all there are, one with its history, a preview, what changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final

from connect_portal.institutions import calendars, contracts, letters
from connect_portal.institutions.editions import SHIPPED, InForce, in_force, shipped, titles
from connect_portal.institutions.enums import EditionKind, EditionState
from connect_portal.institutions.models import Edition
from connect_portal.institutions.pdf.reading import Block, blocks
from connect_portal.terms.levels import Level, read

LINES_AROUND: Final = 2
"""How much of what stayed the same is shown around a change."""
SAMPLE_READER: Final = "Iris"
SAMPLE_ADDRESS: Final = "https://portal.example/"
SAMPLE_NOTE: Final = "Here stands the note of the step,\nas it was written."
SAMPLE_REQUESTS: Final = "We ask:\n- Registered address: the one of the certificate, please."


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that has editions: which holds since when, which waits, which is to come."""

    kind: EditionKind
    name: str
    title: str
    number: int
    since: datetime | None
    waiting: Edition | None
    coming: list[Edition]


@dataclass(frozen=True, slots=True)
class Preview:
    """An edition as it is met: a contract, a letter, a calendar by years, a plan's levels."""

    blocks: tuple[Block, ...] = ()
    letter: letters.Written | None = None
    years: tuple[tuple[int, list[tuple[date, str]]], ...] = ()
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison: ``mark`` is + for new, - for gone, … for lines left out."""

    mark: str
    text: str


def shelves(at: datetime) -> list[tuple[EditionKind, list[Row]]]:
    """Everything that has editions, by kind; in three queries, however many there are."""
    states = [EditionState.APPROVED, EditionState.PROPOSED]
    found = Edition.objects.filter(state__in=states).select_related("proposed_by").defer("body")
    rows = found.order_by("effective_from", "number")
    mine = {
        key: list(group)
        for key, group in groupby(
            sorted(rows, key=lambda row: (row.kind, row.name)), lambda row: (row.kind, row.name)
        )
    }
    return [
        (
            kind,
            [
                _row(kind, name, title, mine.get((kind.value, name), []), at)
                for name, title in titles(kind).items()
            ],
        )
        for kind in EditionKind
    ]


def _row(kind: EditionKind, name: str, title: str, editions: list[Edition], at: datetime) -> Row:
    approved = [row for row in editions if row.state == EditionState.APPROVED]
    holding = [row for row in approved if row.effective_from and row.effective_from <= at]
    return Row(
        kind=kind,
        name=name,
        title=title,
        number=holding[-1].number if holding else SHIPPED,
        since=holding[-1].effective_from if holding else None,
        waiting=next((row for row in editions if row.state == EditionState.PROPOSED), None),
        coming=[row for row in approved if row.effective_from and row.effective_from > at],
    )


def history(kind: EditionKind, name: str) -> list[Edition]:
    """Every edition that people wrote of a thing, the newest first."""
    rows = Edition.objects.filter(kind=kind, name=name).defer("body")
    return list(rows.select_related("proposed_by", "decided_by").order_by("-number"))


def edition(kind: EditionKind, name: str, number: int) -> Edition | None:
    """One edition that people wrote."""
    rows = Edition.objects.select_related("proposed_by", "decided_by", "plan_version")
    return rows.filter(kind=kind, name=name, number=number).first()


def before(row: Edition, at: datetime) -> InForce:
    """What an edition is compared with: what holds until its date, or now where it has none."""
    until = row.effective_from - timedelta(microseconds=1) if row.effective_from else at
    return in_force(EditionKind(row.kind), row.name, until)


def as_shipped(kind: EditionKind, name: str) -> InForce:
    """Edition 0."""
    return InForce(kind, name, SHIPPED, shipped(kind, name))


def preview(kind: EditionKind, name: str, body: str, at: datetime) -> Preview:
    """An edition that has no problems, filled with what a company that does not exist would see."""
    match kind:
        case EditionKind.CONTRACT:
            return Preview(blocks=tuple(blocks(contracts.sample(body, at))))
        case EditionKind.PLAN:
            return Preview(levels=tuple(read(body)))
        case EditionKind.CALENDAR:
            days = groupby(calendars.days(body).items(), lambda item: item[0].year)
            return Preview(years=tuple((year, list(group)) for year, group in days))
        case EditionKind.LETTER:
            return Preview(letter=_sample_letter(kind, name, body, at))


def _sample_letter(kind: EditionKind, name: str, body: str, at: datetime) -> letters.Written:
    values = {
        "company": contracts.SAMPLE["institution"],
        "code": contracts.SAMPLE["code"],
        "due": f"{at + timedelta(days=2):%Y-%m-%d %H:%M} UTC",
        "note": SAMPLE_NOTE,
        "reason": "Company or people could not be verified",
        "requests": SAMPLE_REQUESTS,
    }
    template = InForce(kind, name, SHIPPED, body)
    return letters.written(template, values, reader=SAMPLE_READER, address=SAMPLE_ADDRESS)


def changes(old: str, new: str) -> list[Line]:
    """What ``new`` says otherwise than ``old``, line by line; empty when it says the same."""
    before, after = old.splitlines(), new.splitlines()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    said: list[Line] = []
    for group in matcher.get_grouped_opcodes(LINES_AROUND):
        if said or group[0][1] > 0:
            said.append(Line("…", ""))
        for tag, *span in group:
            said += _told(tag, before[span[0] : span[1]], after[span[2] : span[3]])
    return said


def _told(tag: str, gone: list[str], new: list[str]) -> Iterable[Line]:
    if tag == "equal":
        return [Line(" ", text) for text in gone]
    return [*(Line("-", text) for text in gone), *(Line("+", text) for text in new)]
