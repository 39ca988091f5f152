"""An integration as somebody would write it for OKX, from OKX's own page and nothing of ours.

https://www.okx.com/docs-v5/broker_en/#oauth-mode
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from connect_portal.authorizations.models import VenueAccount
from tests.authorizations.oauth import Browser


@dataclass
class Integration:
    """A broker's server. ``host`` is where it sends browsers; after a consent it calls the
    ``domain`` that came back, if that is a host it trusts."""

    host: str
    client_id: str
    client_secret: str
    redirect_uri: str
    domains: tuple[str, ...]
    state: str = "b0a3c1"
    domain: str = ""

    def authorize_path(self, scope: str | None, **changes: str | None) -> str:
        """Where it sends a browser, below its host; a change of None leaves a parameter out."""
        query = {
            "response_type": "code",
            "access_type": "offline",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": self.state,
        }
        kept = {name: value for name, value in (query | changes).items() if value is not None}
        return "/account/oauth?" + urlencode(kept)

    def callback(self, address: str) -> str:
        """The code of an answer that is really one to this integration."""
        said = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(self.redirect_uri + "?"), address
        assert said["state"] == self.state
        assert said["domain"] in self.domains
        self.domain = said["domain"]
        return said["code"]

    def token(self, path: str = "/v5/users/oauth/token", **fields: str | None) -> requests.Response:
        """Call the token endpoint with the secret; a field of None is left out."""
        body = {"client_id": self.client_id, "client_secret": self.client_secret} | fields
        kept = {name: value for name, value in body.items() if value is not None}
        return requests.post(self.host + path, json=kept, timeout=30)

    def redeem(self, code: str, **changes: str | None) -> requests.Response:
        """Tokens for a code."""
        return self.token(**{"grant_type": "authorization_code", "code": code, **changes})

    def refresh(self, refresh_token: str, **changes: str | None) -> requests.Response:
        """The next pair."""
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.token(**{**fields, **changes})

    def call(self, token: str, method: str, path: str, body: Any = None) -> requests.Response:
        """A v5 call with a Bearer token."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        content = "" if body is None else json.dumps(body)
        return requests.request(method, self.host + path, data=content, headers=headers, timeout=30)


def signed(
    host: str, key: dict[str, Any], method: str, path: str, body: Any = None
) -> requests.Response:
    """A v5 call signed with a key as `users/oauth/apikey` gives it."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = "" if body is None else json.dumps(body)
    digest = hmac.new(
        key["secretKey"].encode(), f"{now}{method}{path}{content}".encode(), hashlib.sha256
    )
    headers = {
        "OK-ACCESS-KEY": key["apiKey"],
        "OK-ACCESS-SIGN": base64.b64encode(digest.digest()).decode(),
        "OK-ACCESS-TIMESTAMP": now,
        "OK-ACCESS-PASSPHRASE": key["passphrase"],
        "Content-Type": "application/json",
    }
    return requests.request(method, host + path, data=content, headers=headers, timeout=30)


def allowed(
    visitor: Browser, okx: Integration, scope: str = "read_only,trade", **changes: str | None
) -> str:
    """The code with which a browser comes back after its person allowed what is asked, on the
    account they have."""
    account = VenueAccount.objects.first()
    choice: dict[str, Any] = {"decision": "allow", "scopes": scope.split(","), "days": "90"}
    choice["account"] = "" if account is None else account.pk
    answer = visitor.send(okx.authorize_path(scope, **changes), choice)
    assert answer.status_code == 302, answer.text
    return okx.callback(answer.headers["Location"])


def said(answer: requests.Response) -> tuple[int, str]:
    """Status and number of a refusal, which comes in OKX's envelope."""
    body = answer.json()
    assert list(body) == ["code", "data", "msg"]
    assert (body["data"], bool(body["msg"])) == ([], True)
    return answer.status_code, body["code"]
