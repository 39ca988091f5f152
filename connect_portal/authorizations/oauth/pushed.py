"""Authorization requests that a client leaves with us before it sends the browser (RFC 9126).

The reference is for one browser: the first that arrives with it within a minute and a half. That
browser may reload the page, sign in, and take its time; when the answer is given, it is over.
"""

import secrets
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest

from connect_portal.authorizations.models import Client, PushedRequest
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.kit.clock import now

PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
SECONDS: Final = 90
TO_DECIDE: Final = timedelta(minutes=30)
_PLACE: Final = "pushed"
"""Where a browser's session keeps the request with which it arrived."""


def push(client: Client, parameters: dict[str, str]) -> str:
    """Keep a checked request; the reference to it, for SECONDS."""
    reference = PREFIX + secrets.token_urlsafe(32)
    PushedRequest.objects.create(
        client=client,
        checksum=checksum(reference),
        query=urlencode(parameters),
        expires_at=now() + timedelta(seconds=SECONDS),
    )
    return reference


def arrive(request: HttpRequest) -> None:
    """Let a fresh reference belong to the browser that brings it, signed in or not."""
    reference = request.GET.get("request_uri", "")
    if request.method != "GET" or not reference.startswith(PREFIX):
        return
    fresh = PushedRequest.objects.filter(used_at=None, expires_at__gt=now())
    mine = fresh.filter(checksum=checksum(reference))
    if mine.update(used_at=now(), expires_at=now() + TO_DECIDE):
        request.session[_PLACE] = checksum(reference)


def found(request: HttpRequest) -> PushedRequest | None:
    """The request with which this browser arrived, if the address names it and its client."""
    digest = checksum(request.GET.get("request_uri", ""))
    if request.session.get(_PLACE) != digest:
        return None
    mine = PushedRequest.objects.filter(
        checksum=digest,
        used_at__isnull=False,
        expires_at__gt=now(),
        client__client_id=request.GET.get("client_id", "").replace("\0", ""),
    )
    return mine.first()
