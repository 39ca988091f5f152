"""Order operations on the private path: judged, kept and sent by the same verbs as over REST.

https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-place-order and its neighbours.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from django.db import DatabaseError
from msgspec import Raw

from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire import answers
from connect_portal.gateway.wire.calls import BASE, Call
from connect_portal.gateway.wire.endpoints import find
from connect_portal.gateway.wire.means import Means
from connect_portal.gateway.wire.orders import carry_out, whole_refusal
from connect_portal.gateway.wire.watched import watch
from connect_portal.gateway.wire.ws.instruments import Instruments
from connect_portal.gateway.wire.ws.messages import Message, written
from connect_portal.venue.errors import VenueError

log = logging.getLogger(__name__)

VERBS: Final = {
    "order": "trade/order",
    "batch-orders": "trade/batch-orders",
    "cancel-order": "trade/cancel-order",
    "batch-cancel-orders": "trade/cancel-batch-orders",
    "amend-order": "trade/amend-order",
    "batch-amend-orders": "trade/amend-batch-orders",
}
"""Operations, and where the same is asked for over REST."""
MOST_WAITING: Final = 200
_BAD_BODY: Final = frozenset(("50000", "50002", "50025"))


class Answer(msgspec.Struct):
    """The answer to a call, its rows undecoded."""

    code: str | int
    msg: str | None = ""
    data: Raw = Raw(b"[]")


class Operations:
    """The operations of one connection, one after the other, so that each reaches the venue after
    those before it. One that has left is carried to its end even when the client is gone."""

    def __init__(self, means: Means, instruments: Instruments, running: set[object]) -> None:
        self._means = means
        self._instruments = instruments
        self._running = running
        self._waiting: asyncio.Queue[tuple[Message, str, int]] = asyncio.Queue(MOST_WAITING)

    def begin(self, message: Message, token: str) -> None:
        """Take an operation in. Raises Refused (60014) when too many wait."""
        try:
            self._waiting.put_nowait((message, token, answers.micros()))
        except asyncio.QueueFull as error:
            raise Refused("60014") from error

    async def run(self, tell: Callable[[str], None], before: Callable[[], Awaitable[None]]) -> None:
        """Carry out what is taken in, for ever; ``before`` each what must come first."""
        while True:
            message, token, received = await self._waiting.get()
            await before()
            work = asyncio.create_task(self._carry_out(message, token))
            self._running.add(work)
            work.add_done_callback(self._running.discard)
            found = await asyncio.shield(work)
            times = {"inTime": str(received), "outTime": str(answers.micros())}
            tell(written({**message.named, "op": message.op, **found, **times}))

    async def _carry_out(self, message: Message, token: str) -> dict[str, object]:
        """Code, message and rows, whatever happens."""
        call: Call | None = None
        try:
            call = await self._call(message, token)
            answer = await carry_out(self._means, call)
            watch(self._means, call, answer, operation=message.op)
            return _translated(answer)
        except Refused as error:
            refused = Refused("60013") if error.code in _BAD_BODY else error
        except VenueError as error:
            refused = whole_refusal(error)
        except DatabaseError as error:
            log.error("%s refused, the database is away: %s", message.op, error)
            refused = Refused("50001")
        except Exception:
            log.exception("%s broke", message.op)
            refused = Refused("50026")
        if call is not None:
            watch(self._means, call, answers.refusal(refused), operation=message.op)
        return {"code": refused.code, "msg": refused.text, "data": []}

    async def _call(self, message: Message, token: str) -> Call:
        path, given = VERBS[message.op], message.items
        endpoint = find("POST", path)
        if endpoint is None or not 0 < len(given) <= endpoint.most:
            raise Refused("60013")
        items = [await self._instruments.named(raw) for raw in given]
        expires = "" if message.expires is None else str(message.expires)
        if len(expires) > 16 or (expires and not (expires.isascii() and expires.isdecimal())):
            raise Refused("51000", "expTime")
        return Call(
            endpoint=endpoint,
            method="POST",
            target=BASE + path,
            token=token,
            body=items[0] if endpoint.most == 1 else b"[" + b",".join(items) + b"]",
            expires=expires,
        )


def _translated(answer: answers.Answer) -> dict[str, object]:
    """The answer of a call in the words of the socket. Where rows say what is wrong the heading
    stays silent: clients read the rows only then."""
    said = msgspec.json.decode(answer.body, type=Answer)
    code = str(said.code)
    message = "" if code in ("0", "1", "2") else said.msg or ""
    return {"code": code, "msg": message, "data": said.data}
