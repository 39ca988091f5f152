"""Reads of contracts: what is read on a page, and the files of it."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from connect_portal.institutions.models import Contract, Paper, Signature
from connect_portal.institutions.pdf.reading import Block, blocks


@dataclass(frozen=True, slots=True)
class Reading:
    """A contract with what pages show of it."""

    contract: Contract
    papers: list[Paper]
    signatures: list[Signature]

    @property
    def blocks(self) -> list[Block]:
        """The parts of its text."""
        return blocks(self.contract.text)


def reading(institution_id: int) -> Reading | None:
    """The institution's contract as it stands: sent, signed or in force."""
    rows = _with_papers().filter(institution_id=institution_id, declined_at=None)
    found = rows.first()
    return _reading(found) if found else None


def declined(institution_id: int) -> list[Reading]:
    """The contracts that were signed but not countersigned, the newest first."""
    rows = _with_papers().filter(institution_id=institution_id, declined_at__isnull=False)
    return [_reading(row) for row in rows]


def paper(paper_id: int) -> Paper | None:
    """A contract as a file."""
    return Paper.objects.filter(pk=paper_id).first()


def paper_of(institution_id: int, paper_id: int) -> Paper | None:
    """A contract of an institution as a file."""
    return Paper.objects.filter(pk=paper_id, contract__institution_id=institution_id).first()


def _with_papers() -> QuerySet[Contract]:
    files = Prefetch("papers", Paper.objects.defer("pdf"))
    return Contract.objects.prefetch_related("signatures", files)


def _reading(row: Contract) -> Reading:
    return Reading(row, list(row.papers.all()), list(row.signatures.all()))
