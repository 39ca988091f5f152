"""The part of a statement by which reservations, and their budgets, hold another amount."""

from typing import Final

REHELD: Final = """
old AS (
    SELECT decision_id, gateway_reservation.held
    FROM gateway_reservation JOIN wanted USING (decision_id)
    WHERE settled_at IS NULL ORDER BY decision_id FOR UPDATE OF gateway_reservation
), changed AS (
    UPDATE gateway_reservation AS mine SET held = wanted.held, looked_at = now(),
        settled_at = CASE WHEN wanted.is_over THEN now() END
    FROM wanted JOIN old USING (decision_id) WHERE mine.decision_id = wanted.decision_id
    RETURNING mine.grant_id, mine.day, mine.held - old.held AS change
), rebudgeted AS (
    UPDATE gateway_budget SET used = used + sums.change
    FROM (SELECT grant_id, day, sum(change) AS change FROM changed GROUP BY 1, 2) AS sums
    WHERE gateway_budget.grant_id = sums.grant_id AND gateway_budget.day = sums.day
        AND sums.change <> 0
)
"""
"""Wants a table ``wanted`` of decision_id, held (USD) and is_over before it. A reservation that is
settled does not change any more, so the same news twice changes nothing."""
