"""One account as its owner works with it: balances, open orders, fills, placing and cancelling.

Blocking calls over the v5 wire, signed with one key, in one environment.
https://www.okx.com/docs-v5/en/#order-book-trading-trade and #trading-account-rest-api
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct

from connect_portal.kit import money
from connect_portal.venue.errors import OrderRefused, Refused, VenueError
from connect_portal.venue.okx import http, parse, shapes
from connect_portal.venue.okx.errors import CLASS_OF, ORDER_NOT_FOUND, refusal, unreadable
from connect_portal.venue.okx.http import OkxControl, target
from connect_portal.venue.transport import PAGE_TIMEOUT_S, Answer
from connect_portal.venue.types import (
    AccountKey,
    Balance,
    Environment,
    Fees,
    NewOrder,
    VenueFill,
    VenueOrder,
)

BALANCE: Final = "/api/v5/account/balance"
FEES: Final = "/api/v5/account/trade-fee"
CANCEL: Final = "/api/v5/trade/cancel-order"

# Which part of an order a number speaks of: https://www.okx.com/docs-v5/en/#error-code.
_PARTS: dict[str, tuple[str, ...]] = {
    "instrument": ("51001", "51015", "51021", "51027", "51087"),
    "kind": ("51044", "51109"),
    "price": ("51006", "51137", "51138", "51150", "51204"),
    "size": ("51005", "51008", "51020", "51121", "51131", "51185", "51201", "51202", "51203"),
}
_ABOUT = {number: part for part, numbers in _PARTS.items() for number in numbers}
_PARAMETERS = {
    "instId": "instrument",
    "side": "side",
    "ordType": "kind",
    "px": "price",
    "sz": "size",
    "tag": "tag",
}
# 50014 and 51000 name the parameter in their sentence.
_named = re.compile(r"\b[Pp]arameter (\w+)").search

Result = TypeVar("Result")


class _WireDetail(Struct, rename="camel"):
    ccy: str
    eq: str
    avail_bal: str
    frozen_bal: str
    eq_usd: str


class _WireBalance(Struct):
    details: list[_WireDetail]


class _WireFees(Struct):
    level: str
    maker: str
    taker: str


class _WireReceipt(Struct, rename="camel"):
    ord_id: str
    s_code: str
    s_msg: str = ""


_BALANCE = msgspec.json.Decoder(_WireBalance)
_FEES = msgspec.json.Decoder(_WireFees)
_RECEIPT = msgspec.json.Decoder(_WireReceipt)


class OkxDesk:
    """The working of `port.Desk` on the v5 wire."""

    def __init__(
        self, control: OkxControl, credentials: AccountKey, environment: Environment
    ) -> None:
        self.control = control
        self.credentials = credentials
        self.environment = environment

    def balances(self) -> tuple[Balance, ...]:
        """What the account holds, by currency."""
        return self._call(BALANCE, lambda answer: parse.sole_row(answer, _balances))

    def fees(self, instrument: str) -> Fees:
        """What the account pays on a pair."""
        address = target(FEES, {"instType": "SPOT", "instId": instrument})
        return self._call(address, lambda answer: parse.sole_row(answer, _fees))

    def open_orders(self, limit: int, *, older_than: str | None = None) -> tuple[VenueOrder, ...]:
        """Orders on the book, newest first; those older than an order's id if one is given."""
        page = {"after": older_than} if older_than else {}
        address = target(http.ORDERS_PENDING, {"instType": "SPOT", "limit": str(limit), **page})
        return self._call(address, lambda answer: parse.all_rows(answer, parse.order))

    def fills(self, limit: int) -> tuple[VenueFill, ...]:
        """The latest fills, newest first."""
        address = target(http.FILLS_RECENT, {"instType": "SPOT", "limit": str(limit)})
        return self._call(address, lambda answer: parse.all_rows(answer, parse.fill))

    def placed(self, instrument: str, client_order_id: str) -> VenueOrder | None:
        """The latest order with this client order id; None where the venue knows none."""
        address = target(http.ORDER, {"instId": instrument, "clOrdId": client_order_id})
        try:
            return self._call(address, lambda answer: parse.sole_row(answer, parse.order))
        except Refused as error:
            if error.venue_code == ORDER_NOT_FOUND:
                return None
            raise

    def place(self, order: NewOrder) -> str:
        """Place an order; its id at the venue. Raises OrderRefused, OutcomeUnknown."""
        fields = {
            "instId": order.instrument,
            "tdMode": "cash",
            "side": order.side,
            "ordType": order.kind,
            "sz": money.plain(order.size),
            "clOrdId": order.client_order_id,
        }
        if order.kind == "market":
            # A market buy counts quote money unless told otherwise.
            fields["tgtCcy"] = "base_ccy"
        if order.price is not None:
            fields["px"] = money.plain(order.price)
        if order.tag:
            fields["tag"] = order.tag
        return self._call(http.ORDER, _receipt, fields)

    def cancel(self, instrument: str, order_id: str) -> None:
        """Cancel an open order. Raises OrderRefused where it is over already, OutcomeUnknown."""
        self._call(CANCEL, _receipt, {"instId": instrument, "ordId": order_id})

    def _call(
        self,
        address: str,
        understand: Callable[[Answer], Result],
        fields: dict[str, str] | None = None,
    ) -> Result:
        body = None if fields is None else msgspec.json.encode(fields).decode()
        return self.control.signed(
            self.credentials,
            address,
            understand,
            body=body,
            environment=self.environment,
            patience=PAGE_TIMEOUT_S if body is None else None,
        )


def _balances(raw: Raw) -> tuple[Balance, ...]:
    return tuple(
        Balance(
            currency=parse.present(wire.ccy, "ccy"),
            total=parse.decimal(wire.eq),
            available=parse.decimal(wire.avail_bal),
            frozen=parse.decimal(wire.frozen_bal),
            usd=parse.decimal_or_none(wire.eq_usd) or Decimal(0),
        )
        for wire in _BALANCE.decode(raw).details
    )


def _fees(raw: Raw) -> Fees:
    wire = _FEES.decode(raw)
    return Fees(
        level=parse.present(wire.level, "level"),
        maker=parse.decimal(wire.maker),
        taker=parse.decimal(wire.taker),
    )


def _receipt(answer: Answer) -> str:
    """The id of the order that a write speaks of; the row tells its own outcome, whatever the
    envelope says. https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order"""
    try:
        envelope = shapes.ENVELOPE.decode(answer.body)
        rows = [] if envelope.data is UNSET else [_RECEIPT.decode(raw) for raw in envelope.data]
    except parse.UNREADABLE as error:
        raise unreadable(answer, str(error)) from error
    if not rows:
        raise _refusal(envelope.code, envelope.msg or "", answer)
    (row,) = rows[:1]
    if row.s_code != "0":
        raise _refusal(row.s_code, row.s_msg, answer)
    return row.ord_id


def _refusal(number: str, message: str, answer: Answer) -> VenueError:
    if CLASS_OF.get(number, Refused) is not Refused or answer.status >= 500:
        return refusal(number, message, answer)
    named = _named(message)
    about = _ABOUT.get(number) or _PARAMETERS.get(named[1] if named else "", "")
    return OrderRefused(message or "no reason given", venue_code=number, about=about)
