"""Reading orders and fills back: one order, open ones, history, executions.

https://www.okx.com/docs-v5/en/#order-book-trading-trade
"""

from typing import Any

from connect_portal.sandbox.engine.model import Fill, Order
from connect_portal.sandbox.engine.orders import find_open
from connect_portal.sandbox.engine.tape import DAY_MS
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.endpoints import READ, Call, endpoint, page
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import Limit
from connect_portal.sandbox.wire.objects import fill_row, order_row
from connect_portal.sandbox.wire.params import Param
from connect_portal.sandbox.wire.rest.public import ANY_TYPE, INST_TYPE
from connect_portal.sandbox.wire.selection import Selection

RECENT_DAYS, WEEK_DAYS, ARCHIVE_DAYS = 3, 7, 90
CURSORS = (params.whole("after"), params.whole("before"), params.limit())
SPAN = (params.whole("begin"), params.whole("end"))
SIDES = {"": "", "1": "buy", "2": "sell"}
OPEN_STATE = params.choice("state", "live", "partially_filled")
DONE_STATE = params.choice("state", "canceled", "filled", "mmp_canceled")
ORDER_FILTER = (params.word("instId"), params.word("ordType"))
DONE_PARAMS: tuple[Param, ...] = (
    INST_TYPE,
    DONE_STATE,
    *ORDER_FILTER,
    params.word("category"),
    *CURSORS,
    *SPAN,
)
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
    limit=Limit(60, per="instId"),
)
async def order(call: Call) -> list[Any]:
    """One order by either id, the latest for a clOrdId; 51603 when there is none."""
    if not call["ordId"] and not call["clOrdId"]:
        raise WireError("51003")
    pair = call.instrument()
    found = find_open(call.world, call.uid, pair.inst_id, call["ordId"], call["clOrdId"])
    if found is None:
        wanted = _remembered(call).where("inst = ?", pair.inst_id).where("id = ?", call["ordId"])
        if not call["ordId"]:
            wanted.where("cl = ?", call["clOrdId"])
        found = next(iter(await wanted.newest(call, Order)), None)
    if found is None:
        raise WireError("51603")
    return [order_row(pair, found)]


@endpoint(
    "GET",
    "trade/orders-pending",
    ANY_TYPE,
    OPEN_STATE,
    *ORDER_FILTER,
    *CURSORS,
    permission=READ,
    limit=Limit(60),
)
async def orders_pending(call: Call) -> list[Any]:
    """Open orders, newest first, paged by ordId."""
    if not _is_spot(call):
        return []
    orders, kinds = call.world.state.orders, _kinds(call)
    ids = sorted(order_id for here in call.account.open_orders.values() for order_id in here)
    rows = [
        order
        for order in (orders[order_id] for order_id in ids)
        if call["instId"] in ("", order.inst)
        and call["state"] in ("", order.state)
        and (not kinds or order.kind in kinds)
    ]
    return _rows(call, page(rows, call, lambda row: row.order_id, lambda row: row.created))


@endpoint("GET", "trade/orders-history", *DONE_PARAMS, permission=READ, limit=Limit(40))
async def orders_history(call: Call) -> list[Any]:
    """Orders that ended in the last seven days; without any fill they are shown for two hours."""
    wanted = _remembered(call).where("ended > ?", call.store.business_ms() - WEEK_DAYS * DAY_MS)
    return await _finished(call, wanted)


@endpoint("GET", "trade/orders-history-archive", *DONE_PARAMS, permission=READ, limit=Limit(20))
async def orders_archive(call: Call) -> list[Any]:
    """Orders of three months that have at least one fill."""
    wanted = Selection(call.uid).where("filled >= ?", 1).of_last(call, ARCHIVE_DAYS)
    return await _finished(call, wanted)


@endpoint("GET", "trade/fills", ANY_TYPE, *FILL_PARAMS, permission=READ, limit=Limit(60))
async def fills(call: Call) -> list[Any]:
    """Executions of three days, newest first, paged by billId."""
    return await _fills(call, RECENT_DAYS)


@endpoint("GET", "trade/fills-history", INST_TYPE, *FILL_PARAMS, permission=READ, limit=Limit(10))
async def fills_history(call: Call) -> list[Any]:
    """The same for three months."""
    return await _fills(call, ARCHIVE_DAYS)


async def _fills(call: Call, days: int) -> list[Any]:
    if not _is_spot(call):
        return []
    wanted = (
        Selection(call.uid)
        .where("inst = ?", call["instId"])
        .where("order_id = ?", call["ordId"])
        .where("side = ?", SIDES.get(call["subType"], "none"))
        .within(call)
        .of_last(call, days)
    )
    found = await wanted.newest(call, Fill)
    return [fill_row(call.world.instruments[fill.inst], fill) for fill in found]


def _remembered(call: Call) -> Selection:
    """What the venue still knows: orders canceled without any fill are soon forgotten."""
    since = call.store.business_ms() - call.store.unfilled_kept_ms
    return Selection(call.uid).where("(filled > 0 OR ended > ?)", since)


async def _finished(call: Call, wanted: Selection) -> list[Any]:
    if not _is_spot(call) or call["category"] not in ("", "normal"):
        return []
    wanted.where("inst = ?", call["instId"]).where("state = ?", call["state"])
    wanted.among("kind", _kinds(call)).within(call)
    return _rows(call, await wanted.newest(call, Order))


def _is_spot(call: Call) -> bool:
    """Whether spot is asked for. Raises 51001 when a pair is asked for that there is not."""
    if call["instId"]:
        call.instrument()
    return call["instType"] in ("", "SPOT")


def _kinds(call: Call) -> list[str]:
    return [kind for kind in call["ordType"].split(",") if kind]


def _rows(call: Call, orders: list[Order]) -> list[Any]:
    return [order_row(call.world.instruments[order.inst], order) for order in orders]
