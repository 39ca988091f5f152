"""The market maker: two-sided everywhere, one pair moving, the same again under the same seed."""

import asyncio
from pathlib import Path
from typing import Any

from connect_portal.sandbox.engine.model import Bill, Fill, Order
from connect_portal.sandbox.history import History
from connect_portal.sandbox.market import MOVING_PAIR, MarketMaker
from connect_portal.sandbox.store import Store


def play(folder: Path, seed: int, rounds: int = 5) -> Store:
    """Open the market and let it move without waiting; the stopped store."""

    async def run() -> Store:
        store = Store(folder, clock=iter(range(1_700_000_000_000, 2**62, 1000)).__next__)
        store.start()
        maker = MarketMaker(store, seed)
        await maker.open()
        for _ in range(rounds):
            await maker.quote(MOVING_PAIR)
            await maker.trade(MOVING_PAIR)
        store.exchange.validate()
        await store.close()
        return store

    return asyncio.run(run())


def prices(store: Store) -> list[Any]:
    tape = store.exchange.state.tapes[MOVING_PAIR]
    return [(trade.px, trade.lots, trade.side) for trade in tape.trades]


def test_every_pair_has_both_sides_and_a_last_price(tmp_path: Path) -> None:
    store = play(tmp_path, seed=1)
    for name, book in store.exchange.world.books.items():
        bid, ask = book.best_price("buy"), book.best_price("sell")
        assert bid is not None
        assert ask is not None
        assert bid < ask
        assert store.exchange.state.tapes[name].last_px


def test_same_seed_makes_the_same_market(tmp_path: Path) -> None:
    first, again = play(tmp_path / "a", seed=7), play(tmp_path / "b", seed=7)
    assert prices(first) == prices(again)
    assert len(prices(first)) == 6
    assert prices(first) != prices(play(tmp_path / "c", seed=8))


def test_restarted_market_goes_on_from_the_last_price_without_old_quotes(tmp_path: Path) -> None:
    before = play(tmp_path, seed=1)
    again = play(tmp_path, seed=2, rounds=0)
    assert prices(again) == prices(before)
    assert len(again.exchange.world.books[MOVING_PAIR].depth("buy", 100)) <= 8


def test_its_history_is_not_kept(tmp_path: Path) -> None:
    store = play(tmp_path, seed=1, rounds=50)
    makers = [a for a in store.exchange.state.accounts.values() if a.kind == "maker"]
    assert len(makers) == 2
    kept = History(tmp_path / "history.sqlite3")
    assert [kept.find(kind, "1 = 1", (), 1) for kind in (Order, Fill, Bill)] == [[], [], []]
    assert all(order.is_open for order in store.exchange.state.orders.values())
