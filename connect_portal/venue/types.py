"""The rows a venue answers with, in our words: exact decimals, aware UTC times, nothing optional
that the venue always says.

A row carries what we understood, not the venue's text: a fill is about 500 bytes on the wire and
can be read again at the venue for three months, so keeping every payload would cost more than it
could tell. Only a row we could not understand keeps its text (`MalformedRow`).
Rows are msgspec structs because building one costs a fifth of a frozen dataclass; they hold plain
values only, so the garbage collector need not look at them (`gc=False`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Literal, TypeAlias, TypeVar

import msgspec

Side = Literal["buy", "sell"]
Liquidity = Literal["maker", "taker"]
OrderState = Literal["live", "partially_filled", "filled", "canceled"]
OrderKind = Literal["limit", "market", "post_only", "ioc", "fok"]

PERMISSION_READ = "read_only"
PERMISSION_TRADE = "trade"
PERMISSION_WITHDRAW = "withdraw"


class Environment(StrEnum):
    """Which of a venue's two exchanges is meant; each has its own accounts, keys and books."""

    LIVE = "live"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Credentials:
    """One API key of a venue account. Its repr never shows what could sign."""

    api_key: str
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VenueToken:
    """An access token of the venue's own OAuth, good for one account until ``expires_at``. It is
    sent as it is and signs nothing."""

    access_token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What the venue's OAuth gives for a consent, and again whenever it is refreshed."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime

    @property
    def access(self) -> VenueToken:
        """What opens the account until it runs out."""
        return VenueToken(self.access_token, self.expires_at)


AccountKey: TypeAlias = Credentials | VenueToken
"""What opens an account at the venue."""


class KeyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the venue says a key is and may do.

    `permissions` holds `read_only`, `trade`, `withdraw`, and any word the venue adds later, so
    that "nothing but read and trade" can be asked exactly. `ips` is empty for an unbound key.
    """

    uid: str
    permissions: frozenset[str]
    ips: tuple[str, ...]
    label: str

    @property
    def bound_to_ips(self) -> bool:
        """Whether the key works from listed addresses only."""
        return bool(self.ips)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request of somebody else; without credentials it goes unsigned."""

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


@dataclass(frozen=True, slots=True)
class Ready:
    """A request and its bytes, signed. It goes soon, for a signature holds for seconds."""

    outgoing: Outgoing
    request: bytes


@dataclass(frozen=True, slots=True)
class Forwarded:
    """An answer of the venue as it came, for whoever asked through us.

    `content_type` and `retry_after` are the headers of those names, "" where there was none.
    """

    status: int
    body: bytes
    content_type: str
    retry_after: str


class VenueFill(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One execution of part of an order, as its owner's account saw it.

    `fee` is negative when charged and positive for a maker rebate, in `fee_currency`.
    `bill_id` is unique for the account and rises with time; `trade_id` is shared by both sides.
    `tag` is "" when the order carried none.
    """

    bill_id: str
    trade_id: str
    order_id: str
    client_order_id: str
    instrument: str
    quote_currency: str
    side: Side
    price: Decimal
    size: Decimal
    fee: Decimal
    fee_currency: str
    liquidity: Liquidity
    tag: str
    filled_at: datetime

    @property
    def base_currency(self) -> str:
        """The currency whose amount is `size`."""
        return self.instrument.partition("-")[0]


class VenueOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One instruction as the venue holds it now.

    `size` counts `size_unit`: a market order may be sized in quote money. `filled_size` is always
    in base. `price`, `average_price` and `fee` are None where the venue says nothing (a market
    order has no price, an unfilled one no average). `cancel_reason` is "" while not canceled.
    """

    order_id: str
    client_order_id: str
    algo_id: str
    instrument: str
    side: Side
    kind: str
    state: OrderState
    price: Decimal | None
    size: Decimal
    size_unit: Literal["base", "quote"]
    filled_size: Decimal
    average_price: Decimal | None
    fee: Decimal | None
    fee_currency: str
    tag: str
    created_at: datetime
    updated_at: datetime
    cancel_reason: str


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An instruction to send. `size` counts base currency; `price` is None for a market order."""

    instrument: str
    side: Side
    kind: OrderKind
    size: Decimal
    price: Decimal | None
    client_order_id: str
    tag: str = ""


class Balance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an account holds of one currency. `frozen` is held for open orders; `usd` is the
    venue's own estimate of the total."""

    currency: str
    total: Decimal
    available: Decimal
    frozen: Decimal
    usd: Decimal


class Fees(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The rates of an account on a pair, as shares; negative = charged, positive = paid out."""

    level: str
    maker: Decimal
    taker: Decimal

    @property
    def maker_percent(self) -> Decimal:
        """What a maker pays, in per cent; negative where it is paid out."""
        return -self.maker * 100

    @property
    def taker_percent(self) -> Decimal:
        """What a taker pays, in per cent."""
        return -self.taker * 100


class VenuePush(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A hint that something happened to an order: look now. `trade_id` is None without a fill."""

    order_id: str
    trade_id: str | None
    instrument: str
    at: datetime


class Connected(msgspec.Struct, frozen=True):
    """The push channel is open from here on; what happened before must be read."""

    at: datetime


class Disconnected(msgspec.Struct, frozen=True, kw_only=True):
    """The push channel closed; it is tried again after `retry_in` seconds."""

    code: str
    reason: str
    retry_in: float


class MalformedRow(msgspec.Struct, frozen=True):
    """A row that was not understood, for quarantine: why, and its text as it came."""

    reason: str
    raw: str


Row = TypeVar("Row")


class Page(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """One page of a listing.

    `oldest` is the smallest paging key on the page, malformed rows included: pass it as
    `older_than` to go on. It is None on an empty page, or when no row had a readable key.
    `is_last` says that the venue sent fewer rows than were asked for.
    """

    rows: tuple[Row, ...]
    malformed: tuple[MalformedRow, ...]
    oldest: str | None
    is_last: bool
