"""What the load asks: limit orders of the seeded flow, signed on our wire, plain on the peer's.

Each round has orders of its own. They are spread over all accounts, and over all pairs where a
server has them, so that rate limits and limits of open orders are on and strike nobody.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.benchmarks import flow, peer
from tests.benchmarks.our_exchange import PASSPHRASE, Trader
from tests.benchmarks.ours import Pair

ORDERS = 6_400
"""Of one round."""
TARGET = "/api/v5/trade/order"


@dataclass(frozen=True)
class SignedOrders:
    """The v5 wire's order, its four headers computed by the documentation's rule."""

    traders: Sequence[Trader]
    pairs: Sequence[Pair]
    accepted: bytes = b'"sCode":"0"'

    def requests(self, number: int) -> list[bytes]:
        """Signed now: a signature holds for 30 seconds."""
        limits = flow.limits(ORDERS, books=len(self.pairs), seed=number)
        return [self.request(order, f"r{number}n{order.order}") for order in limits]

    def fields(self, order: flow.Command, name: str) -> dict[str, str]:
        """One order under its sender's own name for it, without a tag."""
        pair = self.pairs[order.book]
        return {
            "instId": pair.name,
            "tdMode": "cash",
            "side": "buy" if order.buys else "sell",
            "ordType": "limit",
            "px": pair.price(order.px),
            "sz": pair.size(order.size),
            "clOrdId": name,
        }

    def request(self, order: flow.Command, name: str) -> bytes:
        """The order, tagged and signed by its trader."""
        trader = self.traders[order.account]
        body = json.dumps(self.fields(order, name) | {"tag": "ACMEcode1"})
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        prehash = f"{now}POST{TARGET}{body}".encode()
        digest = hmac.new(trader.secret.encode(), prehash, hashlib.sha256).digest()
        headers = {
            "OK-ACCESS-KEY": trader.api_key,
            "OK-ACCESS-SIGN": base64.b64encode(digest).decode(),
            "OK-ACCESS-TIMESTAMP": now,
            "OK-ACCESS-PASSPHRASE": PASSPHRASE,
        }
        return post(TARGET, body, headers)


@dataclass(frozen=True)
class PeerOrders:
    """The peer's order, which nobody signs, on its one market."""

    accepted: bytes = b'"events":[{"type":"order_accepted"'

    def requests(self, number: int) -> list[bytes]:
        """Ticks are 0.1, lots 0.00001."""
        limits = flow.limits(ORDERS, books=1, seed=number)
        return [self._request(order) for order in limits]

    def _request(self, order: flow.Command) -> bytes:
        body = {
            "account": order.account + 1,
            "side": "buy" if order.buys else "sell",
            "price": f"{order.px // 10}.{order.px % 10}",
            "quantity": f"0.{order.size:05d}",
        }
        return post(f"/markets/{peer.MARKET}/orders", json.dumps(body), {})


def post(target: str, body: str, headers: dict[str, str]) -> bytes:
    """The bytes of a request on a connection that stays open."""
    fixed = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": len(body)}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**fixed, **headers}.items())
    return f"POST {target} HTTP/1.1\r\n{head}\r\n{body}".encode()
