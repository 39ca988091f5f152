"""What a key must be allowed, when one that was taken is put aside, and who may end all.

A binding lives like this (a refused key never gets that far: nothing is stored of it):

    BOUND -> DEGRADED     the venue refuses the key; its leave stands, nothing can be read with it
    DEGRADED -> BOUND     the venue accepts it again
    live -> QUARANTINED   it may do more than it should, works from anywhere, or is in other hands
    any but UNBOUND -> UNBOUND   its owner, the exchange or a newer key ends it
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from connect_portal.authorizations.enums import BindingState
from connect_portal.people.enums import StaffRole
from connect_portal.venue.types import PERMISSION_READ, PERMISSION_TRADE, KeyReport

if TYPE_CHECKING:
    from connect_portal.authorizations.models import Ending
    from connect_portal.people.models import Person

ALLOWED: Final = frozenset({PERMISSION_READ, PERMISSION_TRADE})
"""All that a bound key may be allowed; reading is what the venue allows every key."""

MOVES: Final[dict[BindingState, frozenset[BindingState]]] = {
    BindingState.BOUND: frozenset(
        {
            BindingState.BOUND,  # asked again, and as sound as before
            BindingState.DEGRADED,
            BindingState.QUARANTINED,
            BindingState.UNBOUND,
        }
    ),
    BindingState.DEGRADED: frozenset(
        {BindingState.BOUND, BindingState.QUARANTINED, BindingState.UNBOUND}
    ),
    BindingState.QUARANTINED: frozenset({BindingState.UNBOUND}),
    BindingState.UNBOUND: frozenset(),
}


def excess(report: KeyReport) -> list[str]:
    """What a key may do beyond reading and trading, sorted."""
    return sorted(report.permissions - ALLOWED)


def can_trade(report: KeyReport) -> bool:
    """Whether an institution can place orders with it."""
    return PERMISSION_TRADE in report.permissions


def why_put_aside(report: KeyReport, ips_before: Collection[str]) -> str:
    """Why a key that was taken cannot be kept after what the venue says of it now; "" if it can.

    ``ips_before`` is where it worked from when the venue was asked last; none means anywhere.
    """
    if extra := excess(report):
        return f"The key may now also {', '.join(extra)}."
    if ips_before and not report.bound_to_ips:
        return "The key works from anywhere now; it was limited to listed addresses."
    return ""


def why_useless(report: KeyReport, permissions_before: Collection[str]) -> str:
    """Why a key that is safe no longer does what it was bound for; "" if it does."""
    lost = PERMISSION_TRADE in permissions_before and not can_trade(report)
    return "The key may no longer trade." if lost else ""


def may_propose_ending(person: "Person") -> bool:
    """Whether somebody may propose to end every connection of an institution."""
    return person.staff_role in (StaffRole.COMPLIANCE, StaffRole.TECHNICAL)


def may_decide_ending(person: "Person", ending: "Ending") -> bool:
    """Whether somebody may decide about that: an account manager, never the proposer."""
    is_manager = person.staff_role == StaffRole.ACCOUNT_MANAGER
    return ending.is_open and is_manager and ending.proposed_by_id != person.pk
