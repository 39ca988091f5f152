"""Our engine in the races: the book alone, with owners, with money, and the whole exchange."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from connect_portal import facts
from connect_portal.sandbox.engine.book import NOBODY, Book, Match
from connect_portal.sandbox.engine.clearing import Clearing
from connect_portal.sandbox.engine.commands import (
    AnyCommand,
    Cancel,
    Faucet,
    OpenAccount,
    Place,
)
from connect_portal.sandbox.engine.events import OrderChanged
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.units import Instrument, instrument, plain
from connect_portal.sandbox.engine.world import World
from tests.benchmarks.flow import ACCOUNTS, CANCEL, MARKET, MID, Command
from tests.benchmarks.laps import Call, Fill

ANY_PX = 10**9
RICH = str(10**11)
"""What every account gets of every currency."""


class Pair:
    """One of our pairs, and how the stream's numbers read on it: ticks around its start price."""

    def __init__(self, pair: facts.Pair) -> None:
        self.name, self._unit = pair.inst_id, instrument(pair)
        self._shift = int(pair.start_price / pair.tick_size) - MID

    def price(self, px: int) -> str:
        """The text of a price of the stream."""
        return plain((px + self._shift) * self._unit.tick)

    def size(self, size: int) -> str:
        """The text of a size of the stream."""
        return plain(size * self._unit.min_lots * self._unit.lot)

    def told(self, px: int, lots: int) -> tuple[int, int]:
        """Our ticks and lots as the stream's price and size."""
        return px - self._shift, lots // self._unit.min_lots


def pairs() -> list[Pair]:
    """All of them; the stream's books are their indices."""
    return [Pair(pair) for pair in facts.pairs().values()]


class MoneyMarket:
    """`Book` and `Clearing` of one market: holds, settlement, fees and self-trade prevention."""

    def __init__(self, pair: Instrument, world: World) -> None:
        self.clearing, self.book = Clearing(pair, world.state, world.numbered), Book()

    def limit(self, number: int, owner: int, buys: bool, px: int, lots: int) -> list[Match]:
        """Hold, take what crosses, rest with what is left."""
        self.clearing.hold(owner, buys, px, lots)
        matches = self.book.place(number, buys, px, lots, owner)
        if matches:
            self._settle(owner, buys, px, matches)
        return matches

    def market(self, number: int, owner: int, buys: bool, lots: int) -> list[Match]:
        """Hold 5 % more than the best price asks, take what that pays for, let the rest go."""
        best = self.book.best_price("sell" if buys else "buy")
        if best is None:
            return []
        px = best * 105 // 100 if buys else 1
        self.clearing.hold(owner, buys, px, lots)
        matches = self.book.take(number, buys, px, lots, owner)
        left = self._settle(owner, buys, px, matches, lots)
        if left:
            self.clearing.release(owner, buys, px, left)
        return matches

    def cancel(self, number: int) -> bool:
        """Take an order out and give back what it held, if it still rests."""
        order = self.book.remove(number)
        if order is None:
            return False
        buys = order.rank > 0
        px = order.rank if buys else -order.rank
        self.clearing.release(order.owner, buys, px, order.lots)
        return True

    def _settle(
        self, owner: int, buys: bool, limit: int, matches: list[Match], wanted: int = 0
    ) -> int:
        settle = self.clearing.settle
        for _, _, px, lots, maker in matches:
            if lots > 0:
                settle(maker, owner, buys, px, lots, limit)
                wanted -= lots
            else:
                self.clearing.release(maker, not buys, px, -lots)
        return wanted


class BookAlone:
    """One `Book` each, in the stream's own ticks: price and time, no owners."""

    owners: Sequence[int] = [NOBODY] * ACCOUNTS

    def work(self, stream: list[Command]) -> list[Call]:
        """A method of the book and its numbers for each command."""
        books: dict[int, Book] = defaultdict(Book)
        return [self._call(books[one.book], one) for one in stream]

    def fills(self, results: Iterable[Any]) -> Iterator[Fill]:
        """What limits and markets return."""
        return (match[:4] for result in results if isinstance(result, list) for match in result)

    def _call(self, book: Book, one: Command) -> Call:
        if one.kind == CANCEL:
            return book.remove, (one.order,)
        owner = self.owners[one.account]
        if one.kind == MARKET:
            return book.take, (one.order, one.buys, ANY_PX if one.buys else 1, one.size, owner)
        return book.place, (one.order, one.buys, one.px, one.size, owner)


class BookWithOwners(BookAlone):
    """The same when each order has an owner and self-trade prevention watches."""

    owners = range(1, ACCOUNTS + 1)


class BookAndMoney(BookAlone):
    """One `MoneyMarket` each, over the wallets of the stream's accounts."""

    def work(self, stream: list[Command]) -> list[Call]:
        """A method and its numbers for each command; wallets are full."""
        exchange = Exchange()
        numbers = [exchange.state.accounts[uid].number for uid in funded(exchange)]
        world = exchange.world
        markets = [MoneyMarket(unit, world) for unit in world.instruments.values()]
        return [self._market_call(markets[one.book], one, numbers[one.account]) for one in stream]

    def _market_call(self, market: MoneyMarket, one: Command, owner: int) -> Call:
        if one.kind == CANCEL:
            return market.cancel, (one.order,)
        if one.kind == MARKET:
            return market.market, (one.order, owner, one.buys, one.size)
        return market.limit, (one.order, owner, one.buys, one.px, one.size)


class WholeExchange:
    """`Exchange.apply`: commands as data with decimal texts, every rule, every event made."""

    def __init__(self) -> None:
        self._pairs = pairs()
        self._named = {pair.name: pair for pair in self._pairs}

    def work(self, stream: list[Command]) -> list[Call]:
        """`apply` and a command, on an exchange whose accounts are open and funded."""
        exchange = Exchange()
        uids = funded(exchange)
        return [
            (exchange.apply, (command_of(self._pairs[one.book], uids[one.account], one, ts),))
            for ts, one in enumerate(stream)
        ]

    def fills(self, results: Iterable[Any]) -> Iterator[Fill]:
        """A trade is two moments that carry fills, the maker's and then the taker's."""
        for outcome in results:
            moments = [event for event in outcome.events if isinstance(event, OrderChanged)]
            moved = [moment.fill for moment in moments if moment.fill is not None]
            for maker, taker in zip(moved[::2], moved[1::2], strict=True):
                px, size = self._named[maker.inst].told(maker.px, maker.lots)
                yield _number(maker.cl), _number(taker.cl), px, size


def command_of(pair: Pair, uid: str, one: Command, ts: int = 0) -> AnyCommand:
    """A command of the stream in our words."""
    if one.kind == CANCEL:
        return Cancel(ts=ts, uid=uid, inst=pair.name, cl=f"n{one.order}")
    side, sz = "buy" if one.buys else "sell", pair.size(one.size)
    order = Place(
        ts=ts, uid=uid, inst=pair.name, side=side, kind="limit", sz=sz, cl=f"n{one.order}"
    )
    if one.kind == MARKET:
        order.kind, order.tgt = "market", "base_ccy"
    else:
        order.px = pair.price(one.px)
    return order


def _number(cl: str) -> int:
    return int(cl[1:])


def opening(number: int) -> OpenAccount:
    """The command that opens one of the stream's accounts."""
    return OpenAccount(reference=f"user:{number}", label=f"Trader {number}")


def funding(uid: str) -> list[Faucet]:
    """The commands that make it rich in every currency."""
    known = {ccy for pair in facts.pairs().values() for ccy in (pair.base, pair.quote)}
    return [Faucet(uid=uid, reference=ccy, ccy=ccy, amt=RICH) for ccy in sorted(known)]


def funded(exchange: Exchange) -> list[str]:
    """The uids of the stream's accounts, opened and funded."""
    uids = [exchange.apply(opening(number)).value.uid for number in range(ACCOUNTS)]
    for uid in uids:
        for command in funding(uid):
            exchange.apply(command)
    return uids
