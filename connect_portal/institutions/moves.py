"""The state machine of onboarding as one table: which event leads from where to where, who may
make it, who has to confirm it, and what runs against the clock. Pure Python.

`actions.onboarding.move` makes no other moves; `rules` and `tracking` read the table.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.db import models

from connect_portal.institutions.enums import LIVE_STEPS, Step
from connect_portal.people.enums import StaffRole


class Hand(StrEnum):
    """Who may move an application: staff by their role, the applicant's side by ownership, and
    the site itself where a fact or a date decides."""

    APPLICANT = "applicant"
    ACCOUNT_MANAGER = StaffRole.ACCOUNT_MANAGER.value
    COMPLIANCE = StaffRole.COMPLIANCE.value
    TECHNICAL = StaffRole.TECHNICAL.value
    FINANCE = StaffRole.FINANCE.value
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """As in "waits for the account manager"."""
        return _LABELS.get(self, f"the {self.replace('_', ' ')} team")


_LABELS: Final = {
    Hand.APPLICANT: "the applicant",
    Hand.ACCOUNT_MANAGER: "the account manager",
    Hand.SYSTEM: "this site",
}


class Event(models.TextChoices):
    """What happens to an application; the words are those of a button."""

    SUBMIT = "submit", "Submit"
    SCREEN = "screen", "Screen"
    REQUEST_INFO = "request_info", "Request information"
    RESUBMIT = "resubmit", "Submit again"
    APPROVE = "approve", "Approve"
    REJECT = "reject", "Reject"
    APPEAL = "appeal", "Appeal"
    WITHDRAW = "withdraw", "Withdraw"
    EXPIRE = "expire", "Expire"
    LOG_CONTACT = "log_contact", "Log the contact"
    SEND_CONTRACT = "send_contract", "Send the contract"
    SIGN = "sign", "Sign the contract"
    COUNTERSIGN = "countersign", "Countersign"
    DECLINE_CONTRACT = "decline_contract", "Decline the signed contract"
    SUBMIT_TECH = "submit_tech", "Submit the technical details"
    RETURN_TECH = "return_tech", "Return the technical details"
    PROVISION = "provision", "Give technical access"
    CERTIFY = "certify", "Certify"
    APPROVE_LIVE = "approve_live", "Go live"
    RETURN_TEST = "return_test", "Return to the sandbox test"
    FIRST_FILL = "first_fill", "Note the first tagged fill"
    COMPLETE = "complete", "Complete"
    EXTEND = "extend", "Extend the observation"
    FAIL = "fail", "Send back to the sandbox test"
    SUSPEND = "suspend", "Suspend"
    REINSTATE = "reinstate", "Reinstate"
    LAPSE = "lapse", "Suspend for an expired contract"
    OFFBOARD = "offboard", "Offboard"
    CLOSE = "close", "Close"


@dataclass(frozen=True, slots=True)
class Way:
    """One row of the table.

    ``by`` makes the move, or proposes it where ``checked_by`` has to confirm. ``to`` None means
    back to where it came from. ``evidence`` says that the move rests on facts of a room above,
    which makes it; ``signs`` that it is a signature, made where the contract is read; ``danger``
    that it ends or takes something away.
    """

    event: Event
    sources: tuple[Step, ...]
    to: Step | None
    by: tuple[Hand, ...]
    checked_by: Hand | None = None
    needs_note: bool = False
    evidence: bool = False
    signs: bool = False
    danger: bool = False

    @property
    def verb(self) -> str:
        """What the button says."""
        return str(self.event.label)


_APPLICANT: Final = (Hand.APPLICANT,)
_MANAGER: Final = (Hand.ACCOUNT_MANAGER,)
_COMPLIANCE: Final = (Hand.COMPLIANCE,)
_TECHNICAL: Final = (Hand.TECHNICAL,)
_SYSTEM: Final = (Hand.SYSTEM,)
REVIEWERS: Final = (Hand.ACCOUNT_MANAGER, Hand.COMPLIANCE)
"""Who may ask the applicant for something."""
_EARLY: Final = (Step.DRAFT, Step.SUBMITTED, Step.IN_REVIEW, Step.INFO_REQUESTED)

WAYS: Final = (
    Way(Event.SUBMIT, (Step.DRAFT,), Step.SUBMITTED, _APPLICANT),
    Way(Event.SCREEN, (Step.SUBMITTED,), Step.IN_REVIEW, _SYSTEM),
    Way(
        Event.APPROVE,
        (Step.IN_REVIEW,),
        Step.QUALIFIED,
        _MANAGER,
        checked_by=Hand.COMPLIANCE,
    ),
    Way(
        Event.REQUEST_INFO,
        (Step.IN_REVIEW,),
        Step.INFO_REQUESTED,
        REVIEWERS,
    ),
    Way(Event.RESUBMIT, (Step.INFO_REQUESTED,), Step.IN_REVIEW, _APPLICANT),
    Way(
        Event.REJECT,
        (Step.IN_REVIEW,),
        Step.REJECTED,
        _COMPLIANCE,
        checked_by=Hand.ACCOUNT_MANAGER,
        needs_note=True,
        danger=True,
    ),
    Way(Event.APPEAL, (Step.REJECTED,), Step.SUBMITTED, _APPLICANT, needs_note=True),
    Way(Event.WITHDRAW, _EARLY, Step.WITHDRAWN, _APPLICANT, danger=True),
    Way(Event.EXPIRE, (Step.DRAFT, Step.INFO_REQUESTED), Step.EXPIRED, _SYSTEM, danger=True),
    Way(Event.LOG_CONTACT, (Step.QUALIFIED,), Step.CONTRACTING, _MANAGER, needs_note=True),
    Way(
        Event.SEND_CONTRACT,
        (Step.CONTRACTING,),
        Step.CONTRACT_SENT,
        _MANAGER,
        checked_by=Hand.FINANCE,
    ),
    Way(Event.SIGN, (Step.CONTRACT_SENT,), Step.CONTRACT_SIGNED, _APPLICANT, signs=True),
    Way(Event.COUNTERSIGN, (Step.CONTRACT_SIGNED,), Step.TECH_SETUP, _COMPLIANCE, signs=True),
    Way(
        Event.DECLINE_CONTRACT,
        (Step.CONTRACT_SIGNED,),
        Step.CONTRACTING,
        _COMPLIANCE,
        needs_note=True,
        danger=True,
    ),
    Way(Event.SUBMIT_TECH, (Step.TECH_SETUP,), Step.TECH_REVIEW, _APPLICANT),
    Way(
        Event.PROVISION,
        (Step.TECH_REVIEW,),
        Step.SANDBOX_TEST,
        _TECHNICAL,
        checked_by=Hand.ACCOUNT_MANAGER,
    ),
    Way(
        Event.RETURN_TECH,
        (Step.TECH_REVIEW,),
        Step.TECH_SETUP,
        _TECHNICAL,
        needs_note=True,
    ),
    Way(
        Event.CERTIFY,
        (Step.SANDBOX_TEST,),
        Step.GO_LIVE_REVIEW,
        _SYSTEM,
        evidence=True,
    ),
    Way(
        Event.APPROVE_LIVE,
        (Step.GO_LIVE_REVIEW,),
        Step.ONLINE_TEST,
        _TECHNICAL,
        checked_by=Hand.ACCOUNT_MANAGER,
    ),
    Way(
        Event.RETURN_TEST,
        (Step.GO_LIVE_REVIEW,),
        Step.SANDBOX_TEST,
        _TECHNICAL,
        needs_note=True,
    ),
    Way(Event.FIRST_FILL, (Step.ONLINE_TEST,), Step.MONITORING, _SYSTEM, evidence=True),
    Way(Event.COMPLETE, (Step.MONITORING,), Step.ACTIVE, _MANAGER, evidence=True),
    Way(Event.EXTEND, (Step.MONITORING,), Step.MONITORING, _MANAGER, needs_note=True),
    Way(
        Event.FAIL,
        (Step.MONITORING,),
        Step.SANDBOX_TEST,
        _MANAGER,
        needs_note=True,
        danger=True,
    ),
    Way(
        Event.SUSPEND,
        LIVE_STEPS,
        Step.SUSPENDED,
        (Hand.COMPLIANCE, Hand.TECHNICAL),
        checked_by=Hand.ACCOUNT_MANAGER,
        needs_note=True,
        danger=True,
    ),
    Way(
        Event.REINSTATE,
        (Step.SUSPENDED,),
        None,
        _COMPLIANCE,
        checked_by=Hand.ACCOUNT_MANAGER,
        needs_note=True,
    ),
    Way(Event.LAPSE, (Step.ACTIVE,), Step.SUSPENDED, _SYSTEM, danger=True),
    Way(
        Event.OFFBOARD,
        (Step.ACTIVE, Step.SUSPENDED),
        Step.OFFBOARDING,
        _MANAGER,
        checked_by=Hand.FINANCE,
        needs_note=True,
        danger=True,
    ),
    Way(
        Event.CLOSE,
        (Step.OFFBOARDING,),
        Step.TERMINATED,
        (Hand.FINANCE,),
        evidence=True,
        danger=True,
    ),
)
"""Every move there is, the likeliest of each step first."""

BUSINESS_DAYS: Final = {
    Step.SUBMITTED: 2,
    Step.QUALIFIED: 1,
    Step.CONTRACTING: 1,
    Step.CONTRACT_SIGNED: 1,
    Step.TECH_REVIEW: 1,
    Step.GO_LIVE_REVIEW: 1,
}
"""How long the exchange has for what comes after this step; two days for the review by the
published rules, section 3. At other steps no clock of the exchange runs."""

OBSERVATION: Final = timedelta(days=7)
"""How long the first live trades are watched before onboarding can be complete."""

CLOCK_RUNS_ON: Final = (Event.SCREEN, Event.REQUEST_INFO, Event.RESUBMIT)
"""Moves inside the review, whose one clock they hold or let go on; every other move ends it."""

DRAFT_KEPT: Final = timedelta(days=90)
ANSWER_AWAITED: Final = timedelta(days=30)
"""After these an untouched draft, and a question without an answer, expire."""

CERTIFIED_FOR: Final = timedelta(days=30)
"""How old the test trading may be that a going live rests on."""

APPEAL_WITHIN: Final = timedelta(days=30)
SIGN_WITHIN: Final = timedelta(days=10)
