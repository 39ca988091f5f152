"""Tables of this room: institutions, their applications, contracts and Connect codes."""

from connect_portal.institutions.models.applications import (
    ADDRESS_LENGTH,
    NO_CLOCK,
    ONE_OPEN,
    UNDER_WAY,
    Application,
)
from connect_portal.institutions.models.codes import ONE_IN_USE, CodePause, ConnectCode
from connect_portal.institutions.models.contracts import (
    IP_LENGTH,
    USER_AGENT_LENGTH,
    Contract,
    Paper,
    SealKey,
    Signature,
)
from connect_portal.institutions.models.desk import (
    FILTER_LENGTH,
    FILTER_NAME_LENGTH,
    Assignment,
    SavedFilter,
)
from connect_portal.institutions.models.documents import Document, Submission
from connect_portal.institutions.models.editions import (
    BODY_LENGTH,
    EDITION_NOTE_LENGTH,
    Edition,
)
from connect_portal.institutions.models.institutions import NAME_LENGTH, SLUG_LENGTH, Institution
from connect_portal.institutions.models.moves import (
    NOTE_LENGTH,
    ONE_PROPOSAL,
    Letter,
    Move,
    Proposal,
)
from connect_portal.institutions.models.people import CompanyPerson
from connect_portal.institutions.models.posts import SUBJECT_LENGTH
from connect_portal.institutions.models.reminders import Reminder
from connect_portal.institutions.models.renewals import Renewal
from connect_portal.institutions.models.reviewing import (
    SEEN_LENGTH,
    ChangeRequest,
    Finding,
    Note,
    Tick,
)
from connect_portal.institutions.models.venue_keys import VenueKey
from connect_portal.institutions.models.watching import ONE_WAITING, WatchEntry, WatchList

__all__ = [
    "ADDRESS_LENGTH",
    "BODY_LENGTH",
    "EDITION_NOTE_LENGTH",
    "FILTER_LENGTH",
    "FILTER_NAME_LENGTH",
    "IP_LENGTH",
    "NAME_LENGTH",
    "NOTE_LENGTH",
    "NO_CLOCK",
    "ONE_IN_USE",
    "ONE_OPEN",
    "ONE_PROPOSAL",
    "ONE_WAITING",
    "SEEN_LENGTH",
    "SLUG_LENGTH",
    "SUBJECT_LENGTH",
    "UNDER_WAY",
    "USER_AGENT_LENGTH",
    "Application",
    "Assignment",
    "ChangeRequest",
    "CodePause",
    "CompanyPerson",
    "ConnectCode",
    "Contract",
    "Document",
    "Edition",
    "Finding",
    "Institution",
    "Letter",
    "Move",
    "Note",
    "Paper",
    "Proposal",
    "Reminder",
    "Renewal",
    "SavedFilter",
    "SealKey",
    "Signature",
    "Submission",
    "Tick",
    "VenueKey",
    "WatchEntry",
    "WatchList",
]
