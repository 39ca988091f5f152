"""python-okx over WebSocket, unmodified: it speaks TLS only, so a bridge stands in front."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from okx import Trade
from okx.websocket.WsPrivateAsync import WsPrivateAsync
from okx.websocket.WsPublicAsync import WsPublicAsync

from tests.sandbox.clients.tls import HOST, bridge, make_certificate
from tests.sandbox.conftest import Sandbox, Trader

INST = "BTC-USDT"
ORDER = {"instId": INST, "tdMode": "cash", "side": "buy", "tag": "ABCD"}


class Inbox:
    """What a client's callback was told, in order."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def __call__(self, text: str) -> None:
        self._queue.put_nowait(json.loads(text))

    async def wait(self, **wanted: Any) -> dict[str, Any]:
        """The next message with these values, at the top or in its `arg`; others are dropped."""
        while True:
            message = await self._queue.get()
            seen = {**message.get("arg", {}), **message}
            if wanted.items() <= seen.items():
                return message


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def play(sandbox: Sandbox, certificate: Path, act: Callable[[str], Awaitable[None]]) -> None:
    """Act against `wss://…/ws/v5` while the bridge is up."""

    async def acting() -> None:
        async with bridge(certificate, urlsplit(sandbox.base_url).port or 0) as port:
            await asyncio.wait_for(act(f"wss://{HOST}:{port}/ws/v5"), 30)

    asyncio.run(acting())


def alice(sandbox: Sandbox, name: str) -> Trader:
    return sandbox.trader(f"Alice of {name}", BTC="2", USDT="100000")


def test_orders_are_placed_amended_cancelled_filled_and_pushed(
    moving_sandbox: Sandbox, certificate: Path
) -> None:
    trader = alice(moving_sandbox, "orders")

    async def act(url: str) -> None:
        inbox = Inbox()
        client = WsPrivateAsync(trader.api_key, trader.passphrase, trader.secret, f"{url}/private")
        await client.start()
        channels = [{"channel": "orders", "instType": "ANY"}, {"channel": "account"}]
        await client.subscribe(channels, inbox)
        assert (await inbox.wait(event="login"))["code"] == "0"
        await inbox.wait(channel="account", eventType="snapshot")
        await client.login()  # as each further `subscribe` does
        assert (await inbox.wait(event="error"))["code"] == "60031"

        limit = {**ORDER, "ordType": "limit", "px": "50000", "sz": "0.01"}
        await client.place_order([limit], id="p1")
        placed = (await inbox.wait(id="p1"))["data"][0]
        assert (placed["sCode"], placed["tag"]) == ("0", "ABCD")
        named = {"instId": INST, "ordId": placed["ordId"]}
        await client.amend_order([{**named, "newSz": "0.02"}], id="a1")
        assert (await inbox.wait(id="a1"))["data"][0]["sCode"] == "0"
        await client.cancel_order([named], id="c1")
        assert (await inbox.wait(id="c1"))["data"][0]["sCode"] == "0"

        market = {**ORDER, "ordType": "market", "banAmend": True}
        two = [{**market, "sz": sz} for sz in ("100", "1000000")]
        await client.batch_orders(two, id="b1")
        push = await next_push(inbox, "filled")
        assert (push["tag"], push["fillFeeCcy"], push["execType"]) == ("ABCD", "BTC", "T")
        await client.batch_orders(two, id="b2")
        answer = await inbox.wait(id="b2")
        assert answer["code"] == "2"
        assert [row["sCode"] for row in answer["data"]] == ["0", "51008"]
        await client.stop()

    play(moving_sandbox, certificate, act)


async def next_push(inbox: Inbox, state: str) -> dict[str, Any]:
    """The next order pushed in a state."""
    while True:
        order: dict[str, Any] = (await inbox.wait(channel="orders"))["data"][0]
        if order["state"] == state:
            return order


def test_prices_are_pushed_without_a_login(moving_sandbox: Sandbox, certificate: Path) -> None:
    async def act(url: str) -> None:
        inbox = Inbox()
        client = WsPublicAsync(f"{url}/public")
        await client.start()
        channels = ("tickers", "books5", "trades")
        await client.subscribe([{"channel": name, "instId": INST} for name in channels], inbox)
        for name in channels:
            assert (await inbox.wait(event="subscribe", channel=name))["arg"]["instId"] == INST
        trade = await inbox.wait(channel="trades")
        assert trade["data"][0]["instId"] == INST
        await client.unsubscribe([{"channel": "tickers", "instId": INST}], inbox)
        await inbox.wait(event="unsubscribe")
        await client.stop()

    play(moving_sandbox, certificate, act)


def test_strategy_orders_are_pushed_on_the_business_address(
    moving_sandbox: Sandbox, certificate: Path
) -> None:
    trader = alice(moving_sandbox, "strategies")
    trade = Trade.TradeAPI(
        trader.api_key, trader.secret, trader.passphrase, flag="0", domain=moving_sandbox.base_url
    )

    async def act(url: str) -> None:
        inbox = Inbox()
        client = WsPublicAsync(f"{url}/business", trader.api_key, trader.passphrase, trader.secret)
        await client.start()
        client.callback = inbox
        await client.login()
        await inbox.wait(event="login")
        await client.subscribe([{"channel": "orders-algo", "instType": "SPOT"}], inbox)
        await inbox.wait(event="subscribe")
        placed = trade.place_algo_order(
            INST, "cash", "buy", "trigger", "0.01", triggerPx="200000", orderPx="-1", tag="ABCD"
        )
        push = (await inbox.wait(channel="orders-algo"))["data"][0]
        assert (push["algoId"], push["tag"]) == (placed["data"][0]["algoId"], "ABCD")
        await client.stop()

    play(moving_sandbox, certificate, act)
