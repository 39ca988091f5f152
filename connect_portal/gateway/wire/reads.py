"""Reads: passed through as they are, but for orders and fills of other institutions.

Who may read an account sees the whole of it, pairs that it may not trade included, and its orders
and fills without a tag or with its own code. What carries another tag is between the end user and
somebody else.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import Raw

from connect_portal.authorizations.queries import Bearer
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire import answers
from connect_portal.gateway.wire.admission import admit
from connect_portal.gateway.wire.calls import Call
from connect_portal.gateway.wire.endpoints import ONE_ORDER, Kind
from connect_portal.gateway.wire.means import Means
from connect_portal.venue.types import Environment, Forwarded

FULL_PAGE: Final = 100
MOST_PAGES: Final = 10
"""How many further pages are read to fill one of which a part was hidden."""


class Row(msgspec.Struct, rename={"order_id": "ordId", "bill_id": "billId"}):
    """What tells whose an order or fill is, and the page's next key."""

    tag: str | None = ""
    order_id: str = ""
    bill_id: str = ""


class Listing(msgspec.Struct):
    """An answer of the venue; its rows are still undecoded."""

    code: str | int = ""
    data: list[Raw] = []


_listing: Final = msgspec.json.Decoder(Listing)
_row: Final = msgspec.json.Decoder(Row)
_fields: Final = msgspec.json.Decoder(dict[str, Raw])


async def read(means: Means, call: Call) -> answers.Answer:
    """One read. Raises Refused, VenueError."""
    rate = call.endpoint.rate
    query = dict(parse_qsl(call.target.partition("?")[2]))
    if call.endpoint.kind is Kind.PUBLIC:
        await means.rates.take(f"address:{call.carrier.address if call.carrier else ''}", rate)
        environment = Environment.DEMO if call.is_simulated else Environment.LIVE
        told = await means.way.forward(None, "GET", call.target, environment=environment)
        return answers.passed_on(told)
    caller = await admit(means, call)
    await means.rates.take(f"grant:{caller.grant_id}", rate, query.get("instId", ""))
    told = await _asked(means, caller, call.target)
    if not call.endpoint.paged_by:
        return answers.passed_on(told)
    return await _without_others(means, caller, call, query, told)


async def _asked(means: Means, caller: Bearer, target: str) -> Forwarded:
    return await means.way.forward(
        caller.credentials, "GET", target, environment=caller.environment
    )


async def _without_others(
    means: Means, caller: Bearer, call: Call, query: dict[str, str], told: Forwarded
) -> answers.Answer:
    """The answer byte for byte when nothing is hidden; otherwise its rows, and those of the next
    pages as far as there is room, so that a short page still means the last one."""
    found = _rows(told)
    kept = _visible(caller, found)
    if len(kept) == len(found):
        return answers.passed_on(told)
    if call.endpoint is ONE_ORDER:
        raise Refused("51603")
    limit = _limit(query)
    page = found
    for _ in range(MOST_PAGES):
        if len(page) < limit or len(kept) >= limit or query.get("before"):
            break
        page = _rows(await _asked(means, caller, _next(call, query, page)))
        kept += _visible(caller, page)
    fields = _fields.decode(told.body) | {"data": Raw(msgspec.json.encode(kept[:limit]))}
    return answers.compact(fields)


def _rows(told: Forwarded) -> list[Raw]:
    try:
        return _listing.decode(told.body).data
    except msgspec.MsgspecError:
        return []


def _visible(caller: Bearer, rows: Sequence[Raw]) -> list[Raw]:
    return [raw for raw in rows if _row.decode(raw).tag in ("", None, caller.connect_code)]


def _limit(query: dict[str, str]) -> int:
    given = query.get("limit", "")
    asked = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else FULL_PAGE
    return min(max(asked, 1), FULL_PAGE)


def _next(call: Call, query: dict[str, str], page: Sequence[Raw]) -> str:
    """The target of the page after this one: older than its last row."""
    last = _row.decode(page[-1])
    older = last.bill_id if call.endpoint.paged_by == "billId" else last.order_id
    path = call.target.partition("?")[0]
    return f"{path}?{urlencode(query | {'after': older})}"
