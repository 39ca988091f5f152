"""Who is in the cast. Facts only."""

from dataclasses import dataclass
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
