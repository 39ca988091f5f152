"""Reads of contracts: what is read on a page, and the files of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from connect_portal.institutions.models import Contract, Paper, Signature
from connect_portal.institutions.pdf.reading import Block, blocks


@dataclass(frozen=True, slots=True)
class Reading:
    """A contract with what pages show of it."""

    contract: Contract
    papers: list[Paper]
    signatures: list[Signature]
    at: datetime

    @property
    def blocks(self) -> list[Block]:
        """The parts of its text."""
        return blocks(self.contract.text)

    @property
    def begins_later(self) -> bool:
        """Whether both sides signed it and its term is yet to begin."""
        return self.contract.valid_from is not None and self.contract.valid_from > self.at

    @property
    def title(self) -> str:
        """What became of it, for a heading above its papers."""
        contract = self.contract
        if contract.declined_at is not None:
            return "Declined earlier"
        if contract.valid_to is None:
            return "Signed" if contract.accepted_at else "Sent"
        if contract.valid_to <= self.at:
            return "Ended"
        return "Begins later" if self.begins_later else "In force"


def shelf(institution_id: int, at: datetime) -> tuple[Reading | None, list[Reading]]:
    """The institution's contracts ``at`` (business time): the one that is to be read, and all
    others, the newest first.

    That is the one in hand, sent or signed, first or next; else the one with the latest term.
    """
    files = Prefetch("papers", Paper.objects.defer("pdf"))
    rows = Contract.objects.filter(institution_id=institution_id)
    found = [
        Reading(row, list(row.papers.all()), list(row.signatures.all()), at)
        for row in rows.prefetch_related("signatures", files)
    ]
    main = next((one for one in found if one.contract.declined_at is None), None)
    return main, [one for one in found if one is not main]


def paper(paper_id: int) -> Paper | None:
    """A contract as a file."""
    return Paper.objects.filter(pk=paper_id).first()


def paper_of(institution_id: int, paper_id: int) -> Paper | None:
    """A contract of an institution as a file."""
    return Paper.objects.filter(pk=paper_id, contract__institution_id=institution_id).first()
