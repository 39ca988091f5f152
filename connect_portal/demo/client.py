"""A company's trading program, played with ccxt: a model client that passes every check.

It knows addresses and a key or a token, nothing of the portal's tables. ccxt is a development
dependency; it is looked for when it is needed.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

from connect_portal.demo.errors import NoClient
from connect_portal.venue.types import Credentials

PAIR: Final = "BTC/USDT"
PRICE: Final = 1_000
PATIENCE: Final = 30
PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a client is pointed at: the exchange's, or the gateway's."""

    rest: str
    socket: str


@dataclass
class Player:
    """One channel's client under test: ccxt's ``rest`` and ``socket``, with a key or a token.

    ``until`` waits until a check of that key was judged and what comes next has begun; ``mark``
    makes client order ids its own.
    """

    ccxt: Any
    code: str
    rest: Any
    socket: Any
    until: Callable[[str], None]
    mark: str
    sizes: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000)))

    def play(self) -> None:
        """Everything up to the end of the connection, and that one request is refused then."""
        self.rest.fetch_balance()
        self._order()
        self.until("order")
        self._again_after_429()
        self.until("too_many")
        self._look_up_what_was_lost()
        self.until("unknown")
        open_order = self._order()
        self.rest.edit_order(open_order["id"], PAIR, "limit", "buy", self._size(), PRICE)
        self.rest.cancel_order(open_order["id"], PAIR)
        one = {"symbol": PAIR, "type": "limit", "side": "buy", "price": PRICE}
        self.rest.create_orders([one | {"amount": self._size()} for _ in range(2)])
        with suppress(self.ccxt.ExchangeError):  # refused with 50030 over OAuth
            self.rest.create_order(PAIR, "market", "buy", 0.001, None, {"triggerPrice": PRICE})
        with suppress(self.ccxt.ExchangeError):  # below the minimum
            self.rest.create_order(PAIR, "limit", "buy", 0.000001, PRICE)
        # In a thread of its own: whoever plays may have a loop that is running.
        with ThreadPoolExecutor(1) as aside:
            aside.submit(asyncio.run, self._log_in_on_a_socket()).result()
        self._stop_when_refused()

    def _order(self, **params: str) -> Any:
        return self.rest.create_order(PAIR, "limit", "buy", self._size(), PRICE, params)

    def _own_id(self, word: str) -> dict[str, str]:
        """ccxt leaves the tag out beside a client order id of one's own: give both."""
        return {"clientOrderId": f"{self.code}{self.mark}{word}"[-32:], "tag": self.code}

    def _size(self) -> float:
        return next(self.sizes) / 1_000

    def _again_after_429(self) -> None:
        wish = (PAIR, "limit", "buy", self._size(), PRICE, self._own_id("w"))
        try:
            self.rest.create_order(*wish)
        except self.ccxt.RateLimitExceeded:
            time.sleep(PAUSE)
            self.rest.create_order(*wish)

    def _look_up_what_was_lost(self) -> None:
        own, size = self._own_id("u"), self._size()
        try:
            self.rest.create_order(PAIR, "limit", "buy", size, PRICE, own)
        except self.ccxt.RequestTimeout:
            try:
                self.rest.fetch_order("", PAIR, {"clientOrderId": own["clientOrderId"]})
            except self.ccxt.OrderNotFound:
                self.rest.create_order(PAIR, "limit", "buy", size, PRICE, own)

    async def _log_in_on_a_socket(self) -> None:
        try:
            await self.socket.watch_balance()
        finally:
            await self.socket.close()

    def _stop_when_refused(self) -> None:
        for _ in range(PATIENCE):
            try:
                self.rest.fetch_balance()
            except self.ccxt.ExchangeError:
                return
            time.sleep(PAUSE)


def signing_client(
    code: str, at: Addresses, key: Credentials, until: Callable[[str], None], mark: str
) -> Player:
    """For the API channel: signed with a key, straight to the exchange. Raises NoClient."""
    known = {"apiKey": key.api_key, "secret": key.secret, "password": key.passphrase}
    ccxt, rest, socket = _set_up(code, at, known)
    return Player(ccxt, code, rest, socket, until, mark)


def bearing_client(
    code: str, at: Addresses, token: str, until: Callable[[str], None], mark: str
) -> Player:
    """For the OAuth channel: every request carries a token, to the gateway. Raises NoClient."""
    unused = dict.fromkeys(("apiKey", "secret", "password"), "unused")
    ccxt, rest, socket = _set_up(code, at, unused)
    for client in (rest, socket):
        client.sign = _with_token(client.sign, token)
    watch = socket.watch

    def watched(url: str, key: str, message: Any = None, *more: Any) -> Any:
        if isinstance(message, dict) and message.get("op") == "login":
            message = message | {"args": [{"accessToken": token}]}
        return watch(url, key, message, *more)

    socket.watch = watched
    return Player(ccxt, code, rest, socket, until, mark)


def _set_up(code: str, at: Addresses, known: dict[str, str]) -> tuple[Any, Any, Any]:
    try:
        ccxt, pro = import_module("ccxt"), import_module("ccxt.pro")
    except ImportError as error:
        raise NoClient() from error
    made = []
    for make in (ccxt.okx, pro.okx):
        options = {"fetchMarkets": {"types": ["spot"]}, "brokerId": code}
        client = make(known | {"options": options})
        client.headers = {"x-simulated-trading": "1"}
        made.append(client)
    rest, socket = made
    rest.urls["api"]["rest"] = at.rest
    socket.urls["api"] = {"rest": at.rest, "ws": at.socket}
    return ccxt, rest, socket


def _with_token(sign: Callable[..., Any], token: str) -> Callable[..., Any]:
    def signed(*args: Any, **named: Any) -> Any:
        request = sign(*args, **named)
        if request["headers"]:
            kind = {"Content-Type": "application/json"}
            request["headers"] = kind | {"Authorization": f"Bearer {token}"}
        return request

    return signed
