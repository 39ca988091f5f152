"""Real OKX clients, unmodified, pointed at the sandbox."""

from typing import Any

import ccxt
from okx.Trade import TradeAPI

from tests.journeys.site import Site


def ccxt_client(site: Site, who: str = "trader", code: str | None = None) -> ccxt.okx:
    """ccxt as an institution would set it up: the user's key, the Connect code as broker id."""
    key = site.card["venue_accounts"][who]["keys"]["trade"]
    exchange = ccxt.okx(
        {
            "apiKey": key["api_key"],
            "secret": key["secret"],
            "password": key["passphrase"],
            "options": {"fetchMarkets": {"types": ["spot"]}},
        }
    )
    exchange.urls["api"]["rest"] = site.card["sandbox_url"]
    if code is not None:
        exchange.options["brokerId"] = code
    return exchange


def python_okx(site: Site, who: str = "trader") -> TradeAPI:
    """OKX's own Python client, REST."""
    key = site.card["venue_accounts"][who]["keys"]["trade"]
    return TradeAPI(
        key["api_key"],
        key["secret"],
        key["passphrase"],
        flag="0",
        domain=site.card["sandbox_url"],
        debug=False,
    )


def accepted(answer: dict[str, Any]) -> str:
    """The order id of an order that python-okx placed; fails with the venue's words otherwise."""
    assert answer["code"] == "0", answer
    return str(answer["data"][0]["ordId"])
