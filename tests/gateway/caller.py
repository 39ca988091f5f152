"""An institution's program: plain HTTP with a Bearer token, written from the documentation."""

import json
from dataclasses import dataclass
from typing import Any

import requests

PAIR = "BTC-USDT"
ORDER = "/api/v5/trade/order"
BATCH = "/api/v5/trade/batch-orders"


@dataclass(frozen=True)
class Caller:
    """A token and where to use it."""

    base_url: str
    token: str
    session: requests.Session

    def ask(self, method: str, target: str, body: Any = None, **headers: str) -> requests.Response:
        """One request; `body` may be bytes to send as they are; a header of "" is left out."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in sent.items() if value}
        url = f"{self.base_url}{target}"
        return self.session.request(method, url, data=raw, headers=kept, timeout=30)

    def get(self, target: str, **headers: str) -> requests.Response:
        """One read."""
        return self.ask("GET", target, **headers)

    def post(self, target: str, body: Any, **headers: str) -> requests.Response:
        """One write."""
        return self.ask("POST", target, body, **headers)

    def place(self, **changes: Any) -> dict[str, Any]:
        """Place one resting order; its row of the answer."""
        answer = self.post(ORDER, limit_buy(**changes)).json()
        row: dict[str, Any] = answer["data"][0] if answer.get("data") else answer
        return row


def limit_buy(**changes: Any) -> dict[str, Any]:
    """A buy far below the market."""
    return {
        "instId": PAIR,
        "tdMode": "cash",
        "side": "buy",
        "ordType": "limit",
        "sz": "0.001",
        "px": "20000",
    } | changes
