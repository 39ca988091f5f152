"""The one place where an order is let through."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final, LiteralString

import msgspec

from connect_portal.authorizations.queries import Bearer, row_of
from connect_portal.gateway.actions.noting import kept
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.rules import DAY_IS_FULL, Asked, Verdict, Weight, judge_all
from connect_portal.kit.clock import now
from connect_portal.kit.databases import AsyncDatabase

TRIES: Final = 8
"""How often others may take from the same budget between our look at it and our statement."""

Recount = Callable[[], Awaitable[Decimal]]

Meanwhile = Callable[[Sequence[Verdict]], None]

_BUDGET: Final = """, budget AS (
    INSERT INTO gateway_budget AS old (grant_id, day, used)
    SELECT %(grant)s::bigint, %(day)s::date, %(adds)s::numeric
    WHERE %(adds)s::numeric <= %(most)s::numeric AND EXISTS (SELECT FROM standing)
    ON CONFLICT (grant_id, day) DO UPDATE SET used = old.used + EXCLUDED.used
    WHERE old.used + EXCLUDED.used <= %(most)s::numeric
    RETURNING used
)"""
_DECIDE: Final = """
WITH standing AS (
    SELECT FROM ({token}) AS token WHERE md5(token::text) = %(seen)s
){budget}, asked AS (
    SELECT nextval('gateway_decision_id_seq') AS id, item.*
    FROM json_to_recordset(%(items)s::json) AS item(
        operation text, instrument text, client_order_id text, order_id text, tag_sent text,
        tag_forwarded text, allowed boolean, code text, reason text, adds numeric, usd numeric,
        held_for_client_id text, held_for_order_id text)
    WHERE EXISTS (SELECT FROM {condition})
), decision AS (
    INSERT INTO gateway_decision (
        id, grant_id, institution_id, operation, instrument, client_order_id, order_id, tag_sent,
        tag_forwarded, allowed, code, reason)
    SELECT id, %(grant)s::bigint, %(institution)s::bigint, operation, instrument, client_order_id,
        order_id, tag_sent, tag_forwarded, allowed, code, reason
    FROM asked
), unanswered AS (
    INSERT INTO gateway_unanswered (decision_id) SELECT id FROM asked WHERE allowed
){reservation}
SELECT id, true FROM asked
UNION ALL SELECT 0, EXISTS (SELECT FROM standing) WHERE NOT EXISTS (SELECT FROM asked)
ORDER BY 1
"""
_RESERVATION: Final = """, reservation AS (
    INSERT INTO gateway_reservation (
        decision_id, grant_id, day, instrument, client_order_id, order_id, usd, held)
    SELECT id, %(grant)s::bigint, %(day)s::date, instrument, held_for_client_id,
        held_for_order_id, usd, adds
    FROM asked WHERE allowed AND adds > 0
)"""
"""Everything or nothing: nothing when the token's row is not what was seen, or when the day has no
room. One statement is one look at the clock of the database, so a grant that ended before it lets
nothing through, however long ago the token was read."""


class TokenChanged(Exception):
    """The token, its grant, its client or its institution is not what it was when it was read."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdict on one order item, and the row that keeps it."""

    decision_id: int
    verdict: Verdict


async def decide(
    database: AsyncDatabase,
    token: str,
    bearer: Bearer,
    asked: Sequence[Asked],
    weights: Sequence[Weight],
    recount: Recount,
    meanwhile: Meanwhile,
) -> list[Decided]:
    """Judge each item by itself, in order, and commit every verdict before anything is sent.

    What the items that may go add to the budget of the day is reserved in the same statement as
    the decisions are written, under the condition that it still fits. At first everything is
    believed to fit; where not, ``recount`` tells what the day holds. ``meanwhile`` is called while
    the database writes, with verdicts that hold if it does. Raises TokenChanged, and
    Refused (50013) when others are faster again and again.
    """
    query, values = row_of(token)
    used, is_counted = Decimal(0), False
    for _ in range(TRIES):
        verdicts = judge_all(asked, weights, bearer.connect_code, bearer.limits, used)
        if is_counted or all(one.code != DAY_IS_FULL for one in verdicts):
            asks = _values(bearer, asked, weights, verdicts)
            coming = database.rows(_statement(query, reserves=asks["adds"] > 0), values | asks)
            meanwhile(verdicts)
            rows = await coming
            if not rows[0][1]:
                raise TokenChanged()
            if rows[0][0]:
                return [Decided(row[0], one) for row, one in zip(rows, verdicts, strict=True)]
        used, is_counted = await recount(), True
    raise Refused("50013")


@cache
def _statement(token: LiteralString, *, reserves: bool) -> LiteralString:
    """The statement around the query of a token's row; most grants have no budget to hold."""
    parts = (_BUDGET, "budget", _RESERVATION) if reserves else ("", "standing", "")
    return _DECIDE.format(token=token, budget=parts[0], condition=parts[1], reservation=parts[2])


def _values(
    bearer: Bearer, asked: Sequence[Asked], weights: Sequence[Weight], verdicts: Sequence[Verdict]
) -> dict[str, Any]:
    every = list(zip(asked, weights, verdicts, strict=True))
    adds = sum((weight.adds for _, weight, verdict in every if verdict.allowed), Decimal(0))
    return {
        "grant": bearer.grant_id,
        "institution": bearer.institution_id,
        "day": now().date(),
        "most": bearer.limits.most_per_day,
        "adds": adds,
        "seen": bearer.seen,
        "items": msgspec.json.encode([_row(*one) for one in every]).decode(),
    }


def _row(asked: Asked, weight: Weight, verdict: Verdict) -> dict[str, object]:
    client_order_id = kept(asked.client_order_id)
    return {
        "operation": asked.operation,
        "instrument": kept(asked.instrument),
        "client_order_id": client_order_id,
        "order_id": kept(asked.order_id),
        "tag_sent": kept(asked.tag),
        "tag_forwarded": verdict.tag,
        "allowed": verdict.allowed,
        "code": verdict.code,
        "reason": kept(verdict.reason, 200),
        "adds": weight.adds,
        "usd": weight.usd,
        "held_for_client_id": weight.client_order_id or client_order_id,
        "held_for_order_id": weight.order_id,
    }
