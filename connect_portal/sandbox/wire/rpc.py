"""From an HTTP request to an endpoint and back: envelopes, authentication, the request log."""

import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from connect_portal.sandbox.engine.model import Key
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.auth import Gatekeeper
from connect_portal.sandbox.wire.endpoints import (
    ENDPOINTS,
    PUBLIC,
    Call,
    Endpoint,
    Rows,
    micros,
)
from connect_portal.sandbox.wire.errors import WireError, sentence
from connect_portal.sandbox.wire.requests import RequestLog, RequestNote

logger = logging.getLogger(__name__)
BODY_LIMIT = 1 << 20
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


class Rest:
    """Answers every `/api/v5/` request of one store."""

    def __init__(self, store: Store, gate: Gatekeeper, log: RequestLog) -> None:
        self.store, self.gate, self.log = store, gate, log

    async def __call__(self, request: Request) -> Response:
        methods = ENDPOINTS.get(request.scope["path"])
        if methods is None:
            return json_answer(NOT_FOUND, 404)
        key: Key | None = None
        body, given, code = b"", {}, "0"
        try:
            found = methods.get(request.method)
            if found is None:
                raise WireError("50115")
            body = await read_body(request)
            if found.permission != PUBLIC:
                key = self._authenticate(request, body)
                refuse_unpermitted(key, found)
            given = given_params(request, body, found)
            rows = await found.handler(build_call(self.store, key, found, given))
            answer, code = success(rows)
        except WireError as error:
            code, answer = error.code, failure(error)
        except StoreUnavailable:
            code, answer = "50001", failure(WireError("50001"))
        except Exception:
            logger.exception("%s %s broke", request.method, request.scope["path"])
            code, answer = "50026", failure(WireError("50026"))
        self._note(request, body, given, key, code)
        return answer

    def _authenticate(self, request: Request, body: bytes) -> Key:
        client = request.client.host if request.client else ""
        target = raw_target(request.scope)
        return self.gate.caller(request.method, target, body, request.headers, client)

    def _note(self, request: Request, body: bytes, given: Any, key: Key | None, code: str) -> None:
        named = self.gate.keys.get(request.headers.get("ok-access-key", ""))
        if named is None:
            return
        first = given[0] if isinstance(given, list) and given else given
        item = first if isinstance(first, Mapping) else {}
        note = RequestNote(
            ts=time.time_ns() // 1_000_000,
            key=named.api_key,
            method=request.method,
            path=request.scope["path"],
            clOrdId=str(item.get("clOrdId") or "")[:64],
            tag=str(item.get("tag") or "")[:64],
            code=code,
            signatureHeld=key is not None,
        )
        self.log.add(named.uid, note)


async def read_body(request: Request) -> bytes:
    """The raw body. Raises 50000-range errors for one that is too large to be a request."""
    chunks, length = [], 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > BODY_LIMIT:
            raise WireError("50002")
        chunks.append(chunk)
    return b"".join(chunks)


def raw_target(scope: Any) -> bytes:
    """Path and query exactly as sent: that is what the signature covers."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


def refuse_unpermitted(key: Key, found: Endpoint) -> None:
    """Raises 50120 when the key may not use the endpoint; reading needs no more than a key."""
    if found.permission not in key.perm.split(",") and found.permission != "read_only":
        raise WireError("50120")


def given_params(request: Request, body: bytes, found: Endpoint) -> Any:
    """The query as a mapping, or the decoded JSON body. Raises 50000, 50002 and 50006."""
    if request.method == "GET":
        query = request.scope["query_string"].decode("latin-1")
        return dict(parse_qsl(query, encoding="utf-8", errors="replace"))
    if not body:
        raise WireError("50000")
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise WireError("50006")
    return decode(body)


def decode(body: bytes | str) -> Any:
    """JSON with numbers that are not whole kept as text. Raises 50002."""
    try:
        return DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise WireError("50002") from error


def build_call(store: Store, key: Key | None, found: Endpoint, given: Any) -> Call:
    """The call with declared values, or with its items when the handler reads items itself."""
    call = Call(store, key=key)
    if found.listed:
        call.items = as_items(given, found.listed)
    elif isinstance(given, list) and len(given) == 1 and isinstance(given[0], dict):
        call.items = given
    elif isinstance(given, dict):
        call.items = [given]
        call.values = params.read(found.params, given)
    else:
        raise WireError("50002")
    return call


def as_items(given: Any, most: int) -> list[Any]:
    """A list of 1 to `most` objects. Raises 50002 (no list of objects) and 50025 (too many)."""
    items = [given] if isinstance(given, dict) else given
    if not isinstance(items, list) or not items:
        raise WireError("50002")
    if not all(isinstance(item, dict) for item in items):
        raise WireError("50002")
    if len(items) > most:
        raise WireError("50025", "args", str(most))
    return items


def success(rows: Any) -> tuple[Response, str]:
    """The envelope around plain rows or around rows with their own outcomes, and its code."""
    if not isinstance(rows, Rows):
        return json_answer({"code": "0", "msg": "", "data": rows}), "0"
    body = {
        "code": rows.code,
        "data": rows.data,
        "inTime": str(rows.received),
        "msg": "" if rows.code == "0" else sentence(rows.code),
        "outTime": str(micros()),
    }
    failed = next((row["sCode"] for row in rows.data if row["sCode"] != "0"), "0")
    return json_answer(body), str(failed)


def failure(error: WireError) -> Response:
    """The refusal of a whole request; authentication failures carry no data key."""
    if error.status == 401:
        return json_answer({"msg": error.text, "code": error.code}, 401)
    return json_answer({"code": error.code, "data": [], "msg": error.text}, error.status)
