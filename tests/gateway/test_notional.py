"""What an order is worth: size, price and the last price, to the last digit, or a refusal."""

import json
from decimal import Decimal
from typing import Any

import pytest

from connect_portal.gateway import notional
from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.notional import Quote
from connect_portal.gateway.wire import bodies
from tests.gateway.caller import limit_buy

QUOTE = Quote(last=Decimal(40_000), usd=Decimal(1))


def worth(quote: Quote = QUOTE, **changes: Any) -> Decimal:
    """An order's worth, from its JSON."""
    body = json.dumps(limit_buy(**changes)).encode()
    return notional.of_order(bodies.read(body, Operation.PLACE, 1).items[0].asked.terms, quote)


@pytest.mark.parametrize(
    ("changes", "usd"),
    [
        ({"sz": "0.001", "px": "20000"}, "20"),
        ({"sz": 0.001, "px": 20000}, "20"),
        ({"side": "sell", "sz": "0.001", "px": "39999"}, "40"),
        ({"side": "sell", "sz": "0.001", "px": "41000"}, "41"),
        ({"ordType": "market", "sz": "30", "px": ""}, "30"),
        ({"ordType": "market", "sz": "0.001", "tgtCcy": "base_ccy"}, "42"),
        ({"side": "sell", "ordType": "market", "sz": "0.001"}, "42"),
        ({"side": "sell", "ordType": "market", "sz": "30", "tgtCcy": "quote_ccy"}, "30"),
        ({"sz": "0.000000001", "px": "1"}, "0.00000001"),
        ({"sz": "9" * 20, "px": "9" * 20}, "1" + "0" * 15),
    ],
)
def test_worth_is_told_by_size_price_and_the_last_price(changes: dict[str, Any], usd: str) -> None:
    assert worth(**changes) == Decimal(usd)


def test_other_money_than_dollars_counts_at_its_own_price() -> None:
    assert worth(Quote(Decimal("0.05"), usd=Decimal(40_000)), sz="2", px="0.04") == 3_200


@pytest.mark.parametrize(
    ("changes", "usd"),
    [
        ({"ordType": "market", "sz": "0.001", "tgtCcy": "base_ccy"}, "105"),
        ({"side": "sell", "ordType": "market", "sz": "0.001"}, "52.5"),
        ({"side": "sell", "sz": "0.001", "px": "41000"}, "50"),
        ({"sz": "0.001", "px": "41000"}, "41"),
    ],
)
def test_what_a_thin_book_would_fill_at_counts_where_it_is_above_the_last_price(
    changes: dict[str, Any], usd: str
) -> None:
    thin = Quote(Decimal(40_000), Decimal(1), ask=Decimal(100_000), bid=Decimal(50_000))
    assert worth(thin, **changes) == Decimal(usd)


def test_before_the_first_trade_a_limit_order_counts_at_its_own_price() -> None:
    quote = Quote(None, Decimal(1))
    assert worth(quote, side="sell", sz="1", px="5") == 5
    with pytest.raises(Refused, match="51000"):
        worth(quote, ordType="market", sz="1", tgtCcy="base_ccy")


@pytest.mark.parametrize(
    "changes",
    [
        {"sz": "1e3"},
        {"sz": 1e30},
        {"sz": " 1"},
        {"sz": "-1"},
        {"sz": "NaN"},
        {"sz": ""},
        {"sz": None},
        {"sz": ["1"]},
        {"px": ""},
        {"px": "٣"},
        {"side": "BUY"},
        {"ordType": "optimal_limit_ioc"},
        {"ordType": "market", "tgtCcy": "neither"},
        {"ordType": "market", "tgtCcy": False},
        {"ordType": "market", "tgtCcy": ["base_ccy"]},
    ],
)
def test_what_cannot_be_told_for_certain_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="51000"):
        worth(**changes)


@pytest.mark.parametrize(
    "instrument", ["BTC-USDT-SWAP", "btc-usdt", "BTC", "", "BTC-USDT ", "A-B&x"]
)
def test_only_spot_pairs_have_a_worth(instrument: str) -> None:
    with pytest.raises(Refused, match="50027"):
        notional.quote_currency(instrument)


@pytest.mark.parametrize("number", [7, 0, "7", False, [], {}])
def test_a_pair_named_by_number_is_no_pair_here(number: object) -> None:
    """The venue believes the number, whatever the name says."""
    body = json.dumps(limit_buy(instIdCode=number)).encode()
    assert bodies.read(body, Operation.PLACE, 1).items[0].asked.instrument == ""
