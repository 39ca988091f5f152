"""The fault switchboard: what an operator can make go wrong, per account and endpoint or for all.

latency    the answer comes `ms` later
refuse     nothing is done, the answer is `code`: 50011 (HTTP 429), 50001, 50013 or 50004
lose       it is done, and the answer is 50004: the outcome stays unknown to the caller
drop       the connection ends without an answer, nothing is done; a WebSocket on the path at once
drop_after it is done, then the connection ends without an answer
duplicate  every row of a page comes twice
late       rows of the last `ms` are missing from pages
skew       the venue's clock is off by `ms` in public/time and where signatures are checked, until
           it is cleared

A path means all that begin with it; with a method before it (`POST /api/v5/trade/order`, `WS
/ws/v5/private/order`) it means exactly that request. Several are parted by commas. On a WebSocket
it is order operations that are disturbed, and by `skew` the login (`/ws/v5/private/login`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from connect_portal.sandbox.engine.model import Fault, State
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.http1.messages import HungUp

KINDS = ("latency", "refuse", "lose", "drop", "drop_after", "duplicate", "late", "skew")
REFUSALS = ("50001", "50004", "50011", "50013")
TIMES_OF_A_ROW = ("ts", "uTime", "fillTime")
WS = "WS"
"""What stands for the method in the request log and in a path, where it came by WebSocket."""


class Switchboard:
    """The disturbances of one environment, and how often each has struck."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._struck: dict[int, int] = {}

    @property
    def active(self) -> bool:
        """Whether there is any disturbance at all: the one look that every request pays for."""
        return bool(self.store.exchange.state.faults)

    async def disturb(
        self, uid: str, method: str, path: str, work: Callable[[], Awaitable[Any]]
    ) -> Any:
        """Do the work of a request as the disturbances allow. Raises WireError and HungUp."""
        met = {fault.kind: fault for fault in self._met(uid, method, path)}
        if "latency" in met:
            await asyncio.sleep(met["latency"].ms / 1000)
        if "drop" in met:
            raise HungUp
        if "refuse" in met:
            raise WireError(met["refuse"].code)
        rows = await work()
        if "lose" in met:
            raise WireError("50004")
        if "drop_after" in met:
            raise HungUp
        if isinstance(rows, list):
            if "late" in met:
                newest = self.store.business_ms() - met["late"].ms
                rows = [row for row in rows if not _is_newer(row, newest)]
            if "duplicate" in met:
                rows = [row for row in rows for _ in range(2)]
        return rows

    def _met(self, uid: str, method: str, path: str) -> Iterator[Fault]:
        """The disturbances that strike now; each counts."""
        for fault in matching(self.store.exchange.state, uid, method, path):
            struck = self._struck.get(fault.fault_id, 0)
            if not fault.times or struck < fault.times:
                self._struck[fault.fault_id] = struck + 1
                yield fault


def matching(state: State, uid: str, method: str, path: str) -> Iterator[Fault]:
    """Disturbances of this account and request, newest last."""
    for fault in list(state.faults.values()):
        if fault.uid in ("", uid) and _strikes(fault.path, method, path):
            yield fault


def _strikes(wanted: str, method: str, path: str) -> bool:
    if " " not in wanted:
        return path.startswith(wanted)
    return f"{method} {path}" in wanted.split(",")


def skew_ms(state: State, uid: str, method: str, path: str) -> int:
    """How far the venue's clock is off for this account ("" = nobody's) and request."""
    return sum(fault.ms for fault in matching(state, uid, method, path) if fault.kind == "skew")


def ends_sockets(fault: Fault, path: str) -> bool:
    """Whether a disturbance ends the connections that are open on a WebSocket path."""
    return fault.kind == "drop" and " " not in fault.path and path.startswith(fault.path)


def _is_newer(row: Any, moment: int) -> bool:
    return isinstance(row, dict) and any(
        str(row.get(name, "")).isdecimal() and int(row[name]) > moment for name in TIMES_OF_A_ROW
    )
