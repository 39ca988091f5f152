"""Tells of the requests of test clients; those of live ones pass by at the price of one look."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from connect_portal.gateway.actions.watching import note_test_call
from connect_portal.gateway.wire import answers
from connect_portal.gateway.wire.admission import is_of_test
from connect_portal.gateway.wire.answers import Answer
from connect_portal.gateway.wire.calls import Call
from connect_portal.gateway.wire.means import Means
from connect_portal.kit.databases import in_database

_INTENT: Final = (
    "instId",
    "side",
    "ordType",
    "sz",
    "px",
    "triggerPx",
    "slTriggerPx",
    "tpTriggerPx",
)
"""What two requests have in common that want the same order."""
_KNOWN_TOKENS: Final = frozenset(("53002", "53003", "53004", "53006", "53014"))
"""Refusals of a token that we know: only these can be of a test client."""
BAD: Final = 400
WS: Final = "WS"
LOGIN: Final = "/ws/v5/private/login"


def watch(means: Means, call: Call, answer: Answer, *, operation: str = "") -> None:
    """Keep a call of a test client and its answer, once that was given; ``operation`` is the name
    it has on a socket."""
    is_test = is_of_test(call.token)
    if not is_test and (answer.status < BAD or not call.token):
        return
    code = answers.code_of(answer)
    if not (is_test or code in _KNOWN_TOKENS):
        return
    path, _, query = call.target.partition("?")
    items = _items(call.body, bytes(answer.body), code) if call.method == "POST" else []
    failed = next((one["code"] for one in items if one["code"] != "0"), code)
    note = in_database(note_test_call)(
        call.token,
        WS if operation else call.method,
        f"/ws/v5/private/{operation}" if operation else path,
        failed,
        held=code not in _KNOWN_TOKENS,
        client_order_id=dict(parse_qsl(query)).get("clOrdId", ""),
        items=items,
    )
    means.later(note)


def watch_login(means: Means, token: str, code: str) -> None:
    """Keep a login on the private socket, of a test client or with a token that is known."""
    held = code not in _KNOWN_TOKENS
    if not held or code == "0":
        means.later(in_database(note_test_call)(token, WS, LOGIN, code, held=held))


def _items(body: bytes, answer: bytes, code: str) -> list[dict[str, str]]:
    """What each order of a request named, wanted and was told."""
    try:
        given = json.loads(body, parse_float=str, parse_int=str)
        rows = msgspec.json.decode(answer).get("data")
    except (ValueError, RecursionError, AttributeError, msgspec.MsgspecError):
        return []
    asked = [
        one for one in (given if isinstance(given, list) else [given]) if isinstance(one, dict)
    ]
    told = rows if isinstance(rows, list) and len(rows) == len(asked) else [{}] * len(asked)
    return [_item(one, row, code) for one, row in zip(asked, told, strict=True)]


def _item(one: Mapping[str, Any], row: Mapping[str, Any], code: str) -> dict[str, str]:
    wanted = [_text(one, name) for name in _INTENT] if "side" in one else []
    return {
        "client_id": _text(one, "algoClOrdId") or _text(one, "clOrdId"),
        "order_id": _text(one, "ordId") or _text(row, "ordId") or _text(row, "algoId"),
        "tag": _text(one, "tag"),
        "intent": " ".join(filter(None, wanted)),
        "code": _text(row, "sCode") or code,
        "echo": _text(row, "tag"),
    }


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
