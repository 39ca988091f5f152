"""The states and choices of institutions and their applications, and the audit tags of what
happens. The table of moves is in `moves`."""

from enum import StrEnum
from typing import Final

from django.db import models


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


class PersonRole(models.TextChoices):
    """What somebody is to a company that applies."""

    DIRECTOR = "director", "Director"
    OWNER = "owner", "Beneficial owner"
    SIGNATORY = "signatory", "Authorised signatory"


class CodeState(models.TextChoices):
    """The life of a Connect code: orders count from the sandbox on, only an active one earns."""

    RESERVED = "reserved", "Reserved"
    SANDBOX = "sandbox", "Sandbox only"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    RETIRED = "retired", "Retired"
    VOID = "void", "Void"


WORKING_CODES: Final = (CodeState.SANDBOX, CodeState.ACTIVE)
"""States in which orders are attributed to a code and end users may connect."""

OVER_CODES: Final = (CodeState.RETIRED, CodeState.VOID)
"""A code that nobody will use again: it served its time, or never came to work."""


class Step(models.TextChoices):
    """Where an application, and later the institution that came of it, stands; in staff's words."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    IN_REVIEW = "in_review", "In review"
    INFO_REQUESTED = "info_requested", "Information requested"
    QUALIFIED = "qualified", "Qualified"
    CONTRACTING = "contracting", "Contracting"
    CONTRACT_SENT = "contract_sent", "Contract sent"
    CONTRACT_SIGNED = "contract_signed", "Contract signed"
    TECH_SETUP = "tech_setup", "Technical set-up"
    TECH_REVIEW = "tech_review", "Technical review"
    SANDBOX_TEST = "sandbox_test", "Sandbox test"
    GO_LIVE_REVIEW = "go_live_review", "Go-live review"
    ONLINE_TEST = "online_test", "Online test"
    MONITORING = "monitoring", "Monitoring"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    OFFBOARDING = "offboarding", "Offboarding"
    TERMINATED = "terminated", "Terminated"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


ROAD: Final = (
    Step.SUBMITTED,
    Step.IN_REVIEW,
    Step.QUALIFIED,
    Step.CONTRACTING,
    Step.CONTRACT_SENT,
    Step.CONTRACT_SIGNED,
    Step.TECH_SETUP,
    Step.TECH_REVIEW,
    Step.SANDBOX_TEST,
    Step.GO_LIVE_REVIEW,
    Step.ONLINE_TEST,
    Step.MONITORING,
    Step.ACTIVE,
)
"""The onboarding process of the published rules, section 3, in its order."""

CLOSED_STEPS: Final = (Step.TERMINATED, Step.REJECTED, Step.WITHDRAWN, Step.EXPIRED)
"""The application is at its end; the company may apply anew."""

AT_REST: Final = (Step.DRAFT, Step.ACTIVE, *CLOSED_STEPS)
"""Steps at which nobody waits for anything, unless somebody proposed a move."""

BEFORE_QUALIFIED: Final = (
    Step.DRAFT,
    Step.SUBMITTED,
    Step.IN_REVIEW,
    Step.INFO_REQUESTED,
    Step.REJECTED,
    Step.WITHDRAWN,
    Step.EXPIRED,
)
"""Steps at which no institution stands behind the application."""

LIVE_STEPS: Final = (Step.ONLINE_TEST, Step.MONITORING, Step.ACTIVE)
"""Steps at which real orders earn; from these an institution can be suspended."""


class ProposalState(models.TextChoices):
    """What became of a proposed move."""

    OPEN = "open", "Waits for a second person"
    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"
    LAPSED = "lapsed", "Overtaken by another move"


class RejectReason(models.TextChoices):
    """Why an application is rejected; the text beside it says what was seen."""

    NOT_ELIGIBLE = "not_eligible", "No business of the six kinds"
    JURISDICTION = "jurisdiction", "Blocked jurisdiction"
    WATCH_LIST = "watch_list", "Blocked name"
    DUPLICATE = "duplicate", "Has applied or joined already"
    UNVERIFIED = "unverified", "Company or people could not be verified"
    DOCUMENTS = "documents", "Documents missing, expired or not genuine"
    MISLEADING = "misleading", "Misleading answers"
    TECHNICAL = "technical", "Technically not fit for the programme"
    OTHER = "other", "Another reason"


class Check(models.TextChoices):
    """What the automatic screening looks at."""

    SAME_NUMBER = "same_number", "Same registration number"
    SAME_ACCOUNT = "same_account", "Same venue account"
    SIMILAR_NAME = "similar_name", "Similar name"
    SAME_WEBSITE = "same_website", "Same website"
    SAME_SERVER = "same_server", "Same server address"
    SAME_REDIRECT = "same_redirect", "Same redirect host"
    BLOCKED_COUNTRY = "blocked_country", "Blocked jurisdiction"
    BLOCKED_NAME = "blocked_name", "Blocked name"
    BAD_ADDRESS = "bad_address", "Unusable address"
    DISPOSABLE_MAIL = "disposable_mail", "Disposable mail"
    FOREIGN_MAIL = "foreign_mail", "Mail of another domain"
    UNKNOWN_KIND = "unknown_kind", "Kind of business"
    DOCUMENT_OVER = "document_over", "Document expired"
    DOCUMENT_ENDS = "document_ends", "Document expires soon"


class Severity(models.TextChoices):
    """How much a finding weighs: a blocking one is cleared before anybody can approve."""

    BLOCKING = "blocking", "Blocks approval"
    NOTICE = "notice", "Notice"


class Watched(models.TextChoices):
    """What an entry of a watch list names."""

    COUNTRY = "country", "Jurisdiction"
    NAME = "name", "Name"


class WatchListState(models.TextChoices):
    """What became of an uploaded watch list; the one approved last is in force."""

    OPEN = "open", "Waits for a second person"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"


class EditionKind(models.TextChoices):
    """What of the exchange's own words, rates and dates is edited on the console, as versions."""

    CONTRACT = "contract", "Contract template"
    PLAN = "plan", "Commission plan"
    LETTER = "letter", "Letter"
    CALENDAR = "calendar", "Calendar"


class EditionState(models.TextChoices):
    """What became of a proposed edition."""

    PROPOSED = "proposed", "Waits for a second person"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Assigned(models.TextChoices):
    """How an application came to whoever looks after it, or lost them."""

    BY_LOAD = "by_load", "Assigned by load"
    TAKEN = "taken", "Taken"
    HANDED_OVER = "handed_over", "Handed over"
    RELEASED = "released", "Released"


class PaperKind(models.TextChoices):
    """The moments at which a contract is kept as a file."""

    DRAFT = "draft", "As sent"
    SIGNED = "signed", "Signed by the institution"
    SEALED = "sealed", "Countersigned and sealed"


class Side(models.TextChoices):
    """The two who agree on a contract."""

    INSTITUTION = "institution", "For the institution"
    EXCHANGE = "exchange", "For the exchange"


class ReminderKind(models.TextChoices):
    """What the applicant's side is reminded of, or told beside the moves."""

    ANSWER = "answer", "Answer awaited"
    SIGN = "sign", "Signature awaited"
    APPEAL = "appeal", "Appeal closes"
    EXPIRY = "expiry", "Contract ends"
    RENEWAL = "renewal", "Renewal to sign"
    RENEW_SIGN = "renew_sign", "Renewal signed"
    RENEW_STOP = "renew_stop", "Renewal not countersigned"
    RENEWED = "renewed", "Contract renewed"


class Tag(StrEnum):
    """What this room writes into the trail; a move is named after its event."""

    INSTITUTION_OPENED = "institutions:institution:opened"
    CODE_ISSUED = "institutions:code:issued"
    CODE_CHANGED = "institutions:code:changed"
    CONTRACT_SENT = "institutions:contract:sent"
    CONTRACT_ACCEPTED = "institutions:contract:accepted"
    CONTRACT_COUNTERSIGNED = "institutions:contract:countersigned"
    CONTRACT_DECLINED = "institutions:contract:declined"
    RENEWAL_DUE = "institutions:renewal:due"
    RENEWAL_PROPOSED = "institutions:renewal:proposed"
    RENEWAL_CONFIRMED = "institutions:renewal:confirmed"
    RENEWAL_DECLINED = "institutions:renewal:declined"
    WENT_LIVE = "institutions:contract:went_live"
    APPLICATION_BEGUN = "institutions:application:begun"
    REMINDED = "institutions:reminder:made"
    PERSON_ENTERED = "institutions:person:entered"
    PERSON_REMOVED = "institutions:person:removed"
    DOCUMENT_ADDED = "institutions:document:added"
    DOCUMENT_REMOVED = "institutions:document:removed"
    VENUE_KEY_SET = "institutions:venue_key:set"
    VENUE_KEY_REMOVED = "institutions:venue_key:removed"
    APPLICATION_MOVED = "institutions:application:"
    ASSIGNED = "institutions:assignment:"
    MOVE_PROPOSED = "institutions:proposal:opened"
    PROPOSAL_CONFIRMED = "institutions:proposal:confirmed"
    PROPOSAL_DECLINED = "institutions:proposal:declined"
    REQUEST_ASKED = "institutions:request:asked"
    REQUEST_WITHDRAWN = "institutions:request:withdrawn"
    REQUEST_ANSWERED = "institutions:request:answered"
    SCREENED = "institutions:screening:done"
    FINDING_CLEARED = "institutions:finding:cleared"
    ITEM_TICKED = "institutions:item:ticked"
    ITEM_TAKEN_BACK = "institutions:item:taken_back"
    NOTE_WRITTEN = "institutions:note:written"
    WATCH_LIST_UPLOADED = "institutions:watch_list:uploaded"
    WATCH_LIST_APPROVED = "institutions:watch_list:approved"
    WATCH_LIST_DECLINED = "institutions:watch_list:declined"
    EDITION_PROPOSED = "institutions:edition:proposed"
    EDITION_APPROVED = "institutions:edition:approved"
    EDITION_DECLINED = "institutions:edition:declined"
    EDITION_WITHDRAWN = "institutions:edition:withdrawn"
