"""ccxt's REST client, unmodified, against a live sandbox."""

import itertools
from typing import Any

import ccxt
import pytest

from tests.sandbox.clients.addresses import ccxt_options
from tests.sandbox.conftest import Sandbox, Trader

PAIR, OTHER_PAIR = "BTC/USDT", "ETH/USDT"
CODE = {"tag": "ABCD"}


def client_of(sandbox: Sandbox, trader: Trader, kind: str = "okx") -> ccxt.okx:
    exchange: ccxt.okx = getattr(ccxt, kind)(ccxt_options(sandbox, trader))
    exchange.load_markets()
    return exchange


@pytest.fixture(scope="module")
def loaded(moving_sandbox: Sandbox) -> ccxt.okx:
    """A client with all markets; others copy it, for the venue limits how often it tells."""
    return client_of(moving_sandbox, moving_sandbox.trader("loads markets", USDT="1"))


@pytest.fixture
def client(moving_sandbox: Sandbox, loaded: ccxt.okx, request: pytest.FixtureRequest) -> ccxt.okx:
    trader = moving_sandbox.trader(request.node.name, BTC="2", USDT="100000")
    exchange = ccxt.okx(ccxt_options(moving_sandbox, trader))
    exchange.set_markets_from_exchange(loaded)
    return exchange


# --- what is read -------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["okx", "okxus"])
def test_markets_prices_and_fees_are_read(moving_sandbox: Sandbox, kind: str) -> None:
    client = client_of(moving_sandbox, moving_sandbox.trader(f"reads as {kind}", USDT="1"), kind)
    precision = client.markets[PAIR]["precision"]
    assert (precision["amount"], precision["price"]) == (1e-8, 0.1)
    ticker = client.fetch_ticker(PAIR)
    assert 80_000 < ticker["bid"] < ticker["ask"] < 100_000
    assert ticker["quoteVolume"] >= ticker["baseVolume"] * ticker["low"]
    fee = client.fetch_trading_fee(PAIR)
    assert (fee["maker"], fee["taker"]) == (0.002, 0.0035)
    assert set(client.fetch_tickers()) == set(client.markets)
    assert abs(client.fetch_time() - client.milliseconds()) < 5000


def test_a_fresh_site_shows_depth_trades_and_a_day_of_candles(client: ccxt.okx) -> None:
    for pair in (PAIR, "PEPE/USDT", "XRP/USDC", "USDT/USD"):
        book = client.fetch_order_book(pair)
        assert len(book["bids"]) >= 10
        assert len(book["asks"]) >= 10
        assert len(client.fetch_trades(pair)) >= 50
        minutes = client.fetch_ohlcv(pair, "1m", limit=300)
        assert len(minutes) == 300
        steps = {after[0] - before[0] for before, after in itertools.pairwise(minutes)}
        assert steps == {60_000}
    assert len(client.fetch_ohlcv(PAIR, "1h")) >= 24


def test_account_and_funding_are_read(client: ccxt.okx) -> None:
    assert client.fetch_balance()["BTC"] == {"free": 2.0, "used": 0.0, "total": 2.0}
    assert client.fetch_balance({"type": "funding"})["info"]["code"] == "0"
    assert client.fetch_accounts()[0]["type"] == "1"
    assert client.fetch_ledger() == []  # it asks for spot alone, which a transfer is not


# --- orders -------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["okx", "okxus"])
def test_tagged_limit_order_rests_is_found_amended_and_cancelled(
    moving_sandbox: Sandbox, kind: str
) -> None:
    trader = moving_sandbox.trader(f"rests with {kind}", USDT="100000")
    client = client_of(moving_sandbox, trader, kind)
    order = client.create_order(PAIR, "limit", "buy", 0.01, 50_000, CODE)
    resting = client.fetch_open_orders(PAIR)
    assert [(row["id"], row["info"]["tag"]) for row in resting] == [(order["id"], "ABCD")]
    assert client.fetch_balance()["USDT"] == {"free": 99_500.0, "used": 500.0, "total": 100_000.0}
    client.edit_order(order["id"], PAIR, "limit", "buy", 0.02, 40_000)
    assert client.fetch_balance()["USDT"]["used"] == 800.0
    client.cancel_order(order["id"], PAIR)
    assert client.fetch_open_orders(PAIR) == []
    assert client.fetch_order(order["id"], PAIR)["status"] == "canceled"
    assert [row["id"] for row in client.fetch_canceled_orders(PAIR)] == [order["id"]]


def test_the_code_of_a_constructor_option_goes_into_tag_and_own_id(
    moving_sandbox: Sandbox,
) -> None:
    trader = moving_sandbox.trader("branded", USDT="1000")
    options = ccxt_options(moving_sandbox, trader, options={"brokerId": "ABCD"})
    client = ccxt.okx(options)
    order = client.create_order(PAIR, "limit", "buy", 0.001, 50_000)
    info = client.fetch_order(order["id"], PAIR)["info"]
    assert (info["tag"], info["clOrdId"][:4]) == ("ABCD", "ABCD")


def test_an_order_is_found_by_the_callers_own_id(client: ccxt.okx) -> None:
    params = {"clientOrderId": "mine1", "tag": "ABCD"}
    order = client.create_order(PAIR, "limit", "buy", 0.01, 50_000, params)
    found = client.fetch_order("", PAIR, {"clOrdId": "mine1"})
    assert (found["id"], found["clientOrderId"]) == (order["id"], "mine1")
    client.cancel_order("", PAIR, {"clOrdId": "mine1"})
    assert client.fetch_order(order["id"], PAIR)["status"] == "canceled"


def test_tagged_market_order_fills_with_its_fee_and_tag(client: ccxt.okx) -> None:
    order = client.create_order(PAIR, "market", "buy", 0.01, None, CODE)
    done = client.fetch_order(order["id"], PAIR)
    assert (done["status"], done["filled"], done["info"]["tag"]) == ("closed", 0.01, "ABCD")
    fills = client.fetch_my_trades(PAIR)
    assert {(fill["order"], fill["info"]["tag"]) for fill in fills} == {(order["id"], "ABCD")}
    assert {fill["fee"]["currency"] for fill in fills} == {"BTC"}
    assert sum(fill["amount"] for fill in fills) == pytest.approx(0.01)
    assert sum(fill["fee"]["cost"] for fill in fills) == pytest.approx(0.000035)
    same = client.fetch_order_trades(order["id"], PAIR)
    assert [fill["id"] for fill in same] == [fill["id"] for fill in fills]
    assert [row["id"] for row in client.fetch_closed_orders(PAIR)] == [order["id"]]
    assert client.fetch_balance()["BTC"]["total"] == pytest.approx(2.009965)
    assert {bill["type"] for bill in client.fetch_ledger()} == {"trade"}


def test_market_buy_by_cost_spends_no_more_than_asked(client: ccxt.okx) -> None:
    client.create_market_buy_order_with_cost(PAIR, 1000, CODE)
    spent = 100_000 - client.fetch_balance()["USDT"]["total"]
    assert 999 < spent <= 1000


def test_post_only_rests_or_is_cancelled_by_the_venue(client: ccxt.okx) -> None:
    resting = client.create_order(PAIR, "limit", "buy", 0.01, 50_000, {"postOnly": True})
    assert client.fetch_order(resting["id"], PAIR)["status"] == "open"
    crossing = client.create_order(PAIR, "limit", "buy", 0.01, 94_000, {"postOnly": True})
    gone = client.fetch_order(crossing["id"], PAIR)
    assert (gone["status"], gone["filled"]) == ("canceled", 0)
    assert gone["info"]["cancelSource"] == "31"


@pytest.mark.parametrize(("time_in_force", "source"), [("IOC", "14"), ("FOK", "13")])
def test_orders_that_may_not_wait_fill_at_once_or_leave(
    client: ccxt.okx, time_in_force: str, source: str
) -> None:
    params = {"timeInForce": time_in_force, **CODE}
    filled = client.create_order(PAIR, "limit", "buy", 0.01, 94_000, params)
    done = client.fetch_order(filled["id"], PAIR)
    assert (done["status"], done["timeInForce"]) == ("closed", time_in_force)
    missed = client.create_order(PAIR, "limit", "buy", 0.01, 50_000, params)
    gone = client.fetch_order(missed["id"], PAIR)
    assert (gone["status"], gone["info"]["cancelSource"]) == ("canceled", source)


def test_a_batch_is_placed_and_cancelled_in_the_order_asked(client: ccxt.okx) -> None:
    rows: list[dict[str, Any]] = [
        {
            "symbol": pair,
            "type": "limit",
            "side": "buy",
            "amount": 0.01,
            "price": px,
            "params": CODE,
        }
        for pair, px in ((PAIR, 50_000), (OTHER_PAIR, 1000), (PAIR, 51_000))
    ]
    placed = client.create_orders(rows)
    found = [client.fetch_order(row["id"], row["info"].get("instId", PAIR)) for row in placed[::2]]
    assert [row["price"] for row in found] == [50_000, 51_000]
    assert len(client.fetch_open_orders()) == 3
    client.cancel_orders([placed[0]["id"], placed[2]["id"]], PAIR)
    assert [row["symbol"] for row in client.fetch_open_orders()] == [OTHER_PAIR]


def test_a_price_of_millionths_is_written_without_exponents(client: ccxt.okx) -> None:
    client.create_order("PEPE/USDT", "market", "buy", 1_000_000, None, CODE)
    (fill,) = client.fetch_my_trades("PEPE/USDT")
    assert 0.000003 < fill["price"] < 0.000006
    assert (fill["fee"]["cost"], fill["fee"]["currency"]) == (3500, "PEPE")
    assert "E" not in fill["info"]["fillPx"].upper()
    resting = client.create_order("PEPE/USDT", "limit", "buy", 1_000_000, 0.000000001, CODE)
    assert client.fetch_order(resting["id"], "PEPE/USDT")["info"]["px"] == "0.000000001"


def test_history_is_read_page_by_page(client: ccxt.okx) -> None:
    placed = [client.create_order(PAIR, "market", "sell", 0.001)["id"] for _ in range(5)]
    newest = client.fetch_closed_orders(PAIR, limit=2)
    assert [row["id"] for row in newest] == placed[3:]
    older = client.fetch_closed_orders(PAIR, limit=2, params={"after": newest[0]["id"]})
    assert [row["id"] for row in older] == placed[1:3]


# --- strategy orders ----------------------------------------------------------------------------
def test_trigger_order_waits_is_listed_and_is_cancelled(client: ccxt.okx) -> None:
    params = {"triggerPrice": 200_000, **CODE}
    order = client.create_order(PAIR, "market", "buy", 0.01, None, params)
    waiting = client.fetch_open_orders(PAIR, params={"trigger": True})
    assert [(row["id"], row["info"]["tag"]) for row in waiting] == [(order["id"], "ABCD")]
    assert client.fetch_order(order["id"], PAIR, {"trigger": True})["status"] == "open"
    client.cancel_order(order["id"], PAIR, {"trigger": True})
    assert client.fetch_open_orders(PAIR, params={"trigger": True}) == []
    ended = client.fetch_canceled_orders(PAIR, params={"trigger": True, "ordType": "trigger"})
    assert [row["id"] for row in ended] == [order["id"]]


PROTECTION: list[tuple[str, dict[str, Any]]] = [
    ("conditional", {"stopLossPrice": 10_000}),
    ("conditional", {"takeProfitPrice": 300_000}),
    ("oco", {"stopLossPrice": 10_000, "takeProfitPrice": 300_000}),
    ("move_order_stop", {"trailingPercent": 5}),
]


@pytest.mark.parametrize(("kind", "params"), PROTECTION, ids=[str(row[1]) for row in PROTECTION])
def test_a_protective_order_is_taken_with_the_margin_mode_ccxt_sends(
    client: ccxt.okx, kind: str, params: dict[str, Any]
) -> None:
    order = client.create_order(PAIR, "market", "sell", 0.01, None, {**params, **CODE})
    listing = {"trigger": True, "ordType": kind}
    waiting = client.fetch_open_orders(PAIR, params=listing)
    assert [(row["id"], row["info"]["tag"]) for row in waiting] == [(order["id"], "ABCD")]
    client.cancel_orders([order["id"]], PAIR, {"trigger": True})
    assert client.fetch_open_orders(PAIR, params=listing) == []


def test_a_stop_attached_to_an_order_waits_when_it_has_filled(client: ccxt.okx) -> None:
    params = {"stopLoss": {"triggerPrice": 10_000}, "tgtCcy": "quote_ccy", "cost": 1000, **CODE}
    client.create_order(PAIR, "market", "buy", 0.01, None, params)
    (stop,) = client.fetch_open_orders(PAIR, params={"trigger": True, "ordType": "conditional"})
    assert (stop["stopLossPrice"], stop["side"]) == (10_000, "sell")
