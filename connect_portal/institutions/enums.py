"""The states and choices of institutions and their applications, the table of an application's
moves, and the audit tags of what happens."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db import models

from connect_portal.people.enums import StaffRole


class BusinessKind(models.TextChoices):
    """Who may join: the six kinds of business of the programme's published rules, section 1."""

    AGGREGATOR = "aggregator", "Trading aggregator platform"
    STRATEGY_PLATFORM = "strategy_platform", "Trading strategy platform"
    STRATEGY_PROVIDER = "strategy_provider", "Technical strategy provider"
    BOT_PLATFORM = "bot_platform", "Trading bot platform"
    ASSET_MANAGEMENT = "asset_management", "Asset management and payment platform"
    SOCIAL_TRADING = "social_trading", "Social trading community"


class Channel(models.TextChoices):
    """How a user's orders reach the venue: the two product types of the published rules."""

    API = "api", "API"
    OAUTH = "oauth", "OAuth"


class CodeState(models.TextChoices):
    """The life of a Connect code: orders count from the sandbox on, only an active one earns."""

    RESERVED = "reserved", "Reserved"
    SANDBOX = "sandbox", "Sandbox only"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    RETIRED = "retired", "Retired"


WORKING_CODES: Final = (CodeState.SANDBOX, CodeState.ACTIVE)
"""States in which orders are attributed to a code and end users may connect."""


class Step(models.TextChoices):
    """How far an application has come: the last step that is done, in the staff's words."""

    DRAFT = "draft", "Draft"
    APPLIED = "applied", "Applied"
    INFORMATION = "information", "Information requested"
    QUALIFIED = "qualified", "Qualified"
    CONTACTED = "contacted", "Contacted"
    CONTRACT_ACCEPTED = "contract_accepted", "Contract accepted"
    TECHNICAL_ACCESS = "technical_access", "Technical access"
    TEST_TRADING = "test_trading", "Test trading passed"
    LIVE = "live", "Live"
    COMPLETE = "complete", "Complete"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


ROAD: Final = (
    Step.APPLIED,
    Step.QUALIFIED,
    Step.CONTACTED,
    Step.CONTRACT_ACCEPTED,
    Step.TECHNICAL_ACCESS,
    Step.TEST_TRADING,
    Step.LIVE,
    Step.COMPLETE,
)
"""The onboarding process of the published rules, section 3, in its order."""

CLOSED_STEPS: Final = (Step.COMPLETE, Step.REJECTED, Step.WITHDRAWN)
"""Nothing can follow."""

BEFORE_QUALIFIED: Final = (
    Step.DRAFT,
    Step.APPLIED,
    Step.INFORMATION,
    Step.REJECTED,
    Step.WITHDRAWN,
)
"""Steps at which no institution stands behind the application."""


class Hand(StrEnum):
    """Who may move an application. Staff by their role, the applicant's side by ownership."""

    APPLICANT = "applicant"
    ACCOUNT_MANAGER = StaffRole.ACCOUNT_MANAGER.value
    COMPLIANCE = StaffRole.COMPLIANCE.value
    TECHNICAL = StaffRole.TECHNICAL.value

    @property
    def label(self) -> str:
        """As in "waits for the account manager"."""
        return f"the {self.replace('_', ' ')}" + (" team" if self in _TEAMS else "")


_TEAMS: Final = (Hand.COMPLIANCE, Hand.TECHNICAL)


@dataclass(frozen=True, slots=True)
class Way:
    """One move that an application may make.

    ``by`` makes it, or proposes it where ``checked_by`` has to confirm. ``verb`` is what the
    button says; ``evidence`` says that the move rests on facts of a room above, which makes it.
    """

    source: Step
    to: Step
    by: tuple[Hand, ...]
    verb: str
    checked_by: Hand | None = None
    needs_note: bool = False
    evidence: bool = False


_REVIEWERS: Final = (Hand.ACCOUNT_MANAGER, Hand.COMPLIANCE)

WAYS: Final = (
    Way(Step.DRAFT, Step.APPLIED, (Hand.APPLICANT,), "Submit"),
    Way(Step.APPLIED, Step.INFORMATION, _REVIEWERS, "Request information", needs_note=True),
    Way(Step.INFORMATION, Step.APPLIED, (Hand.APPLICANT,), "Submit again"),
    Way(Step.APPLIED, Step.QUALIFIED, (Hand.ACCOUNT_MANAGER,), "Qualify", Hand.COMPLIANCE),
    Way(
        Step.APPLIED,
        Step.REJECTED,
        (Hand.COMPLIANCE,),
        "Reject",
        Hand.ACCOUNT_MANAGER,
        needs_note=True,
    ),
    Way(
        Step.QUALIFIED, Step.CONTACTED, (Hand.ACCOUNT_MANAGER,), "Log the contact", needs_note=True
    ),
    Way(Step.CONTACTED, Step.CONTRACT_ACCEPTED, (Hand.APPLICANT,), "Accept the contract"),
    Way(
        Step.CONTRACT_ACCEPTED,
        Step.TECHNICAL_ACCESS,
        (Hand.TECHNICAL,),
        "Give technical access",
        Hand.ACCOUNT_MANAGER,
    ),
    Way(
        Step.TECHNICAL_ACCESS,
        Step.TEST_TRADING,
        (Hand.TECHNICAL, Hand.ACCOUNT_MANAGER),
        "Test trading passed",
        evidence=True,
    ),
    Way(Step.TEST_TRADING, Step.LIVE, (Hand.TECHNICAL,), "Go live", Hand.ACCOUNT_MANAGER),
    Way(Step.LIVE, Step.COMPLETE, (Hand.ACCOUNT_MANAGER,), "Complete", evidence=True),
    *(
        Way(early, Step.WITHDRAWN, (Hand.APPLICANT,), "Withdraw")
        for early in (Step.DRAFT, Step.APPLIED, Step.INFORMATION)
    ),
)
"""Every move there is; `actions.onboarding.move` makes no other."""

BUSINESS_DAYS: Final = {
    Step.APPLIED: 2,
    Step.QUALIFIED: 1,
    Step.CONTRACT_ACCEPTED: 1,
    Step.TEST_TRADING: 1,
}
"""How long the exchange has for the step after this one; two days for the review by the published
rules, section 3. At other steps no clock runs: the applicant has the next step."""


class ProposalState(models.TextChoices):
    """What became of a proposed move."""

    OPEN = "open", "Waits for a second person"
    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"
    LAPSED = "lapsed", "Overtaken by another move"


class Tag(StrEnum):
    """What this room writes into the trail; a move is named after the step it leads to."""

    INSTITUTION_OPENED = "institutions:institution:opened"
    CODE_ISSUED = "institutions:code:issued"
    CODE_CHANGED = "institutions:code:changed"
    CONTRACT_ACCEPTED = "institutions:contract:accepted"
    WENT_LIVE = "institutions:contract:went_live"
    APPLICATION_BEGUN = "institutions:application:begun"
    APPLICATION_MOVED = "institutions:application:"
    MOVE_PROPOSED = "institutions:proposal:opened"
    PROPOSAL_CONFIRMED = "institutions:proposal:confirmed"
    PROPOSAL_DECLINED = "institutions:proposal:declined"
