"""Writes about people: who they are (``persons``), and who works for an institution (``team``).

Each takes plain values and the actor who asks (`person:12`, `demo`), owns its transaction, and
writes its audit line in it.
"""

from connect_portal.people.actions.persons import (
    give_membership,
    give_staff_role,
    register,
    set_totp,
)
from connect_portal.people.actions.team import (
    accept_invitation,
    change_role,
    end_membership,
    invite,
    send_invitation,
    withdraw_invitation,
)

__all__ = [
    "accept_invitation",
    "change_role",
    "end_membership",
    "give_membership",
    "give_staff_role",
    "invite",
    "register",
    "send_invitation",
    "set_totp",
    "withdraw_invitation",
]
