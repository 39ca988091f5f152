"""One road for everything that is asked item by item: count, read, queue, await, answer in order.

Used by the families of endpoints that change orders, and through them by the WebSocket operations.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connect_portal.sandbox.engine.commands import AnyCommand
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.endpoints import Call, Rows, micros
from connect_portal.sandbox.wire.errors import BARE, WireError, sentence
from connect_portal.sandbox.wire.limits import NEW_AND_AMENDED, Limit
from connect_portal.sandbox.wire.objects import Row
from connect_portal.sandbox.wire.params import Shape

Item = Mapping[str, Any]
ANSWERED = 200
EXPIRY = Shape(params.whole("expTime"))


@dataclass(frozen=True)
class Verb:
    """How an item becomes a command, and what came of it a row.

    A request with one item counts against `one`, each item of a longer one against `many`;
    with `counted` also against what an account may place and amend on all instruments together.
    With `expires` the `expTime` of the request is heeded.
    Of one order at most `at_once` may be under way; `done` is the sentence of success. With `whole`
    a request for one item that is no request is refused without a row.
    """

    read: Callable[[Call, Item], AnyCommand]
    row_of: Callable[[Call, Item, Outcome], Row]
    one: Limit
    many: Limit
    counted: bool = False
    expires: bool = False
    at_once: int = 0
    done: str = ""
    whole: bool = False


async def submit_one(call: Call, verb: Verb) -> Rows:
    """Carry out a request for one item, whose row tells what came of it or what is wrong with it.

    Raises WireError with 50011 (too many), 50036 and 50037 (late); with `verb.whole` also what the
    wire does not answer with HTTP 200, such as 50014 and 51000.
    """
    if verb.expires:
        refuse_late(call)
    item = call.items[0]
    try:
        _refuse_excess(call, verb, verb.one, item)
        outcome = await _begin(call, verb, verb.read(call, item))
    except WireError as error:
        if error.status in BARE or (verb.whole and error.status != ANSWERED):
            raise
        return Rows([_refusal(call, verb, item, error)], call.received)
    return Rows([_row(call, verb, item, outcome)], call.received)


async def submit_each(call: Call, verb: Verb) -> Rows:
    """Carry out every item in the order given; each row tells its own outcome.

    Raises 50036 and 50037 when the whole request is late.
    """
    if verb.expires:
        refuse_late(call)
    limit = verb.one if len(call.items) == 1 else verb.many
    answers: list[WireError | asyncio.Future[Outcome]] = []
    for item in call.items:
        try:
            _refuse_excess(call, verb, limit, item)
            answers.append(_begin(call, verb, verb.read(call, item)))
        except WireError as error:
            answers.append(error)
    rows = []
    for item, answer in zip(call.items, answers, strict=True):
        if isinstance(answer, WireError):
            rows.append(_refusal(call, verb, item, answer))
        else:
            rows.append(_row(call, verb, item, await answer))
    return Rows(rows, call.received)


def refuse_late(call: Call) -> None:
    """Raises 50036 for what came after its `expTime` (ms), 50037 for what waited here too long."""
    if call.expiry in (None, ""):
        return
    until = EXPIRY.read({"expTime": call.expiry})["expTime"] * 1000
    if call.received > until:
        raise WireError("50036")
    if micros() > until:
        raise WireError("50037")


def said(row: Row, code: str, text: str) -> Row:
    """The row, now also with its outcome."""
    row["sCode"], row["sMsg"] = code, text
    return row


def echoed(item: Item, name: str) -> str:
    """A text or whole number of the request given back as text, unless it is unreasonable."""
    value = item.get(name)
    if type(value) is int and abs(value) < 10**20:
        return str(value)
    return value if isinstance(value, str) and len(value) <= 64 and value.isprintable() else ""


def _refuse_excess(call: Call, verb: Verb, limit: Limit, item: Item) -> None:
    inst = item.get("instId")
    part = inst if isinstance(inst, str) and inst in call.world.instruments else ""
    if not call.limiter.take(limit, call.uid, part if limit.per else ""):
        raise WireError("50011")
    if verb.counted and not call.limiter.take(NEW_AND_AMENDED, call.uid):
        raise WireError("50061")


def _begin(call: Call, verb: Verb, command: Any) -> "asyncio.Future[Outcome]":
    """Queue a command. Raises 51513 while too many like it wait for the same order."""
    if not verb.at_once:
        return call.store.enqueue(command)
    order = (command.uid, command.order_id or command.cl)
    if call.limiter.under_way(order) >= verb.at_once:
        raise WireError("51513")
    future = call.store.enqueue(command)
    call.limiter.enter(order)
    future.add_done_callback(lambda _: call.limiter.leave(order))
    return future


def _refusal(call: Call, verb: Verb, item: Item, error: WireError) -> Row:
    """The row of an item that never became a command."""
    return said(verb.row_of(call, item, Outcome(error.code)), error.code, error.text)


def _row(call: Call, verb: Verb, item: Item, outcome: Outcome) -> Row:
    good = outcome.code == "0"
    text = verb.done if good else sentence(outcome.code, outcome.detail)
    return said(verb.row_of(call, item, outcome), outcome.code, text)
