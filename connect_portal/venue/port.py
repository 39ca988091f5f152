"""The port: what the portal asks of any venue. `registry.venue()` gives the one configured.

Control calls block and are for forms and probes, as are a `Desk` (one account, as its owner works
with it) and a `Market` (public prices); a `Reader` is for the catch-up, many accounts on
one event loop; a `Forwarder` sends on what others ask and a `Line`
passes on what they hear; `follow` is the push channel, which only ever says "look now".
Every call raises `errors.VenueError` and nothing else.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from connect_portal.venue.quotes import Book, Candle, Pair, Print, Ticker
from connect_portal.venue.types import (
    AccountKey,
    Balance,
    Connected,
    Disconnected,
    Environment,
    Fees,
    Forwarded,
    KeyReport,
    NewOrder,
    Page,
    Ready,
    VenueFill,
    VenueOrder,
    VenuePush,
)

FULL_PAGE = 100

VenueEvent = Connected | VenuePush | Disconnected


class Reader(Protocol):
    """Signed reads over shared connections. Pages come newest first.

    `older_than` and `newer_than` are paging keys and exclusive. To walk a gap, start without
    `older_than` and go on from `page.oldest` until a known key or `page.is_last`.
    """

    async def fills_page(
        self,
        credentials: AccountKey,
        *,
        older_than: str | None = None,
        newer_than: str | None = None,
        archive: bool = False,
        limit: int = FULL_PAGE,
    ) -> Page[VenueFill]:
        """Fills by `bill_id`; three days back, or three months with `archive` (a slower limit)."""
        ...

    async def pending_orders_page(
        self, credentials: AccountKey, *, older_than: str | None = None, limit: int = FULL_PAGE
    ) -> Page[VenueOrder]:
        """Orders still on the book, by `order_id`."""
        ...

    async def finished_orders_page(
        self,
        credentials: AccountKey,
        *,
        older_than: str | None = None,
        newer_than: str | None = None,
        archive: bool = False,
        limit: int = FULL_PAGE,
    ) -> Page[VenueOrder]:
        """Orders filled or canceled, seven days back, by `order_id`; with `archive` three months
        back, without those canceled without a fill, which leave the other list after two hours."""
        ...

    async def order(
        self, credentials: AccountKey, instrument: str, order_id: str
    ) -> VenueOrder | None:
        """One order, or None where the venue knows none by this id."""
        ...


class Forwarder(Protocol):
    """Other people's requests, sent on over shared connections and signed with a key of ours."""

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
        """Send one request and give back the venue's answer as it came, refusals included.

        `target` is path and query as they go on the wire. Without credentials it goes unsigned.
        `expires` (epoch milliseconds) is the moment after which the venue shall not act on it.
        Raises Unavailable (a write did not leave), OutcomeUnknown (a write left and its answer is
        lost or unreadable), Throttled, KeyRefused (our key, not the caller's request).
        """
        ...

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
        """The first half of `forward`, which only computes: the request as it will go. Raises
        Unavailable where it cannot go at all."""
        ...

    async def send(self, ready: Ready) -> Forwarded:
        """The second half."""
        ...

    async def placed(
        self,
        credentials: AccountKey,
        instrument: str,
        client_order_id: str = "",
        *,
        order_id: str = "",
        environment: Environment = Environment.LIVE,
    ) -> VenueOrder | None:
        """The order of that id, or the latest with this client order id; None where the venue
        knows none."""
        ...


class Line(Protocol):
    """One connection to the venue's sockets, kept alive: messages in the venue's own words."""

    async def send(self, text: str) -> None:
        """Send one message as it is."""
        ...

    async def receive(self) -> str:
        """The next message as it came, signs of life left out. Raises KeyRefused when the key is
        gone, Unavailable when the connection is."""
        ...


class Market(Protocol):
    """Public prices of one environment."""

    def pairs(self) -> tuple[Pair, ...]:
        """The spot pairs that are listed."""
        ...

    def ticker(self, instrument: str) -> Ticker:
        """One pair at a glance."""
        ...

    def book(self, instrument: str, levels: int) -> Book:
        """The best levels of both sides."""
        ...

    def prints(self, instrument: str, limit: int) -> tuple[Print, ...]:
        """The latest public trades, newest first."""
        ...

    def candles(self, instrument: str, bar: str, limit: int) -> tuple[Candle, ...]:
        """The latest bars of a width such as 1m, 1H or 1D, newest first."""
        ...


class Desk(Protocol):
    """One account, as its owner works with it."""

    def balances(self) -> tuple[Balance, ...]:
        """What the account holds, by currency."""
        ...

    def fees(self, instrument: str) -> Fees:
        """What the account pays on a pair."""
        ...

    def open_orders(self, limit: int, *, older_than: str | None = None) -> tuple[VenueOrder, ...]:
        """Orders on the book, newest first; those older than an order's id if one is given."""
        ...

    def fills(self, limit: int) -> tuple[VenueFill, ...]:
        """The latest fills, newest first."""
        ...

    def placed(self, instrument: str, client_order_id: str) -> VenueOrder | None:
        """The latest order with this client order id, or None where the venue knows none."""
        ...

    def place(self, order: NewOrder) -> str:
        """Place an order; its id. Raises OrderRefused (which says about what), OutcomeUnknown."""
        ...

    def cancel(self, instrument: str, order_id: str) -> None:
        """Cancel an open order. Raises OrderRefused where it is over, OutcomeUnknown."""
        ...


class Venue(Protocol):
    """One exchange."""

    name: str

    def probe(self, credentials: AccountKey) -> KeyReport:
        """Ask what a key is and may do. Raises KeyRefused for a key that does not work."""
        ...

    def rebate_type(self, own: AccountKey, api_key: str, *, channel: str | None = None) -> str:
        """Whether the owner of a key earns the institution whose `own` key signs a rebate: "0" if
        so, else why not. Who has codes of both kinds says which (``api`` or ``oauth``), or is
        refused with 50044."""
        ...

    def server_time(self) -> datetime:
        """The venue's wall clock, UTC."""
        ...

    def last_prices(self) -> dict[str, Decimal]:
        """Last traded price of every spot instrument that has traded."""
        ...

    def market(self, environment: Environment = Environment.LIVE) -> Market:
        """Public prices of an environment."""
        ...

    def desk(self, credentials: AccountKey, environment: Environment = Environment.LIVE) -> Desk:
        """Work with the account of a key, in the environment that the key belongs to."""
        ...

    def reader(self) -> AbstractAsyncContextManager[Reader]:
        """Open the connections that many reads share; close them on leaving."""
        ...

    def forwarder(self) -> AbstractAsyncContextManager[Forwarder]:
        """Open the connections over which requests are sent on; close them on leaving."""
        ...

    def line(
        self,
        path: str,
        credentials: AccountKey | None,
        environment: Environment = Environment.LIVE,
    ) -> AbstractAsyncContextManager[Line]:
        """Connect to `private`, `public` or `business`, logged in if there are credentials; close
        on leaving. Waits for its turn, for a venue counts new connections."""
        ...

    def follow(self, credentials: AccountKey) -> AsyncGenerator[VenueEvent, None]:
        """Listen to one account's orders for ever, reconnecting by itself.

        Each Connected means: read what was missed. Ends only by raising a refusal that is not
        retryable. The keep-alive runs while the caller waits for the next event, so note the
        event and come back; close with `contextlib.aclosing`.
        """
        ...
