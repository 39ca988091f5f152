"""Placing, cancelling and amending orders, one or many; the WebSocket operations use the same.

https://www.okx.com/docs-v5/en/#order-book-trading-trade
"""

from collections.abc import Mapping
from typing import Any

from connect_portal.sandbox.engine.commands import Amend, Cancel, Place
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.wire import limits, params
from connect_portal.sandbox.wire.attached import read_attached, read_changes
from connect_portal.sandbox.wire.endpoints import MANY, TRADE, Call, Rows, endpoint
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.objects import Row
from connect_portal.sandbox.wire.params import Shape, Values
from connect_portal.sandbox.wire.rest.verbs import Verb, echoed, submit_each, submit_one

INST_ID = params.word("instId", required=True)
ORDER_ID, CLIENT_ID = params.whole("ordId"), params.code("clOrdId")
STP_MODES = ("cancel_maker", "cancel_taker", "cancel_both")
ORDER_KINDS = ("market", "limit", "post_only", "fok", "ioc")
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
)


def place_command(call: Call, item: Mapping[str, Any]) -> Place:
    """One order request as a command. Raises WireError for what is missing or misshapen."""
    values = PLACE.read(item)
    if values["ordType"] != "market" and not values["px"]:
        raise WireError("50014", "px")
    if values["posSide"] not in ("", "net"):
        raise WireError("51000", "posSide")
    return Place(
        uid=call.uid,
        inst=values["instId"],
        side=values["side"],
        kind=values["ordType"],
        sz=values["sz"],
        px=values["px"] if values["ordType"] != "market" else "",
        tgt=values["tgtCcy"],
        cl=values["clOrdId"],
        tag=values["tag"],
        stp=values["stpMode"],
        mode=values["tdMode"],
        quote_ccy=values["tradeQuoteCcy"],
        ban_amend=values["banAmend"],
        attached=read_attached(item, values["sz"]),
    )


def cancel_command(call: Call, item: Mapping[str, Any]) -> Cancel:
    """One cancellation as a command; one of the two ids is needed."""
    values = CANCEL.read(item)
    _need_an_id(values)
    return Cancel(
        uid=call.uid, inst=values["instId"], order_id=values["ordId"], cl=values["clOrdId"]
    )


def amend_command(call: Call, item: Mapping[str, Any]) -> Amend:
    """One amendment as a command; one of the two ids is needed."""
    values = AMEND.read(item)
    _need_an_id(values)
    return Amend(
        uid=call.uid,
        inst=values["instId"],
        order_id=values["ordId"],
        cl=values["clOrdId"],
        new_sz=values["newSz"],
        new_px=values["newPx"],
        req_id=values["reqId"],
        cancel_on_fail=values["cxlOnFail"],
        attached=read_changes(item),
    )


def _need_an_id(values: Values) -> None:
    if not values["ordId"] and not values["clOrdId"]:
        raise WireError("50015", "ordId", "clOrdId")


def place_row(call: Call, item: Mapping[str, Any], outcome: Outcome) -> Row:
    """What a placement answers; the ids as asked even when it was refused."""
    return {
        "ordId": str(outcome.value.order_id) if outcome.value else "",
        "clOrdId": echoed(item, "clOrdId"),
        "tag": echoed(item, "tag"),
        "ts": str(call.world.now),
        "subCode": "1000" if outcome.code == "51008" else "",
    }


def change_row(call: Call, item: Mapping[str, Any], outcome: Outcome) -> Row:
    """What a cancellation or an amendment answers."""
    return {
        "ordId": str(outcome.value.order_id) if outcome.value else echoed(item, "ordId"),
        "clOrdId": outcome.value.cl if outcome.value else echoed(item, "clOrdId"),
        "ts": str(call.world.now),
        "reqId": echoed(item, "reqId"),
    }


PLACING = Verb(
    place_command,
    place_row,
    limits.PLACE,
    limits.PLACE_MANY,
    counted=True,
    expires=True,
    done="Order placed",
)
CANCELLING = Verb(cancel_command, change_row, limits.CANCEL, limits.CANCEL_MANY)
AMENDING = Verb(
    amend_command, change_row, limits.AMEND, limits.AMEND_MANY, counted=True, expires=True
)


@endpoint("POST", "trade/order", permission=TRADE, limit=limits.PLACE)
async def place_order(call: Call) -> Rows:
    """Place one order."""
    return await submit_one(call, PLACING)


@endpoint("POST", "trade/batch-orders", permission=TRADE, listed=MANY, limit=limits.PLACE_MANY)
async def place_orders(call: Call) -> Rows:
    """Place up to 20 orders."""
    return await submit_each(call, PLACING)


@endpoint("POST", "trade/cancel-order", permission=TRADE, limit=limits.CANCEL)
async def cancel_order(call: Call) -> Rows:
    """Cancel one order."""
    return await submit_one(call, CANCELLING)


@endpoint(
    "POST", "trade/cancel-batch-orders", permission=TRADE, listed=MANY, limit=limits.CANCEL_MANY
)
async def cancel_orders(call: Call) -> Rows:
    """Cancel up to 20 orders."""
    return await submit_each(call, CANCELLING)


@endpoint("POST", "trade/amend-order", permission=TRADE, limit=limits.AMEND)
async def amend_order(call: Call) -> Rows:
    """Amend one order."""
    return await submit_one(call, AMENDING)


@endpoint(
    "POST", "trade/amend-batch-orders", permission=TRADE, listed=MANY, limit=limits.AMEND_MANY
)
async def amend_orders(call: Call) -> Rows:
    """Amend up to 20 orders."""
    return await submit_each(call, AMENDING)
