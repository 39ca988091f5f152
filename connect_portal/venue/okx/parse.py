"""Reads OKX v5 JSON into our rows, strictly: what is missing or of a wrong type is never guessed.

A row that breaks its shape is set aside with its text, the rest of its page stands; a body that
breaks the envelope is refused whole.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeVar

import msgspec
from msgspec import UNSET, Raw

from connect_portal.kit import clock
from connect_portal.venue.okx import shapes
from connect_portal.venue.okx.errors import refusal, unreadable
from connect_portal.venue.transport import Answer
from connect_portal.venue.types import (
    KeyReport,
    MalformedRow,
    OrderState,
    Page,
    VenueFill,
    VenueOrder,
    VenuePush,
)

# Bound once: these run eight times for every fill.
_is_plain_decimal = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?").fullmatch
_is_spot_instrument = re.compile(r"[^-]+-[^-]+").fullmatch
LONGEST_NUMBER = 32

ORDER_STATES: dict[str, OrderState] = {
    "live": "live",
    "partially_filled": "partially_filled",
    "filled": "filled",
    "canceled": "canceled",
    "mmp_canceled": "canceled",
}
CANCEL_REASONS = {
    "": "",
    "0": "venue",
    "1": "user",
    "3": "risk",
    "13": "fill_or_kill",
    "14": "immediate_or_cancel",
    "15": "price_beyond_limit",
    "20": "cancel_all_after",
    "31": "post_only_would_take",
    "32": "self_trade",
    "33": "too_many_counterparties",
}


# What a reader of untrusted JSON can raise: msgspec's own two, our conversions', and deep nesting.
UNREADABLE = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)

Row = TypeVar("Row")


def open_envelope(answer: Answer) -> list[Raw]:
    """The rows of a successful answer, each still undecoded.

    Raises: the refusal the envelope or the status stands for; MalformedAnswer for anything else.
    """
    try:
        envelope = shapes.ENVELOPE.decode(answer.body)
    except UNREADABLE as error:
        raise unreadable(answer, str(error)) from error
    if envelope.code != "0":
        raise refusal(envelope.code, envelope.msg or "", answer)
    if answer.status != 200 or envelope.data is UNSET:
        raise unreadable(answer, "a success without its data")
    return envelope.data


def fills_page(answer: Answer, *, limit: int) -> Page[VenueFill]:
    """One page of fills, keyed by billId. Raises as `open_envelope`."""
    return _page(open_envelope(answer), fill, lambda row: row.bill_id, _fill_key_of, limit)


def orders_page(answer: Answer, *, limit: int) -> Page[VenueOrder]:
    """One page of orders, keyed by ordId. Raises as `open_envelope`."""
    return _page(open_envelope(answer), order, lambda row: row.order_id, _order_key_of, limit)


def sole_row(answer: Answer, read: Callable[[Raw], Row]) -> Row:
    """The only row of an answer that must have one. Raises as `open_envelope`."""
    rows = open_envelope(answer)
    try:
        (raw,) = rows
        return read(raw)
    except UNREADABLE as error:
        raise unreadable(answer, str(error)) from error


def all_rows(answer: Answer, read: Callable[[Raw], Row]) -> tuple[Row, ...]:
    """Every row of an answer, refused whole if one is unreadable. Raises as `open_envelope`."""
    rows = open_envelope(answer)
    try:
        return tuple(read(raw) for raw in rows)
    except UNREADABLE as error:
        raise unreadable(answer, str(error)) from error


def fill(raw: Raw) -> VenueFill:
    """One fill. Raises one of UNREADABLE, like every reader of a row below."""
    wire = shapes.FILL.decode(raw)
    return VenueFill(
        bill_id=number(wire.bill_id),
        trade_id=number(wire.trade_id),
        order_id=number(wire.ord_id),
        client_order_id=wire.cl_ord_id,
        instrument=spot_instrument(wire.inst_id),
        # One USD book may be paid in several dollars: tradeQuoteCcy says which was.
        quote_currency=wire.trade_quote_ccy or wire.inst_id.partition("-")[2],
        side=wire.side,
        price=decimal(wire.fill_px),
        size=decimal(wire.fill_sz),
        fee=decimal(wire.fee),
        fee_currency=present(wire.fee_ccy, "feeCcy"),
        liquidity="taker" if wire.exec_type == "T" else "maker",
        tag=wire.tag,
        filled_at=moment(wire.fill_time),
    )


def order(raw: Raw) -> VenueOrder:
    """One order."""
    wire = shapes.ORDER.decode(raw)
    filled_size = decimal(wire.acc_fill_sz)
    return VenueOrder(
        order_id=number(wire.ord_id),
        client_order_id=wire.cl_ord_id,
        algo_id=wire.algo_id,
        instrument=spot_instrument(wire.inst_id),
        side=wire.side,
        kind=present(wire.ord_type, "ordType"),
        state=_order_state(wire.state),
        price=decimal_or_none(wire.px),
        size=decimal(wire.sz),
        size_unit=_size_unit(wire),
        filled_size=filled_size,
        # OKX writes "0" as well as "" for the average of nothing.
        average_price=decimal_or_none(wire.avg_px) if filled_size else None,
        fee=decimal_or_none(wire.fee),
        fee_currency=wire.fee_ccy,
        tag=wire.tag,
        created_at=moment(wire.c_time),
        updated_at=moment(wire.u_time),
        cancel_reason=CANCEL_REASONS.get(wire.cancel_source, f"other_{wire.cancel_source}"),
    )


def push(raw: Raw) -> VenuePush:
    """One row of the private orders channel."""
    wire = shapes.PUSH.decode(raw)
    return VenuePush(
        order_id=wire.ord_id,
        trade_id=wire.trade_id or None,
        instrument=wire.inst_id,
        at=moment(wire.u_time),
    )


def key_report(raw: Raw) -> KeyReport:
    """The part of account/config that describes the key."""
    wire = shapes.CONFIG.decode(raw)
    return KeyReport(
        uid=present(wire.uid, "uid"),
        permissions=frozenset(_comma_list(wire.perm)),
        ips=_comma_list(wire.ip),
        label=wire.label,
    )


def rebate_type(raw: Raw) -> str:
    """The row of broker/fd/if-rebate: "0" where a rebate is earned, else the number of why not."""
    return present(shapes.REBATE.decode(raw).type, "type")


def server_time(raw: Raw) -> datetime:
    """The row of public/time."""
    return moment(shapes.TIME.decode(raw).ts)


def last_price(raw: Raw) -> tuple[str, Decimal | None]:
    """Instrument and last price of a ticker; None where it has never traded."""
    wire = shapes.TICKER.decode(raw)
    return wire.inst_id, decimal_or_none(wire.last)


def decimal(text: str) -> Decimal:
    """Exactly what the venue wrote. Refuses exponents, NaN, signs other than "-", and the empty
    string: a missing amount is not zero."""
    if not _is_plain_decimal(text):
        raise ValueError(f"not a plain decimal: {text[:60]!r}")
    return Decimal(text)


def decimal_or_none(text: str) -> Decimal | None:
    """As `decimal`, where OKX's "" means that the amount does not apply."""
    return decimal(text) if text else None


def moment(text: str) -> datetime:
    """Milliseconds since 1970 as an aware UTC time."""
    return clock.from_ms(number(text))


def number(text: str) -> str:
    """An id that is digits only; kept as text, compared as a number when paging."""
    if not (text.isdigit() and text.isascii() and len(text) <= LONGEST_NUMBER):
        raise ValueError(f"not a number: {text[:60]!r}")
    return text


def present(text: str, name: str) -> str:
    """A text that may not be empty."""
    if not text:
        raise ValueError(f"{name} is empty")
    return text


def spot_instrument(text: str) -> str:
    """BASE-QUOTE; anything longer is a derivative and has another meaning of size."""
    if not _is_spot_instrument(text):
        raise ValueError(f"not a spot instrument: {text[:60]!r}")
    return text


def _page(
    raws: list[Raw],
    read: Callable[[Raw], Row],
    key_of: Callable[[Row], str],
    key_of_malformed: Callable[[Raw], str],
    limit: int,
) -> Page[Row]:
    rows: list[Row] = []
    malformed: list[MalformedRow] = []
    keys: list[str] = []
    for raw in raws:
        try:
            row = read(raw)
        except UNREADABLE as error:
            malformed.append(MalformedRow(str(error), bytes(raw).decode(errors="replace")))
            with suppress(*UNREADABLE):
                keys.append(key_of_malformed(raw))
        else:
            rows.append(row)
            keys.append(key_of(row))
    return Page(
        rows=tuple(rows),
        malformed=tuple(malformed),
        # Smallest, not last: a page out of order must not send the walk back up.
        oldest=min(keys, key=int, default=None),
        is_last=len(raws) < limit,
    )


def _fill_key_of(raw: Raw) -> str:
    return number(shapes.FILL_KEY.decode(raw).bill_id)


def _order_key_of(raw: Raw) -> str:
    return number(shapes.ORDER_KEY.decode(raw).ord_id)


def _order_state(word: str) -> OrderState:
    if word not in ORDER_STATES:
        raise ValueError(f"unknown order state: {word[:60]!r}")
    return ORDER_STATES[word]


def _size_unit(wire: shapes.WireOrder) -> Literal["base", "quote"]:
    """Only a market order may be sized in quote, and a market buy is unless it says otherwise."""
    if wire.ord_type != "market":
        return "base"
    if wire.tgt_ccy:
        return "quote" if wire.tgt_ccy == "quote_ccy" else "base"
    return "quote" if wire.side == "buy" else "base"


def _comma_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
