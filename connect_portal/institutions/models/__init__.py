"""Tables of this room: institutions, their applications, contracts and Connect codes."""

from connect_portal.institutions.models.applications import ONE_OPEN, Application
from connect_portal.institutions.models.codes import ONE_IN_USE, CodePause, ConnectCode
from connect_portal.institutions.models.contracts import Contract
from connect_portal.institutions.models.institutions import NAME_LENGTH, SLUG_LENGTH, Institution
from connect_portal.institutions.models.moves import (
    NOTE_LENGTH,
    ONE_PROPOSAL,
    Letter,
    Move,
    Proposal,
)

__all__ = [
    "NAME_LENGTH",
    "NOTE_LENGTH",
    "ONE_IN_USE",
    "ONE_OPEN",
    "ONE_PROPOSAL",
    "SLUG_LENGTH",
    "Application",
    "CodePause",
    "ConnectCode",
    "Contract",
    "Institution",
    "Letter",
    "Move",
    "Proposal",
]
