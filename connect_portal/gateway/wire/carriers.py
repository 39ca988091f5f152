"""Who brings a token: from which address, and with the proof of which key.

A token is worth nothing in other hands: one bound to a key needs a proof made with it for this very
request (RFC 9449), and one of a client with an allow-list needs one of its addresses.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from starlette.types import Scope

from connect_portal.authorizations.errors import ProofRefused
from connect_portal.authorizations.oauth.dpop import check_proof
from connect_portal.authorizations.queries import Bearer, FastBearer
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire.headers import every
from connect_portal.kit.callers import caller, is_allowed

NOT_PROVEN: Final = "53006"


@dataclass(frozen=True, slots=True)
class Carrier:
    """What a request says of who sent it. ``proofs`` are its DPoP headers, ``url`` is what was
    called, as the caller knows it."""

    address: str
    is_dpop: bool
    proofs: tuple[str, ...]
    method: str
    url: str


def carrier_of(scope: Scope, *, is_dpop: bool) -> Carrier:
    """Who sent a request, or opened a WebSocket, with a token under the scheme DPoP or Bearer."""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    return Carrier(
        address=client_address(scope),
        is_dpop=is_dpop,
        proofs=tuple(every(scope["headers"], b"dpop")),
        method=scope.get("method", "GET"),
        url=settings.PUBLIC_URL.rstrip("/") + path,
    )


async def check(bearer: Bearer | FastBearer, token: str, carrier: Carrier) -> None:
    """Refuse a token in the wrong hands: 53014 another address, 53006 no proof, or a wrong one."""
    if not is_allowed(carrier.address, bearer.addresses):
        raise Refused("53014", carrier.address or "unknown")
    if not bearer.jkt and not carrier.is_dpop:
        return
    if not bearer.jkt:
        raise Refused(NOT_PROVEN, "this token is bound to no key: send it as a Bearer token")
    if not carrier.is_dpop:
        raise Refused(NOT_PROVEN, "this token is bound to a key: send it as DPoP, with a proof")
    if len(carrier.proofs) != 1:
        raise Refused(NOT_PROVEN, "send one DPoP header")
    try:
        # A thread, for the memory of proofs is asked there.
        await asyncio.to_thread(
            check_proof,
            carrier.proofs[0],
            method=carrier.method,
            url=carrier.url,
            token=token,
            jkt=bearer.jkt,
        )
    except ProofRefused as refused:
        raise Refused(NOT_PROVEN, *refused.details.values()) from refused


def client_address(scope: Scope) -> str:
    """The caller's address."""
    client = scope.get("client")
    peer = client[0] if client else ""
    return caller(peer, ",".join(every(scope["headers"], b"x-forwarded-for")))
