"""Sends other people's requests on, signed with a key of ours: bytes in, bytes out.

The gateway's way to the venue. A write leaves at most once: when its answer is lost the error says
that nobody knows, and `placed` looks whether the order is there.
https://www.okx.com/docs-v5/en/#overview-rest-authentication
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from connect_portal.kit import clock
from connect_portal.venue.errors import (
    ClockSkewed,
    KeyRefused,
    MalformedAnswer,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VenueError,
)
from connect_portal.venue.http1 import Host, Lost, NotSent, open_host
from connect_portal.venue.okx import http, parse, shapes
from connect_portal.venue.okx.clock import VenueClock
from connect_portal.venue.okx.errors import CLASS_OF, ORDER_NOT_FOUND, refusal, unreadable
from connect_portal.venue.okx.sign import rest_headers
from connect_portal.venue.transport import Answer, environment_headers, retry_after_seconds
from connect_portal.venue.types import (
    AccountKey,
    Environment,
    Forwarded,
    Outgoing,
    Ready,
    VenueOrder,
)

HEADERS = http.PLAIN_HEADERS | {"User-Agent": "connect-portal", "Accept-Encoding": "identity"}
TIMED_OUT = "50004"
ABOUT_A_TOKEN = "530"
"""How the numbers of OAuth begin: they speak of our token, never of the caller's."""


@asynccontextmanager
async def open_forwarder(base_url: str, venue_clock: VenueClock) -> AsyncIterator["OkxForwarder"]:
    """A forwarder with its own pool of connections, closed on leaving."""
    async with open_host(base_url) as host:
        yield OkxForwarder(host, venue_clock)


class OkxForwarder:
    """The sending of `port.Forwarder` on the v5 wire."""

    def __init__(self, host: Host, venue_clock: VenueClock) -> None:
        self.host = host
        self.clock = venue_clock

    async def forward(
        self,
        credentials: AccountKey | None,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        expires: str = "",
        environment: Environment = Environment.LIVE,
    ) -> Forwarded:
        """One request; `target` and `body` go byte for byte, `expires` as the expTime header.

        A stale clock is corrected once and the request sent again: the venue refuses a stale
        signature before it looks at the order.
        """
        ready = self.ready(
            credentials, method, target, body, expires=expires, environment=environment
        )
        return await self.send(ready)

    def ready(
        self,
        credentials: AccountKey | None,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        expires: str = "",
        environment: Environment = Environment.LIVE,
    ) -> Ready:
        """The same request, signed now, for `send`."""
        return self._signed(Outgoing(credentials, method, target, body, expires, environment))

    async def send(self, ready: Ready) -> Forwarded:
        """Send what is ready."""
        try:
            return await self._send(ready)
        except ClockSkewed:
            await self._learn_clock()
            return await self._send(self._signed(ready.outgoing))

    def _signed(self, outgoing: Outgoing) -> Ready:
        headers = _headers(outgoing, self.clock.now())
        try:
            request = self.host.written(outgoing.method, outgoing.target, headers, outgoing.body)
        except NotSent as error:
            raise Unavailable(str(error)) from error
        return Ready(outgoing, request)

    async def placed(
        self,
        credentials: AccountKey,
        instrument: str,
        client_order_id: str = "",
        *,
        order_id: str = "",
        environment: Environment = Environment.LIVE,
    ) -> VenueOrder | None:
        """The order of that id, or the latest by this client order id; None for 51603."""
        which = {"ordId": order_id} if order_id else {"clOrdId": client_order_id}
        address = http.target(http.ORDER, {"instId": instrument, **which})
        told = await self.forward(credentials, "GET", address, environment=environment)
        try:
            return parse.sole_row(Answer(told.status, told.body), parse.order)
        except Refused as error:
            if error.venue_code == ORDER_NOT_FOUND:
                return None
            raise

    async def _send(self, ready: Ready) -> Forwarded:
        outgoing = ready.outgoing
        try:
            told = await self._exchange(ready)
            _refuse_what_is_not_the_callers(told)
        except NotSent as error:
            raise Unavailable(str(error)) from error
        except Lost as error:
            raise _lost(outgoing, f"no answer ({error})") from error
        except (MalformedAnswer, Unavailable) as error:
            raise _lost(outgoing, error.message) from error
        return told

    async def _exchange(self, ready: Ready) -> Forwarded:
        while True:
            try:
                heard = await self.host.ask(ready.request)
            except Lost as lost:
                if ready.outgoing.is_write or not lost.is_stale:
                    raise
            else:
                return Forwarded(
                    status=heard.status,
                    body=heard.body,
                    content_type=heard.header(b"content-type"),
                    retry_after=heard.header(b"retry-after"),
                )

    async def _learn_clock(self) -> None:
        asked_at = clock.now()
        asked = Outgoing(None, "GET", http.TIME, b"", "", Environment.LIVE)
        told = await self._send(self._signed(asked))
        venue_time = parse.sole_row(Answer(told.status, told.body), parse.server_time)
        self.clock.learn(venue_time, asked_at=asked_at, answered_at=clock.now())


def _headers(outgoing: Outgoing, now: datetime) -> dict[str, str]:
    """The signature over exactly what is sent, and the moment after which it is void."""
    headers = HEADERS | environment_headers(outgoing.environment)
    if outgoing.expires:
        headers["expTime"] = outgoing.expires
    if outgoing.credentials is not None:
        method, target, body = outgoing.method, outgoing.target, outgoing.body.decode()
        headers |= rest_headers(outgoing.credentials, method, target, now=now, body=body)
    return headers


def _refuse_what_is_not_the_callers(told: Forwarded) -> None:
    """Raise what the answer stands for when it speaks of the wire, our clock or our key.

    Any other answer in the venue's envelope, refusals and throttling included, is the caller's.
    """
    answer = Answer(told.status, told.body, retry_after_seconds(told.retry_after))
    try:
        heading = shapes.HEADING.decode(told.body)
    except parse.UNREADABLE as error:
        raise unreadable(answer, str(error)) from error
    code = str(heading.code)
    about_us = CLASS_OF.get(code) in (ClockSkewed, KeyRefused) or code.startswith(ABOUT_A_TOKEN)
    if code == TIMED_OUT or about_us:
        raise refusal(code, heading.msg or "", answer)


def _lost(outgoing: Outgoing, message: str) -> VenueError:
    return OutcomeUnknown(message) if outgoing.is_write else Unavailable(message)
