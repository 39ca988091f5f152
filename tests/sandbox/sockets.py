"""A WebSocket client that speaks the venue's messages, for tests that see every one of them."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import sign

PATIENCE_S = 15.0
PLACE: dict[str, Any] = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "px": "50000",
    "sz": "0.001",
}
"""An order that rests, as an operation's argument."""
OPENING = (
    b"GET /ws/v5/public HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
"""What opens a connection, for tests that write its bytes themselves."""
_callers = count()


def login_arg(trader: Trader, **change: Any) -> dict[str, Any]:
    """The argument of a login as the documentation says."""
    when = str(int(time.time()))
    arg = {
        "apiKey": trader.api_key,
        "passphrase": trader.passphrase,
        "timestamp": when,
        "sign": sign(trader.secret, f"{when}GET/users/self/verify"),
    }
    return arg | change


class Socket:
    """A connection that speaks JSON."""

    def __init__(self, raw: ClientConnection) -> None:
        self.raw = raw

    def send(self, message: Any) -> None:
        """Send a message as JSON."""
        self.raw.send(json.dumps(message))

    def ask(self, message: Any) -> Any:
        """Send a message; the next answer."""
        self.send(message)
        return self.next()

    def next(self) -> Any:
        """The next message."""
        return json.loads(self.raw.recv(timeout=PATIENCE_S))

    def next_push(self, channel: str = "") -> Any:
        """The next message that carries data, of this channel if one is named."""
        while True:
            message = self.next()
            if "data" in message and channel in ("", message.get("arg", {}).get("channel")):
                return message

    def next_row(self, channel: str = "") -> Any:
        """The only row of the next push."""
        (row,) = self.next_push(channel)["data"]
        return row

    def next_event(self, event: str) -> Any:
        """The next message that is this event."""
        while (message := self.next()).get("event") != event:
            pass
        return message

    def answer(self, number: str) -> Any:
        """The next message with this id."""
        while (message := self.next()).get("id") != number:
            pass
        return message

    def login(self, trader: Trader, **change: Any) -> Any:
        """Log in; what was answered."""
        return self.ask({"op": "login", "args": [login_arg(trader, **change)]})

    def subscribe(self, *args: dict[str, Any]) -> None:
        """Subscribe and read the acknowledgement of each argument; pushes may come in between."""
        self.send({"id": "s1", "op": "subscribe", "args": list(args)})
        for arg in args:
            ack = self.answer("s1")
            assert (ack["event"], ack.get("arg")) == ("subscribe", arg), ack

    def operate(self, op: str, *args: dict[str, Any], **more: Any) -> Any:
        """Carry out an order operation; its answer."""
        number = f"op{next(_callers)}"
        self.send({"id": number, "op": op, "args": list(args), **more})
        return self.answer(number)

    def alive(self) -> bool:
        """Whether a text ping is answered by a text pong, whatever is pushed before it."""
        self.raw.send("ping")
        while self.raw.recv(timeout=PATIENCE_S) != "pong":
            pass
        return True

    def closing(self) -> tuple[int, str]:
        """Read to the end: the close code and reason that the venue gave."""
        try:
            while True:
                self.raw.recv(timeout=PATIENCE_S)
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


@contextmanager
def opened(sandbox: Sandbox, path: str, **options: Any) -> Iterator[Socket]:
    """A connection from an address of this machine that nobody has called from lately, for the
    venue counts new connections by address."""
    number = next(_callers)
    if "sock" not in options:
        options.setdefault("source_address", (f"127.7.{number // 250 % 250}.{1 + number % 250}", 0))
    with connect(f"{sandbox.ws_url}/{path}", compression=None, **options) as raw:
        yield Socket(raw)


@contextmanager
def private(sandbox: Sandbox, trader: Trader, path: str = "private") -> Iterator[Socket]:
    """A connection that is logged in."""
    with opened(sandbox, path) as socket:
        assert socket.login(trader)["event"] == "login"
        yield socket
