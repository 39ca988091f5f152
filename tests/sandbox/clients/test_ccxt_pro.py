"""ccxt.pro, unmodified: what it watches arrives, and its WebSocket orders are taken."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro
import pytest

from tests.sandbox.clients.addresses import ccxt_options
from tests.sandbox.conftest import Sandbox

PAIR = "BTC/USDT"
CODE = {"tag": "ABCD"}
Act = Callable[[ccxt.pro.okx], Awaitable[None]]


def run(sandbox: Sandbox, name: str, act: Act, **money: str) -> None:
    """Let somebody with money act, on a client that is closed afterwards."""
    trader = sandbox.trader(f"pro {name}", **(money or {"BTC": "2", "USDT": "100000"}))

    async def acting() -> None:
        async with client_of(ccxt_options(sandbox, trader)) as client:
            await asyncio.wait_for(act(client), 30)

    asyncio.run(acting())


@asynccontextmanager
async def client_of(options: dict[str, Any]) -> AsyncIterator[ccxt.pro.okx]:
    client = ccxt.pro.okx(options)
    try:
        await client.load_markets()
        yield client
    finally:
        await client.close()


async def settled(*watching: Awaitable[Any]) -> list["asyncio.Task[Any]"]:
    """Start to watch, and give the subscriptions the time to be answered."""
    tasks = [asyncio.ensure_future(one) for one in watching]
    await asyncio.sleep(0.3)
    return tasks


# --- prices -------------------------------------------------------------------------------------
def test_books_stay_whole_while_the_market_moves(moving_sandbox: Sandbox) -> None:
    async def act(client: ccxt.pro.okx) -> None:
        for _ in range(3):
            book = await client.watch_order_book(PAIR)
            assert book["bids"][0][0] < book["asks"][0][0]
            assert min(len(book["bids"]), len(book["asks"])) >= 5

    run(moving_sandbox, "books", act)


def test_ticker_trades_and_candles_arrive(moving_sandbox: Sandbox) -> None:
    async def act(client: ccxt.pro.okx) -> None:
        ticker, trades, candles = await asyncio.gather(
            client.watch_ticker(PAIR),
            client.watch_trades(PAIR),
            client.watch_ohlcv(PAIR, "1m"),
        )
        assert ticker["bid"] < ticker["ask"]
        assert trades[-1]["symbol"] == PAIR
        opened, high, low, close = candles[-1][1:5]
        assert low <= min(opened, close) <= max(opened, close) <= high

    run(moving_sandbox, "prices", act)


# --- one's own ----------------------------------------------------------------------------------
def test_an_order_its_fill_and_the_balance_arrive(moving_sandbox: Sandbox) -> None:
    async def act(client: ccxt.pro.okx) -> None:
        assert (await client.watch_balance())["USDT"]["total"] == 100_000
        orders, fills, balance = await settled(
            client.watch_orders(PAIR), client.watch_my_trades(PAIR), client.watch_balance()
        )
        placed = await client.create_order(PAIR, "market", "buy", 0.01, None, CODE)
        pushed = (await orders)[-1]
        assert (pushed["id"], pushed["info"]["tag"]) == (placed["id"], "ABCD")
        fill = (await fills)[-1]
        assert (fill["order"], fill["info"]["tag"]) == (placed["id"], "ABCD")
        assert fill["fee"]["currency"] == "BTC"
        assert (await balance)["BTC"]["total"] > 2

    run(moving_sandbox, "own", act)


def test_the_last_push_of_an_order_says_that_it_is_closed(moving_sandbox: Sandbox) -> None:
    async def act(client: ccxt.pro.okx) -> None:
        (orders,) = await settled(client.watch_orders())
        placed = await client.create_order(PAIR, "market", "buy", 0.01, None, CODE)
        order = (await orders)[-1]
        while order["status"] != "closed":
            order = (await client.watch_orders())[-1]
        assert (order["id"], order["filled"]) == (placed["id"], 0.01)

    run(moving_sandbox, "closed", act)


def test_a_strategy_order_arrives_on_the_business_channel(moving_sandbox: Sandbox) -> None:
    async def act(client: ccxt.pro.okx) -> None:
        (waiting,) = await settled(client.watch_orders(PAIR, params={"trigger": True}))
        params = {"triggerPrice": 200_000, **CODE}
        placed = await client.create_order(PAIR, "market", "buy", 0.01, None, params)
        assert (await waiting)[-1]["id"] == placed["id"]

    run(moving_sandbox, "strategy", act)


# --- orders over WebSocket ----------------------------------------------------------------------
def test_orders_are_placed_amended_and_cancelled_by_instrument_number(
    moving_sandbox: Sandbox,
) -> None:
    async def act(client: ccxt.pro.okx) -> None:
        placed = await client.create_order_ws(PAIR, "limit", "buy", 0.01, 50_000, CODE)
        await client.edit_order_ws(placed["id"], PAIR, "limit", "buy", 0.02, 40_000)
        amended = await client.fetch_order(placed["id"], PAIR)
        assert (amended["amount"], amended["price"], amended["info"]["tag"]) == (
            0.02,
            40_000,
            "ABCD",
        )
        gone = await client.cancel_order_ws(placed["id"], PAIR)
        assert gone["id"] == placed["id"]
        two = [
            (await client.create_order_ws(PAIR, "limit", "buy", 0.01, px))["id"]
            for px in (50_000, 51_000)
        ]
        await client.cancel_orders_ws(two, PAIR)
        assert await client.fetch_open_orders(PAIR) == []

    run(moving_sandbox, "socket orders", act)


def test_refused_socket_orders_raise_what_refused_requests_raise(moving_sandbox: Sandbox) -> None:
    async def act(client: ccxt.pro.okx) -> None:
        with pytest.raises(ccxt.InsufficientFunds):
            await client.create_order_ws(PAIR, "limit", "buy", 100, 50_000)
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order_ws("1", PAIR)

    run(moving_sandbox, "refused", act)


def test_a_wrong_secret_cannot_log_in(moving_sandbox: Sandbox) -> None:
    async def act(client: ccxt.pro.okx) -> None:
        client.secret = "0" * 32
        with pytest.raises(ccxt.AuthenticationError):
            await client.watch_balance()

    run(moving_sandbox, "stranger", act)


def test_a_demo_key_listens_to_the_demo_environment(moving_sandbox: Sandbox) -> None:
    trader = moving_sandbox.trader("pro in demo", demo=True, USDT="77")

    async def act() -> None:
        client = ccxt.pro.okx(ccxt_options(moving_sandbox, trader))
        client.set_sandbox_mode(True)
        try:
            assert (await client.watch_balance())["USDT"]["total"] == 77
        finally:
            await client.close()

    asyncio.run(act())
