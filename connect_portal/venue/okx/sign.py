"""Signs what OKX asks to be signed. Pure: time is an argument.

The rule: base64(HMAC-SHA256(secret, timestamp + METHOD + target + body)), where target is path
and query exactly as sent. https://www.okx.com/docs-v5/en/#overview-rest-authentication
"""

import base64
import hashlib
import hmac
from datetime import datetime

from connect_portal.venue.types import AccountKey, VenueToken

LOGIN_TARGET = "/users/self/verify"


def signature(secret: str, timestamp: str, method: str, target: str, body: str = "") -> str:
    """Sign one request. `target` is the path with its query as it goes on the wire."""
    prehash = f"{timestamp}{method}{target}{body}".encode()
    digest = hmac.new(secret.encode(), prehash, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def rest_headers(
    credentials: AccountKey, method: str, target: str, *, now: datetime, body: str = ""
) -> dict[str, str]:
    """The headers that say whose request it is: a signature, or the token. `now` is aware UTC."""
    if isinstance(credentials, VenueToken):
        return {"Authorization": f"Bearer {credentials.access_token}"}
    timestamp = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
    return {
        "OK-ACCESS-KEY": credentials.api_key,
        "OK-ACCESS-SIGN": signature(credentials.secret, timestamp, method, target, body),
        "OK-ACCESS-TIMESTAMP": timestamp,
        "OK-ACCESS-PASSPHRASE": credentials.passphrase,
    }


def login_argument(credentials: AccountKey, *, now: datetime) -> dict[str, str]:
    """The argument of a WebSocket login; its timestamp is in whole seconds, unlike REST's."""
    if isinstance(credentials, VenueToken):
        return {"accessToken": credentials.access_token}
    timestamp = str(int(now.timestamp()))
    return {
        "apiKey": credentials.api_key,
        "passphrase": credentials.passphrase,
        "timestamp": timestamp,
        "sign": signature(credentials.secret, timestamp, "GET", LOGIN_TARGET),
    }
