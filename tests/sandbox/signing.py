"""Signed requests written from the documentation, for tests that a client library would tidy up.

https://www.okx.com/docs-v5/en/#overview-rest-authentication
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import requests

from tests.sandbox.conftest import Sandbox, Trader


def sign(secret: str, prehash: str) -> str:
    """base64(HMAC-SHA256(secret, prehash))."""
    digest = hmac.new(secret.encode(), prehash.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def timestamp() -> str:
    """Now as the header wants it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signed(
    sandbox: Sandbox,
    trader: Trader,
    method: str,
    target: str,
    body: Any = None,
    *,
    via: requests.Session | None = None,
    **headers: str,
) -> requests.Response:
    """One signed request; `body` may be bytes to send as they are; headers override.

    `via` keeps one connection for many requests.
    """
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    when = headers.pop("timestamp", timestamp())
    prehash = f"{when}{method}{target}".encode() + raw
    digest = hmac.new(trader.secret.encode(), prehash, hashlib.sha256).digest()
    sent = {
        "OK-ACCESS-KEY": trader.api_key,
        "OK-ACCESS-SIGN": base64.b64encode(digest).decode(),
        "OK-ACCESS-TIMESTAMP": when,
        "OK-ACCESS-PASSPHRASE": trader.passphrase,
        "Content-Type": "application/json",
    }
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in sent.items() if value}
    url = f"{sandbox.base_url}{target}"
    ask = via.request if via else requests.request
    return ask(method, url, data=raw, headers=kept, timeout=10)


def patiently(ask: Callable[[], requests.Response]) -> requests.Response:
    """The answer once the exchange does not find the caller too fast."""
    while (response := ask()).status_code == 429:
        time.sleep(0.1)
    return response


def order(
    sandbox: Sandbox, trader: Trader, side: str, sz: str, px: str = "", **more: str
) -> dict[str, Any]:
    """Place one BTC-USDT order (market without a price), with patience; its row of the answer."""
    body = {
        "instId": "BTC-USDT",
        "tdMode": "cash",
        "side": side,
        "ordType": "limit" if px else "market",
        "sz": sz,
        "px": px,
        **more,
    }
    path = "/api/v5/trade/order"
    answer = patiently(lambda: signed(sandbox, trader, "POST", path, body)).json()
    row: dict[str, Any] = answer["data"][0] if answer["data"] else answer
    return row


def get(sandbox: Sandbox, trader: Trader, path: str) -> Any:
    """The data of a signed GET under /api/v5/ that must be a success; waits where it must."""
    answer = patiently(lambda: signed(sandbox, trader, "GET", f"/api/v5/{path}")).json()
    assert answer["code"] == "0", answer
    return answer["data"]


def code_of(sandbox: Sandbox, trader: Trader, path: str, body: Any = None) -> tuple[int, str]:
    """HTTP status and code of a signed GET, or with a body POST, under /api/v5/."""
    method = "GET" if body is None else "POST"
    answer = signed(sandbox, trader, method, f"/api/v5/{path}", body)
    return answer.status_code, answer.json()["code"]
