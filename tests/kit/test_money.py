"""Amounts: exact to the last digit, plain on the wire."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connect_portal.kit.money import plain

AMOUNTS = st.builds(
    lambda units, places: Decimal(units).scaleb(-places),
    st.integers(min_value=-(10**20) + 1, max_value=10**20 - 1),
    st.integers(min_value=0, max_value=18),
)


@given(AMOUNTS)
@example(Decimal("1E-18"))
@example(Decimal("99999999999999999999.999999999999999999"))
def test_what_is_written_plainly_reads_back_exactly(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert not set(text) - set("-0123456789.")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1E-7", "0.0000001"),
        ("1E+3", "1000"),
        ("0.10", "0.1"),
        ("100", "100"),
        ("-0", "0"),
        ("-0.000", "0"),
        ("0E-18", "0"),
        ("-12.500", "-12.5"),
    ],
)
def test_an_amount_has_one_way_to_be_written(value: str, written: str) -> None:
    assert plain(Decimal(value)) == written


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_never_written(value: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        plain(Decimal(value))
