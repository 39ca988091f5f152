"""Order operations: the same verbs as over REST, asked and answered on the private path.

https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-place-order and its neighbours.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from connect_portal import facts
from connect_portal.sandbox.engine.model import Key
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.wire.endpoints import MANY, TRADE, Call, Rows, micros
from connect_portal.sandbox.wire.errors import WireError, sentence
from connect_portal.sandbox.wire.faults import WS
from connect_portal.sandbox.wire.http1.messages import HungUp
from connect_portal.sandbox.wire.rest import trade
from connect_portal.sandbox.wire.rpc import as_items
from connect_portal.sandbox.wire.ws.socket import BROKEN
from connect_portal.sandbox.wire.ws.topics import PRIVATE

if TYPE_CHECKING:
    from connect_portal.sandbox.wire.ws.connection import Connection

logger = logging.getLogger(__name__)
AT_ONCE = 500
ROOT = "/ws/v5/private/"


async def mass_cancel(call: Call) -> Rows:
    """For market makers of options, who need another account mode than spot."""
    raise WireError("51010")


OPERATIONS = {
    "order": (trade.place_orders, 1),
    "batch-orders": (trade.place_orders, MANY),
    "cancel-order": (trade.cancel_orders, 1),
    "batch-cancel-orders": (trade.cancel_orders, MANY),
    "amend-order": (trade.amend_orders, 1),
    "batch-amend-orders": (trade.amend_orders, MANY),
    "mass-cancel": (mass_cancel, 1),
}
Request = Mapping[str, Any]


class Operations:
    """The operations of one connection; those it has sent without waiting run side by side, and
    reach the exchange in the order they came."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._running: set[asyncio.Task[None]] = set()
        self._then: Callable[[], None] | None = None

    def begin(self, request: Request) -> None:
        """Start an operation, which answers by itself.

        Raises 60028 (path), 60011 (no login) and 60014 (too many are running).
        """
        if self._connection.path != PRIVATE:
            raise WireError("60028")
        if self._connection.key is None:
            raise WireError("60011")
        if len(self._running) >= AT_ONCE:
            raise WireError("60014")
        work = self._carry_out(request, self._connection.key, micros())
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._end)

    def finish(self, then: Callable[[], None]) -> None:
        """Call back when none is running any more."""
        self._then = then
        if not self._running:
            then()

    def _end(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if self._then and not self._running:
            self._then()

    async def _carry_out(self, request: Request, key: Key, received: int) -> None:
        rows: list[dict[str, object]] = []
        try:
            found = await self._work(request, key, received)
            rows, code, text = found.data, found.code, ""
        except HungUp:
            return self._connection.close(BROKEN)
        except StoreUnavailable:
            code, text = "50001", sentence("50001")
        except WireError as error:
            code, text = error.code, error.text
        except Exception:
            logger.exception("operation %s broke", request["op"])
            code, text = "50026", sentence("50026")
        answer = {"op": request["op"], "data": rows, "code": code, "msg": text}
        times = {"inTime": str(received), "outTime": str(micros())}
        self._connection.say_plain(request, {**answer, **times})
        failed = next((row["sCode"] for row in rows if row["sCode"] != "0"), code)
        log, path = self._connection.environment.log, ROOT + request["op"]
        given, told = map(msgspec.json.encode, (request.get("args"), {"data": rows}))
        return log.note(key, WS, path, str(failed), held=True, given=given, answer=told)

    async def _work(self, request: Request, key: Key, received: int) -> Rows:
        """Let the verb do it, disturbed where an operator wants that.

        Raises 50120 (permission), 60013 (no such arguments) and what the verb raises.
        """
        verb, most = OPERATIONS[request["op"]]
        if TRADE not in key.perm.split(","):
            raise WireError("50120")
        args = request.get("args")
        try:
            items = as_items(args if isinstance(args, list) else [], most)
        except WireError as error:
            raise WireError("60013") from error
        environment = self._connection.environment
        call = Call(
            environment.store,
            environment.gate.limiter,
            items=[with_inst_id(item) for item in items],
            key=key,
            expiry=request.get("expTime"),
            received=received,
        )
        if not environment.faults.active:
            return await verb(call)
        path = ROOT + request["op"]
        rows: Rows = await environment.faults.disturb(key.uid, WS, path, lambda: verb(call))
        return rows


@cache
def inst_id_of_code() -> dict[str, str]:
    """Instrument names by their number."""
    return {str(pair.inst_id_code): pair.inst_id for pair in facts.pairs().values()}


def with_inst_id(item: Request) -> Request:
    """The item with its instrument's name; clients of 2026 send the number alone."""
    code = item.get("instIdCode")
    if item.get("instId") or not isinstance(code, str | int):
        return item
    known = inst_id_of_code().get(code if isinstance(code, str) else str(code)[:20])
    return {**item, "instId": known or "unknown"}
