"""The words of a consent: what each scope means, what no grant ever allows, how it ends.

Plain data, in one place: the page shows it, the receipt keeps it. Whoever changes a sentence gives
it a new VERSION, so that a receipt says which words a person read.
"""

from typing import Final

from connect_portal.authorizations.enums import Scope

VERSION: Final = "2026-11-25"

MEANINGS: Final[dict[str, str]] = {
    Scope.READ_ONLY: "Your balances, open orders, order history, fills and fees on this account.",
    Scope.TRADE: "Spot orders for you, within your limits below, paid from this account.",
}
"""What each scope comes down to; its label is in `enums.Scope`."""
NEVER: Final = (
    "Withdraw, or move money out of your account",
    "See your password or a key of yours",
    "Place strategy orders",
    "Go beyond the limits that you set here",
)
ENDING: Final = (
    "You end it at any time under My connections. It stops with the next request, and the key that "
    "was made for it is deleted."
)
