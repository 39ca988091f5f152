"""The levels of a plan as people write them: read back as written, and refused where unsound."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.terms.levels import MOST, Level, problems, read, written

SOUND = "0 0 0 0 0\n1 10000 5 25 5\n2 1000000 10 30 7.5\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("0 0 0 0 0\n", "2 to 20 levels; here are 1"),
        ("\n".join(f"{n} {n} {n} {n} 0" for n in range(MOST + 1)), "here are 21"),
        ("1 0 0 0 0\n2 5 5 25 5", "count from 0 upwards, without a gap"),
        ("0 0 0 0 0\n2 5 5 25 5", "count from 0 upwards, without a gap"),
        ("0 0 0 0 0\n1 5 5 101 5", "Level 1: a share is at most 100 %"),
        ("0 0 0 0 0\n1 5 5 25 26", "Level 1: the share with another inviter is above"),
        ("0 0 0 5 0\n1 5 5 4 0", "Level 1 pays less"),
        ("0 0 0 5 5\n1 5 5 6 4", "Level 1 pays less"),
        ("0 9 0 0 0\n1 5 5 25 5", "Level 1 takes less"),
        ("0 0 9 0 0\n1 5 5 25 5", "Level 1 takes less"),
        ("0 0 0 0 0\n1 5 5 25.123456789 5", "Level 1: a share has at most 8 decimal places"),
        (f"0 0 0 0 0\n1 5 {2**31} 25 5", "beyond all bounds"),
        ("0 0 0 0 0\n1 5 5 -25 5", "Line 2 is no level"),
        ("0 0 0 0 0\n1 5 5 1e1 5", "Line 2 is no level"),
        ("0 0 0 0 0\n1 ٥ 5 25 5", "Line 2 is no level"),
        ("0 0 0 0 0\n1 5 5 25", "Line 2 is no level"),
    ],
)
def test_levels_that_are_unsound_are_told_apart(body: str, said: str) -> None:
    assert any(said in sentence for sentence in problems(body))


def test_sound_levels_have_no_problems() -> None:
    assert problems(SOUND) == []
    assert written(read(SOUND)) == SOUND


@given(
    st.lists(
        st.tuples(
            st.decimals(0, Decimal(10) ** 15, places=6),
            st.integers(0, 10**6),
            st.decimals(0, 100, places=8),
            st.decimals(0, 100, places=8),
        ),
        min_size=2,
        max_size=MOST,
    )
)
def test_rising_levels_within_bounds_are_sound_and_read_back_as_they_were(
    rows: list[tuple[Decimal, int, Decimal, Decimal]],
) -> None:
    volumes, traders, first, second = (sorted(column) for column in zip(*rows, strict=True))
    levels = [
        Level(number, volumes[number], traders[number], high / 100, min(high, low) / 100)
        for number, (high, low) in enumerate(zip(first, second, strict=True))
    ]
    body = written(levels)
    assert problems(body) == []
    assert read(body) == levels
