"""The programme as its public pages tell it: who may join, the models, the promised times, the
documents' chapters. Words only; figures come from the facts and from the table of moves.

The rules behind it: https://www.okx.com/help/introduction-of-rules-on-okx-connect.
"""

from dataclasses import dataclass
from typing import Final

from connect_portal.institutions.enums import BusinessKind, Step
from connect_portal.institutions.moves import BUSINESS_DAYS, OBSERVATION

KINDS: Final = {
    BusinessKind.AGGREGATOR: "One place to trade on several exchanges.",
    BusinessKind.STRATEGY_PLATFORM: "Users choose strategies, you place the orders.",
    BusinessKind.STRATEGY_PROVIDER: "You build the strategies that others run.",
    BusinessKind.BOT_PLATFORM: "Bots that trade for their owners around the clock.",
    BusinessKind.ASSET_MANAGEMENT: "You manage or move assets on your clients' behalf.",
    BusinessKind.SOCIAL_TRADING: "People follow and copy each other's trades.",
}
"""Each kind of business that may join, and what is meant by it."""


@dataclass(frozen=True, slots=True)
class Model:
    """One of the two ways in which a user's orders reach the exchange."""

    name: str
    operating: str
    connecting: str
    user: tuple[str, ...]
    strategies: str


MODELS: Final = (
    Model(
        "API",
        "The user gives you an API key of their exchange account, and binds the same key here.",
        "You sign each order with the user's key, straight to the exchange, with your Connect "
        "code in its tag.",
        (
            "Creates an account at the exchange, and an API key that may read and trade.",
            "Registers with you, and binds the key to you.",
            "From then on you send the user's orders with the key and your code.",
        ),
        "Yes: take profit and stop loss, trigger, iceberg, TWAP and more.",
    ),
    Model(
        "OAuth",
        "The user consents on the exchange's own page and discloses no key.",
        "You send each order with the user's access token through the gateway, which sees to it "
        "that your Connect code is in its tag.",
        (
            "Creates an account at the exchange.",
            "Is sent from your page to the consent page, and sets limits there.",
            "Allows you to trade; you come back with an authorization.",
        ),
        "No: strategy orders are available on the API channel only.",
    ),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of joining: what happens, who acts, and what is promised."""

    name: str
    what: str
    promise: str


def _days(step: Step) -> str:
    number = BUSINESS_DAYS[step]
    return f"within {number} business day" + ("s" if number > 1 else "")


STAGES: Final = (
    Stage(
        "Apply",
        "Choose your model and fill in the form. Your Connect code is made and reserved at once.",
        "a draft is kept for 90 days",
    ),
    Stage(
        "Review",
        "An account manager and compliance look at it, always two people.",
        f"decided {_days(Step.SUBMITTED)}; the clock pauses while we wait for you",
    ),
    Stage(
        "Contact",
        "Your account manager gets in touch and prepares the contract.",
        _days(Step.QUALIFIED),
    ),
    Stage(
        "Contract",
        "You read and sign it here; compliance countersigns.",
        f"countersigned {_days(Step.CONTRACT_SIGNED)}",
    ),
    Stage(
        "Technical access",
        "You hand in redirect URIs and server addresses; the technical team sets you up.",
        _days(Step.TECH_REVIEW),
    ),
    Stage(
        "Test trading",
        "Your own client trades on the sandbox exchange, with your code in the tag.",
        "at your own pace",
    ),
    Stage(
        "Go live",
        "Two people open the way; your fills earn from now on and appear in your dashboard.",
        _days(Step.GO_LIVE_REVIEW),
    ),
    Stage(
        "Complete",
        "Your first live orders are watched together with you.",
        f"{OBSERVATION.days} days of observation",
    ),
)

GUIDE: Final = (
    (
        "Use the public API documents to set up public services, such as trading and query.",
        "API, OAuth",
    ),
    ("Use the Connect documents to set up OAuth-based access.", "OAuth"),
    (
        "Set the tag: every order carries your Connect code in its tag. Commission is computed "
        "by it, and by nothing else.",
        "API, OAuth",
    ),
)
"""The three steps of the integration, and which model needs each."""

QUESTIONS: Final = (
    (
        "May we place strategy orders?",
        "On the API channel, yes: take profit and stop loss in one-way and in hedge mode, trigger "
        "(plan) orders, trailing, iceberg and TWAP. Over OAuth they are refused.",
    ),
    (
        "What happens to an order without our code?",
        "It is executed like any other, earns you nothing, and cannot be repaired afterwards. "
        "Your dashboard shows it with the reason, so that you find the client that forgot it.",
    ),
    (
        "Does a client order id that begins with our code count?",
        "No. It helps to find an order that lost its tag; only the tag decides.",
    ),
    (
        "What do our users pay?",
        "The exchange's own fees, no more. Your commission is a share of them that the exchange "
        "pays.",
    ),
    (
        "Can a user stop us?",
        "At any moment, under My connections: the next request is refused, and a key that was "
        "made for the connection is deleted.",
    ),
    (
        "May a key withdraw money?",
        "Never. A key with the permission to withdraw cannot be bound, and one that gets it later "
        "is put aside at once.",
    ),
    (
        "Can we try everything before we apply?",
        "Yes: the sandbox exchange speaks the OKX v5 interface. Create an account, open a trading "
        "account, take paper money and point any OKX client at it.",
    ),
    (
        "Who decides about our application?",
        "Two people, an account manager and compliance. Nobody decides alone, and you see each "
        "step with its clock in your tracker.",
    ),
)
"""What is asked most."""
