"""Who calls: API keys, signatures over the raw request, the clock window, addresses, permissions.

Rules: https://www.okx.com/docs-v5/en/#overview-rest-authentication
"""

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from connect_portal.sandbox.engine.model import Key, State
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.faults import WS, skew_ms
from connect_portal.sandbox.wire.http1.messages import Request
from connect_portal.sandbox.wire.limits import Limiter

WINDOW_S = 30.0
EPOCH_SECONDS = re.compile(r"[0-9]{9,11}(\.[0-9]{1,9})?", re.ASCII)
ISO_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII
)
WS_LOGIN = b"GET/users/self/verify"
REGION = "us"
SECRETS_KEPT, SECONDS_KEPT = 1024, 64
HEADERS = {
    b"ok-access-key": "50103",
    b"ok-access-passphrase": "50104",
    b"ok-access-sign": "50106",
    b"ok-access-timestamp": "50107",
}
"""The four headers, and how it is said that one is missing."""


def sign(secret: str, prehash: bytes) -> str:
    """base64(HMAC-SHA256(secret, timestamp + METHOD + target + body))."""
    code = _begun(secret).copy()
    code.update(prehash)
    return base64.b64encode(code.digest()).decode()


@lru_cache(SECRETS_KEPT)
def _begun(secret: str) -> hmac.HMAC:
    """A code with the secret in it and nothing else yet, for those who come again and again."""
    return hmac.new(secret.encode(), digestmod="sha256")


def hash_passphrase(passphrase: str, salt: str = "") -> str:
    """`salt$hash` by scrypt; what is stored instead of the passphrase."""
    salt = salt or secrets.token_hex(16)
    digest = hashlib.scrypt(
        passphrase.encode("utf-8", "surrogateescape"), salt=salt.encode(), n=2**12, r=8, p=1
    )
    return f"{salt}${digest.hex()}"


class Gatekeeper:
    """Checks callers against the keys of one exchange; counts how often they come.

    `elsewhere` are the keys of the other environment, which get 50101 here.
    """

    def __init__(self, state: State, elsewhere: Mapping[str, Key]) -> None:
        self.state, self.keys, self.elsewhere = state, state.keys, elsewhere
        self.limiter = Limiter()
        self._right: dict[str, bytes] = {}

    def caller(self, request: Request) -> Key:
        """The key that signed this request. Raises 50101-50119 as the wire does."""
        given = request.headers.get
        api_key, passphrase, signature, timestamp = [
            given(name, b"").decode("latin-1") for name in HEADERS
        ]
        if not (api_key and passphrase and signature and timestamp):
            raise WireError(
                next(code for name, code in HEADERS.items() if not request.header(name))
            )
        moment = parse_timestamp(timestamp)
        if self.state.faults and (claimed := self.keys.get(api_key)):
            skew = skew_ms(self.state, claimed.uid, request.method, request.path)
            moment -= skew / 1000
        check_window(moment)
        key = self.key(api_key)
        signed = request.method.encode() + request.target + request.body
        prehash = timestamp.encode("latin-1") + signed
        if not _same(sign(key.secret, prehash), signature):
            raise WireError("50113")
        if not self.passphrase_holds(key, passphrase):
            raise WireError("50105")
        if not ip_allowed(key.ip, request.ip):
            raise WireError("50110", request.ip)
        return key

    def key(self, api_key: str) -> Key:
        """The key of that name. Raises 50101 (other environment), 50119 (other region), 50111."""
        key = self.keys.get(api_key)
        if key is None:
            raise WireError("50101" if api_key in self.elsewhere else "50111")
        if self.state.accounts[key.uid].region != REGION:
            raise WireError("50119")
        return key

    def login(self, args: Mapping[str, object], ip: str, path: str) -> Key:
        """The key of a WebSocket login, which `path` stands for. Raises 60004-60032."""
        texts = {name: str(args.get(name, "")) for name in ("apiKey", "passphrase", "timestamp")}
        if not EPOCH_SECONDS.fullmatch(texts["timestamp"]):
            raise WireError("60004")
        moment = parse_timestamp(texts["timestamp"])
        key = self.keys.get(texts["apiKey"])
        if self.state.faults and key is not None:
            moment -= skew_ms(self.state, key.uid, WS, path) / 1000
        if abs(moment - time.time()) > WINDOW_S:
            raise WireError("60006")
        if key is None:
            raise WireError("60005")
        if self.state.accounts[key.uid].region != REGION:
            raise WireError("60032")
        prehash = texts["timestamp"].encode() + WS_LOGIN
        if not _same(sign(key.secret, prehash), str(args.get("sign", ""))):
            raise WireError("60007")
        if not self.passphrase_holds(key, texts["passphrase"]):
            raise WireError("60024")
        if not ip_allowed(key.ip, ip):
            raise WireError("50110", ip)
        return key

    def passphrase_holds(self, key: Key, passphrase: str) -> bool:
        """Whether the passphrase is right; the slow hash is computed once per right answer."""
        raw = passphrase.encode("utf-8", "surrogateescape")
        quick = hashlib.sha256(key.passphrase_hash.encode() + raw).digest()
        if self._right.get(key.api_key) == quick:
            return True
        salt = key.passphrase_hash.partition("$")[0]
        holds = _same(hash_passphrase(passphrase, salt), key.passphrase_hash)
        if holds:
            self._right[key.api_key] = quick
        return holds


def parse_timestamp(text: str) -> float:
    """Epoch seconds of an ISO-8601 UTC time or of decimal seconds. Raises 50112.

    A moment on the wall clock, compared with a window of 30 s: no amount is ever read by this.
    """
    if ISO_TIME.fullmatch(text):
        return _second(text[:19]) + float(f"0{text[19:-1]}")
    if EPOCH_SECONDS.fullmatch(text):
        return float(text)
    raise WireError("50112")


@lru_cache(SECONDS_KEPT)
def _second(text: str) -> float:
    """Epoch seconds of a date and time without a fraction: all who call now name the same few."""
    try:
        return datetime.fromisoformat(f"{text}Z").timestamp()
    except ValueError as error:
        raise WireError("50112") from error


def check_window(moment: float) -> None:
    """Raises 50102 when the moment is more than 30 seconds away."""
    if abs(moment - time.time()) > WINDOW_S:
        raise WireError("50102")


def ip_allowed(bound: str, ip: str) -> bool:
    """Whether a key bound to a comma list of addresses or networks may be used from `ip`."""
    if not bound:
        return True
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(item.strip()) for item in bound.split(","))


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(
        left.encode("utf-8", "surrogateescape"), right.encode("utf-8", "surrogateescape")
    )
