"""Writes of this room, by the part of an institution's life they belong to.

``entering`` a company and its code, ``agreeing`` on the contract (``papers`` are its files,
``signing`` both signatures, ``renewing`` the next one), ``applying`` by the applicant (with
``people``, ``documents`` and their ``own_key``), ``onboarding`` makes every move (``steps`` says
what each means, ``turns`` whose turn it is then; ``screening`` and ``timers`` make those of the
site itself), and the ``letters`` of it, in words of ``editions``.
A review is ``change_requests``, ``findings`` and ``checking``; ``guards`` says what it must have
come to, ``reviews`` what a move means for it.
"""

from connect_portal.institutions.actions.agreeing import accept_contract, go_live
from connect_portal.institutions.actions.applying import (
    save_draft,
    save_fields,
    submit,
    submit_tech,
)
from connect_portal.institutions.actions.change_requests import (
    answer_request,
    ask_change,
    withdraw_request,
)
from connect_portal.institutions.actions.checking import take_back, tick, write_note
from connect_portal.institutions.actions.documents import add_document, remove_document
from connect_portal.institutions.actions.editions import (
    approve_edition,
    decline_edition,
    propose_edition,
    withdraw_edition,
)
from connect_portal.institutions.actions.entering import issue_code, open_institution
from connect_portal.institutions.actions.findings import clear_finding
from connect_portal.institutions.actions.onboarding import confirm, decline, move, propose
from connect_portal.institutions.actions.own_key import remove_venue_key, set_venue_key
from connect_portal.institutions.actions.people import remove_person, save_person
from connect_portal.institutions.actions.renewing import (
    confirm_renewal,
    decline_renewal,
    propose_renewal,
    refuse_signed,
)
from connect_portal.institutions.actions.signing import countersign, sign
from connect_portal.institutions.actions.watching import approve_list, decline_list, upload_list

__all__ = [
    "accept_contract",
    "add_document",
    "answer_request",
    "approve_edition",
    "approve_list",
    "ask_change",
    "clear_finding",
    "confirm",
    "confirm_renewal",
    "countersign",
    "decline",
    "decline_edition",
    "decline_list",
    "decline_renewal",
    "go_live",
    "issue_code",
    "move",
    "open_institution",
    "propose",
    "propose_edition",
    "propose_renewal",
    "refuse_signed",
    "remove_document",
    "remove_person",
    "remove_venue_key",
    "save_draft",
    "save_fields",
    "save_person",
    "set_venue_key",
    "sign",
    "submit",
    "submit_tech",
    "take_back",
    "tick",
    "upload_list",
    "withdraw_edition",
    "withdraw_request",
    "write_note",
]
