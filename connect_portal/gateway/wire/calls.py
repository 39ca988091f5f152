"""From an HTTP request to a call: where it goes, who calls, what it carries. Nothing is decided.

The path is taken as it was sent: an address written in another way (percent signs, dots) is
another address.
"""

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire.bodies import LONGEST_BODY
from connect_portal.gateway.wire.carriers import Carrier, carrier_of
from connect_portal.gateway.wire.endpoints import Endpoint, Kind, find
from connect_portal.gateway.wire.headers import Headers, every, first

BASE: Final = "/api/v5/"
_TOKEN: Final = re.compile(r"(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)
_ONCE: Final = re.compile(r"[!-~]{1,128}", re.ASCII)
_EXPIRES: Final = re.compile(r"[0-9]{0,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``target`` is path and query as sent, the path alone for a POST; ``token`` is ""
    for public data only; ``expires`` is the moment (epoch milliseconds) after which the caller
    wants nothing done.

    ``carrier`` is None where the token was brought before, by the login of a socket. ``once`` is
    the key under which the first result is to be answered again, "" for none.
    """

    endpoint: Endpoint
    method: str
    target: str
    token: str
    body: bytes
    expires: str
    carrier: Carrier | None = None
    is_simulated: bool = False
    once: str = ""


async def read_call(scope: Scope, receive: Receive) -> Call | None:
    """The call, or None for an address that does not exist here.

    Raises Refused: 50115 method, 50114 no token, 50101 signed, 50006 not JSON, 50002 too large,
    51000 an unreadable header; ClientDisconnect.
    """
    method: str = scope["method"]
    headers = scope["headers"]
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    endpoint = find(method, path.decode("latin-1").removeprefix(BASE))
    if endpoint is None:
        return None
    query = scope["query_string"].decode("latin-1")
    expires = first(headers, b"exptime")
    if not _EXPIRES.fullmatch(expires):
        raise Refused("51000", "expTime")
    is_public = endpoint.kind is Kind.PUBLIC
    scheme, token = ("", "") if is_public else _token(headers)
    return Call(
        endpoint=endpoint,
        method=method,
        # What is not read here does not go on: the orders of a POST stand in its body alone.
        target=path.decode() + (f"?{query}" if query and method == "GET" else ""),
        token=token,
        body=await _body(headers, receive) if method == "POST" else b"",
        expires=expires,
        carrier=carrier_of(scope, is_dpop=scheme.lower() == "dpop"),
        is_simulated="1" in every(headers, b"x-simulated-trading"),
        once=_once(headers) if method == "POST" else "",
    )


def _token(headers: Headers) -> tuple[str, str]:
    """The scheme and the token. A signed request is told where to go: its key is none of our
    business."""
    if every(headers, b"ok-access-key"):
        raise Refused("50101")
    given = every(headers, b"authorization")
    found = _TOKEN.fullmatch(given[0].strip()) if len(given) == 1 else None
    if found is None:
        raise Refused("50114")
    return found[1], found[2]


def _once(headers: Headers) -> str:
    given = every(headers, b"idempotency-key")
    if not given:
        return ""
    if len(given) > 1 or not _ONCE.fullmatch(given[0]):
        raise Refused("51000", "Idempotency-Key")
    return given[0]


async def _body(headers: Headers, receive: Receive) -> bytes:
    if first(headers, b"content-type").partition(";")[0].strip().lower() != "application/json":
        raise Refused("50006")
    chunks, length, goes_on = [], 0, True
    while goes_on:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect()
        chunks.append(message.get("body", b""))
        length += len(chunks[-1])
        if length > LONGEST_BODY:
            raise Refused("50002", "the body is too large")
        goes_on = message.get("more_body", False)
    return b"".join(chunks)
