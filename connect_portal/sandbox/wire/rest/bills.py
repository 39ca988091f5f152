"""Bills: every movement of the caller's money, a week of it or three months.

https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-bills-details-last-7-days
"""

from typing import Any

from connect_portal.sandbox.engine.model import Bill
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.endpoints import READ, Call, endpoint
from connect_portal.sandbox.wire.limits import Limit
from connect_portal.sandbox.wire.objects import bill_row
from connect_portal.sandbox.wire.rest.history import ARCHIVE_DAYS, CURSORS, SPAN, WEEK_DAYS
from connect_portal.sandbox.wire.rest.public import ANY_TYPE
from connect_portal.sandbox.wire.selection import Selection

BILL_PARAMS = (
    ANY_TYPE,
    params.word("instId"),
    params.word("ccy"),
    params.choice("mgnMode", "isolated", "cross", "cash"),
    params.choice("ctType", "linear", "inverse"),
    params.word("type"),
    params.word("subType"),
    *CURSORS,
    *SPAN,
)


@endpoint("GET", "account/bills", *BILL_PARAMS, permission=READ, limit=Limit(5, 1))
async def bills(call: Call) -> list[Any]:
    """Seven days, newest first, paged by billId."""
    return await _bills(call, WEEK_DAYS)


@endpoint("GET", "account/bills-archive", *BILL_PARAMS, permission=READ, limit=Limit(5))
async def bills_archive(call: Call) -> list[Any]:
    """Three months of the same."""
    return await _bills(call, ARCHIVE_DAYS)


async def _bills(call: Call, days: int) -> list[Any]:
    if (
        call["instType"] not in ("", "SPOT")
        or call["ctType"]
        or call["mgnMode"] not in ("", "cash")
    ):
        return []
    wanted = (
        Selection(call.uid)
        .where("inst = ?", call["instId"])
        .where("inst LIKE ?", "%-%" if call["instType"] or call["mgnMode"] else "")
        .where("ccy = ?", call["ccy"])
        .where("kind = ?", call["type"])
        .where("sub = ?", call["subType"])
        .within(call)
        .of_last(call, days)
    )
    found = await wanted.newest(call, Bill)
    return [bill_row(call.world.instruments, bill) for bill in found]
