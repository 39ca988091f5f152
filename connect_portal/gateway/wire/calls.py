"""From an HTTP request to a call: where it goes, who calls, what it carries. Nothing is decided.

The path is taken as it was sent: an address written in another way (percent signs, dots) is
another address.
"""

import re
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from starlette.requests import Request

from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire.bodies import LONGEST_BODY
from connect_portal.gateway.wire.endpoints import Endpoint, Kind, find

BASE: Final = "/api/v5/"
_TOKEN: Final = re.compile(r"Bearer +([A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)
_EXPIRES: Final = re.compile(r"[0-9]{0,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``target`` is path and query as sent; ``token`` is "" for public data only;
    ``expires`` is the moment (epoch milliseconds) after which the caller wants nothing done."""

    endpoint: Endpoint
    method: str
    target: str
    token: str
    body: bytes
    expires: str


async def read_call(request: Request) -> Call | None:
    """The call, or None for an address that does not exist here.

    Raises Refused: 50115 method, 50114 no token, 50101 signed or for another environment, 50006
    not JSON, 50002 too large, 51000 unreadable expTime.
    """
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    endpoint = find(request.method, path.decode("latin-1").removeprefix(BASE))
    if endpoint is None:
        return None
    query = request.scope["query_string"].decode("latin-1")
    expires = request.headers.get("exptime", "")
    if not _EXPIRES.fullmatch(expires):
        raise Refused("51000", "expTime")
    return Call(
        endpoint=endpoint,
        method=request.method,
        target=path.decode() + (f"?{query}" if query else ""),
        token="" if endpoint.kind is Kind.PUBLIC else _token(request),
        body=await _body(request) if request.method == "POST" else b"",
        expires=expires,
    )


def _token(request: Request) -> str:
    """The Bearer token. A signed request is told where to go: its key is none of our business.

    ``x-simulated-trading: 1`` asks for an environment that this venue is not; ignoring it would
    trade real money where a test was meant. On the sandbox nothing is real, so it says nothing.
    """
    if "ok-access-key" in request.headers:
        raise Refused("50101")
    simulated = request.headers.get("x-simulated-trading") == "1"
    if simulated and settings.VENUE_NAME != "sandbox":
        raise Refused("50101")
    given = request.headers.getlist("authorization")
    found = _TOKEN.fullmatch(given[0].strip()) if len(given) == 1 else None
    if found is None:
        raise Refused("50114")
    return found[1]


async def _body(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused("50006")
    chunks, length = [], 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > LONGEST_BODY:
            raise Refused("50002", "the body is too large")
        chunks.append(chunk)
    return b"".join(chunks)
