"""Who may do what: the token of a call, and whether its scope reaches."""

import time
from typing import Final

from connect_portal.authorizations.actions import note_use
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.errors import TokenRefused
from connect_portal.authorizations.queries import Bearer, bearer_on
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire.calls import Call
from connect_portal.gateway.wire.endpoints import Kind
from connect_portal.gateway.wire.means import Means
from connect_portal.kit.databases import in_database

NOTED_EVERY: Final = 60
_noted: dict[int, float] = {}
"""When this process last noted the use of a grant, so that most calls need not write."""


async def admit(means: Means, call: Call) -> Bearer:
    """Whom the call's token speaks for, asked anew each time: an ended grant ends at once.

    Who may trade may also read. Raises Refused: 53000 to 53004 for the token, 53013 for its scope.
    """
    try:
        caller = await bearer_on(means.database, call.token)
    except TokenRefused as refused:
        raise Refused(refused.venue_code, *refused.details.values()) from refused
    reads = call.method == "GET"
    if reads and not caller.scopes & {Scope.READ_ONLY, Scope.TRADE}:
        raise Refused("53013", Scope.READ_ONLY)
    if not reads and Scope.TRADE not in caller.scopes:
        raise Refused("53013", Scope.TRADE)
    if reads and call.endpoint.kind is Kind.STRATEGY:
        raise Refused("50030")
    await _note_use(caller.grant_id)
    return caller


async def _note_use(grant_id: int) -> None:
    moment = time.monotonic()
    if moment - _noted.get(grant_id, -NOTED_EVERY) >= NOTED_EVERY:
        _noted[grant_id] = moment
        await in_database(note_use)(grant_id)
