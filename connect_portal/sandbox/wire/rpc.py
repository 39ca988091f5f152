"""From an HTTP request to an endpoint and back: envelopes, authentication, the request log."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

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
from connect_portal.sandbox.wire.http1.messages import JSON, Answer, HungUp, Request

logger = logging.getLogger(__name__)
DECODER = msgspec.json.Decoder(float_hook=str)
NOT_FOUND = {
    "code": 404,
    "data": {},
    "detailMsg": "",
    "error_code": "404",
    "error_message": "Not Found",
    "msg": "Not Found",
}


def json_answer(body: Any, status: int = 200) -> Answer:
    """Compact JSON; some clients search the raw text."""
    return Answer(msgspec.json.encode(body), status)


class Rest:
    """Answers every `/api/v5/` request of a venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def answer(self, request: Request) -> Answer:
        """The answer in the envelope of the wire. Raises HungUp where an operator wants that."""
        methods = ENDPOINTS.get(request.path)
        if methods is None:
            return json_answer(NOT_FOUND, 404)
        asked = Asked(request, self.venue, self.venue.meant_by(request.headers.get(SIMULATED)))
        told = b""
        try:
            found = asked.find(methods)
            call = asked.call(found)
            if asked.environment.faults.active:
                rows = await asked.disturbed(found, call)
            else:
                rows = await found.handler(call)
            body, code = success(rows)
            answer = Answer(encoded := msgspec.json.encode(body))
            told = encoded if isinstance(rows, Rows) else b""
        except HungUp:
            asked.note("hung up")
            raise
        except WireError as error:
            answer, code = refusal(error), error.code
        except StoreUnavailable:
            answer, code = refusal(WireError("50001")), "50001"
        except Exception:
            logger.exception("%s %s broke", request.method, request.path)
            answer, code = refusal(WireError("50026")), "50026"
        asked.note(code, told)
        return answer


class Asked(msgspec.Struct):
    """One request of the wire while it is being answered."""

    request: Request
    venue: Venue
    environment: Environment
    key: Key | None = None
    given: Any = {}

    def find(self, methods: Mapping[str, Endpoint]) -> Endpoint:
        """Where it goes, once it is clear that its caller may go there. Raises what is wrong."""
        request = self.request
        found = methods.get(request.method)
        if found is None:
            raise WireError("50115")
        if request.is_too_long:
            raise WireError("50002")
        if found.permission != PUBLIC:
            self.key = self.environment.gate.caller(request)
            refuse_unpermitted(self.key, found)
        return found

    def call(self, found: Endpoint) -> Call:
        """The request as its handler reads it. Raises 50011 and what is wrong with its shape."""
        request, limiter, key = self.request, self.environment.gate.limiter, self.key
        self.given = given = given_params(request)
        limiter.refuse_excess(found.limit, key.uid if key else request.ip, given)
        call = Call(self.environment.store, limiter, key=key)
        call.expiry, call.host = request.header(b"exptime"), request.header(b"host")
        return fill_call(call, found, given)

    async def disturbed(self, found: Endpoint, call: Call) -> Any:
        """Let the handler do it, as an operator wants it disturbed."""
        uid, asked = self.key.uid if self.key else "", self.request
        faults = self.environment.faults
        return await faults.disturb(uid, asked.method, asked.path, lambda: found.handler(call))

    def note(self, code: str, answer: bytes = b"") -> None:
        """Remember the request with its account, if it names a key of ours, be it a key of the
        other environment or one that is gone; `answer` is what was said of its orders."""
        named, request, log = self.key, self.request, self.environment.log
        if named is None:
            known = self.venue.known(request.header(b"ok-access-key"))
            if known is None:
                return
            environment, named = known
            log = environment.log
        method, path, held = request.method, request.path, self.key is not None
        given = msgspec.json.encode(self.given) if method == "GET" else request.body
        log.note(named, method, path, code, held=held, given=given, answer=answer)


def refuse_unpermitted(key: Key | None, found: Endpoint) -> None:
    """Raises 50120 when the key may not use the endpoint; reading needs no more than a key."""
    allowed = found.permission == READ or key is None or found.permission in key.perm.split(",")
    if not allowed:
        raise WireError("50120")


def given_params(request: Request) -> Any:
    """The query as a mapping, or the decoded JSON body. Raises 50000, 50002 and 50006."""
    if request.method == "GET":
        return dict(parse_qsl(request.query, encoding="utf-8", errors="replace"))
    if not request.body:
        raise WireError("50000")
    kind = request.headers.get(b"content-type", b"").partition(b";")[0]
    if kind.strip().lower() != JSON:
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
    code = rows.code
    body = {
        "code": code,
        "data": rows.data,
        "inTime": str(rows.received),
        "msg": sentence(code) if code != "0" else "",
        "outTime": str(micros()),
    }
    failed = code if code == "0" else next(str(one) for one in rows.codes if one != "0")
    return body, failed


def refusal(error: WireError) -> Answer:
    """The refusal of a whole request; 401 and 429 carry no data key."""
    if error.status in BARE:
        return json_answer({"msg": error.text, "code": error.code}, error.status)
    return json_answer({"code": error.code, "data": [], "msg": error.text}, error.status)
