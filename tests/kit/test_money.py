"""Amounts: exact to the last digit, plain on the wire, and nothing else taken for one."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connect_portal.kit.money import AMOUNT, amount, plain

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
    assert amount(text) == value
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


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "-.",
        ".5",
        "5.",
        "+1",
        "--1",
        "1-",
        "1.-5",
        "1.2.3",
        "1,000",
        " 1",
        "1\n",
        "1_000",
        "1e5",
        "1E-7",
        "0x10",
        "NaN",
        "Infinity",
        "٣",
        "１２",
        "²",
        "1\x00",
        "\ud800",
        "1.0000000000000000001",
        "100000000000000000000",
        "9" * 200_000,
        "0." + "1" * 200_000,
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_anything_but_a_plain_amount_that_the_store_can_keep_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a plain decimal amount") as refused:
        amount(text)
    assert len(str(refused.value)) < 400


@given(st.text(max_size=40))
def test_whatever_is_taken_fits_the_column(text: str) -> None:
    try:
        value = amount(text)
    except ValueError:
        return
    places = AMOUNT["decimal_places"]
    assert value == value.quantize(Decimal(1).scaleb(-places)) if abs(value) < 10**9 else True
    assert abs(value) < Decimal(10) ** (AMOUNT["max_digits"] - places)
