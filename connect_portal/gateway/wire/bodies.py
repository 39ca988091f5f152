"""Reads the JSON of an order request strictly, and writes it again only where it must change.

Every value that we do not understand is kept byte for byte. Two meanings of one text are refused:
a repeated key, NaN, bytes that are not UTF-8.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Raw

from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.notional import Terms
from connect_portal.gateway.rules import Asked

LONGEST_BODY: Final = 1 << 20
STRATEGY_FIELDS: Final = (
    "attachAlgoOrds",
    "tpTriggerPx",
    "tpOrdPx",
    "slTriggerPx",
    "slOrdPx",
    "newTpTriggerPx",
    "newTpOrdPx",
    "newSlTriggerPx",
    "newSlOrdPx",
)
"""What makes an order a strategy order; the flat names are those that came before attachAlgoOrds.
https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order"""

STRANGE: Final = "(neither text nor number)"
"""Stands in terms for a value of another shape; it is no side, no kind, no amount."""

Fields = dict[str, Raw]
_ONE: Final = msgspec.json.Decoder(Fields)
_LIST: Final = msgspec.json.Decoder(list[Fields])
_UNREADABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)


class Number(NamedTuple):
    """A JSON number, kept as it was written. It is no text: a tag of 12 is not the tag "12".

    Ids, prices and sizes may be numbers: the venue reads them as it reads their text.
    """

    written: str


@dataclass(frozen=True, slots=True)
class Item:
    """One order item: its fields as they came, and what they ask for in our words."""

    fields: Fields
    asked: Asked

    def with_tag(self, tag: str) -> Fields:
        """The fields with ``tag`` in place of what was sent; "" changes nothing."""
        return self.fields | _raw({"tag": tag}) if tag else self.fields

    def pinned(self, texts: Mapping[str, str]) -> "Item":
        """The item with ``texts`` in its fields; what was asked for stays as it was understood."""
        return replace(self, fields=self.fields | _raw(texts))


@dataclass(frozen=True, slots=True)
class Body:
    """A request's items, and whether they came as a list."""

    raw: bytes
    items: list[Item]
    is_list: bool

    def pinned(self, pins: Sequence[Mapping[str, str]]) -> "Body":
        """The body with these texts in its items, whatever stood there: what they say was weighed,
        so it is what must be carried out."""
        if not any(pins):
            return self
        items = [item.pinned(texts) for item, texts in zip(self.items, pins, strict=True)]
        written = [item.fields for item in items]
        raw = msgspec.json.encode(written if self.is_list else written[0])
        return replace(self, raw=raw, items=items)

    def with_tags(self, tags: list[str | None]) -> bytes:
        """The body that goes to the venue: each item with its tag, one whose tag is None left out.

        A tag of "" leaves the item as it is. What need not change is not written anew.
        """
        kept = [(item, tag) for item, tag in zip(self.items, tags, strict=True) if tag is not None]
        if len(kept) == len(tags) and all(tag in ("", item.asked.tag) for item, tag in kept):
            return self.raw
        written = [item.with_tag(tag) for item, tag in kept]
        return msgspec.json.encode(written if self.is_list else written[0])


def read(raw: bytes, operation: Operation, most: int) -> Body:
    """The items of a body: one object, or a list of 1 to ``most`` objects.

    Raises Refused: 50000 empty, 50002 unreadable, 50025 too many.
    """
    if not raw.strip():
        raise Refused("50000")
    try:
        given = json.loads(
            raw.decode(),
            object_pairs_hook=_each_key_once,
            parse_constant=_no_constant,
            parse_int=Number,
            parse_float=Number,
        )
        is_list = isinstance(given, list)
        fields = _LIST.decode(raw) if is_list else [_ONE.decode(raw)]
    except _UNREADABLE as error:
        raise Refused("50002", _reason(error)) from error
    if not fields:
        raise Refused("50000")
    if len(fields) > most:
        raise Refused("50025", most)
    items = [
        Item(raw_fields, _asked(values, operation))
        for raw_fields, values in zip(fields, given if is_list else [given], strict=True)
    ]
    return Body(raw, items, is_list)


def _raw(texts: Mapping[str, str]) -> Fields:
    return {name: Raw(msgspec.json.encode(text)) for name, text in texts.items()}


def _asked(values: dict[str, Any], operation: Operation) -> Asked:
    is_strategy = operation == Operation.STRATEGY
    code = values.get("instIdCode")
    # Ids of strategies name nothing elsewhere: the venue does not read them there.
    algo = values if is_strategy else {}
    return Asked(
        operation=operation,
        # The venue believes the number before the name: with a number, the name proves nothing.
        instrument=_text(values.get("instId")) if code in (None, "") else "",
        client_order_id=_digits(values.get("clOrdId") or algo.get("algoClOrdId")),
        order_id=_digits(values.get("ordId") or algo.get("algoId")),
        tag=values.get("tag"),
        is_strategy=is_strategy or any(values.get(name) for name in STRATEGY_FIELDS),
        terms=_terms(values, operation),
    )


def _terms(values: dict[str, Any], operation: Operation) -> Terms:
    price, size = ("newPx", "newSz") if operation == Operation.AMEND else ("px", "sz")
    return Terms(
        side=_term(values.get("side")),
        kind=_term(values.get("ordType")),
        price=_term(values.get(price)),
        size=_term(values.get(size)),
        unit=_term(values.get("tgtCcy")),
    )


def _term(value: object) -> str:
    """A text or number as the venue reads it, "" for nothing. What is neither may not pass for
    nothing: who knows what the venue takes it for."""
    return "" if value is None else _digits(value) if isinstance(value, str | Number) else STRANGE


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _digits(value: object) -> str:
    return value.written if isinstance(value, Number) else _text(value)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _reason(error: Exception) -> str:
    match error:
        case UnicodeDecodeError():
            return "not UTF-8"
        case RecursionError():
            return "nested too deeply"
        case _:
            return str(error).split(":")[0][:100]
