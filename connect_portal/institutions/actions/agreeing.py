"""The contract: sent, accepted by the institution, countersigned by the exchange, and live from a
moment on; and the Connect code, whose state follows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.actions.papers import keep_paper
from connect_portal.institutions.contracts import VALID_FOR, on_terms
from connect_portal.institutions.enums import (
    OVER_CODES,
    WORKING_CODES,
    CodeState,
    PaperKind,
    Side,
    Tag,
)
from connect_portal.institutions.errors import ContractAccepted, ContractSent, NoContract
from connect_portal.institutions.models import (
    IP_LENGTH,
    USER_AGENT_LENGTH,
    CodePause,
    ConnectCode,
    Contract,
    Institution,
    Signature,
)
from connect_portal.institutions.renewals import Outlook, outlook
from connect_portal.institutions.signing import Signer
from connect_portal.venue.business_clock import business_now

NOTICE: Final = timedelta(minutes=1)
"""So long after the last signature a late term begins: what was traded until then may have been
accrued by the terms before it, and stays so."""


def send_contract(
    institution_id: int, *, plan_version_id: int, level: int, actor: str, at: datetime
) -> Contract:
    """Fix the contract that the institution is to read, with its fingerprint and its file.

    Inside the caller's transaction. Raises ContractSent, ContractAccepted.
    """
    institution = Institution.objects.select_for_update().get(pk=institution_id)
    _refuse_second(outlook(institution_id, at))
    offer = on_terms(institution, plan_version_id=plan_version_id, level=level, at=at)
    contract = Contract.objects.create(
        institution=institution,
        plan_version_id=plan_version_id,
        level=level,
        edition=offer.edition,
        text=offer.text,
        sha256=offer.sha256,
        sent_at=at,
    )
    terms = {"plan_version": plan_version_id, "level": level, "edition": offer.edition}
    data = {**terms, "sha256": contract.sha256}
    _keep(Tag.CONTRACT_SENT, contract, PaperKind.DRAFT, actor, data, at)
    return contract


def sign_contract(institution_id: int, signer: Signer, *, actor: str, at: datetime) -> Contract:
    """Keep that somebody signed for the institution.

    Inside the caller's transaction. Raises NoContract, ContractAccepted.
    """
    contract = _in_hand(institution_id)
    if contract.accepted_at is not None:
        raise ContractAccepted(name=contract.accepted_by, at=contract.accepted_at)
    contract.accepted_by, contract.accepted_at = signer.name, at
    contract.save(update_fields=["accepted_by", "accepted_at"])
    _sign(contract, Side.INSTITUTION, signer, read=PaperKind.DRAFT, at=at)
    data = {"sha256": contract.sha256, "accepted_by": signer.name}
    _keep(Tag.CONTRACT_ACCEPTED, contract, PaperKind.SIGNED, actor, data, at)
    return contract


def countersign_contract(
    institution_id: int, signer: Signer, *, actor: str, at: datetime
) -> Contract:
    """Sign for the exchange and seal the file: the contract is in force for its term.

    Inside the caller's transaction. Raises NoContract.
    """
    contract = _in_hand(institution_id)
    if contract.accepted_at is None:
        raise NoContract()
    contract.countersigned_by, contract.countersigned_at = actor, at
    before = outlook(institution_id, at).newest
    contract.valid_from = _begins(before, at)
    contract.valid_to = contract.valid_from + VALID_FOR
    contract.live_since = before.live_since if before else None
    contract.save()
    _sign(contract, Side.EXCHANGE, signer, read=PaperKind.SIGNED, at=at)
    term = {"valid_from": contract.valid_from, "valid_to": contract.valid_to}
    data = {"sha256": contract.sha256, **term, "renews": before.pk if before else None}
    _keep(Tag.CONTRACT_COUNTERSIGNED, contract, PaperKind.SEALED, actor, data, at)
    return contract


def decline_contract(institution_id: int, *, actor: str, at: datetime) -> None:
    """Put a contract aside that the exchange did not countersign; it stays as history.

    Inside the caller's transaction. Raises NoContract.
    """
    contract = _in_hand(institution_id)
    contract.declined_at = at
    contract.save(update_fields=["declined_at"])
    _note(Tag.CONTRACT_DECLINED, institution_id, actor, {"sha256": contract.sha256})


def accept_contract(
    institution_id: int,
    *,
    plan_version_id: int,
    level: int,
    accepted_by: str,
    actor: str,
    at: datetime | None = None,
) -> Contract:
    """Send, sign and countersign a contract at once, for a company that ``actor`` enters by hand.

    ``at`` is business time, asked for when not given. Raises ContractSent, ContractAccepted.
    """
    at = at or business_now()
    with transaction.atomic():
        terms = {"plan_version_id": plan_version_id, "level": level}
        send_contract(institution_id, **terms, actor=actor, at=at)
        sign_contract(institution_id, Signer(accepted_by), actor=actor, at=at)
        return countersign_contract(institution_id, Signer(actor), actor=actor, at=at)


def go_live(institution_id: int, *, actor: str, at: datetime | None = None) -> Contract:
    """Let an institution earn from now on: its code becomes active. Twice changes nothing.

    ``at`` is business time, asked for when not given. Raises NoContract.
    """
    at = at or business_now()
    with transaction.atomic():
        rows = Contract.objects.select_for_update().filter(countersigned_at__isnull=False)
        contract = rows.filter(institution_id=institution_id).first()
        if contract is None:
            raise NoContract()
        if contract.live_since is None:
            contract.live_since = at
            contract.save(update_fields=["live_since"])
            change_code(institution_id, CodeState.ACTIVE, actor=actor, at=at)
            _note(Tag.WENT_LIVE, institution_id, actor, {})
    return contract


def change_code(institution_id: int, state: CodeState, *, actor: str, at: datetime) -> None:
    """Bring the institution's code in use into ``state``; inside the caller's transaction.

    Fills from ``at`` (business time) on count only while the code works.
    """
    codes = ConnectCode.objects.filter(institution_id=institution_id, venue=settings.VENUE_NAME)
    for code in codes.exclude(state__in=[*OVER_CODES, state]).select_for_update():
        data = {"code": code.code, "from": code.state, "to": state.value}
        worked, code.state = code.state in WORKING_CODES, state
        code.save(update_fields=["state"])
        if worked and state not in WORKING_CODES:
            CodePause.objects.create(code=code, since=at)
        elif state in WORKING_CODES:
            code.pauses.filter(until=None).update(until=at)
        _note(Tag.CODE_CHANGED, institution_id, actor, data)


def _refuse_second(ahead: Outlook) -> None:
    """One contract in hand, and another after one in force only when its renewal is due."""
    there = ahead.in_hand
    if there is not None and there.accepted_at is None:
        raise ContractSent(at=there.sent_at)
    there = there or (ahead.newest if ahead.stage is None else None)
    if there is not None:
        raise ContractAccepted(name=there.accepted_by, at=there.accepted_at)


def _begins(before: Contract | None, at: datetime) -> datetime:
    """When a contract signed at ``at`` begins: the first one at once, another where the one before
    it ends, or right away if that has ended."""
    if before is None:
        return at
    assert before.valid_to is not None  # both sides signed it
    return max(before.valid_to, at + NOTICE)


def _in_hand(institution_id: int) -> Contract:
    """What was sent and is not in force yet."""
    rows = Contract.objects.select_for_update().filter(declined_at=None, countersigned_at=None)
    found = rows.filter(institution_id=institution_id).first()
    if found is None:
        raise NoContract()
    return found


def _sign(contract: Contract, side: Side, signer: Signer, *, read: PaperKind, at: datetime) -> None:
    person, proof = signer.person, signer.proof
    Signature.objects.create(
        contract=contract,
        side=side,
        person=person,
        name=signer.name,
        account=person.email if person else "",
        at=at,
        ip=proof.ip[:IP_LENGTH],
        user_agent=proof.user_agent[:USER_AGENT_LENGTH],
        factor=proof.factor,
        paper_sha256=contract.papers.get(kind=read).sha256,
    )


def _keep(
    tag: Tag,
    contract: Contract,
    kind: PaperKind,
    actor: str,
    data: Mapping[str, Any],
    at: datetime,
) -> None:
    """Keep the contract as a file, and say in the trail which."""
    paper = keep_paper(contract, kind, at=at)
    _note(tag, contract.institution_id, actor, {**data, "paper": paper.sha256})


def _note(tag: Tag, institution_id: int, actor: str, data: Mapping[str, Any]) -> None:
    record(tag, actor=actor, subject=f"institution:{institution_id}", data=data)
