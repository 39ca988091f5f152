"""Who may do what: the token of a call, and whether its scope reaches."""

import time
from dataclasses import replace
from typing import Final

from connect_portal.authorizations.actions import fresh_token, note_use
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.errors import TokenRefused
from connect_portal.authorizations.queries import Bearer, bearer_on
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire.calls import Call
from connect_portal.gateway.wire.carriers import check
from connect_portal.gateway.wire.endpoints import Kind
from connect_portal.gateway.wire.means import Means
from connect_portal.kit.clock import now
from connect_portal.kit.databases import in_database
from connect_portal.venue.types import Environment, VenueToken

NOTED_EVERY: Final = 60
MOST_NOTED: Final = 50_000
MOST_SEEN: Final = 10_000
_seen: dict[str, Bearer] = {}
"""What this process last read of tokens. It lets nobody in: it saves the first of two looks."""
_noted: dict[tuple[int, str], float] = {}
"""When this process last noted the use of a grant from an address; most calls need not write."""


async def admit(means: Means, call: Call, *, anew: bool = True) -> Bearer:
    """Whom the call's token speaks for, asked anew each time: an ended grant ends at once.

    Only who decides nothing without asking again (`actions.decide`) may take what this process saw
    before, by ``anew=False``.

    Who may trade may also read. Raises Refused: 53000 to 53004 for the token, 53006 and 53014 for
    who brings it, 50101 for the wrong environment, 53013 for its scope.
    """
    caller = None if anew else _seen.get(call.token)
    if caller is None or caller.good_until <= now() or caller.limits.hold_money:
        # Limits of money ask the venue before anything is decided, with the grant's key.
        caller = await _read(means, call.token)
    if call.carrier is not None:
        await check(caller, call.token, call.carrier)
    if call.is_simulated and caller.environment is not Environment.DEMO:
        # Ignoring it would trade real money where a test was meant.
        raise Refused("50101")
    _check_scope(caller, call)
    _note_use(means, caller.grant_id, call.carrier.address if call.carrier else "")
    return await _with_a_good_key(caller)


def is_of_test(token: str) -> bool:
    """Whether this process has let in the token for a demo account, as far as it remembers."""
    seen = _seen.get(token)
    return seen is not None and seen.environment is Environment.DEMO


async def _read(means: Means, token: str) -> Bearer:
    _seen.pop(token, None)
    try:
        caller = await bearer_on(means.database, token)
    except TokenRefused as refused:
        raise Refused(refused.venue_code, *refused.details.values()) from refused
    if len(_seen) >= MOST_SEEN:
        _seen.clear()
    _seen[token] = caller
    return caller


def _check_scope(caller: Bearer, call: Call) -> None:
    reads = call.method == "GET"
    if reads and not caller.scopes & {Scope.READ_ONLY, Scope.TRADE}:
        raise Refused("53013", Scope.READ_ONLY)
    if not reads and Scope.TRADE not in caller.scopes:
        raise Refused("53013", Scope.TRADE)
    if reads and call.endpoint.kind is Kind.STRATEGY:
        raise Refused("50030")


async def _with_a_good_key(caller: Bearer) -> Bearer:
    """The caller with the next token of the venue, where the one behind the grant has run out
    before the job replaced it. Raises Refused (53003), Unavailable."""
    key = caller.credentials
    if not isinstance(key, VenueToken) or key.expires_at > now():
        return caller
    try:
        return replace(caller, credentials=await in_database(fresh_token)(caller.grant_id))
    except TokenRefused as refused:
        raise Refused(refused.venue_code) from refused


def _note_use(means: Means, grant_id: int, address: str) -> None:
    moment = time.monotonic()
    if moment - _noted.get((grant_id, address), -NOTED_EVERY) < NOTED_EVERY:
        return
    if len(_noted) >= MOST_NOTED:
        _noted.clear()
    _noted[grant_id, address] = moment
    means.later(in_database(note_use)(grant_id, address))
