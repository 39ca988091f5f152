"""What callers are told: the venue's envelopes, written by us only where we have something to say.

https://www.okx.com/docs-v5/en/#overview-rest-authentication
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
from msgspec import Raw
from starlette.types import Send

from connect_portal.authorizations.oauth.dpop import ALGORITHMS
from connect_portal.gateway.errors import SENTENCES, Refused
from connect_portal.gateway.rules import Asked
from connect_portal.gateway.wire.carriers import NOT_PROVEN
from connect_portal.venue.types import Forwarded

JSON: Final = "application/json"
ALWAYS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
NOT_FOUND: Final = {
    "code": 404,
    "data": {},
    "detailMsg": "",
    "error_code": "404",
    "error_message": "Not Found",
    "msg": "Not Found",
}

_DPOP: Final = 'DPoP error="invalid_dpop_proof", algs="' + " ".join(ALGORITHMS) + '"'

Row = Raw | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer; ``headers`` beside those that every answer has."""

    body: bytes
    status: int = 200
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    async def tell(self, send: Send) -> None:
        """Send it, by ASGI."""
        headers = [
            *ALWAYS,
            (b"content-type", self.kind.encode("latin-1")),
            (b"content-length", b"%d" % len(self.body)),
            *((name.lower().encode(), value.encode()) for name, value in self.headers.items()),
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class VenueRow(msgspec.Struct, rename={"code": "sCode", "reason": "sMsg", "order_id": "ordId"}):
    """What the venue says of one order."""

    code: str
    reason: str = ""
    order_id: str = ""


class VenueAnswer(msgspec.Struct):
    """An answer of the venue to orders; each row is still undecoded."""

    code: str | int = ""
    msg: str | None = ""
    data: list[Raw] = []


def compact(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Compact JSON; some clients search the raw text."""
    return Answer(msgspec.json.encode(body), status, headers=headers or {})


def not_found() -> Answer:
    """An address that the venue would not know either, in its own shape."""
    return compact(NOT_FOUND, 404)


def refusal(refused: Refused) -> Answer:
    """The refusal of a whole request. One about the caller has no data, and says how to call
    (RFC 6750, 3; RFC 9449, 7.1)."""
    headers = {}
    if refused.retry_after is not None:
        headers["Retry-After"] = format(max(1, round(refused.retry_after)), "d")
    if refused.is_about_the_caller:
        headers["WWW-Authenticate"] = _DPOP if refused.code == NOT_PROVEN else "Bearer"
        return compact({"msg": refused.text, "code": refused.code}, refused.status, headers)
    body = {"code": refused.code, "data": [], "msg": refused.text}
    return compact(body, refused.status, headers)


def passed_on(told: Forwarded) -> Answer:
    """The venue's answer, byte for byte."""
    headers = {"Retry-After": told.retry_after} if told.retry_after else {}
    return Answer(told.body, told.status, told.content_type or JSON, headers)


def again(status: int, body: bytes) -> Answer:
    """An answer that was given before, byte for byte."""
    return Answer(body, status)


def code_of(answer: Answer) -> str:
    """The code of a whole answer, "" where it is none of the venue's envelopes."""
    try:
        return str(msgspec.json.decode(answer.body, type=VenueAnswer).code)
    except msgspec.MsgspecError:
        return ""


def is_partly_unknown(answer: Answer) -> bool:
    """Whether the outcome of some order in the answer is not known (50004)."""
    try:
        found = msgspec.json.decode(answer.body, type=VenueAnswer).data
        return any(row_of(one).code == "50004" for one in found)
    except msgspec.MsgspecError:
        return False


def rows(written: Sequence[Row], received: int) -> Answer:
    """The envelope around order rows in the order of the request; ``received`` in microseconds."""
    codes = [row_of(row).code for row in written]
    failed = sum(code != "0" for code in codes)
    code = "0" if not failed else "1" if failed == len(codes) else "2"
    return compact(
        {
            "code": code,
            "data": written,
            "inTime": str(received),
            "msg": SENTENCES.get(code, ""),
            "outTime": str(micros()),
        }
    )


def row(asked: Asked, code: str, reason: str, tag: str = "", order_id: str = "") -> dict[str, str]:
    """One order's row; the ids as asked even when it was refused."""
    return {
        "ordId": order_id or echoed(asked.order_id),
        "clOrdId": echoed(asked.client_order_id),
        "tag": tag or echoed(asked.tag),
        "ts": str(time.time_ns() // 1_000_000),
        "sCode": code,
        "sMsg": reason,
        "subCode": "",
    }


def rows_of(told: Forwarded, expected: int) -> list[Raw] | None:
    """The rows of an answer to ``expected`` orders; None when it speaks of the whole request."""
    try:
        found = msgspec.json.decode(told.body, type=VenueAnswer).data
        if len(found) != expected:
            return None
        for one in found:
            row_of(one)
        return found
    except msgspec.MsgspecError:
        return None


def row_of(written: Row) -> VenueRow:
    """What a row says of its order."""
    if isinstance(written, Raw):
        return msgspec.json.decode(written, type=VenueRow)
    return msgspec.convert(written, VenueRow)


def heading(told: Forwarded) -> tuple[str, str]:
    """Code and message of a whole answer."""
    try:
        said = msgspec.json.decode(told.body, type=VenueAnswer)
    except msgspec.MsgspecError:
        return str(told.status), ""
    return str(said.code), said.msg or ""


def echoed(value: object) -> str:
    """A text of the request given back, unless it is no reasonable text."""
    return value if isinstance(value, str) and len(value) <= 64 and value.isprintable() else ""


def micros() -> int:
    """Now in microseconds since 1970."""
    return time.time_ns() // 1000
