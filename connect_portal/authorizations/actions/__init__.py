"""Writes of this room. The venue is asked before a transaction opens, never inside one."""

from connect_portal.authorizations.actions.accounts import account_to_use, adopt_account
from connect_portal.authorizations.actions.bindings import STANDING_TOPIC, bind_key, unbind
from connect_portal.authorizations.actions.clients import (
    approve_redirect,
    make_secret,
    open_client,
    provision,
)
from connect_portal.authorizations.actions.grants import (
    consent,
    end_expired,
    end_for,
    end_grant,
    forget_old_tokens,
    note_use,
)
from connect_portal.authorizations.actions.standing import degrade
from connect_portal.authorizations.actions.venue_keys import delete_due

__all__ = [
    "STANDING_TOPIC",
    "account_to_use",
    "adopt_account",
    "approve_redirect",
    "bind_key",
    "consent",
    "degrade",
    "delete_due",
    "end_expired",
    "end_for",
    "end_grant",
    "forget_old_tokens",
    "make_secret",
    "note_use",
    "open_client",
    "provision",
    "unbind",
]
