"""Business time: Monday to Friday, holidays left out, in UTC, and clocks that can stand still."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.facts import holidays
from connect_portal.institutions.business_days import (
    DAY,
    after_business_time,
    business_time,
    due_after_pause,
    is_business_day,
)

MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
HOLIDAYS = st.one_of(
    st.just(frozenset(holidays())),
    st.frozensets(st.dates(date(2025, 12, 1), date(2029, 3, 1)), max_size=60),
)
SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-11-16 09:00", "2026-11-18 09:00"),  # Monday: Wednesday
        ("2026-11-20 12:00", "2026-11-24 12:00"),  # Friday: a weekend lies between
        ("2026-11-21 18:00", "2026-11-25 00:00"),  # Saturday counts from Monday on
        ("2026-11-25 10:00", "2026-11-30 10:00"),  # Wednesday: Thanksgiving and a weekend
        ("2026-12-24 16:00", "2026-12-29 16:00"),  # Christmas on a Friday
        ("2026-07-02 08:00", "2026-07-07 08:00"),  # Independence Day, observed on Friday the 3rd
    ],
)
def test_an_answer_is_due_two_business_days_after_submission(submitted: str, due: str) -> None:
    assert after_business_time(at(submitted), 2 * DAY, holidays()) == at(due)


@pytest.mark.parametrize("day", ["2026-11-21", "2026-11-22", "2026-11-26", "2027-07-05"])
def test_weekends_and_observed_holidays_are_no_business_days(day: str) -> None:
    assert not is_business_day(date.fromisoformat(day), holidays())


def test_every_holiday_is_on_a_weekday_and_has_a_name() -> None:
    assert {day.year for day in holidays()} == {2026, 2027, 2028}
    assert all(day.weekday() < 5 and name for day, name in holidays().items())


@given(MOMENTS, SPANS, HOLIDAYS)
def test_a_due_moment_lies_exactly_its_business_time_ahead(
    start: datetime, span: timedelta, off: frozenset[date]
) -> None:
    due = after_business_time(start, span, off)
    assert due >= start
    assert business_time(start, due, off) == span


@given(MOMENTS, SPANS, HOLIDAYS, st.dates(date(2026, 1, 1), date(2029, 1, 31)))
def test_one_more_holiday_delays_a_due_moment_by_one_business_day_at_most(
    start: datetime, span: timedelta, off: frozenset[date], more: date
) -> None:
    due, later = (after_business_time(start, span, days) for days in (off, off | {more}))
    assert later >= due
    assert span <= business_time(start, later, off) <= span + DAY


@given(st.lists(MOMENTS, min_size=3, max_size=3).map(sorted), HOLIDAYS)
def test_business_time_adds_up(moments: list[datetime], off: frozenset[date]) -> None:
    first, middle, last = moments
    halves = business_time(first, middle, off) + business_time(middle, last, off)
    assert business_time(first, last, off) == halves
    assert business_time(last, first, off) == timedelta(0)


@given(MOMENTS, SPANS, SPANS, SPANS, HOLIDAYS)
def test_a_pause_costs_nobody_time(
    start: datetime,
    span: timedelta,
    until_pause: timedelta,
    pause: timedelta,
    off: frozenset[date],
) -> None:
    due = after_business_time(start, span, off)
    paused_at = start + until_pause
    resumed_at = paused_at + pause
    later = due_after_pause(due, off, paused_at=paused_at, resumed_at=resumed_at)
    assert business_time(resumed_at, later, off) == business_time(paused_at, due, off)
    assert later >= due


@given(MOMENTS, SPANS, HOLIDAYS)
def test_the_zone_in_which_a_moment_is_written_changes_nothing(
    start: datetime, span: timedelta, off: frozenset[date]
) -> None:
    elsewhere = start.astimezone(timezone(timedelta(hours=-5)))
    assert after_business_time(elsewhere, span, off) == after_business_time(start, span, off)
