"""Who is in the cast. Facts only."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from connect_portal.institutions.enums import BusinessKind
from connect_portal.people.enums import StaffRole


@dataclass(frozen=True, slots=True)
class Role:
    """One person to be: who they are, and what they may do."""

    email: str
    name: str
    role: str
    staff_role: StaffRole = StaffRole.NONE
    owns: str = ""

    @property
    def has_factor(self) -> bool:
        """Whether they sign in with a second factor: staff must, and who applies for a company."""
        return bool(self.staff_role) or self.role == "applicant"


@dataclass(frozen=True, slots=True)
class Company:
    """One institution, live on both channels."""

    name: str
    kind: BusinessKind


@dataclass(frozen=True, slots=True)
class Bid:
    """An application that is under way: by whom, for what, and what its review asks so far.

    ``account`` is the company whose venue account it names, ``id_days`` for how long the
    signatory's ID is still good.
    """

    applicant: str
    account: str
    company: str
    kind: BusinessKind
    website: str
    description: str
    users: int
    volume: Decimal
    number: str
    registered_on: date
    address: str
    id_days: int
    asked: tuple[tuple[str, str], ...] = ()
    note: str = ""


PEOPLE: Final[dict[str, Role]] = {
    "applicant": Role("iris@harbor.example", "Iris", "applicant"),
    "applicant_2": Role("otto@quarry.example", "Otto", "applicant"),
    "acme_owner": Role("ada@acme.example", "Ada", "institution_owner", owns="acme"),
    "zenith_owner": Role("zoe@zenith.example", "Zoe", "institution_owner", owns="zenith"),
    "account_manager": Role(
        "morgan@exchange.example", "Morgan", "account_manager", StaffRole.ACCOUNT_MANAGER
    ),
    "compliance": Role("cora@exchange.example", "Cora", "compliance", StaffRole.COMPLIANCE),
    "technical": Role("theo@exchange.example", "Theo", "technical", StaffRole.TECHNICAL),
    "finance": Role("finn@exchange.example", "Finn", "finance", StaffRole.FINANCE),
    "trader": Role("alice@users.example", "Alice", "end_user"),
    "counterparty": Role("bob@users.example", "Bob", "end_user"),
    "outsider": Role("mallory@elsewhere.example", "Mallory", "none"),
}
COMPANIES: Final[dict[str, Company]] = {
    "acme": Company("Acme", BusinessKind.BOT_PLATFORM),
    "zenith": Company("Zenith", BusinessKind.AGGREGATOR),
}
BIDS: Final = (
    Bid(
        "zenith_owner",
        "zenith",
        "Zenith Pay",
        BusinessKind.ASSET_MANAGEMENT,
        "https://pay.example/",
        "Shops take coins and get dollars. We sell what comes in, on each shop's own account.",
        2_400,
        Decimal(18_000_000),
        "7310442",
        date(2021, 3, 9),
        "40 Orchard Road\nWilmington, DE 19801",
        id_days=40,
        asked=(("description", "Which pairs do you sell, and how often a day?"),),
        note="Zoe called: the exchange account is Zenith's for now, theirs is being opened.",
    ),
    Bid(
        "acme_owner",
        "acme",
        "Acme Copy",
        BusinessKind.SOCIAL_TRADING,
        "https://copy.acme.example/",
        "People follow each other's portfolios, and copy each other's spot trades.",
        900,
        Decimal(3_500_000),
        "5502918",
        date(2024, 11, 18),
        "1 Quay Street\nDover, DE 19901",
        id_days=1_500,
    ),
)
"""By the owners of both companies, each for a second one that is still to join."""
FUNDS: Final[dict[str, Decimal]] = {
    "USDT": Decimal(500_000),
    "USDC": Decimal(500_000),
    "BTC": Decimal(5),
    "ETH": Decimal(100),
    "SOL": Decimal(1_000),
}
KEY_PERMISSIONS: Final[dict[str, tuple[str, ...]]] = {
    "trade": ("read_only", "trade"),
    "read_only": ("read_only",),
}
