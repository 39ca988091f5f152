"""Who calls: the token of a login message, or of the request that opened the connection.

A login is ``{"op": "login", "args": [{"accessToken": "..."}]}``. A key has no place here: whoever
signs goes straight to the venue.
"""

import re
from typing import Any, Final

from starlette.websockets import WebSocket

from connect_portal.authorizations.errors import TokenRefused
from connect_portal.authorizations.queries import Bearer, bearer
from connect_portal.gateway.errors import Refused

_TOKEN: Final = re.compile(r"Bearer +([A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)


def token_of(socket: WebSocket) -> str:
    """The token in the Authorization header, "" without one; what is none opens nothing."""
    given = socket.headers.getlist("authorization")
    if not given:
        return ""
    found = _TOKEN.fullmatch(given[0].strip()) if len(given) == 1 else None
    return found[1] if found else "-"


def given_token(argument: dict[str, Any]) -> str:
    """The token in a login. Raises Refused: 60026 key and token together, 60005 a key, 60012."""
    token = argument.get("accessToken")
    if "apiKey" in argument:
        raise Refused("60005" if token is None else "60026")
    if not isinstance(token, str) or not token:
        raise Refused("60012", "a login needs an accessToken")
    return token


def caller_of(token: str) -> Bearer:
    """Whom a token speaks for now. Raises Refused with the token's own number."""
    try:
        return bearer(token)
    except TokenRefused as refused:
        raise Refused(refused.venue_code) from refused
