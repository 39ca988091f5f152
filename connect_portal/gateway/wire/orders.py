"""One request of orders on its way: judged, kept, sent once, answered, its outcome kept.

Between the two writes stands the network and nothing else: no transaction is open while the venue
thinks.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from connect_portal.authorizations.queries import Bearer
from connect_portal.gateway.actions import (
    Decided,
    TokenChanged,
    Told,
    decide,
    is_ours,
    look_at,
    recount,
)
from connect_portal.gateway.actions.replaying import mark
from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import SENTENCES, Refused
from connect_portal.gateway.rules import Verdict
from connect_portal.gateway.wire import answers, bodies
from connect_portal.gateway.wire.admission import admit
from connect_portal.gateway.wire.calls import Call
from connect_portal.gateway.wire.endpoints import Kind
from connect_portal.gateway.wire.means import Means
from connect_portal.gateway.wire.once import once
from connect_portal.gateway.wire.weighing import weigh
from connect_portal.kit.clock import now
from connect_portal.venue.errors import OutcomeUnknown, VenueError
from connect_portal.venue.types import Ready, VenueOrder

Said: TypeAlias = tuple[str, str, str]
"""The venue's code for an order, its reason, and the order's id."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request of somebody who may make it; ``received`` in microseconds since 1970."""

    call: Call
    bearer: Bearer
    body: bodies.Body
    received: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A request whose every item has its verdict in the database."""

    call: Call
    bearer: Bearer
    body: bodies.Body
    decided: list[Decided]
    received: int
    ready: Ready | None

    @property
    def allowed(self) -> list[tuple[bodies.Item, Decided]]:
        """The items that may go, in order."""
        pairs = zip(self.body.items, self.decided, strict=True)
        return [(item, decided) for item, decided in pairs if decided.verdict.allowed]

    def merged(self, theirs: Sequence[answers.Row]) -> answers.Answer:
        """The rows of the venue and those of our refusals, in the order of the request."""
        coming = iter(theirs)
        return answers.rows(
            [
                next(coming)
                if decided.verdict.allowed
                else answers.row(item.asked, decided.verdict.code, decided.verdict.reason)
                for item, decided in zip(self.body.items, self.decided, strict=True)
            ],
            self.received,
        )


async def carry_out(means: Means, call: Call) -> answers.Answer:
    """Judge the orders of a call, send on what may go, and tell what became of each.

    The decision is made only while the token is what it was seen to be, so a token that was read
    before need not be read first; one with a proof is, for a proof is taken once. Raises Refused
    for the request as a whole.
    """
    try:
        return await _attempt(means, call, anew=call.carrier is not None and call.carrier.is_dpop)
    except TokenChanged:
        return await _attempt(means, call, anew=True)


async def _attempt(means: Means, call: Call, *, anew: bool) -> answers.Answer:
    received = answers.micros()
    bearer = await admit(means, call, anew=anew)
    operation = call.endpoint.operation or Operation.STRATEGY
    body = bodies.read(call.body, operation, call.endpoint.most)
    asked = [item.asked for item in body.items]
    await means.rates.take_orders(bearer.grant_id, call.endpoint, asked)

    async def work(replay_id: int = 0) -> answers.Answer:
        judged = await _judge(means, Request(call, bearer, body, received), replay_id)
        return await _carry_out(means, judged)

    return await (once(means, bearer, call, body, work) if call.once else work())


async def _judge(means: Means, request: Request, replay_id: int) -> Judged:
    """Everything that must be known and kept before something is sent. What will be sent is
    signed while the database writes, for the processor has nothing else to do then."""
    bearer, asked = request.bearer, [item.asked for item in request.body.items]
    weights = await weigh(means, bearer, asked)
    request = replace(request, body=request.body.pinned([one.pinned for one in weights]))
    ready: Ready | None = None

    def meanwhile(verdicts: Sequence[Verdict]) -> None:
        nonlocal ready
        ready = _made_ready(means, request, verdicts)

    async def again() -> Decimal:
        await means.notebook.caught_up()
        return await recount(means.database, means.way, bearer.grant_id, bearer.account)

    decided = await decide(
        means.database, request.call.token, bearer, asked, weights, again, meanwhile
    )
    if replay_id:
        await mark(means.database, replay_id, [one.decision_id for one in decided])
    return Judged(request.call, bearer, request.body, decided, request.received, ready)


def _made_ready(means: Means, request: Request, verdicts: Sequence[Verdict]) -> Ready | None:
    """What goes to the venue, None where nothing does."""
    call, bearer = request.call, request.bearer
    if call.endpoint.kind is Kind.STRATEGY or not any(one.allowed for one in verdicts):
        return None
    body = request.body.with_tags([one.tag if one.allowed else None for one in verdicts])
    return means.way.ready(
        bearer.credentials,
        call.method,
        call.target,
        body,
        expires=call.expires,
        environment=bearer.environment,
    )


async def _carry_out(means: Means, judged: Judged) -> answers.Answer:
    if judged.call.endpoint.kind is Kind.STRATEGY:
        raise Refused("50030")
    if judged.ready is None:
        return judged.merged([])
    try:
        return await _send(means, judged, judged.ready)
    except OutcomeUnknown:
        return await _look_up(means, judged)
    except VenueError as error:
        refused = whole_refusal(error)
        await _note(means, judged, [(refused.code, refused.text, "")] * len(judged.allowed))
        raise refused from error


async def _send(means: Means, judged: Judged, ready: Ready) -> answers.Answer:
    told = await means.way.send(ready)
    theirs = answers.rows_of(told, len(judged.allowed))
    if theirs is None:
        await _note(means, judged, [(*answers.heading(told), "")] * len(judged.allowed))
        return answers.passed_on(told)
    said = [answers.row_of(row) for row in theirs]
    await _note(means, judged, [(one.code, one.reason, one.order_id) for one in said])
    if judged.call.endpoint.operation == Operation.CANCEL:
        _look_after(means, judged.bearer, [one.order_id for one in said if one.order_id])
    return answers.passed_on(told) if len(theirs) == len(judged.decided) else judged.merged(theirs)


def _look_after(means: Means, bearer: Bearer, order_ids: list[str]) -> None:
    """Learn what was filled of cancelled orders before they ended; the answer does not say."""
    if bearer.limits.most_per_day is not None and order_ids:
        means.later(_look_at(means, bearer, order_ids))


async def _look_at(means: Means, bearer: Bearer, order_ids: list[str]) -> None:
    """Once their own ids are noted, by which they are found."""
    await means.notebook.caught_up()
    await look_at(means.database, means.way, bearer.grant_id, bearer.account, order_ids)


async def _look_up(means: Means, judged: Judged) -> answers.Answer:
    """Ask once for each order whose answer was lost; what is not found stays unknown (50004) and
    unanswered, so that the sweep goes on looking."""
    sent = judged.allowed
    found = await asyncio.gather(*(_placed(means, judged, *pair) for pair in sent))
    told = [("0", "", order.order_id) if order else _unknown() for order in found]
    await _note(means, judged, [one if one[0] == "0" else None for one in told])
    if not any(found) and len(sent) == len(judged.decided):
        raise Refused("50004")
    return judged.merged(
        [
            answers.row(item.asked, code, reason, decided.verdict.tag, order_id)
            for (item, decided), (code, reason, order_id) in zip(sent, told, strict=True)
        ]
    )


def _unknown() -> Said:
    return "50004", SENTENCES["50004"], ""


async def _placed(
    means: Means, judged: Judged, item: bodies.Item, decided: Decided
) -> VenueOrder | None:
    """The order at the venue, if it is surely this one: our tag, and not older than the request,
    for a client order id may be used again once its order is finished."""
    asked, bearer = item.asked, judged.bearer
    if asked.operation != Operation.PLACE or not asked.client_order_id:
        return None
    try:
        order = await means.way.placed(
            bearer.credentials,
            asked.instrument,
            asked.client_order_id,
            environment=bearer.environment,
        )
    except VenueError:
        return None
    return order if is_ours(order, decided.verdict.tag, _asked_at(judged)) else None


def _asked_at(judged: Judged) -> datetime:
    return now() - timedelta(microseconds=answers.micros() - judged.received)


async def _note(means: Means, judged: Judged, said: Sequence[Said | None]) -> None:
    """Keep the outcomes, None for what is not known. Whoever was accepted need not wait for that;
    a refusal frees what was reserved, so it is noted before it is told."""
    told = [
        Told(decided.decision_id, *what)
        for (_, decided), what in zip(judged.allowed, said, strict=True)
        if what is not None
    ]
    means.notebook.note(told)
    if any(one.code != "0" for one in told):
        await means.notebook.caught_up()


def whole_refusal(error: VenueError) -> Refused:
    """What a venue that gave no answer of its own means for the caller."""
    match error.code:
        case "venue.throttled":
            return Refused("50011", retry_after=error.retry_after)
        case "venue.key_refused":
            return Refused("53009")
        case _:
            return Refused("50001")
