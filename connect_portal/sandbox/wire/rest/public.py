"""Public data: time, instruments, price limits, status. Never authenticated.

https://www.okx.com/docs-v5/en/#public-data-rest-api and #status
"""

import time
from typing import Any

from connect_portal import facts
from connect_portal.sandbox.wire import params, prices
from connect_portal.sandbox.wire.endpoints import Call, endpoint
from connect_portal.sandbox.wire.faults import skew_ms
from connect_portal.sandbox.wire.limits import Limit

INST_TYPES = ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS")
INST_TYPE = params.choice("instType", *INST_TYPES, required=True)
ANY_TYPE = params.choice("instType", *INST_TYPES)
INST_ID = params.word("instId", required=True)
STATUS_STATE = params.choice("state", "scheduled", "ongoing", "pre_open", "completed", "canceled")


@endpoint("GET", "public/time", limit=Limit(10))
async def server_time(call: Call) -> list[Any]:
    """Wall time, which signatures are checked against."""
    skew = skew_ms(call.store.exchange.state, "", "GET", "/api/v5/public/time")
    return [{"ts": str(time.time_ns() // 1_000_000 + skew)}]


@endpoint(
    "GET", "public/instruments", INST_TYPE, params.word("instId"), limit=Limit(20, per="instType")
)
async def instruments(call: Call) -> list[Any]:
    """The spot pairs; other instrument types exist but have nothing listed."""
    if call["instType"] != "SPOT":
        return []
    if call["instId"]:
        call.instrument()
    wanted = call["instId"]
    return [
        prices.instrument_row(pair)
        for name, pair in facts.pairs().items()
        if not wanted or name == wanted
    ]


@endpoint(
    "GET",
    "public/mark-price",
    params.choice("instType", "MARGIN", "SWAP", "FUTURES", "OPTION", required=True),
    params.word("instId"),
    limit=Limit(10),
)
async def mark_price(call: Call) -> list[Any]:
    """Nothing that has a mark price is listed."""
    return []


@endpoint("GET", "public/price-limit", INST_ID, limit=Limit(20))
async def price_limit(call: Call) -> list[Any]:
    """How high a buy and how low a sale may go."""
    return [prices.limit_row(call.world, call.instrument())]


@endpoint("GET", "system/status", STATUS_STATE, limit=Limit(1, 5))
async def status(call: Call) -> list[Any]:
    """No maintenance is planned."""
    return []
