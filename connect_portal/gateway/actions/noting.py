"""What became of orders that were let through."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from connect_portal.gateway.actions.holding import REHELD
from connect_portal.kit.databases import AsyncDatabase
from connect_portal.venue.types import VenueOrder

LONGEST: Final = 32
LONGEST_REASON: Final = 200
UNKNOWN: Final = "50004"
CLOCKS_APART: Final = timedelta(seconds=5)
"""How far the venue's clock may be behind ours when an order is looked up by its age."""

# The commit need not reach the disk before the answer leaves: an outcome that a crash takes with it
# leaves its decision among the unanswered ones, and the sweep looks there.
_NOTE: Final = f"""
WITH told AS (
    SELECT * FROM json_to_recordset(%(told)s::json) AS told(
        decision_id bigint, code text, reason text, order_id text)
    WHERE set_config('synchronous_commit', 'off', true) IS NOT NULL
), answered AS (
    DELETE FROM gateway_unanswered USING told
    WHERE gateway_unanswered.decision_id = told.decision_id RETURNING told.*
), outcome AS (
    INSERT INTO gateway_outcome (decision_id, code, reason, order_id)
    SELECT decision_id, code, reason, order_id FROM answered
), named AS (
    UPDATE gateway_reservation SET order_id = answered.order_id FROM answered
    WHERE gateway_reservation.decision_id = answered.decision_id
        AND code = '0' AND answered.order_id <> ''
), wanted AS (
    SELECT decision_id, true AS is_over,
        CASE answered.code WHEN '{UNKNOWN}' THEN held ELSE 0 END AS held
    FROM answered JOIN gateway_reservation USING (decision_id)
    WHERE answered.code <> '0'
        AND NOT (answered.code = '{UNKNOWN}' AND gateway_reservation.order_id <> '')
), {REHELD}
SELECT decision_id FROM answered
"""
"""Takes the row among the unanswered away, so that an outcome is noted once. A refusal gives back
what was reserved; what is unknown for good keeps it, unless the order's own id can still tell."""


class Told(msgspec.Struct, frozen=True):
    """What the venue said of one order; ``code`` as on the wire, "0" when it was taken."""

    decision_id: int
    code: str
    reason: str = ""
    order_id: str = ""


async def note_outcomes(database: AsyncDatabase, told: Iterable[Told]) -> None:
    """Keep what became of orders that were let through; once noted it stays."""
    rows = [
        Told(
            one.decision_id, kept(one.code, 8), kept(one.reason, LONGEST_REASON), kept(one.order_id)
        )
        for one in told
    ]
    await database.rows(_NOTE, {"told": msgspec.json.encode(rows).decode()})


def is_ours(order: VenueOrder | None, tag: str, asked_at: datetime) -> bool:
    """Whether an order that was found by its client's id is surely the one that was sent with
    ``tag`` at that moment: the id may be used again once its order is finished."""
    return order is not None and order.tag == tag and order.created_at >= asked_at - CLOCKS_APART


def kept(value: object, longest: int = LONGEST) -> str:
    """A text of the wire as the database can keep it: no NUL, no half characters, not endless."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else "(not a text)"
    return text[:longest].encode("utf-8", "replace").decode().replace("\0", "\ufffd")
