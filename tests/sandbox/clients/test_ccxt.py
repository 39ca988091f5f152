"""ccxt, unmodified, against a live sandbox: only its addresses are set."""

import asyncio
from typing import Any

import ccxt
import ccxt.pro
import pytest

from tests.sandbox.conftest import Sandbox, Trader

PAIR = "BTC/USDT"


def options(sandbox: Sandbox, trader: Trader) -> dict[str, Any]:
    return {
        "apiKey": trader.api_key,
        "secret": trader.secret,
        "password": trader.passphrase,
        "urls": {"api": {"rest": sandbox.base_url, "ws": sandbox.ws_url}},
    }


@pytest.fixture(params=["okx", "okxus"])
def client(moving_sandbox: Sandbox, request: pytest.FixtureRequest) -> ccxt.okx:
    trader = moving_sandbox.trader(request.node.name, BTC="2", USDT="100000")
    exchange: ccxt.okx = getattr(ccxt, request.param)(options(moving_sandbox, trader))
    exchange.load_markets()
    return exchange


def test_markets_prices_and_fees_are_read(client: ccxt.okx) -> None:
    precision = client.markets[PAIR]["precision"]
    assert (precision["amount"], precision["price"]) == (1e-8, 0.1)
    ticker = client.fetch_ticker(PAIR)
    assert 80_000 < ticker["bid"] < ticker["ask"] < 100_000
    assert ticker["quoteVolume"] >= ticker["baseVolume"] * ticker["low"]
    book = client.fetch_order_book(PAIR)
    assert len(book["bids"]) == len(book["asks"]) == 10
    assert client.fetch_ohlcv(PAIR)
    assert client.fetch_trades(PAIR)
    fee = client.fetch_trading_fee(PAIR)
    assert (fee["maker"], fee["taker"]) == (0.002, 0.0035)
    assert set(client.fetch_tickers()) == set(client.markets)
    assert client.fetch_status()["status"] == "ok"


def test_tagged_limit_order_rests_is_found_and_is_cancelled(client: ccxt.okx) -> None:
    order = client.create_order(PAIR, "limit", "buy", 0.01, 50_000, {"tag": "ABCD"})
    resting = client.fetch_open_orders(PAIR)
    assert [(row["id"], row["info"]["tag"]) for row in resting] == [(order["id"], "ABCD")]
    assert client.fetch_balance()["USDT"] == {"free": 99_500.0, "used": 500.0, "total": 100_000.0}
    client.edit_order(order["id"], PAIR, "limit", "buy", 0.02, 40_000)
    assert client.fetch_balance()["USDT"]["used"] == 800.0
    client.cancel_order(order["id"], PAIR)
    assert client.fetch_open_orders(PAIR) == []
    assert client.fetch_order(order["id"], PAIR)["status"] == "canceled"
    assert [row["id"] for row in client.fetch_canceled_orders(PAIR)] == [order["id"]]


def test_tagged_market_order_fills_with_its_fee_and_tag(client: ccxt.okx) -> None:
    order = client.create_order(PAIR, "market", "buy", 0.01, None, {"tag": "ABCD"})
    done = client.fetch_order(order["id"], PAIR)
    assert (done["status"], done["filled"], done["info"]["tag"]) == ("closed", 0.01, "ABCD")
    (fill,) = client.fetch_my_trades(PAIR)
    assert (fill["order"], fill["amount"], fill["info"]["tag"]) == (order["id"], 0.01, "ABCD")
    assert (fill["fee"]["cost"], fill["fee"]["currency"]) == (0.000035, "BTC")
    assert [row["id"] for row in client.fetch_closed_orders(PAIR)] == [order["id"]]
    assert client.fetch_balance()["BTC"]["total"] == 2.009965
    bills = client.fetch_ledger(params={"instType": "SPOT"})
    assert {bill["type"] for bill in bills} == {"transfer", "trade"}


def test_market_buy_by_cost_spends_no_more_than_asked(client: ccxt.okx) -> None:
    client.create_market_buy_order_with_cost(PAIR, 1000, {"tag": "ABCD"})
    spent = 100_000 - client.fetch_balance()["USDT"]["total"]
    assert 999 < spent <= 1000


def test_trigger_order_waits_is_listed_and_is_cancelled(client: ccxt.okx) -> None:
    params = {"triggerPrice": 200_000, "tag": "ABCD"}
    order = client.create_order(PAIR, "market", "buy", 0.01, None, params)
    waiting = client.fetch_open_orders(PAIR, params={"trigger": True})
    assert [(row["id"], row["info"]["tag"]) for row in waiting] == [(order["id"], "ABCD")]
    client.cancel_order(order["id"], PAIR, {"trigger": True})
    assert client.fetch_open_orders(PAIR, params={"trigger": True}) == []


def test_stop_loss_order_is_taken_with_the_margin_mode_ccxt_sends(client: ccxt.okx) -> None:
    order = client.create_order(PAIR, "market", "sell", 0.01, None, {"stopLossPrice": 10_000})
    waiting = client.fetch_open_orders(PAIR, params={"trigger": True, "ordType": "conditional"})
    assert [row["id"] for row in waiting] == [order["id"]]


def test_refusals_become_the_right_exceptions(client: ccxt.okx) -> None:
    with pytest.raises(ccxt.InsufficientFunds):
        client.create_order(PAIR, "limit", "buy", 100, 50_000)
    with pytest.raises(ccxt.OrderNotFound):
        client.fetch_order("1", PAIR)
    with pytest.raises(ccxt.OrderNotFound):
        client.cancel_order("1", PAIR)
    with pytest.raises(ccxt.BadSymbol):
        client.public_get_market_ticker({"instId": "BTC-USD"})
    client.secret = "0" * 32
    with pytest.raises(ccxt.AuthenticationError):
        client.fetch_balance()


def test_a_slow_clock_is_told_so(client: ccxt.okx) -> None:
    client.options["timeDifference"] = 60_000
    with pytest.raises(ccxt.InvalidNonce):
        client.fetch_balance()


def test_pushes_arrive_for_orders_fills_balances_and_prices(moving_sandbox: Sandbox) -> None:
    trader = moving_sandbox.trader("pro", BTC="2", USDT="100000")

    async def watch() -> None:
        client = ccxt.pro.okx(options(moving_sandbox, trader))
        try:
            await client.load_markets()
            assert (await client.watch_balance())["USDT"]["total"] == 100_000
            orders = asyncio.create_task(client.watch_orders(PAIR))
            fills = asyncio.create_task(client.watch_my_trades(PAIR))
            await client.watch_ticker(PAIR)
            await asyncio.sleep(0.2)
            placed = await client.create_order_ws(
                PAIR, "market", "buy", 0.01, None, {"tag": "ABCD"}
            )
            pushed = (await asyncio.wait_for(orders, 10))[-1]
            assert (pushed["id"], pushed["info"]["tag"]) == (placed["id"], "ABCD")
            (fill,) = await asyncio.wait_for(fills, 10)
            assert (fill["order"], fill["amount"]) == (placed["id"], 0.01)
            book = await client.watch_order_book(PAIR)
            for _ in range(3):
                book = await client.watch_order_book(PAIR)
            assert book["bids"][0][0] < book["asks"][0][0]
            assert await client.watch_trades(PAIR)
            resting = await client.create_order_ws(PAIR, "limit", "buy", 0.01, 50_000)
            gone = await client.cancel_order_ws(resting["id"], PAIR)
            assert gone["id"] == resting["id"]
        finally:
            await client.close()

    asyncio.run(watch())
