"""Writes of this room. The venue is asked before a transaction opens, never inside one."""

from connect_portal.authorizations.actions.accounts import (
    account_to_use,
    adopt_account,
    give_play_money,
    open_account,
)
from connect_portal.authorizations.actions.api_keys import delete_api_key, make_api_key
from connect_portal.authorizations.actions.bindings import bind_key, bind_new_key, unbind
from connect_portal.authorizations.actions.cancellations import cancel_due
from connect_portal.authorizations.actions.clients import (
    change_client,
    make_secret,
    open_client,
    open_test_client,
    provision,
    provision_missing,
    revoke_secret,
    set_logo,
)
from connect_portal.authorizations.actions.endings import decide_ending, propose_ending
from connect_portal.authorizations.actions.fast_keys import (
    FastKey,
    delete_fast_key,
    make_fast_key,
)
from connect_portal.authorizations.actions.faucet import give_money
from connect_portal.authorizations.actions.grants import (
    change_limits,
    consent,
    end_expired,
    end_for,
    end_grant,
    forget_old_tokens,
)
from connect_portal.authorizations.actions.guardian import look_after_keys
from connect_portal.authorizations.actions.letters import send_waiting
from connect_portal.authorizations.actions.mass_end import end_all, end_of_departed
from connect_portal.authorizations.actions.orders import at_desk, cancel_order, place_order
from connect_portal.authorizations.actions.page_keys import page_key
from connect_portal.authorizations.actions.rebates import ask_rebates
from connect_portal.authorizations.actions.redirects import (
    approve_redirect,
    ask_redirect,
    decide_redirect,
    withdraw_redirect,
)
from connect_portal.authorizations.actions.standing import degrade
from connect_portal.authorizations.actions.uses import note_use
from connect_portal.authorizations.actions.venue_keys import delete_due
from connect_portal.authorizations.actions.venue_tokens import (
    fresh_token,
    redeem_at_venue,
    refresh_due,
)
from connect_portal.authorizations.enums import STANDING_TOPIC

__all__ = [
    "STANDING_TOPIC",
    "FastKey",
    "account_to_use",
    "adopt_account",
    "approve_redirect",
    "ask_rebates",
    "ask_redirect",
    "at_desk",
    "bind_key",
    "bind_new_key",
    "cancel_due",
    "cancel_order",
    "change_client",
    "change_limits",
    "consent",
    "decide_ending",
    "decide_redirect",
    "degrade",
    "delete_api_key",
    "delete_due",
    "delete_fast_key",
    "end_all",
    "end_expired",
    "end_for",
    "end_grant",
    "end_of_departed",
    "forget_old_tokens",
    "fresh_token",
    "give_money",
    "give_play_money",
    "look_after_keys",
    "make_api_key",
    "make_fast_key",
    "make_secret",
    "note_use",
    "open_account",
    "open_client",
    "open_test_client",
    "page_key",
    "place_order",
    "propose_ending",
    "provision",
    "provision_missing",
    "redeem_at_venue",
    "refresh_due",
    "revoke_secret",
    "send_waiting",
    "set_logo",
    "unbind",
    "withdraw_redirect",
]
