"""What the page of an account shows of the exchange, read over its wire for each paint.

For this room's views. Every read may raise `venue.errors.VenueError`, and none is made inside a
transaction. Nothing is kept but public prices, for a second, so that many pages ask as much as one.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar

from django.conf import settings
from django.core.cache import cache

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.enums import KINDS
from connect_portal.authorizations.models import VenueAccount
from connect_portal.kit.clock import now
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import Refused, Throttled, VenueError
from connect_portal.venue.quotes import Candle, Level, Pair, Print, Ticker
from connect_portal.venue.registry import venue
from connect_portal.venue.sandbox_operator import ListedKey
from connect_portal.venue.types import Balance, Environment, Fees, VenueFill, VenueOrder

BARS: Final = ("1m", "5m", "15m", "1H", "4H", "1D")
LEVELS, PRINTS, CANDLES = 10, 21, 120
ORDERS, FILLS = 100, 50
PAIRS_S, PRICES_S, CANDLES_S = 60, 1, 2
"""For how long public data is shown to everybody without asking again, in seconds."""
STALE_S: Final = 15
"""For how long after that it is shown while the exchange asks us to be patient."""
DOLLARS: Final = frozenset({"USD", "USDC", "USDT"})
_NOTHING: Final = dict.fromkeys(("total", "available", "frozen", "usd"), Decimal(0))

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class DepthRow:
    """A level of the book, what waits there and before it, and how full its bar is (0 to 100)."""

    level: Level
    total: Decimal
    fill: int

    @property
    def space(self) -> int:
        """What the bar leaves free at its left."""
        return 100 - self.fill


@dataclass(frozen=True, slots=True)
class Prices:
    """One pair at the exchange: both sides best first, prints and candles newest first."""

    pair: Pair
    ticker: Ticker
    bids: list[DepthRow]
    asks: list[DepthRow]
    prints: Sequence[Print]
    candles: Sequence[Candle]

    @property
    def asks_from_above(self) -> list[DepthRow]:
        """The asks as they stand over the bids: the best one last."""
        return self.asks[::-1]

    @property
    def spread(self) -> Decimal | None:
        """What lies between the best ask and the best bid, in quote."""
        if not (self.asks and self.bids):
            return None
        return self.asks[0].level.price - self.bids[0].level.price


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order on the book, and its type as people read it."""

    order: VenueOrder
    kind: str


@dataclass(frozen=True, slots=True)
class Money:
    """What is held of a currency, and how many of its digits people look at."""

    balance: Balance
    places: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an account has: money, open orders, fills, each newest or largest first."""

    balances: list[Money]
    open_orders: list[OpenOrder]
    fills: Sequence[VenueFill]

    @property
    def usd(self) -> Decimal:
        """The exchange's estimate of it all, in US dollars."""
        return sum((row.balance.usd for row in self.balances), Decimal(0))

    @property
    def orders_note(self) -> str:
        """Which of the open orders these are."""
        return _note(self.open_orders, ORDERS)

    @property
    def fills_note(self) -> str:
        """Which of the fills these are."""
        return _note(self.fills, FILLS)

    def of(self, currency: str) -> Money:
        """What is held of a currency, nothing included."""
        found = (row for row in self.balances if row.balance.currency == currency)
        return next(found, _money(Balance(currency=currency, **_NOTHING)))


@dataclass(frozen=True, slots=True)
class AccountKey:
    """A key of an account, what it is for where we know, and whether its owner may delete it."""

    key: ListedKey
    use: str
    is_owners: bool

    @property
    def may(self) -> str:
        """What it may do, in a few words."""
        return ", ".join(word.removesuffix("_only") for word in self.key.permissions)


def pairs(environment: Environment) -> tuple[Pair, ...]:
    """The pairs that can be traded."""
    market = venue().market(environment)
    return _shared(f"{environment}:pairs", PAIRS_S, market.pairs)


def listed(environment: Environment) -> list[str]:
    """The names of the pairs that can be traded; none while the exchange does not answer."""
    try:
        return [pair.instrument for pair in pairs(environment)]
    except VenueError:
        return []


def prices(environment: Environment, instrument: str, bar: str) -> Prices:
    """All that the page shows of one pair. Raises Refused for a pair that is not listed."""
    market = venue().market(environment)
    pair = next((one for one in pairs(environment) if one.instrument == instrument), None)
    if pair is None:
        raise Refused(f"{instrument} is not listed")
    here = f"{environment}:{instrument}"
    book = _shared(f"{here}:book", PRICES_S, lambda: market.book(instrument, LEVELS))
    return Prices(
        pair=pair,
        ticker=_shared(f"{here}:ticker", PRICES_S, lambda: market.ticker(instrument)),
        bids=_depth(book.bids),
        asks=_depth(book.asks),
        prints=_shared(f"{here}:prints", PRICES_S, lambda: market.prints(instrument, PRINTS)),
        candles=_shared(
            f"{here}:{bar}", CANDLES_S, lambda: market.candles(instrument, bar, CANDLES)
        ),
    )


def fees(account: VenueAccount, instrument: str, *, actor: str) -> Fees:
    """What the account pays on a pair."""
    return actions.at_desk(account, lambda desk: desk.fees(instrument), actor=actor)


def holdings(account: VenueAccount, *, actor: str) -> Holdings:
    """What an account has, read with its page's key."""
    balances, orders, fills = actions.at_desk(
        account,
        lambda desk: (desk.balances(), desk.open_orders(ORDERS), desk.fills(FILLS)),
        actor=actor,
    )
    return Holdings(
        balances=[
            _money(one) for one in sorted(balances, key=lambda one: (-one.usd, one.currency))
        ],
        open_orders=[OpenOrder(order, KINDS.get(order.kind, order.kind)) for order in orders],
        fills=fills,
    )


def keys(account: VenueAccount) -> list[AccountKey]:
    """The keys of an account, its owner's before those that the portal made."""
    made, bound = queries.made_keys(account), queries.bound_keys(account)
    listed = sandbox_operator.keys(account.uid, environment=Environment(account.environment))
    rows = [_account_key(key, made, bound) for key in listed]
    return sorted(rows, key=lambda row: (not row.is_owners, row.key.label.lower()))


def _shared(name: str, seconds: int, read: Callable[[], Read]) -> Read:
    """What the exchange said to whoever asked last, for so long: it counts the questions of this
    site, not of the people who look at it."""
    key = f"desk:{settings.VENUE_URL}:{name}"
    known: tuple[Read, datetime] | None = cache.get(key)
    if known is not None and now() - known[1] < timedelta(seconds=seconds):
        return known[0]
    try:
        said = read()
    except Throttled:
        if known is None:
            raise
        return known[0]
    cache.set(key, (said, now()), seconds + STALE_S)
    return said


def _money(balance: Balance) -> Money:
    return Money(balance, places=2 if balance.currency in DOLLARS else 6)


def _note(rows: Sequence[object], most: int) -> str:
    """All of them in their order, or of a full page that there may be more."""
    return "newest first" if len(rows) < most else f"the newest {most}"


def _account_key(key: ListedKey, made: dict[str, str], bound: dict[str, str]) -> AccountKey:
    if key.label in made:
        return AccountKey(key, made[key.label], is_owners=False)
    institution = bound.get(hashlib.sha256(key.api_key.encode()).hexdigest())
    return AccountKey(key, f"Bound for {institution}" if institution else "", is_owners=True)


def _depth(levels: Sequence[Level]) -> list[DepthRow]:
    totals: list[Decimal] = []
    for level in levels:
        totals.append(level.size + (totals[-1] if totals else 0))
    whole = totals[-1] if totals else Decimal(1)
    return [
        DepthRow(level, total, fill=int(total * 100 / whole))
        for level, total in zip(levels, totals, strict=True)
    ]
