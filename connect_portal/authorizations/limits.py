"""The limits that an end user sets on a grant: which pairs, and how much at most.

Plain Python. The consent page narrows what the institution asked for, the gateway holds orders to
what was granted.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connect_portal.kit.money import plain


@dataclass(frozen=True, slots=True)
class Limits:
    """``pairs`` by the venue's name for each (BTC-USD), empty for every pair; the two amounts are
    in USD, None for no limit."""

    pairs: frozenset[str] = frozenset()
    most_per_order: Decimal | None = None
    most_per_day: Decimal | None = None

    def allows(self, pair: str) -> bool:
        """Whether ``pair`` may be traded at all."""
        return not self.pairs or pair in self.pairs

    @property
    def hold_money(self) -> bool:
        """Whether an amount is limited."""
        return self.most_per_order is not None or self.most_per_day is not None

    def is_within(self, other: "Limits") -> bool:
        """Whether nothing that these limits allow is beyond ``other``."""
        pairs = not other.pairs or (bool(self.pairs) and self.pairs <= other.pairs)
        return (
            pairs
            and _at_most(self.most_per_order, other.most_per_order)
            and _at_most(self.most_per_day, other.most_per_day)
        )


NO_LIMITS: Final = Limits()


def told(limits: Limits) -> dict[str, object]:
    """Limits as the trail and the receipts hold them: sorted pairs, amounts as plain strings."""
    per_order, per_day = limits.most_per_order, limits.most_per_day
    return {
        "pairs": sorted(limits.pairs),
        "most_per_order": None if per_order is None else plain(per_order),
        "most_per_day": None if per_day is None else plain(per_day),
    }


def _at_most(amount: Decimal | None, most: Decimal | None) -> bool:
    return most is None or (amount is not None and amount <= most)
