"""Prices for weighing orders: asked of the venue when needed, kept for a second."""

import re
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from connect_portal.facts import DOLLARS
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.notional import Quote, quote_currency
from connect_portal.venue.errors import MalformedAnswer
from connect_portal.venue.port import Forwarder
from connect_portal.venue.types import Environment

KEPT_S: Final = 1.0
MOST: Final = 2_000
UNKNOWN_INSTRUMENT: Final = "51001"
_PRICE: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)


class _Row(msgspec.Struct):
    last: str
    askPx: str = ""
    bidPx: str = ""


class _Ticker(msgspec.Struct):
    code: str
    data: list[_Row] = []


_DECODER: Final = msgspec.json.Decoder(_Ticker)


class _Market(NamedTuple):
    """What a pair's ticker says, None for what is not there."""

    last: Decimal | None = None
    ask: Decimal | None = None
    bid: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    market: _Market
    until: float


class Prices:
    """The prices of both environments. https://www.okx.com/docs-v5/en/#public-data"""

    def __init__(self, way: Forwarder) -> None:
        self._way = way
        self._seen: dict[tuple[Environment, str], _Seen] = {}

    async def quote(self, instrument: str, environment: Environment) -> Quote:
        """What a spot pair costs and its quote money is worth. Raises Refused: 50027 no spot pair,
        51001 nobody knows what its money is worth; VenueError."""
        money = quote_currency(instrument)
        market = await self._market(instrument, environment)
        usd = Decimal(1) if money in DOLLARS else await self._in_dollars(money, environment)
        if usd is None:
            raise Refused("51001", instrument)
        return Quote(market.last, usd, market.ask, market.bid)

    async def _in_dollars(self, money: str, environment: Environment) -> Decimal | None:
        for dollar in ("USD", "USDT", "USDC"):
            if price := (await self._market(f"{money}-{dollar}", environment)).last:
                return price
        return None

    async def _market(self, instrument: str, environment: Environment) -> _Market:
        seen = self._seen.get((environment, instrument))
        if seen is None or seen.until < time.monotonic():
            market = await self._read(instrument, environment)
            if len(self._seen) >= MOST:
                self._seen.clear()
            seen = _Seen(market, time.monotonic() + KEPT_S)
            self._seen[environment, instrument] = seen
        return seen.market

    async def _read(self, instrument: str, environment: Environment) -> _Market:
        """Of the venue; nothing is there for a pair that is not listed."""
        target = f"/api/v5/market/ticker?instId={instrument}"
        told = await self._way.forward(None, "GET", target, environment=environment)
        try:
            ticker = _DECODER.decode(told.body)
        except msgspec.MsgspecError as error:
            raise MalformedAnswer(f"no ticker of {instrument}: {error}") from error
        if ticker.code == UNKNOWN_INSTRUMENT:
            return _Market()
        if ticker.code != "0" or not ticker.data:
            raise MalformedAnswer(f"no ticker of {instrument}: {ticker.code}")
        row = ticker.data[0]
        return _Market(_price(row.last), _price(row.askPx), _price(row.bidPx))


def _price(text: str) -> Decimal | None:
    return Decimal(text) if _PRICE.fullmatch(text) and Decimal(text) else None
