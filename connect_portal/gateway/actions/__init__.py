"""Writes of this room, each one statement and one transaction on the event loop: decisions before
orders leave, outcomes after the venue has answered, reservations when orders are over."""

from connect_portal.gateway.actions.deciding import Decided, TokenChanged, decide
from connect_portal.gateway.actions.noting import Told, is_ours, note_outcomes
from connect_portal.gateway.actions.settling import look_at, look_at_open, recount

__all__ = [
    "Decided",
    "TokenChanged",
    "Told",
    "decide",
    "is_ours",
    "look_at",
    "look_at_open",
    "note_outcomes",
    "recount",
]
