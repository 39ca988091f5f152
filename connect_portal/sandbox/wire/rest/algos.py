"""Strategy orders: place, look up, list, cancel.

https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading
"""

from collections.abc import Mapping
from typing import Any

from connect_portal.sandbox.engine.commands import CancelAlgo, PlaceAlgo
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.model import Algo, Order
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.endpoints import READ, TRADE, Call, Rows, endpoint, page
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import Limit
from connect_portal.sandbox.wire.objects import Row, algo_row
from connect_portal.sandbox.wire.params import Shape
from connect_portal.sandbox.wire.rest.history import ANY_TYPE, CURSORS
from connect_portal.sandbox.wire.rest.verbs import Verb, echoed, submit_each, submit_one
from connect_portal.sandbox.wire.selection import Selection

MANY_ALGOS = 10
PLACE_LIMIT = Limit(20, per="instId", of_orders=True)
CANCEL_LIMIT = Limit(20, of_orders=True)
KINDS = ("trigger", "conditional", "oco")
LAST_ONLY = tuple(
    params.choice(name, "last") for name in ("triggerPxType", "tpTriggerPxType", "slTriggerPxType")
)
PLACE_ALGO = Shape(
    params.word("instId", required=True),
    params.choice("tdMode", "cash", "cross", required=True),
    params.choice("side", "buy", "sell", required=True),
    params.choice("ordType", *KINDS, required=True),
    params.number("sz", required=True),
    params.choice("tgtCcy", "base_ccy", "quote_ccy"),
    params.code("algoClOrdId"),
    params.code("clOrdId"),
    params.code("tag", longest=16),
    params.number("triggerPx"),
    params.number("orderPx", market=True),
    params.number("ordPx", market=True),
    params.choice("advanceOrdType", "fok", "ioc"),
    params.number("tpTriggerPx"),
    params.number("tpOrdPx", market=True),
    params.number("slTriggerPx"),
    params.number("slOrdPx", market=True),
    *LAST_ONLY,
)
CANCEL_ALGO = Shape(
    params.word("instId", required=True),
    params.whole("algoId"),
    params.code("algoClOrdId"),
)
LIST_PARAMS = (
    params.word("ordType", required=True),
    params.whole("algoId"),
    params.word("instId"),
    ANY_TYPE,
    *CURSORS,
)


def place_command(call: Call, item: Mapping[str, Any]) -> PlaceAlgo:
    """One strategy order as a command; clients also write clOrdId and ordPx for its own names."""
    values = PLACE_ALGO.read(item)
    order_px = values["orderPx"] or values["ordPx"]
    if values["ordType"] == "trigger" and not (values["triggerPx"] and order_px):
        raise WireError("50014", "orderPx" if values["triggerPx"] else "triggerPx")
    return PlaceAlgo(
        uid=call.uid,
        inst=values["instId"],
        kind=values["ordType"],
        side=values["side"],
        sz=values["sz"],
        mode=values["tdMode"],
        tgt=values["tgtCcy"],
        cl=values["algoClOrdId"] or values["clOrdId"],
        tag=values["tag"],
        trigger_px=values["triggerPx"],
        order_px=order_px,
        advance=values["advanceOrdType"],
        tp_trigger_px=values["tpTriggerPx"],
        tp_order_px=values["tpOrdPx"],
        sl_trigger_px=values["slTriggerPx"],
        sl_order_px=values["slOrdPx"],
    )


def cancel_command(call: Call, item: Mapping[str, Any]) -> CancelAlgo:
    """One cancellation as a command."""
    values = CANCEL_ALGO.read(item)
    if not values["algoId"] and not values["algoClOrdId"]:
        raise WireError("50015", "algoId", "algoClOrdId")
    return CancelAlgo(
        uid=call.uid, inst=values["instId"], algo_id=values["algoId"], cl=values["algoClOrdId"]
    )


def algo_answer(call: Call, item: Mapping[str, Any], outcome: Outcome) -> Row:
    """What placing or cancelling a strategy order answers."""
    own_id = echoed(item, "algoClOrdId") or echoed(item, "clOrdId")
    return {
        "algoId": str(outcome.value.algo_id) if outcome.value else echoed(item, "algoId"),
        "algoClOrdId": outcome.value.cl if outcome.value else own_id,
        "clOrdId": outcome.value.cl if outcome.value else own_id,
        "tag": echoed(item, "tag"),
    }


PLACE_VERB = Verb(place_command, algo_answer, PLACE_LIMIT, PLACE_LIMIT)
CANCEL_VERB = Verb(cancel_command, algo_answer, CANCEL_LIMIT, CANCEL_LIMIT)


@endpoint("POST", "trade/order-algo", permission=TRADE, limit=PLACE_LIMIT)
async def place_algo(call: Call) -> Rows:
    """Place one strategy order."""
    return await submit_one(call, PLACE_VERB)


@endpoint("POST", "trade/cancel-algos", permission=TRADE, listed=MANY_ALGOS, limit=CANCEL_LIMIT)
async def cancel_algos(call: Call) -> Rows:
    """Cancel up to 10 strategy orders."""
    return await submit_each(call, CANCEL_VERB)


@endpoint(
    "GET",
    "trade/order-algo",
    params.whole("algoId"),
    params.code("algoClOrdId"),
    permission=READ,
    limit=Limit(20),
)
async def algo(call: Call) -> list[Any]:
    """One strategy order by either id; 51603 when there is none."""
    if not call["algoId"] and not call["algoClOrdId"]:
        raise WireError("50015", "algoId", "algoClOrdId")
    account, algos = call.account, call.world.state.algos
    found = algos.get(call["algoId"] or account.algo_of_cl.get(call["algoClOrdId"], 0))
    if found is None or found.uid != call.uid:
        wanted = Selection(call.uid).where("id = ?", call["algoId"])
        if not call["algoId"]:
            wanted.where("cl = ?", call["algoClOrdId"])
        found = next(iter(await wanted.newest(call, Algo)), None)
    if found is None:
        raise WireError("51603")
    return [await _row(call, found)]


@endpoint("GET", "trade/orders-algo-pending", *LIST_PARAMS, permission=READ, limit=Limit(20))
async def algos_pending(call: Call) -> list[Any]:
    """Waiting strategy orders of the asked kinds, newest first, paged by algoId."""
    kinds = call["ordType"].split(",")
    rows = [
        algo
        for algo in (call.world.state.algos[algo_id] for algo_id in call.account.open_algos)
        if algo.kind in kinds
        and call["instId"] in ("", algo.inst)
        and call["algoId"] in (0, algo.algo_id)
    ]
    found = page(rows, call, lambda algo: algo.algo_id, lambda algo: algo.created)
    return [await _row(call, algo) for algo in found]


@endpoint(
    "GET",
    "trade/orders-algo-history",
    *LIST_PARAMS,
    params.choice("state", "effective", "canceled", "order_failed"),
    permission=READ,
    limit=Limit(20),
)
async def algos_history(call: Call) -> list[Any]:
    """Finished strategy orders; either `state` or `algoId` is needed."""
    state = call["state"]
    if not state and not call["algoId"]:
        raise WireError("50015", "state", "algoId")
    wanted = (
        Selection(call.uid)
        .where("state = ?", state)
        .where("id = ?", call["algoId"])
        .where("inst = ?", call["instId"])
        .among("kind", call["ordType"].split(","))
        .within(call)
    )
    return [await _row(call, algo) for algo in await wanted.newest(call, Algo)]


async def _row(call: Call, found: Algo) -> Row:
    child = None
    if found.child_ids:
        child = call.world.state.orders.get(found.child_ids[-1])
        if child is None:
            wanted = Selection(call.uid).where("id = ?", found.child_ids[-1])
            child = next(iter(await wanted.newest(call, Order)), None)
    return algo_row(call.world.instruments[found.inst], found, child)
