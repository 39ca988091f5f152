"""A company's server, played: it knows what its card says and uses public doors only, by HTTP.

What a visitor did is kept for a day under a random name in the visitor's own cookie, as the
company would keep it; the portal's session and tables know nothing of it.
"""

import base64
import hashlib
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import requests
from django.core.cache import cache

from connect_portal.demo.queries import card

KEPT_FOR: Final = 86_400
TIMEOUT: Final = 15


@dataclass
class Visit:
    """One visitor of a company: what was asked, which tokens came, what was answered last."""

    state: str = ""
    verifier: str = ""
    tokens: dict[str, Any] = field(default_factory=dict)
    sent: str = ""
    answer: str = ""
    trouble: str = ""


class Company:
    """One company of the cast and one visitor of it."""

    def __init__(self, key: str, visitor: str) -> None:
        shown = card()
        self.ours = shown["institutions"][key]
        self.client = self.ours["oauth"]
        self.doors = shown["oauth"]
        self.gateway = shown["gateway_url"]
        self.portal = shown["portal_url"]
        self._place = f"demo:{key}:{visitor}"
        self.visit = Visit(**cache.get(self._place, {}))

    def keep(self) -> None:
        """Remember the visit."""
        cache.set(self._place, asdict(self.visit), KEPT_FOR)

    def forget(self) -> None:
        """Forget the visit."""
        cache.delete(self._place)
        self.visit = Visit()

    def ask_for_consent(self) -> str:
        """Where to send the browser; a new state and verifier are kept for the way back."""
        self.visit.state, self.visit.verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        self.keep()
        digest = hashlib.sha256(self.visit.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client["client_id"],
            "redirect_uri": self.client["redirect_uri"],
            "scope": self.client["scopes"],
            "state": self.visit.state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self.doors['authorize_url']}?{urlencode(asked)}"

    def come_back(self, carried: dict[str, str]) -> None:
        """Redeem the code that the browser brought; what is wrong goes into ``trouble``."""
        visit = self.visit
        expected, visit.state = visit.state, ""
        if not expected or not secrets.compare_digest(carried.get("state", ""), expected):
            visit.trouble = "This answer does not belong to a question of ours. Connect again."
        elif carried.get("iss") != self.portal:
            visit.trouble = "This answer comes from somebody else. Connect again."
        elif "code" not in carried:
            visit.trouble = f"Not connected: {carried.get('error', 'no code came')}."
        else:
            self._redeem(carried["code"])
        self.keep()

    def _redeem(self, code: str) -> None:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client["redirect_uri"],
            "code_verifier": self.visit.verifier,
        }
        answer = self._post(self.doors["token_url"], form)
        self.visit.tokens = answer.json() if answer.ok else {}
        self.visit.trouble = "" if answer.ok else f"The code was refused: {answer.text}"

    def place(self, order: str) -> None:
        """Send an order (JSON text) to the gateway with the token; keep the answer as it came."""
        answer = requests.post(
            f"{self.gateway}/api/v5/trade/order",
            data=order.encode(),
            headers={
                "Authorization": f"Bearer {self.visit.tokens['access_token']}",
                "Content-Type": "application/json",
            },
            timeout=TIMEOUT,
        )
        self.visit.sent, self.visit.answer = order, f"HTTP {answer.status_code}\n{answer.text}"
        self.keep()

    def renew(self) -> None:
        """Get the next pair of tokens."""
        form = {"grant_type": "refresh_token", "refresh_token": self.visit.tokens["refresh_token"]}
        answer = self._post(self.doors["token_url"], form)
        self.visit.tokens = answer.json() if answer.ok else {}
        self.visit.trouble = "" if answer.ok else f"The refresh was refused: {answer.text}"
        self.keep()

    def disconnect(self) -> None:
        """Give the tokens back, and forget."""
        self._post(self.doors["revoke_url"], {"token": self.visit.tokens["refresh_token"]})
        self.forget()

    def _post(self, url: str, form: dict[str, str]) -> requests.Response:
        us = (self.client["client_id"], self.client["client_secret"])
        return requests.post(url, data=form, auth=us, timeout=TIMEOUT)
