"""Reading orders and fills back: one order, open ones, history, executions.

https://www.okx.com/docs-v5/en/#order-book-trading-trade
"""

from typing import Any

from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.orders import find_order
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.endpoints import READ, Call, endpoint, page
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.objects import fill_row, order_row
from connect_portal.sandbox.wire.params import Param
from connect_portal.sandbox.wire.rest.public import INST_TYPE, INST_TYPES

UNFILLED_KEPT_MS = 2 * 3_600_000
ANY_TYPE = params.choice("instType", *INST_TYPES)
CURSORS = (params.whole("after"), params.whole("before"), params.limit())
SPAN = (params.whole("begin"), params.whole("end"))
OPEN_STATE = params.choice("state", "live", "partially_filled")
DONE_STATE = params.choice("state", "canceled", "filled", "mmp_canceled")
ORDER_FILTER = (params.word("instId"), params.word("ordType"))
FILL_PARAMS: tuple[Param, ...] = (
    params.word("instId"),
    params.whole("ordId"),
    params.word("subType"),
    *CURSORS,
    *SPAN,
)


@endpoint(
    "GET",
    "trade/order",
    params.word("instId", required=True),
    params.whole("ordId"),
    params.code("clOrdId"),
    permission=READ,
)
async def order(call: Call) -> list[Any]:
    """One order by either id; 51603 when there is none."""
    if not call["ordId"] and not call["clOrdId"]:
        raise WireError("50015", "ordId", "clOrdId")
    pair = call.instrument()
    try:
        found = find_order(call.world, call.uid, pair.inst_id, call["ordId"], call["clOrdId"])
    except Refused as refusal:
        raise WireError(refusal.code) from refusal
    if found is None:
        raise WireError("51603")
    return [order_row(pair, found)]


@endpoint(
    "GET", "trade/orders-pending", ANY_TYPE, OPEN_STATE, *ORDER_FILTER, *CURSORS, permission=READ
)
async def orders_pending(call: Call) -> list[Any]:
    """Open orders, newest first, paged by ordId."""
    orders = call.world.state.orders
    return _order_page(call, [orders[order_id] for order_id in sorted(call.account.open_orders)])


@endpoint(
    "GET",
    "trade/orders-history",
    INST_TYPE,
    DONE_STATE,
    *ORDER_FILTER,
    *CURSORS,
    *SPAN,
    permission=READ,
)
async def orders_history(call: Call) -> list[Any]:
    """Finished orders; those canceled without any fill are shown for two hours only."""
    since = call.world.now - UNFILLED_KEPT_MS
    return _order_page(call, [o for o in _finished(call) if o.filled or o.updated > since])


@endpoint(
    "GET",
    "trade/orders-history-archive",
    INST_TYPE,
    DONE_STATE,
    *ORDER_FILTER,
    *CURSORS,
    *SPAN,
    permission=READ,
)
async def orders_archive(call: Call) -> list[Any]:
    """Finished orders with at least one fill."""
    return _order_page(call, [order for order in _finished(call) if order.filled])


@endpoint("GET", "trade/fills", ANY_TYPE, *FILL_PARAMS, permission=READ)
async def fills(call: Call) -> list[Any]:
    """Executions, newest first, paged by billId."""
    if call["instType"] not in ("", "SPOT"):
        return []
    sides = {"": ("buy", "sell"), "1": ("buy",), "2": ("sell",)}.get(call["subType"], ())
    rows = [
        fill
        for fill in call.account.fills
        if call["instId"] in ("", fill.inst)
        and call["ordId"] in (0, fill.order_id)
        and fill.side in sides
    ]
    found = page(rows, call, lambda fill: fill.bill_id, lambda fill: fill.ts)
    return [fill_row(call.world.instruments[fill.inst], fill) for fill in found]


@endpoint("GET", "trade/fills-history", INST_TYPE, *FILL_PARAMS, permission=READ)
async def fills_history(call: Call) -> list[Any]:
    """The same for three months; the sandbox keeps all of them in one place."""
    return await fills(call)


def _finished(call: Call) -> list[Order]:
    orders = (call.world.state.orders[order_id] for order_id in call.account.order_ids)
    return [order for order in orders if not order.is_open]


def _order_page(call: Call, orders: list[Order]) -> list[Any]:
    if call["instType"] not in ("", "SPOT"):
        return []
    kinds = [kind for kind in call["ordType"].split(",") if kind]
    rows = [
        order
        for order in orders
        if call["instId"] in ("", order.inst)
        and call["state"] in ("", order.state)
        and (not kinds or order.kind in kinds)
    ]
    found = page(rows, call, lambda order: order.order_id, lambda order: order.created)
    return [order_row(call.world.instruments[order.inst], order) for order in found]
