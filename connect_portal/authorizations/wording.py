"""The words of a consent: what each scope means, what no grant ever allows, how it ends.

Plain data, in one place: the page shows it, the receipt keeps it. Whoever changes a sentence gives
it a new VERSION, so that a receipt says which words a person read.
"""

from collections.abc import Collection
from typing import Final

from connect_portal.authorizations.enums import Scope

VERSION: Final = "2026-11-25"

MEANINGS: Final[dict[str, str]] = {
    Scope.READ_ONLY: "Your balances, open orders, order history, fills and fees on this account.",
    Scope.TRADE: "Spot orders for you, within your limits below, paid from this account.",
    Scope.FAST_API: "It trades on this account with that key, straight at the exchange, without "
    "limits of yours.",
}
"""What each scope comes down to; its label is in `enums.Scope`."""
NEVER: Final = (
    "Withdraw, or move money out of your account",
    "See your password or a key of yours",
    "Place strategy orders",
    "Go beyond the limits that you set here",
)
NEVER_READING: Final = (
    "Withdraw, or move money out of your account",
    "See your password or a key of yours",
    "Place, change or cancel orders",
)
NEVER_WITH_A_KEY: Final = (
    "Withdraw, or move money out of your account",
    "See your password",
    "Have more than one key of this account",
)
ENDING: Final = (
    "You end it at any time under My connections. It stops with the next request, and the key that "
    "was made for it is deleted."
)
ENDING_OF_A_KEY: Final = (
    "You end it at any time under My connections: the key is deleted at the exchange, and no other "
    "is made."
)


def never(scopes: Collection[str]) -> tuple[str, ...]:
    """What such a consent does not allow, whatever is asked for."""
    if Scope.FAST_API in scopes:
        return NEVER_WITH_A_KEY
    return NEVER if Scope.TRADE in scopes else NEVER_READING


def ending(scopes: Collection[str]) -> str:
    """How it ends."""
    return ENDING_OF_A_KEY if Scope.FAST_API in scopes else ENDING
