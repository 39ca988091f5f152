"""One request of orders on its way: judged, kept, sent once, answered, its outcome kept.

Between the two writes stands the network and nothing else: no transaction is open while the venue
thinks.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError
from starlette.responses import Response

from connect_portal.authorizations.queries import Bearer
from connect_portal.gateway import actions
from connect_portal.gateway.actions import Decided, Told
from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import SENTENCES, Refused
from connect_portal.gateway.wire import answers, bodies
from connect_portal.gateway.wire.admission import admit
from connect_portal.gateway.wire.calls import Call
from connect_portal.gateway.wire.endpoints import Kind
from connect_portal.kit.clock import now
from connect_portal.kit.databases import in_database
from connect_portal.venue.errors import OutcomeUnknown, VenueError
from connect_portal.venue.port import Forwarder
from connect_portal.venue.types import VenueOrder

log = logging.getLogger(__name__)

CLOCKS_APART: Final = timedelta(seconds=5)
"""How far the venue's clock may be behind ours when an order is looked up by its age."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A request whose every item has its verdict in the database."""

    call: Call
    bearer: Bearer
    body: bodies.Body
    decided: list[Decided]
    received: int

    @property
    def allowed(self) -> list[tuple[bodies.Item, Decided]]:
        """The items that may go, in order."""
        pairs = zip(self.body.items, self.decided, strict=True)
        return [(item, decided) for item, decided in pairs if decided.verdict.allowed]

    def to_send(self) -> bytes:
        """The body that goes to the venue."""
        verdicts = [decided.verdict for decided in self.decided]
        return self.body.with_tags([one.tag if one.allowed else None for one in verdicts])

    def merged(self, theirs: Sequence[answers.Row]) -> Response:
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


async def carry_out(way: Forwarder, call: Call) -> Response:
    """Judge the orders of a call, send on what may go, and tell what became of each.

    Raises Refused for the request as a whole.
    """
    judged = await in_database(judge)(call, answers.micros())
    if call.endpoint.kind is Kind.STRATEGY:
        raise Refused("50030")
    if not judged.allowed:
        return judged.merged([])
    try:
        return await _send(way, judged)
    except OutcomeUnknown:
        return await _look_up(way, judged)
    except VenueError as error:
        refused = whole_refusal(error)
        await _note(judged, [(refused.code, refused.text, "")] * len(judged.allowed))
        raise refused from error


def judge(call: Call, received: int) -> Judged:
    """Everything that must be known and kept before something is sent, in one visit.

    Raises TokenRefused and Refused; then nothing was decided.
    """
    bearer = admit(call)
    operation = call.endpoint.operation or Operation.STRATEGY
    body = bodies.read(call.body, operation, call.endpoint.most)
    decided = actions.decide(bearer, [item.asked for item in body.items])
    return Judged(call, bearer, body, decided, received)


async def _send(way: Forwarder, judged: Judged) -> Response:
    call = judged.call
    told = await way.forward(
        judged.bearer.credentials,
        call.method,
        call.target,
        judged.to_send(),
        expires=call.expires,
    )
    theirs = answers.rows_of(told, len(judged.allowed))
    if theirs is None:
        await _note(judged, [(*answers.heading(told), "")] * len(judged.allowed))
        return answers.passed_on(told)
    said = [answers.row_of(row) for row in theirs]
    await _note(judged, [(one.code, one.reason, one.order_id) for one in said])
    return answers.passed_on(told) if len(theirs) == len(judged.decided) else judged.merged(theirs)


async def _look_up(way: Forwarder, judged: Judged) -> Response:
    """Ask once for each order whose answer was lost; what is not found stays unknown (50004)."""
    sent = [(item, decided) for item, decided in judged.allowed]
    found = await asyncio.gather(*(_placed(way, judged, *pair) for pair in sent))
    told = [("0", "", order.order_id) if order else _unknown() for order in found]
    await _note(judged, told)
    if not any(found) and len(sent) == len(judged.decided):
        raise Refused("50004")
    return judged.merged(
        [
            answers.row(item.asked, code, reason, decided.verdict.tag, order_id)
            for (item, decided), (code, reason, order_id) in zip(sent, told, strict=True)
        ]
    )


def _unknown() -> tuple[str, str, str]:
    return "50004", SENTENCES["50004"], ""


async def _placed(
    way: Forwarder, judged: Judged, item: bodies.Item, decided: Decided
) -> VenueOrder | None:
    """The order at the venue, if it is surely this one: our tag, and not older than the request,
    for a client order id may be used again once its order is finished."""
    asked = item.asked
    if asked.operation != Operation.PLACE or not asked.client_order_id:
        return None
    credentials = judged.bearer.credentials
    try:
        order = await way.placed(credentials, asked.instrument, asked.client_order_id)
    except VenueError:
        return None
    if order is None or order.tag != decided.verdict.tag:
        return None
    return order if order.created_at >= _asked_at(judged) - CLOCKS_APART else None


def _asked_at(judged: Judged) -> datetime:
    return now() - timedelta(microseconds=answers.micros() - judged.received)


async def _note(judged: Judged, said: list[tuple[str, str, str]]) -> None:
    """Keep the outcomes. The venue has acted: a database that went away must not hide that."""
    told = [
        Told(decided.decision_id, *what)
        for (_, decided), what in zip(judged.allowed, said, strict=True)
    ]
    try:
        await in_database(actions.note_outcomes)(told)
    except DatabaseError as error:
        ids = [one.decision_id for one in told]
        log.error("the outcome of decisions %s is not noted: %s", ids, error)


def whole_refusal(error: VenueError) -> Refused:
    """What a venue that gave no answer of its own means for the caller."""
    match error.code:
        case "venue.throttled":
            return Refused("50011", retry_after=error.retry_after)
        case "venue.key_refused":
            return Refused("53009")
        case _:
            return Refused("50001")
