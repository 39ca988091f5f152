"""Who may do what: the token of a call, and whether its scope reaches."""

from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.errors import TokenRefused
from connect_portal.authorizations.queries import Bearer, bearer
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire.calls import Call
from connect_portal.gateway.wire.endpoints import Kind


def admit(call: Call) -> Bearer:
    """Whom the call's token speaks for, asked anew each time: an ended grant ends at once.

    Who may trade may also read. Raises Refused: 53000 to 53004 for the token, 53013 for its scope.
    """
    try:
        caller = bearer(call.token)
    except TokenRefused as refused:
        raise Refused(refused.venue_code) from refused
    reads = call.method == "GET"
    if reads and not caller.scopes & {Scope.READ_ONLY, Scope.TRADE}:
        raise Refused("53013", Scope.READ_ONLY)
    if not reads and Scope.TRADE not in caller.scopes:
        raise Refused("53013", Scope.TRADE)
    if reads and call.endpoint.kind is Kind.STRATEGY:
        raise Refused("50030")
    return caller
