"""Signed reads for the catch-up: many accounts over one aiohttp session, typed rows out.

A page costs one request and one pass of decoding. Nothing is retried here but a stale clock:
whether and when to come back is the caller's, told by `VenueError.retryable`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
from yarl import URL

from connect_portal.kit import clock
from connect_portal.venue.errors import ClockSkewed, MalformedAnswer, Refused, Unavailable
from connect_portal.venue.okx import http, parse
from connect_portal.venue.okx.clock import VenueClock
from connect_portal.venue.okx.errors import ORDER_NOT_FOUND
from connect_portal.venue.okx.sign import rest_headers
from connect_portal.venue.port import FULL_PAGE
from connect_portal.venue.transport import (
    CHUNK_BYTES,
    CONNECT_TIMEOUT_S,
    MAX_BODY_BYTES,
    READ_TIMEOUT_S,
    TOTAL_TIMEOUT_S,
    Answer,
    retry_after_seconds,
    too_large,
)
from connect_portal.venue.types import AccountKey, KeyReport, Page, VenueFill, VenueOrder

CONNECTIONS = 64

Result = TypeVar("Result")


@asynccontextmanager
async def open_reader(base_url: str, venue_clock: VenueClock) -> AsyncIterator["OkxReader"]:
    """A reader with its own pool of connections, closed on leaving."""
    async with open_session() as session:
        yield OkxReader(session, base_url, venue_clock)


def open_session() -> aiohttp.ClientSession:
    """A pool of connections with this client's limits; close it by leaving its context."""
    timeout = aiohttp.ClientTimeout(
        total=TOTAL_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S
    )
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=http.PLAIN_HEADERS,
        timeout=timeout,
    )


class OkxReader:
    """The reads of `port.Reader` on the v5 wire."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, venue_clock: VenueClock
    ) -> None:
        self.session = session
        self.base_url = base_url
        self.clock = venue_clock

    async def fills_page(
        self,
        credentials: AccountKey,
        *,
        older_than: str | None = None,
        newer_than: str | None = None,
        archive: bool = False,
        limit: int = FULL_PAGE,
    ) -> Page[VenueFill]:
        """Fills by billId, newest first."""
        path = http.FILLS_ARCHIVE if archive else http.FILLS_RECENT
        address = http.target(path, _paging(older_than, newer_than, limit))
        return await self._read(
            credentials, address, lambda answer: parse.fills_page(answer, limit=limit)
        )

    async def pending_orders_page(
        self, credentials: AccountKey, *, older_than: str | None = None, limit: int = FULL_PAGE
    ) -> Page[VenueOrder]:
        """Open orders by ordId, newest first."""
        address = http.target(http.ORDERS_PENDING, _paging(older_than, None, limit))
        return await self._read(
            credentials, address, lambda answer: parse.orders_page(answer, limit=limit)
        )

    async def finished_orders_page(
        self,
        credentials: AccountKey,
        *,
        older_than: str | None = None,
        newer_than: str | None = None,
        archive: bool = False,
        limit: int = FULL_PAGE,
    ) -> Page[VenueOrder]:
        """Filled and canceled orders by ordId, newest first."""
        path = http.ORDERS_ARCHIVE if archive else http.ORDERS_HISTORY
        address = http.target(path, _paging(older_than, newer_than, limit))
        return await self._read(
            credentials, address, lambda answer: parse.orders_page(answer, limit=limit)
        )

    async def order(
        self, credentials: AccountKey, instrument: str, order_id: str
    ) -> VenueOrder | None:
        """One order, None for 51603."""
        address = http.target(http.ORDER, {"instId": instrument, "ordId": order_id})
        try:
            return await self._read(
                credentials, address, lambda answer: parse.sole_row(answer, parse.order)
            )
        except Refused as error:
            if error.venue_code == ORDER_NOT_FOUND:
                return None
            raise

    async def key_report(self, credentials: AccountKey) -> KeyReport:
        """What the key is; asked when a login to the push channel fails without a reason."""
        return await self._read(
            credentials, http.CONFIG, lambda answer: parse.sole_row(answer, parse.key_report)
        )

    async def learn_clock(self) -> None:
        """Take the venue's time for the signatures that follow."""
        asked_at = clock.now()
        answer = await self._get(http.TIME, {})
        venue_time = parse.sole_row(answer, parse.server_time)
        self.clock.learn(venue_time, asked_at=asked_at, answered_at=clock.now())

    async def _read(
        self, credentials: AccountKey, address: str, understand: Callable[[Answer], Result]
    ) -> Result:
        try:
            return understand(await self._signed(credentials, address))
        except ClockSkewed:
            await self.learn_clock()
            return understand(await self._signed(credentials, address))

    async def _signed(self, credentials: AccountKey, address: str) -> Answer:
        headers = rest_headers(credentials, "GET", address, now=self.clock.now())
        return await self._get(address, headers)

    async def _get(self, address: str, headers: dict[str, str]) -> Answer:
        # encoded=True: what was signed is sent byte for byte.
        url = URL(self.base_url + address, encoded=True)
        try:
            async with self.session.get(url, headers=headers, allow_redirects=False) as response:
                return Answer(
                    status=response.status,
                    body=await read_capped(response),
                    retry_after=retry_after_seconds(response.headers.get("Retry-After")),
                )
        except aiohttp.ClientPayloadError as error:
            raise MalformedAnswer("the answer was cut short") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(f"no answer ({type(error).__name__})") from error


async def read_capped(response: aiohttp.ClientResponse) -> bytes:
    """The whole body. Raises MalformedAnswer above MAX_BODY_BYTES."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise too_large()
    return bytes(body)


def _paging(older_than: str | None, newer_than: str | None, limit: int) -> dict[str, str | None]:
    """OKX's `after` means older than, `before` means newer than; both exclusive."""
    return {"instType": "SPOT", "after": older_than, "before": newer_than, "limit": str(limit)}
