"""Strategy orders: place, amend, cancel, look up, list.

https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading
"""

from typing import Any

from connect_portal.sandbox.engine.algo import Algo
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.tape import DAY_MS
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.algo_objects import algo_row
from connect_portal.sandbox.wire.algo_requests import (
    KINDS,
    Item,
    amend_command,
    cancel_command,
    place_command,
)
from connect_portal.sandbox.wire.endpoints import READ, TRADE, Call, Rows, endpoint, page
from connect_portal.sandbox.wire.errors import WireError, sentence
from connect_portal.sandbox.wire.limits import Limit
from connect_portal.sandbox.wire.objects import Row
from connect_portal.sandbox.wire.rest.history import ARCHIVE_DAYS, CURSORS
from connect_portal.sandbox.wire.rest.public import ANY_TYPE
from connect_portal.sandbox.wire.rest.verbs import Verb, echoed, said, submit_each, submit_one
from connect_portal.sandbox.wire.selection import Selection

MANY_ALGOS = 10
PLACE_LIMIT = Limit(20, per="instId", of_orders=True)
CANCEL_LIMIT = Limit(20, per="instId", of_orders=True)
AMEND_LIMIT = Limit(20, per="instId", of_orders=True)
LISTED_KINDS = frozenset({*KINDS, "chase"})
JOINED = frozenset({"conditional", "oco"})
FAILED = ["order_failed", "partially_failed"]
LIST_PARAMS = (
    params.word("ordType", required=True),
    params.whole("algoId"),
    params.word("instId"),
    ANY_TYPE,
    *CURSORS,
)


def algo_answer(call: Call, item: Item, outcome: Outcome) -> Row:
    """What placing or cancelling a strategy order answers."""
    own_id, alias = echoed(item, "algoClOrdId"), echoed(item, "clOrdId")
    return {
        "algoId": str(outcome.value.algo_id) if outcome.value else echoed(item, "algoId"),
        "algoClOrdId": outcome.value.cl if outcome.value else own_id or alias,
        "clOrdId": outcome.value.alias if outcome.value else alias,
        "tag": echoed(item, "tag"),
    }


def amend_answer(call: Call, item: Item, outcome: Outcome) -> Row:
    """What amending a strategy order answers."""
    answer = algo_answer(call, item, outcome)
    return {
        "algoId": answer["algoId"],
        "algoClOrdId": answer["algoClOrdId"],
        "reqId": echoed(item, "reqId"),
    }


PLACE_VERB = Verb(place_command, algo_answer, PLACE_LIMIT, PLACE_LIMIT, whole=True)
CANCEL_VERB = Verb(cancel_command, algo_answer, CANCEL_LIMIT, CANCEL_LIMIT)
AMEND_VERB = Verb(amend_command, amend_answer, AMEND_LIMIT, AMEND_LIMIT)


@endpoint("POST", "trade/order-algo", permission=TRADE, limit=PLACE_LIMIT)
async def place_algo(call: Call) -> Rows:
    """Place one strategy order."""
    return await submit_one(call, PLACE_VERB)


@endpoint("POST", "trade/amend-algos", permission=TRADE, limit=AMEND_LIMIT)
async def amend_algo(call: Call) -> Rows:
    """Amend one plan order, or one take-profit and stop-loss order."""
    return await submit_one(call, AMEND_VERB)


@endpoint("POST", "trade/cancel-algos", permission=TRADE, listed=MANY_ALGOS, limit=CANCEL_LIMIT)
async def cancel_algos(call: Call) -> Rows:
    """Cancel up to 10 strategy orders; 51416 for one that has triggered already."""
    rows = await submit_each(call, CANCEL_VERB)
    for item, row in zip(call.items, rows.data, strict=True):
        if row["sCode"] == "51400" and await _has_triggered(call, item):
            said(row, "51416", sentence("51416"))
    return rows


@endpoint(
    "POST", "trade/cancel-advance-algos", permission=TRADE, listed=MANY_ALGOS, limit=CANCEL_LIMIT
)
async def cancel_advance_algos(call: Call) -> Rows:
    """The older name for trailing stops, icebergs and time-weighted orders."""
    return await cancel_algos(call)


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
    own_id = "" if call["algoId"] else call["algoClOrdId"]
    algo_id = call["algoId"] or call.account.algo_of_cl.get(own_id, 0)
    found = call.world.state.algos.get(algo_id)
    if found is None or found.uid != call.uid:
        found = await _finished(call, call["algoId"], own_id)
    if found is None:
        raise WireError("51603")
    return [_row(call, found)]


@endpoint("GET", "trade/orders-algo-pending", *LIST_PARAMS, permission=READ, limit=Limit(20))
async def algos_pending(call: Call) -> list[Any]:
    """Waiting strategy orders of the asked kinds, newest first, paged by algoId."""
    kinds, algos = _kinds(call), call.world.state.algos
    if call["instType"] not in ("", "SPOT"):
        return []
    ids = sorted(algo_id for here in call.account.open_algos.values() for algo_id in here)
    rows = [
        algo
        for algo in (algos[algo_id] for algo_id in ids)
        if algo.kind in kinds
        and call["instId"] in ("", algo.inst)
        and call["algoId"] in (0, algo.algo_id)
    ]
    found = page(rows, call, lambda algo: algo.algo_id, lambda algo: algo.created)
    return [_row(call, algo) for algo in found]


@endpoint(
    "GET",
    "trade/orders-algo-history",
    *LIST_PARAMS,
    params.choice("state", "effective", "canceled", "order_failed"),
    permission=READ,
    limit=Limit(20),
)
async def algos_history(call: Call) -> list[Any]:
    """Strategy orders that ended in the last three months; `state` or `algoId` is needed."""
    kinds, state = _kinds(call), call["state"]
    if not state and not call["algoId"]:
        raise WireError("50015", "state", "algoId")
    if call["instType"] not in ("", "SPOT"):
        return []
    since = call.store.business_ms() - ARCHIVE_DAYS * DAY_MS
    wanted = (
        Selection(call.uid)
        .among("state", FAILED if state == "order_failed" else [state] * bool(state))
        .where("id = ?", call["algoId"])
        .where("inst = ?", call["instId"])
        .where("json_extract(body, '$.updated') > ?", since)
        .among("kind", kinds)
        .within(call)
    )
    return [_row(call, algo) for algo in await wanted.newest(call, Algo)]


def _kinds(call: Call) -> list[str]:
    """The kinds asked for: one, or the two kinds of stops. Raises 51000 otherwise."""
    kinds = call["ordType"].split(",")
    if not LISTED_KINDS.issuperset(kinds) or (len(kinds) > 1 and not JOINED.issuperset(kinds)):
        raise WireError("51000", "ordType")
    return list(kinds)


async def _finished(call: Call, algo_id: int, own_id: str) -> Algo | None:
    """The newest strategy order that is over, by either id."""
    wanted = Selection(call.uid).where("id = ?", algo_id).where("cl = ?", own_id)
    return next(iter(await wanted.newest(call, Algo)), None)


async def _has_triggered(call: Call, item: Item) -> bool:
    command = cancel_command(call, item)
    found = await _finished(call, command.algo_id, "" if command.algo_id else command.cl)
    return found is not None and found.state == "effective"


def _row(call: Call, found: Algo) -> Row:
    return algo_row(call.world.instruments[found.inst], found)
