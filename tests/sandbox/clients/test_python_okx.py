"""python-okx, unmodified, against a live sandbox: only its `domain` is set."""

from dataclasses import dataclass

import pytest
from okx import Account, Funding, MarketData, PublicData, Trade

from tests.sandbox.conftest import Sandbox, Trader

INST = "BTC-USDT"


@dataclass
class Client:
    """The library's classes for one trader."""

    trade: Trade.TradeAPI
    account: Account.AccountAPI
    funding: Funding.FundingAPI
    market: MarketData.MarketAPI
    public: PublicData.PublicAPI


def client_of(sandbox: Sandbox, trader: Trader, flag: str = "0") -> Client:
    signed = {
        "api_key": trader.api_key,
        "api_secret_key": trader.secret,
        "passphrase": trader.passphrase,
        "flag": flag,
        "domain": sandbox.base_url,
    }
    return Client(
        Trade.TradeAPI(**signed),
        Account.AccountAPI(**signed),
        Funding.FundingAPI(**signed),
        MarketData.MarketAPI(flag=flag, domain=sandbox.base_url),
        PublicData.PublicAPI(flag=flag, domain=sandbox.base_url),
    )


@pytest.fixture
def client(moving_sandbox: Sandbox, request: pytest.FixtureRequest) -> Client:
    trader = moving_sandbox.trader(request.node.name, BTC="2", USDT="100000")
    return client_of(moving_sandbox, trader)


# --- what is read -------------------------------------------------------------------------------
def test_public_data_is_read(client: Client) -> None:
    instruments = client.public.get_instruments(instType="SPOT")["data"]
    assert INST in {row["instId"] for row in instruments}
    assert client.public.get_system_time()["data"][0]["ts"].isdigit()
    limits = client.public.get_price_limit(INST)["data"][0]
    assert float(limits["sellLmt"]) < 90_000 < float(limits["buyLmt"])
    assert client.market.get_ticker(INST)["data"][0]["last"]
    assert len(client.market.get_tickers("SPOT")["data"]) == len(instruments)
    assert client.market.get_orderbook(INST, sz="5")["data"][0]["bids"]
    assert len(client.market.get_trades(INST, limit="20")["data"]) == 20
    assert len(client.market.get_history_trades(INST, limit="20")["data"]) == 20
    assert len(client.market.get_candlesticks(INST, bar="5m", limit="50")["data"]) == 50
    assert len(client.market.get_history_candlesticks(INST, bar="1H", limit="9")["data"]) == 9


def test_account_and_funding_are_read(client: Client) -> None:
    assert client.account.get_instruments(instType="SPOT")["data"][0]["instType"] == "SPOT"
    assert client.account.get_account_config()["data"][0]["perm"] == "read_only,trade"
    (balance,) = client.account.get_account_balance(ccy="BTC,ETH")["data"]
    assert [(row["ccy"], row["eq"]) for row in balance["details"]] == [("BTC", "2")]
    fees = client.account.get_fee_rates(instType="SPOT", instId=INST)["data"][0]
    assert (fees["maker"], fees["taker"]) == ("-0.002", "-0.0035")
    assert client.account.get_positions()["data"] == []
    for read in (client.account.get_account_bills, client.account.get_account_bills_archive):
        assert {bill["type"] for bill in read()["data"]} == {"1"}
    (most,) = client.account.get_max_order_size(INST, "cash", px="50000")["data"]
    assert (most["maxBuy"], most["maxSell"]) == ("2", "100000")  # in base, in quote
    (there,) = client.account.get_max_avail_size(INST, "cash")["data"]
    assert (there["availBuy"], there["availSell"]) == ("100000", "2")
    assert client.funding.get_currencies()["code"] == "0"
    assert client.funding.get_balances()["code"] == "0"


def test_position_mode_is_set_and_read_again(client: Client) -> None:
    assert client.account.set_position_mode("long_short_mode")["data"] == [
        {"posMode": "long_short_mode"}
    ]
    assert client.account.get_account_config()["data"][0]["posMode"] == "long_short_mode"


# --- orders -------------------------------------------------------------------------------------
def test_limit_order_lives_and_is_cancelled(client: Client) -> None:
    placed = client.trade.place_order(
        INST, "cash", "buy", "limit", "0.01", px="50000", tag="ABCD", clOrdId="mine1"
    )
    (row,) = placed["data"]
    assert (placed["code"], row["sCode"], row["tag"]) == ("0", "0", "ABCD")
    (resting,) = client.trade.get_order_list(instId=INST)["data"]
    assert (resting["ordId"], resting["tag"], resting["state"]) == (row["ordId"], "ABCD", "live")
    amended = client.trade.amend_order(INST, clOrdId="mine1", newSz="0.02")
    assert amended["data"][0]["sCode"] == "0"
    assert client.trade.cancel_order(INST, ordId=row["ordId"])["data"][0]["sCode"] == "0"
    (found,) = client.trade.get_order(INST, clOrdId="mine1")["data"]
    assert (found["state"], found["sz"], found["cancelSource"]) == ("canceled", "0.02", "1")
    (kept,) = client.trade.get_orders_history("SPOT", instId=INST)["data"]
    assert kept["ordId"] == row["ordId"]


def test_market_order_fills_and_is_in_both_fill_lists(client: Client) -> None:
    placed = client.trade.place_order(INST, "cash", "sell", "market", "0.01", tag="ABCD")
    order_id = placed["data"][0]["ordId"]
    for rows in (
        client.trade.get_fills(instType="SPOT", ordId=order_id)["data"],
        client.trade.get_fills_history("SPOT", ordId=order_id)["data"],
    ):
        (fill,) = rows
        assert (fill["fillSz"], fill["tag"], fill["feeCcy"]) == ("0.01", "ABCD", "USDT")
        assert (fill["execType"], fill["feeRate"]) == ("T", "-0.0035")


def test_market_order_is_sized_in_quote_or_base_as_asked(client: Client) -> None:
    for target, size in (("quote_ccy", "500"), ("base_ccy", "0.01")):
        placed = client.trade.place_order(INST, "cash", "buy", "market", size, tgtCcy=target)
        (found,) = client.trade.get_order(INST, ordId=placed["data"][0]["ordId"])["data"]
        assert (found["state"], found["tgtCcy"], found["sz"]) == ("filled", target, size)


def test_orders_of_the_past_are_read_page_by_page(client: Client) -> None:
    ids = [
        client.trade.place_order(INST, "cash", "sell", "market", "0.001")["data"][0]["ordId"]
        for _ in range(5)
    ]
    for read in (client.trade.get_orders_history, client.trade.get_orders_history_archive):
        newest = read("SPOT", instId=INST, limit="2")["data"]
        assert [row["ordId"] for row in newest] == [ids[4], ids[3]]
        older = read("SPOT", instId=INST, after=ids[3])["data"]
        assert [row["ordId"] for row in older] == [ids[2], ids[1], ids[0]]
    fills = client.trade.get_fills(instType="SPOT", limit="2")["data"]
    older = client.trade.get_fills(instType="SPOT", after=fills[-1]["billId"])["data"]
    assert {fill["ordId"] for fill in older} == set(ids[:3])


def test_batch_reports_each_order_in_the_order_asked(client: Client) -> None:
    good = {
        "instId": INST,
        "tdMode": "cash",
        "side": "buy",
        "ordType": "limit",
        "px": "50000",
        "sz": "0.01",
        "tag": "ABCD",
    }
    answer = client.trade.place_multiple_orders([good, good | {"sz": "100"}, good | {"sz": "x"}])
    assert answer["code"] == "2"
    assert [row["sCode"] for row in answer["data"]] == ["0", "51008", "51000"]
    named = {"instId": INST, "ordId": answer["data"][0]["ordId"]}
    assert client.trade.amend_multiple_orders([{**named, "newPx": "40000"}])["code"] == "0"
    assert client.trade.get_order(**named)["data"][0]["px"] == "40000"
    assert client.trade.cancel_multiple_orders([named])["code"] == "0"


def test_refusals_carry_the_venues_codes(client: Client, moving_sandbox: Sandbox) -> None:
    short = client.trade.place_order(INST, "cash", "buy", "limit", "100", px="50000")
    assert (short["code"], short["data"][0]["sCode"]) == ("1", "51008")
    unknown = client.trade.place_order("BTC-USD", "cash", "buy", "limit", "1", px="50000")
    assert unknown["data"][0]["sCode"] == "51001"
    assert client.trade.get_order(INST, ordId="1")["code"] == "51603"
    reader = moving_sandbox.trader("reader", perm="read_only")
    refused = client_of(moving_sandbox, reader).trade.place_order(
        INST, "cash", "buy", "limit", "1", px="50000"
    )
    assert refused["code"] == "50120"


def test_demo_flag_of_the_library_means_the_demo_environment(moving_sandbox: Sandbox) -> None:
    trader = moving_sandbox.trader("flagged", demo=True, USDT="5")
    answer = client_of(moving_sandbox, trader, flag="1").account.get_account_balance()
    assert answer["data"][0]["details"][0]["eq"] == "5"
    mixed_up = client_of(moving_sandbox, trader, flag="0").account.get_account_balance()
    assert mixed_up["code"] == "50101"
