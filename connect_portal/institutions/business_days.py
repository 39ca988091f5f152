"""Time that counts for the review clocks: Monday to Friday, holidays left out, in UTC. Pure Python.

A business day is 24 hours long, so two business days from Friday noon end on Tuesday noon. Which
days are ``holidays`` the caller says: `editions.holidays` knows those in force.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

DAY = timedelta(days=1)


def is_business_day(day: date, holidays: Collection[date]) -> bool:
    """Whether the exchange works on ``day``."""
    return day.weekday() < 5 and day not in holidays


def business_time(start: datetime, end: datetime, holidays: Collection[date]) -> timedelta:
    """How much business time lies between two aware moments; nothing when ``end`` is earlier."""
    total = timedelta()
    at = start.astimezone(UTC)
    while at < end:
        midnight = _next_midnight(at)
        if is_business_day(at.date(), holidays):
            total += min(midnight, end) - at
        at = midnight
    return total


def after_business_time(start: datetime, span: timedelta, holidays: Collection[date]) -> datetime:
    """The first moment, in UTC, by which ``span`` of business time has passed since ``start``."""
    at = start.astimezone(UTC)
    while True:
        midnight = _next_midnight(at)
        if is_business_day(at.date(), holidays):
            if span <= midnight - at:
                return at + span
            span -= midnight - at
        at = midnight


def due_after_pause(
    due_at: datetime, holidays: Collection[date], *, paused_at: datetime, resumed_at: datetime
) -> datetime:
    """A due moment, later by the business time during which its clock stood still."""
    stood_still = business_time(paused_at, resumed_at, holidays)
    return after_business_time(due_at, stood_still, holidays)


def _next_midnight(at: datetime) -> datetime:
    return datetime.combine(at.date() + DAY, time.min, UTC)
