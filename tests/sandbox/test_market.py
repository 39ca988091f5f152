"""The market: two-sided everywhere, always moving, the same again under the same seed."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.commands import (
    Faucet,
    MassQuote,
    MoveClock,
    OpenAccount,
    Place,
    SeedTape,
    SetLevel,
)
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.model import Bill, Fill, Order
from connect_portal.sandbox.engine.tape import MINUTE_MS
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.history import History
from connect_portal.sandbox.market import MarketMaker
from connect_portal.sandbox.market.ladder import LEVELS
from connect_portal.sandbox.market.manners import BUSY_PAIRS
from connect_portal.sandbox.market.walk import FARTHEST
from connect_portal.sandbox.store import Store

PAIR = "BTC-USDT"
MONTH_MS = 31 * 86_400_000
Play = Callable[[MarketMaker], Awaitable[None]]


def play(folder: Path, seed: int = 1, acts: Play | None = None, steps: int = 0) -> Store:
    """Open the market, let people act, let it move without waiting; the stopped store."""

    async def run() -> Store:
        store = Store(folder, clock=iter(range(1_700_000_000_000, 2**62, 1000)).__next__)
        store.start()
        market = MarketMaker(store, seed)
        await market.open()
        if acts is not None:
            await acts(market)
        for _ in range(steps):
            await market.step()
        store.exchange.validate()
        await store.close()
        return store

    return asyncio.run(run())


def prints(store: Store, name: str = PAIR) -> list[tuple[int, int, str]]:
    return [(trade.px, trade.lots, trade.side) for trade in store.exchange.state.tapes[name].trades]


def depths(store: Store, name: str) -> tuple[int, int]:
    book = store.exchange.world.books[name]
    return len(book.depth("buy", 100)), len(book.depth("sell", 100))


async def person(market: MarketMaker, **money: str) -> str:
    """An end user's account with money."""
    opened = await market.store.submit(OpenAccount(reference="Alice", label="Alice"))
    uid: str = opened.value.uid
    for ccy, amt in money.items():
        await market.store.submit(Faucet(uid=uid, reference=ccy, ccy=ccy, amt=amt))
    return uid


# --- a fresh site -------------------------------------------------------------------------------
def test_fresh_market_shows_depth_prints_and_a_day_of_minutes_on_every_pair(tmp_path: Path) -> None:
    store = play(tmp_path)
    for name, tape in store.exchange.state.tapes.items():
        assert depths(store, name) == (LEVELS, LEVELS), name
        assert len(tape.candles) >= 1440
        assert len(tape.trades) > 50


def test_every_pair_trades_and_moves_its_quotes_within_a_minute(tmp_path: Path) -> None:
    before: dict[str, tuple[int, object]] = {}

    async def remember(market: MarketMaker) -> None:
        for name, tape in market.store.exchange.state.tapes.items():
            book = market.store.exchange.world.books[name]
            before[name] = (tape.last_trade_id, book.depth("buy", 10) + book.depth("sell", 10))

    store = play(tmp_path, acts=remember, steps=60)
    for name, (last_trade, levels) in before.items():
        book = store.exchange.world.books[name]
        assert store.exchange.state.tapes[name].last_trade_id > last_trade, name
        assert book.depth("buy", 10) + book.depth("sell", 10) != levels, name
    for name in BUSY_PAIRS:
        assert store.exchange.state.tapes[name].last_trade_id >= before[name][0] + 30


def test_same_seed_makes_the_same_market(tmp_path: Path) -> None:
    first, again = play(tmp_path / "a", 7, steps=50), play(tmp_path / "b", 7, steps=50)
    assert first.exchange.state_hash() == again.exchange.state_hash()
    assert prints(first) != prints(play(tmp_path / "c", 8, steps=50))


def test_restarted_market_goes_on_from_its_last_prices_and_lays_no_second_past(
    tmp_path: Path,
) -> None:
    before = play(tmp_path, steps=20)
    again = play(tmp_path)
    for name, tape in again.exchange.state.tapes.items():
        old = before.exchange.state.tapes[name]
        assert len(tape.candles) <= len(old.candles) + 1
        assert abs(tape.last_px / old.last_px - 1) < 0.01, name
        assert depths(again, name) == (LEVELS, LEVELS)


def test_prices_stay_near_home_and_pairs_of_one_coin_near_each_other(tmp_path: Path) -> None:
    async def month(market: MarketMaker) -> None:
        walks, manners = market.turns.walks, market.turns.manners
        for hour in range(24 * 30):
            for its in manners.values():
                walks.move(its, hour * 3600)
                assert abs(walks.mid(its) / its.home - 1) <= FARTHEST
            dollar, token = walks.mid(manners[PAIR]), walks.mid(manners["BTC-USDC"])
            assert dollar == token

    play(tmp_path, acts=month)


# --- the invented past --------------------------------------------------------------------------
def test_invented_minutes_follow_each_other_and_end_at_the_price_given() -> None:
    exchange = Exchange()
    seed = SeedTape(inst=PAIR, px=900_000, lots=1_000_000, swing=500, minutes=100, seed=1)
    seed.ts = 1_700_000_000_000
    assert exchange.apply(seed).value == 100
    tape = exchange.state.tapes[PAIR]
    assert tape.last_px == tape.candles[-1].close == 900_000
    for before, after in itertools.pairwise(tape.candles):
        assert after.minute - before.minute == MINUTE_MS
        assert after.open == before.close
    lot_value = exchange.world.instruments[PAIR].lot_value
    for candle in tape.candles:
        assert candle.low <= min(candle.open, candle.close)
        assert candle.high >= max(candle.open, candle.close)
        assert candle.low <= candle.turnover // (candle.lots * lot_value) <= candle.high
    exchange.validate()
    assert exchange.state.orders == {}


def test_a_pair_that_has_a_past_gets_no_other() -> None:
    exchange = Exchange()
    seed = SeedTape(inst=PAIR, px=900_000, lots=1_000_000, swing=500, minutes=10, seed=1)
    assert [exchange.apply(seed).value for _ in range(2)] == [10, 0]


def test_a_senseless_past_is_refused() -> None:
    for wrong in ({"px": 0}, {"lots": 0}, {"minutes": 0}, {"minutes": 10**9}, {"inst": "BTC-USD"}):
        given = {"inst": PAIR, "px": 1, "lots": 1, "swing": 1, "minutes": 1, "seed": 1} | wrong
        assert Exchange().apply(SeedTape(**given)).code in ("51000", "51001")


# --- mass quotes --------------------------------------------------------------------------------
def quoting(kind: str = "maker") -> tuple[Exchange, str]:
    exchange = Exchange()
    uid = exchange.apply(OpenAccount(reference="m", label="m", kind=kind)).value.uid
    for ccy in ("BTC", "USDT"):
        exchange.apply(Faucet(uid=uid, reference=ccy, ccy=ccy, amt="1000000"))
    return exchange, uid


def test_a_mass_quote_changes_the_prices_named_and_leaves_the_others_their_place() -> None:
    exchange, uid = quoting()
    first = [(900, 5), (800, 5), (700, 5)]
    assert exchange.apply(MassQuote(uid=uid, inst=PAIR, bids=first, asks=[(1000, 5)])).value == 4
    order_of = {order.px: order.order_id for order in exchange.state.orders.values()}
    exchange.apply(MassQuote(uid=uid, inst=PAIR, bids=[(800, 7), (700, 0)], asks=[]))
    book = exchange.world.books[PAIR]
    assert book.depth("buy", 9) == [(900, 5, 1), (800, 7, 1)]
    assert book.depth("sell", 9) == [(1000, 5, 1)]
    kept = {order.px: order.order_id for order in exchange.state.orders.values()}
    assert (kept[900], kept[1000]) == (order_of[900], order_of[1000])
    assert kept[800] > order_of[800]
    exchange.validate()


def test_a_quote_that_would_trade_or_cannot_be_paid_is_left_out() -> None:
    exchange, uid = quoting()
    dear, crossing = (800, 10**16), (1000, 5)
    quote = MassQuote(
        uid=uid, inst=PAIR, bids=[(900, 5), dear, crossing], asks=[(1000, 5), (900, 5)]
    )
    exchange.apply(MassQuote(uid=uid, inst=PAIR, bids=[], asks=[(950, 5)]))
    exchange.apply(quote)
    book = exchange.world.books[PAIR]
    assert book.depth("buy", 9) == [(900, 5, 1)]
    assert book.depth("sell", 9) == [(950, 5, 1), (1000, 5, 1)]
    exchange.validate()


def test_only_a_market_maker_may_quote() -> None:
    exchange, uid = quoting("user")
    assert exchange.apply(MassQuote(uid=uid, inst=PAIR, bids=[(900, 5)], asks=[])).code == "51009"


# --- people in the market -----------------------------------------------------------------------
def test_a_large_order_meets_depth_and_the_book_is_full_again_one_step_later(
    tmp_path: Path,
) -> None:
    async def buy_much(market: MarketMaker) -> None:
        uid = await person(market, USDT="1000000")
        order = Place(uid=uid, inst=PAIR, side="buy", kind="market", sz="1000000")
        await market.store.submit(order)
        spent = 1_000_000 * 10**18 - ledger.available(market.store.exchange.state, uid, "USDT")
        assert spent > 900_000 * 10**18
        assert depths(market.store, PAIR)[1] < LEVELS
        await market.step()
        assert depths(market.store, PAIR) == (LEVELS, LEVELS)

    play(tmp_path, acts=buy_much)


@pytest.mark.parametrize(("side", "share"), [("buy", 1.05), ("sell", 0.95)])
def test_an_order_far_beyond_the_price_is_met_while_both_sides_stay(
    tmp_path: Path, side: str, share: float
) -> None:
    name = "LINK-USDT"

    async def offer_too_much(market: MarketMaker) -> None:
        uid = await person(market, USDT="10000000", LINK="1000000")
        px = f"{13 * share:.3f}"
        order = Place(uid=uid, inst=name, side=side, kind="limit", sz="100000", px=px)
        await market.store.submit(order)
        for _ in range(30):
            await market.step()
            assert min(depths(market.store, name)) >= LEVELS
        assert market.store.exchange.state.accounts[uid].open_orders[name] == {}

    play(tmp_path, acts=offer_too_much)


def test_of_two_orders_around_the_price_the_market_comes_by_one(tmp_path: Path) -> None:
    async def offer_both(market: MarketMaker) -> None:
        uid = await person(market, USDT="100000", BTC="1")
        for side in ("buy", "sell"):
            best = market.store.exchange.world.books[PAIR].best_price(side) or 0
            px, kind = f"{best // 10}.{best % 10}", "post_only"
            order = Place(uid=uid, inst=PAIR, side=side, kind=kind, sz="0.001", px=px)
            assert (await market.store.submit(order)).value.is_open
        for _ in range(60):
            await market.step()
        assert len(market.store.exchange.state.accounts[uid].open_orders[PAIR]) < 2

    play(tmp_path, acts=offer_both)


def test_it_leaves_no_history_no_volume_and_tells_nobody(tmp_path: Path) -> None:
    told: set[str] = set()

    async def listen(market: MarketMaker) -> None:
        market.store.listeners.append(
            lambda outcome: told.update(type(event).__name__ for event in outcome.events)
        )

    store = play(tmp_path, acts=listen, steps=50)
    makers = [a for a in store.exchange.state.accounts.values() if a.kind == "maker"]
    assert [account.volumes for account in makers] == [{}, {}]
    kept = History(tmp_path / "history.sqlite3")
    assert [kept.find(kind, "1 = 1", (), 1) for kind in (Order, Fill, Bill)] == [[], [], []]
    assert told == {"Traded"}


# --- bad days -----------------------------------------------------------------------------------
def test_an_account_that_runs_out_of_money_is_funded_again(tmp_path: Path) -> None:
    async def go_broke(market: MarketMaker) -> None:
        state = market.store.exchange.state
        for uid in (market.turns.quoter, market.turns.taker):
            for ccy, wallet in state.wallets.items():
                number, units = state.accounts[uid].number, ledger.available(state, uid, ccy)
                ledger.give(wallet, number, ledger.HOUSE_NUMBER, units)

    store = play(tmp_path, acts=go_broke, steps=60)
    assert {depths(store, name) for name in store.exchange.world.books} == {(LEVELS, LEVELS)}


def test_other_fees_change_nothing(tmp_path: Path) -> None:
    async def charge_less(market: MarketMaker) -> None:
        for uid in (market.turns.quoter, market.turns.taker):
            await market.store.submit(SetLevel(uid=uid, level="VIP9"))

    store = play(tmp_path, acts=charge_less, steps=60)
    assert {depths(store, name) for name in store.exchange.world.books} == {(LEVELS, LEVELS)}


def test_after_a_month_ahead_it_trades_in_the_new_time(tmp_path: Path) -> None:
    async def jump(market: MarketMaker) -> None:
        await market.store.submit(MoveClock(offset_ms=MONTH_MS))

    store = play(tmp_path, acts=jump, steps=60)
    for name, tape in store.exchange.state.tapes.items():
        assert tape.candles[-1].minute > 1_700_000_000_000 + MONTH_MS - MINUTE_MS, name
        assert depths(store, name) == (LEVELS, LEVELS)


def test_a_disk_that_refuses_pauses_it_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse_for_a_while(market: MarketMaker) -> None:
        def refuse(lines: list[bytes]) -> None:
            raise StoreUnavailable("The disk is full.")

        trades = market.store.exchange.state.tapes[PAIR].last_trade_id
        with monkeypatch.context() as broken:
            broken.setattr(market.store.journal, "append", refuse)
            for _ in range(5):
                await market.attempt(market.step)
        assert market.store.exchange.state.tapes[PAIR].last_trade_id == trades
        await market.attempt(market.step)
        await market.attempt(market.step)
        assert market.store.exchange.state.tapes[PAIR].last_trade_id > trades

    play(tmp_path, acts=refuse_for_a_while)
    assert caplog.text.count("the market pauses") == 1


def test_a_market_that_could_not_open_opens_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        store = Store(tmp_path)
        store.start()
        market = MarketMaker(store)

        def refuse(lines: list[bytes]) -> None:
            raise StoreUnavailable("The disk is full.")

        with monkeypatch.context() as broken:
            broken.setattr(store.journal, "append", refuse)
            await market.attempt(market.open)
        assert not market.is_open
        await market.attempt(market.open)
        assert depths(store, PAIR) == (LEVELS, LEVELS)
        await store.close()

    asyncio.run(run())


def test_an_opening_that_was_interrupted_is_finished_by_the_next_start(tmp_path: Path) -> None:
    async def run() -> None:
        store = Store(tmp_path)
        store.start()
        opening = asyncio.ensure_future(MarketMaker(store).open())
        while not store.exchange.state.tapes["XLM-USDT"].candles:
            await asyncio.sleep(0)
        opening.cancel()
        await store.close()

    asyncio.run(run())
    store = play(tmp_path)
    for name, tape in store.exchange.state.tapes.items():
        assert depths(store, name) == (LEVELS, LEVELS), name
        assert len(tape.candles) >= 1440
