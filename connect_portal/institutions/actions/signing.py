"""Both signatures under a contract, each by a person who shows a second factor as they sign."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from connect_portal.institutions.actions.agreeing import (
    countersign_contract,
    sign_contract,
    standing,
)
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
        _refuse_unread(institution_id, sha256)
        moved = _move(application, Event.SIGN, person, name, sha256, proof, at)
        _refuse_stranger(application, person, name)
        if needs := needs_of(person):
            raise NotProven(needs=" and ".join(need.words for need in needs))
        signer = Signer(name, person, proof)
        sign_contract(institution_id, signer, actor=person.actor, at=at)
    return moved


def countersign(institution_id: int, *, person: "Person", sha256: str, proof: Proof) -> Application:
    """Sign for the exchange what the institution signed; its file is sealed.

    Raises NoSuchMove, NotYours, ContractChanged, SignatureUnproven.
    """
    at = business_now()
    with transaction.atomic():
        application = Application.objects.select_for_update().get(institution_id=institution_id)
        _refuse_unread(institution_id, sha256)
        name = person.name or person.email
        moved = _move(application, Event.COUNTERSIGN, person, name, sha256, proof, at)
        signer = Signer(name, person, proof)
        countersign_contract(institution_id, signer, actor=person.actor, at=at)
    return moved


def _move(
    application: Application,
    event: Event,
    person: "Person",
    name: str,
    sha256: str,
    proof: Proof,
    at: Any,
) -> Application:
    signature = {"sha256": sha256, "factor": proof.factor, "ip": proof.ip}
    note, evidence = f"Signed by {name}", {"signature": signature}
    actor = person.actor
    moved = move(
        application.pk, event, person=person, actor=actor, note=note, evidence=evidence, at=at
    )
    if not proof.factor:
        raise SignatureUnproven()
    return moved


def _refuse_unread(institution_id: int, sha256: str) -> None:
    sent = standing(institution_id)
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
