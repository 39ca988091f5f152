"""A request under an Idempotency-Key: done once, and its repetitions answered like the first.

Another request under the same key is refused (50042). What was never done gives its key back: the
venue was away or too busy, so the same request may be tried again. An unknown outcome stays unknown
until the order was looked up, then it is what all repetitions are told.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from django.db import DatabaseError

from connect_portal.authorizations.queries import Bearer
from connect_portal.gateway.actions import TokenChanged, replaying
from connect_portal.gateway.actions.replaying import Became, First
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire import answers, bodies
from connect_portal.gateway.wire.calls import Call
from connect_portal.gateway.wire.means import Means

log = logging.getLogger(__name__)

NOTHING_DONE: Final = ("50001", "50011", "50013")
UNKNOWN: Final = "50004"
LOOK_EVERY_S: Final = 0.05
PATIENCE_S: Final = 20.0

Work = Callable[[int], Awaitable[answers.Answer]]
"""Does the request under the claim of that id."""


async def once(
    means: Means, bearer: Bearer, call: Call, body: bodies.Body, work: Work
) -> answers.Answer:
    """The result of ``work``, or that of the request that came first. Raises Refused, with 50004
    when whoever works on that one takes longer than anybody waits."""
    digest = hashlib.sha256(f"{call.method} {call.target}\n".encode() + call.body).digest()
    patience = time.monotonic() + PATIENCE_S
    while time.monotonic() < patience:
        found = await replaying.claim(means.database, bearer.grant_id, call.once, digest)
        if isinstance(found, int):
            return await _first(means, found, work)
        if found is not None and bytes(found.request) != digest:
            raise Refused("50042")
        if found is not None and (answer := await _again(means, found, body)):
            return answer
        await asyncio.sleep(LOOK_EVERY_S)
    raise Refused(UNKNOWN)


async def _first(means: Means, replay_id: int, work: Work) -> answers.Answer:
    """Do it, and keep what was answered before it is told."""
    try:
        answer = await work(replay_id)
    except Refused as refused:
        await _close(means, replay_id, refused.code, answers.refusal(refused))
        raise
    except TokenChanged:
        await replaying.release(means.database, replay_id)
        raise
    await _close(means, replay_id, answers.code_of(answer), answer)
    return answer


async def _close(means: Means, replay_id: int, code: str, answer: answers.Answer) -> None:
    """A database that went away meanwhile does not hide what the venue did: the claim is left, and
    repetitions are told by what is heard of its decisions."""
    database = means.database
    try:
        if code in NOTHING_DONE:
            await replaying.release(database, replay_id)
        elif code == UNKNOWN or answers.is_partly_unknown(answer):
            await replaying.leave_unknown(database, replay_id)
        else:
            await replaying.keep(database, replay_id, answer.status, answer.body)
    except DatabaseError as error:
        log.error("the answer of replay %s is not kept: %s", replay_id, error)


async def _again(means: Means, first: First, body: bodies.Body) -> answers.Answer | None:
    """The first answer; None while somebody is still at work on it. Raises Refused (50004)."""
    if first.body is not None:
        return answers.again(first.status or 200, bytes(first.body))
    if not first.is_left:
        return None
    became = await replaying.what_became(means.database, first.decisions)
    if len(became) != len(body.items) or not all(map(_is_known, became)):
        raise Refused(UNKNOWN)
    rows = [_row(item, one) for item, one in zip(body.items, became, strict=True)]
    answer = answers.rows(rows, answers.micros())
    await replaying.keep(means.database, first.replay_id, answer.status, answer.body)
    return answer


def _is_known(one: Became) -> bool:
    return not one.allowed or one.told_code is not None


def _row(item: bodies.Item, one: Became) -> answers.Row:
    if not one.allowed:
        return answers.row(item.asked, one.code, one.reason)
    code, reason, order_id = one.told_code or UNKNOWN, one.told_reason or "", one.order_id or ""
    return answers.row(item.asked, code, reason, one.tag, order_id)
