"""Writes about people: who they are (``persons``), who works for an institution (``team``) or for
the exchange (``staff``), and the ends of their sessions (``sessions``).

Each takes plain values and the actor who asks (`person:12`, `demo`), owns its transaction, and
writes its audit line in it.
"""

from connect_portal.people.actions.persons import (
    give_membership,
    give_staff_role,
    make_administrator,
    register,
    remove_totp,
    set_totp,
)
from connect_portal.people.actions.sessions import end_sessions
from connect_portal.people.actions.staff import (
    accept_staff,
    confirm_staff,
    propose_staff,
    send_staff_invitation,
    take_staff_role,
    withdraw_staff,
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
    "accept_staff",
    "change_role",
    "confirm_staff",
    "end_membership",
    "end_sessions",
    "give_membership",
    "give_staff_role",
    "invite",
    "make_administrator",
    "propose_staff",
    "register",
    "remove_totp",
    "send_invitation",
    "send_staff_invitation",
    "set_totp",
    "take_staff_role",
    "withdraw_invitation",
    "withdraw_staff",
]
