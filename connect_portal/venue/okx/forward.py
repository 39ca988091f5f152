"""Sends other people's requests on, signed with a key of ours: bytes in, bytes out.

The gateway's way to the venue. A write leaves at most once: when its answer is lost the error says
that nobody knows, and `placed` looks whether the order is there.
https://www.okx.com/docs-v5/en/#overview-rest-authentication
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from yarl import URL

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
from connect_portal.venue.okx import http, parse, shapes
from connect_portal.venue.okx.clock import VenueClock
from connect_portal.venue.okx.errors import CLASS_OF, ORDER_NOT_FOUND, refusal, unreadable
from connect_portal.venue.okx.reader import open_session, read_capped
from connect_portal.venue.okx.sign import rest_headers
from connect_portal.venue.transport import Answer, environment_headers, retry_after_seconds
from connect_portal.venue.types import AccountKey, Environment, Forwarded, VenueOrder

TIMED_OUT = "50004"
ABOUT_A_TOKEN = "530"
"""How the numbers of OAuth begin: they speak of our token, never of the caller's."""


@asynccontextmanager
async def open_forwarder(base_url: str, venue_clock: VenueClock) -> AsyncIterator["OkxForwarder"]:
    """A forwarder with its own pool of connections, closed on leaving."""
    async with open_session() as session:
        yield OkxForwarder(session, base_url, venue_clock)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request as it leaves; without credentials it goes unsigned."""

    credentials: AccountKey | None
    method: str
    target: str
    body: bytes
    expires: str
    environment: Environment

    @property
    def is_write(self) -> bool:
        """Whether sending it twice could do harm."""
        return self.method != "GET"

    def headers(self, now: datetime) -> dict[str, str]:
        """The signature over exactly what is sent, and the moment after which it is void."""
        headers = environment_headers(self.environment)
        if self.expires:
            headers["expTime"] = self.expires
        if self.credentials is not None:
            headers |= rest_headers(
                self.credentials, self.method, self.target, now=now, body=self.body.decode()
            )
        return headers


class OkxForwarder:
    """The sending of `port.Forwarder` on the v5 wire."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, venue_clock: VenueClock
    ) -> None:
        self.session = session
        self.base_url = base_url
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
        outgoing = Outgoing(credentials, method, target, body, expires, environment)
        try:
            return await self._send(outgoing)
        except ClockSkewed:
            await self._learn_clock()
            return await self._send(outgoing)

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

    async def _send(self, outgoing: Outgoing) -> Forwarded:
        try:
            return await self._exchange(outgoing)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            # No connection was made, so the venue cannot have seen the request.
            raise Unavailable(f"no connection ({type(error).__name__})") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _lost(outgoing, f"no answer ({type(error).__name__})") from error
        except (MalformedAnswer, Unavailable) as error:
            raise _lost(outgoing, error.message) from error

    async def _exchange(self, outgoing: Outgoing) -> Forwarded:
        # encoded=True: what was signed is sent byte for byte.
        async with self.session.request(
            outgoing.method,
            URL(self.base_url + outgoing.target, encoded=True),
            headers=outgoing.headers(self.clock.now()),
            data=outgoing.body or None,
            allow_redirects=False,
        ) as response:
            told = Forwarded(
                status=response.status,
                body=await read_capped(response),
                content_type=response.headers.get("Content-Type", ""),
                retry_after=response.headers.get("Retry-After", ""),
            )
        _refuse_what_is_not_the_callers(told)
        return told

    async def _learn_clock(self) -> None:
        asked_at = clock.now()
        told = await self._send(Outgoing(None, "GET", http.TIME, b"", "", Environment.LIVE))
        venue_time = parse.sole_row(Answer(told.status, told.body), parse.server_time)
        self.clock.learn(venue_time, asked_at=asked_at, answered_at=clock.now())


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
