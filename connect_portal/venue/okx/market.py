"""Public prices over the v5 wire: pairs, ticker, book, prints, candles. Blocking, never signed.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data and
https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
"""

from typing import Final

import msgspec
from msgspec import Raw, Struct

from connect_portal.venue.okx import parse
from connect_portal.venue.okx.http import OkxControl, target
from connect_portal.venue.quotes import Book, Candle, Level, Pair, Print, Ticker
from connect_portal.venue.transport import PAGE_TIMEOUT_S, Answer
from connect_portal.venue.types import Environment, Side

INSTRUMENTS: Final = "/api/v5/public/instruments"
TICKER: Final = "/api/v5/market/ticker"
BOOKS: Final = "/api/v5/market/books"
TRADES: Final = "/api/v5/market/trades"
CANDLES: Final = "/api/v5/market/candles"


class _WirePair(Struct, rename="camel"):
    inst_id: str
    base_ccy: str
    quote_ccy: str
    tick_sz: str
    lot_sz: str
    min_sz: str


class _WireTicker(Struct, rename="camel"):
    inst_id: str
    last: str
    bid_px: str
    ask_px: str
    open24h: str
    high24h: str
    low24h: str
    vol24h: str
    ts: str


class _WireBook(Struct):
    asks: list[list[str]]
    bids: list[list[str]]
    ts: str


class _WirePrint(Struct, rename="camel"):
    trade_id: str
    px: str
    sz: str
    side: Side
    ts: str


_PAIR = msgspec.json.Decoder(_WirePair)
_TICKER = msgspec.json.Decoder(_WireTicker)
_BOOK = msgspec.json.Decoder(_WireBook)
_PRINT = msgspec.json.Decoder(_WirePrint)
_CANDLE = msgspec.json.Decoder(list[str])


class OkxMarket:
    """The reading of `port.Market` in one environment."""

    def __init__(self, control: OkxControl, environment: Environment) -> None:
        self.control = control
        self.environment = environment

    def pairs(self) -> tuple[Pair, ...]:
        """The spot pairs that are listed, in the venue's order."""
        address = target(INSTRUMENTS, {"instType": "SPOT"})
        return parse.all_rows(self._read(address), _pair)

    def ticker(self, instrument: str) -> Ticker:
        """One pair at a glance."""
        address = target(TICKER, {"instId": instrument})
        return parse.sole_row(self._read(address), _ticker)

    def book(self, instrument: str, levels: int) -> Book:
        """The best ``levels`` of both sides."""
        address = target(BOOKS, {"instId": instrument, "sz": str(levels)})
        return parse.sole_row(self._read(address), _book)

    def prints(self, instrument: str, limit: int) -> tuple[Print, ...]:
        """The latest public trades, newest first."""
        address = target(TRADES, {"instId": instrument, "limit": str(limit)})
        return parse.all_rows(self._read(address), _print)

    def candles(self, instrument: str, bar: str, limit: int) -> tuple[Candle, ...]:
        """The latest bars, newest first; ``bar`` as the venue names it: 1m, 5m, 1H, 1D."""
        address = target(CANDLES, {"instId": instrument, "bar": bar, "limit": str(limit)})
        return parse.all_rows(self._read(address), _candle)

    def _read(self, address: str) -> Answer:
        return self.control.public(address, self.environment, PAGE_TIMEOUT_S)


def _pair(raw: Raw) -> Pair:
    wire = _PAIR.decode(raw)
    return Pair(
        instrument=parse.spot_instrument(wire.inst_id),
        base=parse.present(wire.base_ccy, "baseCcy"),
        quote=parse.present(wire.quote_ccy, "quoteCcy"),
        tick=parse.decimal(wire.tick_sz),
        lot=parse.decimal(wire.lot_sz),
        minimum=parse.decimal(wire.min_sz),
    )


def _ticker(raw: Raw) -> Ticker:
    wire = _TICKER.decode(raw)
    return Ticker(
        instrument=wire.inst_id,
        last=parse.decimal_or_none(wire.last),
        bid=parse.decimal_or_none(wire.bid_px),
        ask=parse.decimal_or_none(wire.ask_px),
        open_24h=parse.decimal_or_none(wire.open24h),
        high_24h=parse.decimal_or_none(wire.high24h),
        low_24h=parse.decimal_or_none(wire.low24h),
        volume_24h=parse.decimal(wire.vol24h),
        at=parse.moment(wire.ts),
    )


def _book(raw: Raw) -> Book:
    wire = _BOOK.decode(raw)
    bids, asks = (tuple(_level(row) for row in side) for side in (wire.bids, wire.asks))
    return Book(bids=bids, asks=asks, at=parse.moment(wire.ts))


def _level(row: list[str]) -> Level:
    """`[price, size, "0", orders]`; the third is kept by the venue for old clients."""
    price, size, _, orders = row
    return Level(parse.decimal(price), parse.decimal(size), int(parse.number(orders)))


def _print(raw: Raw) -> Print:
    wire = _PRINT.decode(raw)
    return Print(
        trade_id=parse.number(wire.trade_id),
        price=parse.decimal(wire.px),
        size=parse.decimal(wire.sz),
        side=wire.side,
        at=parse.moment(wire.ts),
    )


def _candle(raw: Raw) -> Candle:
    """`[ts, open, high, low, close, base volume, …]`; what follows counts in quote."""
    start, opening, high, low, close, volume, *_ = _CANDLE.decode(raw)
    return Candle(
        at=parse.moment(start),
        open=parse.decimal(opening),
        high=parse.decimal(high),
        low=parse.decimal(low),
        close=parse.decimal(close),
        volume=parse.decimal(volume),
    )
