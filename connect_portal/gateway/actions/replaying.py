"""One result for one Idempotency-Key: claimed, answered again byte for byte, forgotten after a day.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from connect_portal.kit.databases import AsyncDatabase

# A claim that a crash takes with it was followed by no decision: the log is written in order.
_CLAIM: Final = """
INSERT INTO gateway_replay AS old (grant_id, key, request)
SELECT %(grant)s::bigint, %(key)s::text, %(request)s::bytea
WHERE set_config('synchronous_commit', 'off', true) <> ''
ON CONFLICT (grant_id, key) DO UPDATE SET request = EXCLUDED.request, claimed_at = now(),
    decisions = '{}', is_unknown = false, status = NULL, body = NULL
WHERE old.claimed_at < now() - interval '24 hours'
    OR (old.decisions = '{}' AND old.body IS NULL AND old.request = EXCLUDED.request
        AND old.claimed_at < now() - interval '120 seconds')
RETURNING id
"""
_FIRST: Final = """
SELECT id, request, status, body, decisions,
    is_unknown OR claimed_at < now() - interval '30 seconds'
FROM gateway_replay WHERE grant_id = %(grant)s AND key = %(key)s
"""
_MARK: Final = "UPDATE gateway_replay SET decisions = %(decisions)s WHERE id = %(id)s"
_UNKNOWN: Final = "UPDATE gateway_replay SET is_unknown = true WHERE id = %(id)s"
_KEEP: Final = "UPDATE gateway_replay SET status = %(status)s, body = %(body)s WHERE id = %(id)s"
_RELEASE: Final = "DELETE FROM gateway_replay WHERE id = %(id)s"
_FORGET: Final = "DELETE FROM gateway_replay WHERE claimed_at < now() - interval '24 hours'"
_BECAME: Final = """
SELECT decision.allowed, decision.code, decision.reason, decision.tag_forwarded,
    outcome.code, outcome.reason, outcome.order_id
FROM unnest(%(decisions)s::bigint[]) WITH ORDINALITY AS asked(id, place)
JOIN gateway_decision AS decision USING (id)
LEFT JOIN gateway_outcome AS outcome ON outcome.decision_id = decision.id
ORDER BY place
"""


class First(NamedTuple):
    """The request that came first under a key. ``is_left`` says that nobody is at work on it."""

    replay_id: int
    request: bytes
    status: int | None
    body: bytes | None
    decisions: list[int]
    is_left: bool


class Became(NamedTuple):
    """What became of one decision; the last three are None while nobody has heard."""

    allowed: bool
    code: str
    reason: str
    tag: str
    told_code: str | None
    told_reason: str | None
    order_id: str | None


async def claim(
    database: AsyncDatabase, grant_id: int, key: str, request: bytes
) -> int | First | None:
    """The id of a fresh claim, or the request that came first; None when that has just gone.

    A claim is fresh after a day, or when whoever made it died before anything was decided.
    """
    named = {"grant": grant_id, "key": key}
    if rows := await database.rows(_CLAIM, {**named, "request": request}):
        return int(rows[0][0])
    found = await database.rows(_FIRST, named)
    return First._make(found[0]) if found else None


async def mark(database: AsyncDatabase, replay_id: int, decisions: Sequence[int]) -> None:
    """Tie a claim to its decisions, before anything is sent."""
    await database.rows(_MARK, {"id": replay_id, "decisions": list(decisions)})


async def leave_unknown(database: AsyncDatabase, replay_id: int) -> None:
    """Say that only what is heard of its decisions later can answer it."""
    await database.rows(_UNKNOWN, {"id": replay_id})


async def keep(database: AsyncDatabase, replay_id: int, status: int, body: bytes) -> None:
    """Keep the answer that repetitions get."""
    await database.rows(_KEEP, {"id": replay_id, "status": status, "body": body})


async def release(database: AsyncDatabase, replay_id: int) -> None:
    """Give the key back: nothing was done under it."""
    await database.rows(_RELEASE, {"id": replay_id})


async def what_became(database: AsyncDatabase, decisions: Sequence[int]) -> list[Became]:
    """What is known of decisions, in their order."""
    rows = await database.rows(_BECAME, {"decisions": list(decisions)})
    return [Became._make(row) for row in rows]


async def forget(database: AsyncDatabase) -> None:
    """Delete what is older than a day."""
    await database.rows(_FORGET, {})
