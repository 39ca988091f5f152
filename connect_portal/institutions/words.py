"""What the applicant reads at each step: its name, what has happened, and what comes next."""

from dataclasses import dataclass
from typing import Final

from connect_portal.institutions.enums import Step


@dataclass(frozen=True, slots=True)
class Words:
    """A step in the applicant's words; staff read `Step.label`."""

    label: str
    news: str
    next: str


WORDS: Final = {
    Step.DRAFT: Words(
        "Draft",
        "Your application is kept as a draft.",
        "Fill in what is missing and submit it.",
    ),
    Step.SUBMITTED: Words(
        "Application submitted",
        "We have your application, and a Connect code is reserved for you.",
        "It is checked for completeness, then our account manager and compliance review it: "
        "within two business days from now.",
    ),
    Step.IN_REVIEW: Words(
        "Under review",
        "Our account manager and compliance review your application.",
        "You hear from us within two business days of submission.",
    ),
    Step.INFO_REQUESTED: Words(
        "We need something from you",
        "We have a question about your application; the review waits for your answer.",
        "Change your application accordingly and submit it again within 30 days.",
    ),
    Step.QUALIFIED: Words(
        "Qualified",
        "Your application is approved: you have your own pages here now.",
        "Your account manager contacts you about the contract within one business day.",
    ),
    Step.CONTRACTING: Words(
        "Contract in preparation",
        "Your account manager has been in touch.",
        "We prepare your contract and send it to you.",
    ),
    Step.CONTRACT_SENT: Words(
        "Contract sent",
        "Your contract is ready.",
        "Read it on your pages and sign it.",
    ),
    Step.CONTRACT_SIGNED: Words(
        "Contract signed",
        "You signed the contract.",
        "We countersign it within one business day.",
    ),
    Step.TECH_SETUP: Words(
        "Technical set-up",
        "The contract is in force.",
        "Look through your redirect URIs and server addresses and hand them in.",
    ),
    Step.TECH_REVIEW: Words(
        "Technical review",
        "We have your technical details.",
        "Our technical team sets up your access within one business day.",
    ),
    Step.SANDBOX_TEST: Words(
        "Sandbox test",
        "Your access is set up, and your Connect code works for test trading.",
        "Begin a run under Test trading, and let your client pass its checks.",
    ),
    Step.GO_LIVE_REVIEW: Words(
        "Go-live review",
        "Your test trading is passed.",
        "Our technical team and your account manager take you live within one business day.",
    ),
    Step.ONLINE_TEST: Words(
        "Online test",
        "You are live: fills with your code earn commission from now on.",
        "Send the first order with your code.",
    ),
    Step.MONITORING: Words(
        "Monitoring",
        "The first fill with your code has arrived.",
        "We watch your orders for a week; then onboarding is complete.",
    ),
    Step.ACTIVE: Words(
        "Onboarding complete",
        "Onboarding is complete. Welcome.",
        "Nothing is left to do.",
    ),
    Step.SUSPENDED: Words(
        "Suspended",
        "Your access is suspended: orders with your code are refused and earn nothing.",
        "The reason is in the history. Your account manager tells you what has to change.",
    ),
    Step.OFFBOARDING: Words(
        "Leaving the programme",
        "Your Connect code is retired, and your users' connections are ended.",
        "You receive a last statement and what is still owed to you.",
    ),
    Step.TERMINATED: Words(
        "Left the programme",
        "Everything is settled, and your participation has ended.",
        "Nothing is left to do. Your statements stay here for you.",
    ),
    Step.REJECTED: Words(
        "Rejected",
        "We cannot take your application further.",
        "The reason is in the history. You may appeal within 30 days.",
    ),
    Step.WITHDRAWN: Words(
        "Withdrawn",
        "You withdrew your application.",
        "You may apply again at any time.",
    ),
    Step.EXPIRED: Words(
        "Expired",
        "Nobody went on with the application in time, so it is closed.",
        "You may apply again at any time.",
    ),
}
