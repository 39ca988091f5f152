"""The proof of the contracts: every fingerprint computed anew, every seal judged, all of it held
against the trail. Names the first break.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from connect_portal.audit.queries import events_tagged
from connect_portal.institutions.enums import PaperKind, Side, Tag
from connect_portal.institutions.models import Contract, Paper, Signature

_READ: Final = {Side.INSTITUTION: PaperKind.DRAFT, Side.EXCHANGE: PaperKind.SIGNED}
"""Which file each side read before it signed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at; ``problem`` names the first break, "" where all is whole."""

    contracts: int
    papers: int
    seals: int
    problem: str = ""


def verify() -> Verdict:
    """Look at every contract with its papers and signatures."""
    papers = Paper.objects.count()
    seals = Paper.objects.filter(kind=PaperKind.SEALED).count()
    problem = next(_problems(), "")
    return Verdict(Contract.objects.count(), papers, seals, problem)


def _problems() -> Iterator[str]:
    noted = _noted()
    rows = Contract.objects.prefetch_related(
        "papers__seal_key", "papers__contract", "signatures"
    ).order_by("pk")
    for contract in rows.iterator(chunk_size=50):
        papers = {paper.kind: paper for paper in contract.papers.all()}
        for problem in (
            *_of_text(contract),
            *(found for paper in papers.values() for found in _of_paper(paper, noted)),
            *(found for row in contract.signatures.all() for found in _of_signature(row, papers)),
            *_of_state(contract, papers),
        ):
            yield f"{contract}: {problem}"


def _noted() -> set[tuple[str, str]]:
    """What the trail says of papers: whose each is, and its fingerprint."""
    tags = (Tag.CONTRACT_SENT, Tag.CONTRACT_ACCEPTED, Tag.CONTRACT_COUNTERSIGNED)
    return {(line.subject, line.data.get("paper", "")) for line in events_tagged(*tags)}


def _of_text(contract: Contract) -> Iterator[str]:
    if hashlib.sha256(contract.text.encode()).hexdigest() != contract.sha256:
        yield "its text is not the one that was sent"


def _of_paper(paper: Paper, noted: set[tuple[str, str]]) -> Iterator[str]:
    # Imported when a seal is judged: no other command needs to load this for half a second.
    from connect_portal.institutions.pdf.sealing import judge

    name, pdf = paper.get_kind_display().lower(), bytes(paper.pdf)
    if hashlib.sha256(pdf).hexdigest() != paper.sha256:
        yield f"the file {name} is not the one that was kept"
    if (f"institution:{paper.contract.institution_id}", paper.sha256) not in noted:
        yield f"the trail does not know the file {name}"
    if paper.seal_key is not None:
        key = paper.seal_key
        if problem := judge(pdf, bytes(key.certificate), key.chain_der).problem:
            yield f"the file {name}: {problem}"


def _of_signature(row: Signature, papers: dict[str, Paper]) -> Iterator[str]:
    read = papers.get(_READ[Side(row.side)])
    if read is None or read.sha256 != row.paper_sha256:
        yield f"{row.name} signed a file that is not here"


def _of_state(contract: Contract, papers: dict[str, Paper]) -> Iterator[str]:
    """A contract from before files were kept has none; any other has one for each signature."""
    if papers and (contract.countersigned_at is not None) != (PaperKind.SEALED in papers):
        yield "it is in force without a sealed file, or sealed without being in force"
