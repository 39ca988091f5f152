"""The contract: accepted once, and live from a moment on."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.contracts import on_terms
from connect_portal.institutions.enums import CodeState, Tag
from connect_portal.institutions.errors import ContractAccepted, NoContract
from connect_portal.institutions.models import ConnectCode, Contract, Institution
from connect_portal.venue.business_clock import business_now


def accept_contract(
    institution_id: int,
    *,
    plan_version_id: int,
    level: int,
    accepted_by: str,
    actor: str,
    at: datetime | None = None,
) -> Contract:
    """Keep the contract that ``accepted_by`` (the name as typed) agrees to, with its fingerprint.

    ``at`` is business time, asked for when not given. Raises ContractAccepted.
    """
    at = at or business_now()
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=institution_id)
        if there := Contract.objects.filter(institution=institution).first():
            raise ContractAccepted(name=there.accepted_by, at=there.accepted_at)
        offer = on_terms(institution, plan_version_id=plan_version_id, level=level)
        contract = Contract.objects.create(
            institution=institution,
            plan_version_id=plan_version_id,
            level=level,
            text=offer.text,
            sha256=offer.sha256,
            accepted_by=accepted_by,
            accepted_at=at,
        )
        record(
            Tag.CONTRACT_ACCEPTED,
            actor=actor,
            subject=f"institution:{institution_id}",
            data={
                "plan_version": plan_version_id,
                "level": level,
                "sha256": contract.sha256,
                "accepted_by": accepted_by,
            },
        )
    return contract


def go_live(institution_id: int, *, actor: str, at: datetime | None = None) -> Contract:
    """Let an institution earn from now on: its code becomes active. Twice changes nothing.

    ``at`` is business time, asked for when not given. Raises NoContract.
    """
    at = at or business_now()
    with transaction.atomic():
        found = Contract.objects.select_for_update().filter(institution_id=institution_id)
        contract = found.first()
        if contract is None:
            raise NoContract()
        if contract.live_since is None:
            contract.live_since = at
            contract.save(update_fields=["live_since"])
            change_code(institution_id, CodeState.ACTIVE, actor=actor)
            record(Tag.WENT_LIVE, actor=actor, subject=f"institution:{institution_id}")
    return contract


def change_code(institution_id: int, state: CodeState, *, actor: str) -> None:
    """Bring the institution's code in use into ``state``; inside the caller's transaction."""
    codes = ConnectCode.objects.filter(institution_id=institution_id, venue=settings.VENUE_NAME)
    for code in codes.exclude(state__in=[CodeState.RETIRED, state]).select_for_update():
        data = {"code": code.code, "from": code.state, "to": state.value}
        code.state = state
        code.save(update_fields=["state"])
        record(Tag.CODE_CHANGED, actor=actor, subject=f"institution:{institution_id}", data=data)
