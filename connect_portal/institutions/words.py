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
    Step.APPLIED: Words(
        "Application submitted",
        "We have your application, and a Connect code is reserved for you.",
        "Our account manager and compliance review it within two business days.",
    ),
    Step.INFORMATION: Words(
        "We need something from you",
        "We have a question about your application; the review waits for your answer.",
        "Change your application accordingly and submit it again.",
    ),
    Step.QUALIFIED: Words(
        "Qualified",
        "Your application is approved: you have your own pages here now.",
        "Your account manager contacts you about the contract.",
    ),
    Step.CONTACTED: Words(
        "Contact made",
        "Your account manager has been in touch, and the contract is ready.",
        "Read the contract on your pages and accept it.",
    ),
    Step.CONTRACT_ACCEPTED: Words(
        "Contract accepted",
        "The contract is accepted.",
        "Our technical team sets up your access.",
    ),
    Step.TECHNICAL_ACCESS: Words(
        "Technical access",
        "Your access is set up, and your Connect code works for test trading.",
        "Follow the integration guide, and send test orders with your code in their tag.",
    ),
    Step.TEST_TRADING: Words(
        "Test trading passed",
        "Your test orders carried your code.",
        "Our technical team and your account manager take you live.",
    ),
    Step.LIVE: Words(
        "Live",
        "You are live: fills with your code earn commission from now on.",
        "Watch your fills arrive; onboarding is complete after the first one.",
    ),
    Step.COMPLETE: Words(
        "Onboarding complete",
        "Onboarding is complete. Welcome.",
        "Nothing is left to do.",
    ),
    Step.REJECTED: Words(
        "Rejected",
        "We cannot take your application further.",
        "The reason is in the history. You may apply again when it no longer holds.",
    ),
    Step.WITHDRAWN: Words(
        "Withdrawn",
        "You withdrew your application.",
        "You may apply again at any time.",
    ),
}
