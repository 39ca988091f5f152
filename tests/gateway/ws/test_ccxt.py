"""ccxt.pro over the gateway, changed in two words: its login frame, and the header of its signed
requests, both carry the token."""

import asyncio
from typing import Any

import ccxt.pro
import pytest

from tests.faults.exchange import rich_trader
from tests.gateway.test_exchange import CODE
from tests.sandbox.clients.test_ccxt_pro import settled
from tests.sandbox.conftest import Sandbox
from tests.sandbox.signing import order

pytestmark = pytest.mark.django_db(transaction=True)

PAIR = "BTC/USDT"


class Okx(ccxt.pro.okx):  # type: ignore[misc]
    """A client with a token in place of a key."""

    def __init__(self, portal: str, token: str) -> None:
        addresses = {"rest": portal, "ws": f"{portal.replace('http', 'ws', 1)}/ws/v5"}
        unused = dict.fromkeys(("apiKey", "secret", "password"), "unused")
        super().__init__(unused | {"urls": {"api": addresses}, "options": {"brokerId": CODE}})
        self.options["fetchMarkets"] = {"types": ["spot"]}
        self.access_token = token

    def sign(self, *args: Any, **named: Any) -> Any:
        """A request that carries the token."""
        request = super().sign(*args, **named)
        if request["headers"]:
            kind = {"Content-Type": "application/json"}
            request["headers"] = kind | {"Authorization": f"Bearer {self.access_token}"}
        return request

    def watch(self, url: str, key: str, message: Any = None, *more: Any) -> Any:
        """A message; a login carries the token."""
        if isinstance(message, dict) and message.get("op") == "login":
            message = message | {"args": [{"accessToken": self.access_token}]}
        return super().watch(url, key, message, *more)


def test_an_order_is_placed_changed_and_filled_and_each_step_is_watched(
    portal: str, token: str, exchange: Sandbox
) -> None:
    async def act(client: Okx) -> None:
        assert (await client.watch_balance())["USDT"]["total"] > 0
        (watching,) = await settled(client.watch_orders(PAIR))
        placed = await client.create_order_ws(PAIR, "limit", "buy", 0.01, 20_000)
        assert (await watching)[-1]["id"] == placed["id"]
        await client.edit_order_ws(placed["id"], PAIR, "limit", "buy", 0.02, 21_000)
        changed = await client.fetch_order(placed["id"], PAIR)
        assert (changed["amount"], changed["info"]["tag"]) == (0.02, CODE)
        assert (await client.cancel_order_ws(placed["id"], PAIR))["id"] == placed["id"]

        order(exchange, rich_trader(exchange), "sell", "0.01", "39000")
        (filling,) = await settled(client.watch_my_trades(PAIR))
        taken = await client.create_order_ws(PAIR, "limit", "buy", 0.01, 39_000)
        fill = (await filling)[-1]
        assert (fill["order"], fill["info"]["tag"]) == (taken["id"], CODE)

    run(portal, token, act)


def test_a_foreign_code_is_refused_in_words_that_it_understands(portal: str, token: str) -> None:
    async def act(client: Okx) -> None:
        client.options["brokerId"] = "ZENITH2"
        with pytest.raises(ccxt.BadRequest, match="Connect code"):
            await client.create_order_ws(PAIR, "limit", "buy", 0.01, 20_000)

    run(portal, token, act)


def run(portal: str, token: str, act: Any) -> None:
    """Let a client act, and close it."""

    async def acting() -> None:
        client = Okx(portal, token)
        try:
            await client.load_markets()
            await asyncio.wait_for(act(client), 60)
        finally:
            await client.close()

    asyncio.run(acting())
