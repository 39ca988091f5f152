"""Cancelling many orders at once: the countdown of cancel-all-after, and mass-cancel's refusal.

https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-cancel-all-after
"""

from typing import Any

from connect_portal.sandbox.engine.commands import CancelAllAfter
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.endpoints import TRADE, Call, endpoint
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import Limit

SHORTEST_S, LONGEST_S = 10, 120


@endpoint(
    "POST",
    "trade/cancel-all-after",
    params.whole("timeOut", required=True),
    params.code("tag", longest=16),
    permission=TRADE,
    limit=Limit(1, 1, per="tag"),
)
async def cancel_all_after(call: Call) -> list[Any]:
    """Cancel everything (of a tag) in `timeOut` seconds unless asked again; 0 = never mind."""
    seconds = call["timeOut"]
    if seconds and not SHORTEST_S <= seconds <= LONGEST_S:
        raise WireError("51000", "timeOut")
    command = CancelAllAfter(uid=call.uid, timeout_s=seconds, tag_of_orders=call["tag"])
    outcome = await call.store.submit(command)
    if outcome.code != "0":
        raise WireError(outcome.code)
    now = str(call.store.business_ms())
    return [{"triggerTime": str(outcome.value), "tag": call["tag"], "ts": now}]


@endpoint(
    "POST",
    "trade/mass-cancel",
    params.choice("instType", "OPTION", required=True),
    params.word("instFamily", required=True),
    params.whole("lockInterval"),
    permission=TRADE,
    limit=Limit(5),
)
async def mass_cancel(call: Call) -> list[Any]:
    """For market makers of options, who need another account mode than spot."""
    raise WireError("51010")
