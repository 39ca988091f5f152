"""Both signatures under a contract, each by a person who shows a second factor as they sign."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from connect_portal.institutions.actions import renewing
from connect_portal.institutions.actions.agreeing import countersign_contract, sign_contract
from connect_portal.institutions.actions.onboarding import move
from connect_portal.institutions.errors import (
    ContractChanged,
    NameDiffers,
    NotProven,
    NotSignatory,
    SignatureUnproven,
)
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event
from connect_portal.institutions.queries import signatories_of
from connect_portal.institutions.renewals import Outlook, outlook
from connect_portal.institutions.signing import Proof, Signer, is_name, signatory_for
from connect_portal.people.standing import needs_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person


def sign(
    institution_id: int, *, person: "Person", name: str, sha256: str, proof: Proof
) -> Application:
    """Sign the contract whose text has the fingerprint ``sha256``, as its authorised signatory.

    Raises NoSuchMove, NotYours, ContractChanged, NotSignatory, NameDiffers, NotProven (no second
    factor is set up) and SignatureUnproven (none was shown).
    """
    at = business_now()
    with transaction.atomic():
        application = Application.objects.select_for_update().get(institution_id=institution_id)
        ahead = outlook(institution_id, at)
        _refuse_unread(ahead, sha256)
        given = (person, name, sha256, proof, at)
        moved = _pass_on(application, Event.SIGN, *given, renews=ahead.renews)
        _refuse_stranger(application, person, name)
        if needs := needs_of(person):
            raise NotProven(needs=" and ".join(need.words for need in needs))
        signer = Signer(name, person, proof)
        contract = sign_contract(institution_id, signer, actor=person.actor, at=at)
        if ahead.renews:
            renewing.signed(application, contract, actor=person.actor, at=at)
    return moved


def countersign(institution_id: int, *, person: "Person", sha256: str, proof: Proof) -> Application:
    """Sign for the exchange what the institution signed, the first contract or the next one; its
    file is sealed.

    Raises NoSuchMove, NotYours, ContractChanged, SignatureUnproven.
    """
    at = business_now()
    with transaction.atomic():
        application = Application.objects.select_for_update().get(institution_id=institution_id)
        ahead = outlook(institution_id, at)
        _refuse_unread(ahead, sha256)
        name = person.name or person.email
        given = (person, name, sha256, proof, at)
        moved = _pass_on(application, Event.COUNTERSIGN, *given, renews=ahead.renews)
        signer = Signer(name, person, proof)
        contract = countersign_contract(institution_id, signer, actor=person.actor, at=at)
        if ahead.renews:
            renewing.countersigned(application, contract, actor=person.actor, at=at)
    return moved


def _pass_on(
    application: Application,
    event: Event,
    person: "Person",
    name: str,
    sha256: str,
    proof: Proof,
    at: datetime,
    *,
    renews: bool,
) -> Application:
    """Move the application on by a proved signature; under a renewal it stays where it is."""
    if renews:
        renewing.refuse_others(person, application, renewing.way(event))
        moved = application
    else:
        moved = _move(application, event, person, name, sha256, proof, at)
    if not proof.factor:
        raise SignatureUnproven()
    return moved


def _move(
    application: Application,
    event: Event,
    person: "Person",
    name: str,
    sha256: str,
    proof: Proof,
    at: datetime,
) -> Application:
    signature = {"sha256": sha256, "factor": proof.factor, "ip": proof.ip}
    note, evidence = f"Signed by {name}", {"signature": signature}
    actor = person.actor
    return move(
        application.pk, event, person=person, actor=actor, note=note, evidence=evidence, at=at
    )


def _refuse_unread(ahead: Outlook, sha256: str) -> None:
    sent = ahead.in_hand
    if sent is not None and sent.sha256 != sha256:
        raise ContractChanged()


def _refuse_stranger(application: Application, person: "Person", name: str) -> None:
    """Refuse whoever is not the authorised signatory, and any name but theirs."""
    signatory = signatory_for(person, application.pk)
    if signatory is None:
        names = " or ".join(f"{one.name} ({one.email})" for one in signatories_of(application.pk))
        raise NotSignatory(names=names)
    if signatory.name and not is_name(name, signatory.name):
        raise NameDiffers(name=signatory.name)
