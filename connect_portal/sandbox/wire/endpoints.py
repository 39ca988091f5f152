"""What an endpoint is, and the table of all of them. Handlers register themselves by path.

A handler takes a `Call` with clean parameters, returns the rows of `data`, raises `WireError`.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.model import Account, Key
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.engine.world import World
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import Limit, Limiter
from connect_portal.sandbox.wire.params import Param, Shape, Values

PUBLIC, READ, TRADE = "", "read_only", "trade"
MANY = 20


def micros() -> int:
    """Now in microseconds since 1970, for inTime and outTime."""
    return time.time_ns() // 1000


class Call(msgspec.Struct):
    """One authenticated request (or one WebSocket operation) with its declared parameters.

    `expiry` is its expTime as the client wrote it; `received` is in microseconds; `host` is the
    name under which the client reached us.
    """

    store: Store
    limiter: Limiter
    values: Values = {}
    items: list[Any] = []
    key: Key | None = None
    expiry: Any = None
    received: int = msgspec.field(default_factory=micros)
    host: str = ""

    @property
    def exchange(self) -> Exchange:
        return self.store.exchange

    @property
    def world(self) -> World:
        return self.store.exchange.world

    @property
    def uid(self) -> str:
        if self.key is None:
            raise WireError("50111")
        return self.key.uid

    @property
    def account(self) -> Account:
        return self.world.account(self.uid)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def instrument(self, name: str = "instId") -> Instrument:
        """The instrument named by a parameter. Raises 51001."""
        try:
            return self.world.instrument(self.values[name])
        except Refused as refusal:
            raise WireError(refusal.code) from refusal


class Rows(msgspec.Struct):
    """Rows of a trade endpoint, whose outcome stands in each row's `sCode`."""

    data: list[dict[str, object]]
    received: int

    @property
    def code(self) -> str:
        """0 when every row succeeded, 1 when none did, 2 when some did."""
        codes = self.codes
        good = codes.count("0")
        return "0" if good == len(codes) else "2" if good else "1"

    @property
    def codes(self) -> list[object]:
        """What each row says."""
        return [row["sCode"] for row in self.data]


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True)
class Endpoint:
    """How to reach a handler: permission, declared parameters, how often.

    `listed` is the most items of a body that is a list, `too_many` the code for more; 0 = the body
    is one object.
    """

    handler: Handler
    permission: str
    params: Shape
    limit: Limit
    listed: int = 0
    too_many: str = "50025"


ENDPOINTS: dict[str, dict[str, Endpoint]] = {}


def endpoint(
    method: str,
    path: str,
    *params: Param,
    limit: Limit,
    permission: str = PUBLIC,
    listed: int = 0,
    too_many: str = "50025",
) -> Callable[[Handler], Handler]:
    """Register a handler under `/api/v5/<path>`; `listed` = the most items of a list body."""

    def register(handler: Handler) -> Handler:
        methods = ENDPOINTS.setdefault(f"/api/v5/{path}", {})
        methods[method] = Endpoint(handler, permission, Shape(*params), limit, listed, too_many)
        return handler

    return register


def page(
    rows: list[Any], call: Call, id_of: Callable[[Any], int], ts_of: Callable[[Any], int]
) -> list[Any]:
    """Newest first, cut by `after`, `before`, `begin`, `end` and `limit` (ids are exclusive)."""
    values: Mapping[str, Any] = call.values
    after, before = values.get("after", 0), values.get("before", 0)
    begin, end = values.get("begin", 0), values.get("end", 0)
    found = []
    for row in reversed(rows):
        row_id, ts = id_of(row), ts_of(row)
        if before and row_id <= before:
            break
        if (after and row_id >= after) or (begin and ts < begin) or (end and ts > end):
            continue
        found.append(row)
        if len(found) == values["limit"]:
            break
    return found
