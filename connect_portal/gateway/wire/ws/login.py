"""Who calls: the token of a login message, or of the request that opened the connection.

A login is ``{"op": "login", "args": [{"accessToken": "..."}]}``. A key has no place here: whoever
signs goes straight to the venue. A token that is bound to a key needs a proof in the ``DPoP``
header of the request that opens the connection (RFC 9449), made for that address with http in
place of ws; it is checked at the login.
"""

import re
from typing import Any, Final

from starlette.websockets import WebSocket

from connect_portal.authorizations.errors import TokenRefused
from connect_portal.authorizations.queries import Bearer, bearer_on
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire.carriers import Carrier, carrier_of, check
from connect_portal.gateway.wire.means import Means
from connect_portal.venue.types import Environment

_TOKEN: Final = re.compile(r"(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)


def knock(socket: WebSocket) -> tuple[str, Carrier]:
    """The token in the Authorization header, "" without one, and who brings it. What is no token
    opens nothing."""
    given = socket.headers.getlist("authorization")
    found = _TOKEN.fullmatch(given[0].strip()) if len(given) == 1 else None
    is_dpop = found[1].lower() == "dpop" if found else "dpop" in socket.headers
    token = found[2] if found else "-" if given else ""
    return token, carrier_of(socket.scope, is_dpop=is_dpop)


def environment_of(socket: WebSocket) -> Environment:
    """Which of the venue's exchanges a client means, in either of the venue's own ways to say so.

    https://www.okx.com/docs-v5/en/#overview-demo-trading-services
    """
    simulated = "1" in socket.headers.getlist("x-simulated-trading")
    if simulated or socket.query_params.get("brokerId") == "9999":
        return Environment.DEMO
    return Environment.LIVE


def given_token(argument: dict[str, Any]) -> str:
    """The token in a login. Raises Refused: 60026 key and token together, 60005 a key, 60012."""
    token = argument.get("accessToken")
    if "apiKey" in argument:
        raise Refused("60005" if token is None else "60026")
    if not isinstance(token, str) or not token:
        raise Refused("60012", "a login needs an accessToken")
    return token


async def caller_of(means: Means, token: str, carrier: Carrier) -> Bearer:
    """Whom a token speaks for now. Raises Refused: the token's own number, or 53006 and 53014 for
    who brings it."""
    try:
        caller = await bearer_on(means.database, token)
    except TokenRefused as refused:
        raise Refused(refused.venue_code) from refused
    await check(caller, token, carrier)
    return caller
