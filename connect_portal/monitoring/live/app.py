"""The address of the live line: ``/live/institution/<slug>/``, plain ASGI beside Django's pages.

A browser's EventSource opens it with the session cookie; ``Last-Event-ID`` (or ``?after=`` at the
first paint) says how far the page has read. Who may listen is asked when the stream opens and
again at each reconnect, which comes at least every quarter of an hour. An open stream holds no
thread and no database connection.
"""

import asyncio
from collections.abc import AsyncIterator
from http.cookies import CookieError, SimpleCookie
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError
from django.http import HttpRequest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from connect_portal.institutions.queries import institution
from connect_portal.kit.databases import in_database
from connect_portal.monitoring.live.hub import Hub
from connect_portal.people.rules import belongs_here
from connect_portal.people.second_factor import missing_step

LONGEST: Final = 15 * 60
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
}

hub = Hub()


class EventStream(StreamingResponse):
    """A stream that ends in good order when the server stops; its browser comes back."""

    media_type = "text/event-stream"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def listen(request: Request) -> Response:
    """Stream an institution's news to one of its members."""
    slug = request.path_params["slug"]
    after = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        return PlainTextResponse("Last-Event-ID must be the number of an event.", 400)
    try:
        status, institution_id = await in_database(_admit)(_session_key(request), slug)
    except DatabaseError:
        return PlainTextResponse("The site is starting: come again.", 503)
    if institution_id is None:
        return PlainTextResponse("Sign in as a member of this institution.", status)
    events = _for_a_while(hub.stream(institution_id, int(after)))
    return EventStream(events, headers=HEADERS)


routes = [Route("/live/institution/{slug}/", listen, methods=["GET"])]


def _admit(session_key: str, slug: str) -> tuple[int, int | None]:
    """The institution's id for a member's session; otherwise why not, as an HTTP status."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    request.user = get_user(request)
    if not request.user.is_authenticated or missing_step(request):
        return 401, None
    ours = institution(slug)
    if ours is None or not belongs_here(request.user, slug=slug):
        return 403, None
    return 200, ours.pk


def _session_key(request: Request) -> str:
    try:
        jar = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return ""
    morsel = jar.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""


async def _for_a_while(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """``events`` until the stream has lasted `LONGEST` seconds; the browser then comes again."""
    ends = asyncio.get_running_loop().time() + LONGEST
    async for event in events:
        yield event
        if asyncio.get_running_loop().time() > ends:
            return
