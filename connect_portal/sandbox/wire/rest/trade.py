"""Placing, cancelling and amending orders, one or many; the WebSocket operations use the same.

https://www.okx.com/docs-v5/en/#order-book-trading-trade
"""

from collections.abc import Awaitable, Mapping
from typing import Any

from connect_portal.sandbox.engine.commands import Amend, Cancel, Place
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.orders import find_open
from connect_portal.sandbox.engine.units import ONE, parse
from connect_portal.sandbox.wire import limits, params
from connect_portal.sandbox.wire.attached import read_attached, read_changes
from connect_portal.sandbox.wire.endpoints import MANY, TRADE, Call, Rows, endpoint
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.objects import Row
from connect_portal.sandbox.wire.params import Param, Shape, Values
from connect_portal.sandbox.wire.prices import within_band
from connect_portal.sandbox.wire.rest.verbs import Verb, echoed, submit_each, submit_one

INST_ID = params.word("instId", required=True)
ORDER_ID, CLIENT_ID = params.whole("ordId"), params.code("clOrdId")
MARGIN_MODES = ("isolated", "spot_isolated")
AMENDMENTS_AT_ONCE = 3
STP_MODES = ("cancel_maker", "cancel_taker", "cancel_both")
ORDER_KINDS = ("market", "limit", "post_only", "fok", "ioc")
AMEND_PRICE = params.choice("pxAmendType", "0", "1")
CLAMP = "1"
MOST_SLIPPAGE = ONE // 20
RECEIVED = {"buy": "base_ccy", "sell": "quote_ccy"}


def ten_thousandths(text: str) -> int:
    """A slippage of at most 0.05, with at most two decimals of a percent."""
    units = parse(text)
    if units is None or units > MOST_SLIPPAGE or units % (ONE // 10_000):
        raise ValueError(text)
    return units // (ONE // 10_000)


PLACE = Shape(
    INST_ID,
    params.choice("tdMode", "cash", "cross", "isolated", "spot_isolated", required=True),
    params.choice("side", "buy", "sell", required=True),
    params.choice("ordType", *ORDER_KINDS, required=True),
    params.number("sz", required=True),
    params.number("px"),
    params.choice("tgtCcy", "base_ccy", "quote_ccy"),
    CLIENT_ID,
    params.code("tag", longest=16),
    params.choice("stpMode", *STP_MODES, default="cancel_maker"),
    params.choice("posSide", "net", "long", "short"),
    params.flag("banAmend"),
    params.word("tradeQuoteCcy"),
    AMEND_PRICE,
    Param("slippagePct", ten_thousandths, default=-1),
)
CANCEL = Shape(INST_ID, ORDER_ID, CLIENT_ID)
AMEND = Shape(
    INST_ID,
    ORDER_ID,
    CLIENT_ID,
    params.number("newSz"),
    params.number("newPx"),
    params.code("reqId"),
    params.flag("cxlOnFail"),
    AMEND_PRICE,
)


def place_command(call: Call, item: Mapping[str, Any]) -> Place:
    """One order request as a command. Raises WireError for what is missing or misshapen."""
    values = PLACE.read(item)
    if values["posSide"] not in ("", "net"):
        raise WireError("51000", "posSide")
    if values["tdMode"] in MARGIN_MODES:
        raise WireError("51010")
    _refuse_named_before(call, item, values["clOrdId"])
    return Place(
        uid=call.uid,
        inst=values["instId"],
        side=values["side"],
        kind=values["ordType"],
        sz=values["sz"],
        px=_price(call, values),
        tgt=values["tgtCcy"],
        cl=values["clOrdId"],
        tag=values["tag"],
        stp=values["stpMode"],
        mode=values["tdMode"],
        quote_ccy=values["tradeQuoteCcy"],
        ban_amend=values["banAmend"],
        slippage=_slippage(values),
        attached=read_attached(item, values["sz"]),
    )


def cancel_command(call: Call, item: Mapping[str, Any]) -> Cancel:
    """One cancellation as a command; one of the two ids is needed."""
    values = CANCEL.read(item)
    _need_an_id(values, "51407")
    return Cancel(
        uid=call.uid, inst=values["instId"], order_id=values["ordId"], cl=values["clOrdId"]
    )


def amend_command(call: Call, item: Mapping[str, Any]) -> Amend:
    """One amendment as a command; one of the two ids is needed."""
    values = AMEND.read(item)
    _need_an_id(values, "51003")
    return Amend(
        uid=call.uid,
        inst=values["instId"],
        order_id=values["ordId"],
        cl=values["clOrdId"],
        new_sz=values["newSz"],
        new_px=_new_price(call, values),
        req_id=values["reqId"],
        cancel_on_fail=values["cxlOnFail"],
        attached=read_changes(item),
    )


def _need_an_id(values: Values, code: str) -> None:
    if not values["ordId"] and not values["clOrdId"]:
        raise WireError(code)


def _refuse_named_before(call: Call, item: Mapping[str, Any], own_id: str) -> None:
    """Raises 51016 when an item before this one has the same id: no two of a request may."""
    if own_id and len(call.items) > 1:
        named = (each for each in call.items if str(each.get("clOrdId")) == own_id)
        if next(named, item) is not item:
            raise WireError("51016")


def _price(call: Call, values: Values) -> str:
    if values["ordType"] == "market":
        return ""
    if not values["px"]:
        raise WireError("51204")
    buys, clamp = values["side"] == "buy", values["pxAmendType"] == CLAMP
    return within_band(call.world, values["instId"], values["px"], buys=buys, clamp=clamp)


def _new_price(call: Call, values: Values) -> str:
    inst, px = str(values["instId"]), str(values["newPx"])
    if not px or inst not in call.world.instruments:
        return px
    order = find_open(call.world, call.uid, inst, values["ordId"], values["clOrdId"])
    if order is None:
        return px
    clamp = values["pxAmendType"] == CLAMP
    return within_band(call.world, inst, px, buys=order.buys, clamp=clamp)


def _slippage(values: Values) -> int:
    """Only for a market order sized in the currency that it receives."""
    slippage: int = values["slippagePct"]
    if slippage >= 0:
        if values["ordType"] != "market":
            raise WireError("50016", "slippagePct", "ordType")
        if values["tgtCcy"] != RECEIVED[values["side"]]:
            raise WireError("50016", "slippagePct", "tgtCcy")
    return slippage


def place_row(call: Call, item: Mapping[str, Any], outcome: Outcome) -> Row:
    """What a placement answers; the ids as asked even when it was refused."""
    return {
        "ordId": str(outcome.value.order_id) if outcome.value else "",
        "clOrdId": echoed(item, "clOrdId"),
        "tag": echoed(item, "tag"),
        "ts": str(call.store.business_ms()),
        "subCode": sub_code(outcome),
    }


def cancel_row(call: Call, item: Mapping[str, Any], outcome: Outcome) -> Row:
    """What a cancellation answers."""
    return {
        "ordId": str(outcome.value.order_id) if outcome.value else echoed(item, "ordId"),
        "clOrdId": outcome.value.cl if outcome.value else echoed(item, "clOrdId"),
        "ts": str(call.store.business_ms()),
    }


def amend_row(call: Call, item: Mapping[str, Any], outcome: Outcome) -> Row:
    """What an amendment answers."""
    row = cancel_row(call, item, outcome)
    return row | {"reqId": echoed(item, "reqId"), "subCode": sub_code(outcome)}


def sub_code(outcome: Outcome) -> str:
    """The finer code under a code; balances that are too small have one."""
    return "1000" if outcome.code == "51008" else ""


def refuse_twice(call: Call) -> None:
    """Raises 51512 when two amendments name the same order, by whichever of its ids."""
    mine = call.account.order_of_cl
    named = []
    for item in call.items:
        # An id is read as a number: zeros before it name no other order.
        given, own = echoed(item, "ordId").lstrip("0"), echoed(item, "clOrdId")
        named.append((echoed(item, "instId"), given or str(mine.get(own, own))))
    if len(set(named)) < len(named):
        raise WireError("51512")


PLACING = Verb(
    place_command,
    place_row,
    limits.PLACE,
    limits.PLACE_MANY,
    counted=True,
    expires=True,
    done="Order placed",
)
CANCELLING = Verb(cancel_command, cancel_row, limits.CANCEL, limits.CANCEL_MANY)
AMENDING = Verb(
    amend_command,
    amend_row,
    limits.AMEND,
    limits.AMEND_MANY,
    counted=True,
    expires=True,
    at_once=AMENDMENTS_AT_ONCE,
)


@endpoint("POST", "trade/order", permission=TRADE, limit=limits.PLACE)
def place_order(call: Call) -> Awaitable[Rows]:
    """Place one order."""
    return submit_one(call, PLACING)


@endpoint(
    "POST",
    "trade/batch-orders",
    permission=TRADE,
    listed=MANY,
    limit=limits.PLACE_MANY,
    too_many="51111",
)
def place_orders(call: Call) -> Awaitable[Rows]:
    """Place up to 20 orders."""
    return submit_each(call, PLACING)


@endpoint("POST", "trade/cancel-order", permission=TRADE, limit=limits.CANCEL)
def cancel_order(call: Call) -> Awaitable[Rows]:
    """Cancel one order."""
    return submit_one(call, CANCELLING)


@endpoint(
    "POST",
    "trade/cancel-batch-orders",
    permission=TRADE,
    listed=MANY,
    limit=limits.CANCEL_MANY,
    too_many="51406",
)
def cancel_orders(call: Call) -> Awaitable[Rows]:
    """Cancel up to 20 orders."""
    return submit_each(call, CANCELLING)


@endpoint("POST", "trade/amend-order", permission=TRADE, limit=limits.AMEND)
def amend_order(call: Call) -> Awaitable[Rows]:
    """Amend one order."""
    return submit_one(call, AMENDING)


@endpoint(
    "POST",
    "trade/amend-batch-orders",
    permission=TRADE,
    listed=MANY,
    limit=limits.AMEND_MANY,
    too_many="51501",
)
def amend_orders(call: Call) -> Awaitable[Rows]:
    """Amend up to 20 orders, each once."""
    refuse_twice(call)
    return submit_each(call, AMENDING)
