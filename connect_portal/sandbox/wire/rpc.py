"""From an HTTP request to an endpoint and back: envelopes, authentication, the request log."""

import logging
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connect_portal.sandbox.engine.model import Key
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.wire.endpoints import (
    ENDPOINTS,
    PUBLIC,
    READ,
    Call,
    Endpoint,
    Rows,
    micros,
)
from connect_portal.sandbox.wire.environments import SIMULATED, Environment, Venue
from connect_portal.sandbox.wire.errors import BARE, WireError, sentence
from connect_portal.sandbox.wire.faults import HungUp, hang_up

logger = logging.getLogger(__name__)
BODY_LIMIT, PATIENCE = 1 << 20, 1 << 26
JSON = b"application/json"
DECODER = msgspec.json.Decoder(float_hook=str)
NOT_FOUND = {
    "code": 404,
    "data": {},
    "detailMsg": "",
    "error_code": "404",
    "error_message": "Not Found",
    "msg": "Not Found",
}


def json_answer(body: Any, status: int = 200) -> Response:
    """Compact JSON; some clients search the raw text."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


async def send_json(send: Send, body: Any, status: int = 200) -> None:
    """The same straight to the server."""
    encoded = msgspec.json.encode(body)
    headers = [(b"content-type", JSON), (b"content-length", b"%d" % len(encoded))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": encoded})


class Rest:
    """Answers every `/api/v5/` request of a venue, as a plain ASGI application."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = ENDPOINTS.get(scope["path"])
        if methods is None:
            return await send_json(send, NOT_FOUND, 404)
        headers = dict(scope["headers"])
        environment = self.venue.meant_by(headers.get(SIMULATED))
        request = Incoming(scope, headers, environment)
        try:
            answer, code, status = await self._answer(request, methods, receive)
        except HungUp:
            request.note("hung up")
            return hang_up(receive)
        except WireError as error:
            answer, code, status = failure(error), error.code, error.status
        except StoreUnavailable:
            answer, code, status = failure(WireError("50001")), "50001", 503
        except Exception:
            logger.exception("%s %s broke", scope["method"], scope["path"])
            answer, code, status = failure(WireError("50026")), "50026", 500
        request.note(code)
        return await send_json(send, answer, status)

    async def _answer(
        self, request: "Incoming", methods: Mapping[str, Endpoint], receive: Receive
    ) -> tuple[Any, str, int]:
        found = methods.get(request.scope["method"])
        if found is None:
            raise WireError("50115")
        request.body = await read_body(receive)
        if found.permission != PUBLIC:
            request.authenticate()
            refuse_unpermitted(request.key, found)
        request.given = given_params(request, found)
        answer, code = success(await self._work(request, found, request.call(found)))
        return answer, code, 200

    async def _work(self, request: "Incoming", found: Endpoint, call: Call) -> Any:
        """Let the handler do it, disturbed where an operator wants that."""
        faults = request.environment.faults
        if not faults.active:
            return await found.handler(call)
        uid = request.key.uid if request.key else ""
        return await faults.disturb(uid, request.scope["path"], lambda: found.handler(call))


class Incoming:
    """One request while it is being answered."""

    __slots__ = ("body", "environment", "given", "headers", "key", "scope")

    def __init__(
        self, scope: Scope, headers: Mapping[bytes, bytes], environment: Environment
    ) -> None:
        self.scope, self.headers, self.environment = scope, headers, environment
        self.body, self.given = b"", cast(Any, {})
        self.key: Key | None = None

    @property
    def ip(self) -> str:
        """The caller's address."""
        client = self.scope.get("client")
        return client[0] if client else ""

    def authenticate(self) -> None:
        """Find out whose key signed this. Raises 50101-50119."""
        gate, method = self.environment.gate, self.scope["method"]
        self.key = gate.caller(method, raw_target(self.scope), self.body, self.headers, self.ip)

    def call(self, found: Endpoint) -> Call:
        """The request as its handler reads it. Raises 50011 and what is wrong with its shape."""
        limiter, key, given = self.environment.gate.limiter, self.key, self.given
        limiter.refuse_excess(found.limit, key.uid if key else self.ip, given)
        call = Call(self.environment.store, limiter, key=key)
        call.expiry = self.headers.get(b"exptime", b"").decode("latin-1")
        named = self.headers.get(b"host", b"").decode("latin-1")
        call.host = f"{self.scope['scheme']}://{named}"
        return fill_call(call, found, given)

    def note(self, code: str) -> None:
        """Remember the request with its account, if it names a key of ours."""
        named = self.key
        if named is None:
            claimed = self.headers.get(b"ok-access-key", b"").decode("latin-1")
            named = self.environment.gate.keys.get(claimed)
        if named is None:
            return
        method, path, held = self.scope["method"], self.scope["path"], self.key is not None
        self.environment.log.note(named, method, path, self.given, code, held=held)


async def read_body(receive: Receive) -> bytes:
    """The raw body. Raises 50002 for one that is too large to be a request.

    What is too large is listened to without being kept, for as long as it may be a mistake: a
    client that is answered while it still sends sees a broken connection, not the answer.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    length = len(body)
    while message.get("more_body") and length <= PATIENCE:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise WireError("50000")
        more: bytes = message.get("body", b"")
        length += len(more)
        body += more if length <= BODY_LIMIT else b""
    if length > BODY_LIMIT:
        raise WireError("50002")
    return body


def raw_target(scope: Scope) -> bytes:
    """Path and query exactly as sent: that is what the signature covers."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


def refuse_unpermitted(key: Key | None, found: Endpoint) -> None:
    """Raises 50120 when the key may not use the endpoint; reading needs no more than a key."""
    allowed = found.permission == READ or key is None or found.permission in key.perm.split(",")
    if not allowed:
        raise WireError("50120")


def given_params(request: Incoming, found: Endpoint) -> Any:
    """The query as a mapping, or the decoded JSON body. Raises 50000, 50002 and 50006."""
    if request.scope["method"] == "GET":
        query = request.scope["query_string"].decode("latin-1")
        return dict(parse_qsl(query, encoding="utf-8", errors="replace"))
    if not request.body:
        raise WireError("50000")
    if not request.headers.get(b"content-type", b"").lower().startswith(JSON):
        raise WireError("50006")
    return decode(request.body)


def decode(body: bytes | str) -> Any:
    """JSON with numbers that are not whole kept as text. Raises 50002."""
    try:
        return DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise WireError("50002") from error


def fill_call(call: Call, found: Endpoint, given: Any) -> Call:
    """The call with declared values, or with its items when the handler reads items itself."""
    if found.listed:
        call.items = as_items(given, found.listed, found.too_many)
        return call
    one = given[0] if isinstance(given, list) and len(given) == 1 else given
    if not isinstance(one, dict):
        raise WireError("50002")
    call.items, call.values = [one], found.params.read(one)
    return call


def as_items(given: Any, most: int, too_many: str = "50025") -> list[Any]:
    """A list of 1 to `most` objects. Raises 50002 (no list of objects) and `too_many`."""
    items = [given] if isinstance(given, dict) else given
    if not isinstance(items, list) or not items:
        raise WireError("50002")
    if not all(isinstance(item, dict) for item in items):
        raise WireError("50002")
    if len(items) > most:
        details = ("args", str(most)) if too_many == "50025" else (str(most),)
        raise WireError(too_many, *details)
    return items


def success(rows: Any) -> tuple[Any, str]:
    """The envelope around plain rows or around rows with their own outcomes, and its code."""
    if not isinstance(rows, Rows):
        return {"code": "0", "msg": "", "data": rows}, "0"
    body = {
        "code": rows.code,
        "data": rows.data,
        "inTime": str(rows.received),
        "msg": "" if rows.code == "0" else sentence(rows.code),
        "outTime": str(micros()),
    }
    failed = next((row["sCode"] for row in rows.data if row["sCode"] != "0"), "0")
    return body, str(failed)


def failure(error: WireError) -> Any:
    """The refusal of a whole request; 401 and 429 carry no data key."""
    if error.status in BARE:
        return {"msg": error.text, "code": error.code}
    return {"code": error.code, "data": [], "msg": error.text}
