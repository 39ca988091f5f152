"""Time in milliseconds and words; identifiers nobody can guess."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from connect_portal.kit.clock import from_ms, iso, now, to_ms
from connect_portal.kit.ids import random_code

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    assert now().utcoffset() == timedelta(0)


@given(st.integers(min_value=-62_135_596_800_000, max_value=253_402_300_799_999))
def test_milliseconds_come_back_as_they_went(milliseconds: int) -> None:
    assert to_ms(from_ms(milliseconds)) == milliseconds
    assert from_ms(str(milliseconds)) == from_ms(milliseconds)


def test_part_of_a_millisecond_is_cut_off_before_and_after_the_epoch() -> None:
    assert to_ms(datetime(1970, 1, 1, 0, 0, 0, 1999, tzinfo=UTC)) == 1
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


def test_a_moment_is_written_in_utc_whatever_its_zone() -> None:
    in_tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    assert iso(in_tokyo) == iso(NOON) == "2026-11-22T12:00:00.000000Z"
    assert to_ms(in_tokyo) == to_ms(NOON)


def test_a_code_is_letters_and_digits_of_the_length_asked_for() -> None:
    codes = {random_code(12) for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 12 and code.isascii() and code.isalnum() for code in codes)
    used = set("".join(codes))
    assert len(used) == 62
