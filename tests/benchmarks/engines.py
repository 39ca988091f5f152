"""The plain book, and the peer, as engines of a lap. The peer is there in its own Python only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from tests.benchmarks.flow import CANCEL, LIMIT, Command
from tests.benchmarks.laps import Call, Fill
from tests.benchmarks.plain_book import PlainBook


class Plain:
    """One plain book each."""

    def work(self, stream: list[Command]) -> list[Call]:
        """A method and its numbers for each command."""
        books: dict[int, PlainBook] = defaultdict(PlainBook)
        return [self._call(books[command.book], command) for command in stream]

    def fills(self, results: Iterable[Any]) -> Iterator[Fill]:
        """What limits and markets return."""
        for result in results:
            if isinstance(result, list):
                yield from result

    def _call(self, book: PlainBook, command: Command) -> Call:
        kind, order, _, _, buys, px, size = command
        if kind == LIMIT:
            return book.limit, (order, buys, px, size)
        return (book.cancel, (order,)) if kind == CANCEL else (book.market, (order, buys, size))


class Peer:
    """`matching-engine`: one engine each, its commands numbered as it asks.

    It knows accounts in any case; here its self-trade prevention is off.
    """

    prevention = "NONE"

    def __init__(self) -> None:
        from matching_engine import domain, engine, events

        self._domain, self._engine, self._trade = domain, engine.MatchingEngine, events.Trade

    def work(self, stream: list[Command]) -> list[Call]:
        """`process` and a numbered command."""
        books: dict[int, Any] = defaultdict(self._engine)
        numbers: dict[int, int] = defaultdict(int)
        calls: list[Call] = []
        for command in stream:
            numbers[command.book] += 1
            number = numbers[command.book]
            asked = self._domain.SequencedCommand(number, number, self._command(command))
            calls.append((books[command.book].process, (asked,)))
        return calls

    def fills(self, results: Iterable[Any]) -> Iterator[Fill]:
        """Its trades."""
        for events in results:
            for event in events:
                if isinstance(event, self._trade):
                    yield event.maker_order_id, event.taker_order_id, event.price, event.qty

    def _command(self, command: Command) -> Any:
        kind, order, account, _, buys, px, size = command
        words = self._domain
        if kind == CANCEL:
            return words.CancelOrder(order, account)
        side = words.Side.BUY if buys else words.Side.SELL
        stp = words.SelfTradePrevention[self.prevention]
        types, forces = words.OrderType, words.TimeInForce
        if kind == LIMIT:
            rest = (px, size, types.LIMIT, forces.GTC)
        else:
            rest = (0, size, types.MARKET, forces.IOC)
        return words.NewOrder(order, account, side, *rest, False, stp)


class PeerWithPrevention(Peer):
    """The same with self-trade prevention on, by our rule."""

    prevention = "CANCEL_MAKER"
