"""What an institution earns of an end user's fees, as that user is told before they consent."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connect_portal.institutions.queries import contract
from connect_portal.kit.money import plain
from connect_portal.terms.queries import plan_version, rate


@dataclass(frozen=True, slots=True)
class Earns:
    """A share, 0 to 1, of the fees on the orders that it brings, by the plan of its contract."""

    rate: Decimal
    plan: str

    @property
    def percent(self) -> str:
        """The share as people read it."""
        return plain(self.rate * 100)

    @property
    def of_ten(self) -> Decimal:
        """What a fee of 10 USD earns it."""
        return self.rate * 10


def earns_of(institution_id: int, at: datetime) -> Earns | None:
    """What an institution earns ``at`` (business time), None while it has no contract."""
    agreed = contract(institution_id, at)
    if agreed is None:
        return None
    share = rate(agreed.plan_version_id, agreed.level)
    return Earns(share, str(plan_version(agreed.plan_version_id).plan))
