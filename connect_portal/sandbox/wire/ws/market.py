"""Public news: tickers, trades, candles, instruments; the books are next door.

News is gathered and told at beats: every 100 ms, tick-by-tick channels every 10 ms, candles every
second. What a beat tells is made once for all listeners of an instrument.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-tickers-channel and its
neighbours.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from connect_portal import facts
from connect_portal.sandbox.engine.events import Traded
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.engine.world import World
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire import prices
from connect_portal.sandbox.wire.objects import Row, size
from connect_portal.sandbox.wire.ws import books
from connect_portal.sandbox.wire.ws.books import BookFeed, book_feed
from connect_portal.sandbox.wire.ws.candles import CandleFeed
from connect_portal.sandbox.wire.ws.rooms import Room, data

SLOW_S, CANDLE_S = 0.1, 1.0
CANDLE, TICKERS = "candle", "tickers"
PRICES: dict[str, Callable[[World, Instrument], Row]] = {
    TICKERS: prices.ticker_row,
    "index-tickers": prices.index_row,
    "price-limit": prices.limit_row,
}


class Market:
    """Tells everyone what happens on the instruments that someone listens to."""

    def __init__(self, store: Store) -> None:
        self._store, self._world = store, store.exchange.world
        self._rooms: dict[str, dict[str, Room]] = {}
        self._books: dict[Room, BookFeed] = {}
        self._candles: dict[Room, CandleFeed] = {}
        self._trades: dict[str, list[Traded]] = {}
        self._moved: set[str] = set()
        self._moved_fast: set[str] = set()
        self._slow_at = self._candles_at = 0.0

    @property
    def hurried(self) -> bool:
        """Whether anyone listens tick by tick."""
        return any(room.topic.channel in books.FAST for room in self._books)

    def open(self, room: Room) -> None:
        """Someone listens to a new topic."""
        topic = room.topic
        if topic.inst:
            self._rooms.setdefault(topic.inst, {})[topic.channel] = room
        if topic.channel in books.CHANNELS:
            self._books[room] = book_feed(topic, self._store)
        elif topic.channel.startswith(CANDLE):
            tape, now = self._world.state.tapes[topic.inst], self._store.business_ms()
            bar = topic.channel.removeprefix(CANDLE)
            self._candles[room] = CandleFeed(self._pair(room), bar, tape, now)

    def shut(self, room: Room) -> None:
        """Nobody listens to a topic any more."""
        topic = room.topic
        if topic.inst:
            del self._rooms[topic.inst][topic.channel]
            if not self._rooms[topic.inst]:
                del self._rooms[topic.inst]
        self._books.pop(room, None)
        self._candles.pop(room, None)

    def first(self, room: Room) -> list[bytes]:
        """What a new listener is told at once."""
        if feed := self._books.get(room):
            return [feed.snapshot()]
        if candles := self._candles.get(room):
            return [data([row]) for row in candles.first(self._store.business_ms())]
        if row_of := PRICES.get(room.topic.channel):
            return [data([row_of(self._world, self._pair(room))])]
        if room.topic.channel == "instruments":
            listed = facts.pairs().values() if room.topic.inst_type == "SPOT" else ()
            return [data([prices.instrument_row(pair) for pair in listed])]
        return []

    def note_books(self, instruments: Iterable[str]) -> None:
        """These books have changed."""
        for inst in instruments:
            if inst in self._rooms:
                self._moved.add(inst)
                self._moved_fast.add(inst)

    def note_trade(self, event: Traded) -> None:
        """There was a trade."""
        if event.inst in self._rooms:
            self._trades.setdefault(event.inst, []).append(event)

    def beat(self, now: float) -> None:
        """Tell what is due by now; `now` is the event loop's time in seconds."""
        moved, self._moved_fast = self._moved_fast, set()
        self._tell_books(moved, now, fast=True)
        if now < self._slow_at:
            return
        self._slow_at = now + SLOW_S
        moved, self._moved = self._moved, set()
        trades, self._trades = self._trades, {}
        self._tell_books(moved, now, fast=False)
        for inst in moved:
            self._tell_prices(inst, trades.get(inst, []))
        if now >= self._candles_at:
            self._candles_at = now + CANDLE_S
            self._tell_candles()

    def _tell_books(self, moved: set[str], now: float, *, fast: bool) -> None:
        for room, feed in tuple(self._books.items()):
            if (room.topic.channel in books.FAST) is fast:
                news = feed.update(now) if room.topic.inst in moved else feed.silence(now)
                if news:
                    room.tell(news)

    def _tell_prices(self, inst: str, trades: list[Traded]) -> None:
        rooms = self._rooms.get(inst, {})
        for channel in PRICES if trades else (TICKERS,):
            if room := rooms.get(channel):
                room.tell(data([PRICES[channel](self._world, self._pair(room))]))
        if not trades:
            return
        if room := rooms.get("trades"):
            room.tell(data(list(summed(self._pair(room), trades, self._world.versions[inst]))))
        if room := rooms.get("trades-all"):
            for event in trades:
                room.tell(data([prices.trade_row(self._pair(room), event.trade)]))
        for room in rooms.values():
            if candles := self._candles.get(room):
                candles.add(event.trade for event in trades)

    def _tell_candles(self) -> None:
        now = self._store.business_ms()
        for room, feed in tuple(self._candles.items()):
            for row in feed.news(now):
                room.tell(data([row]))

    def _pair(self, room: Room) -> Instrument:
        return self._world.instruments[room.topic.inst]


def summed(pair: Instrument, trades: list[Traded], version: int) -> Iterator[Row]:
    """One row for what one taker took at one price, under its last trade's id."""
    for _, group in groupby(trades, lambda event: (event.order_id, event.trade.px)):
        matches = [event.trade for event in group]
        yield {
            **prices.trade_row(pair, matches[-1]),
            "sz": size(pair, sum(trade.lots for trade in matches)),
            "count": str(len(matches)),
            "seqId": version,
        }
