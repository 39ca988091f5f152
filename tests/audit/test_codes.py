"""The grammar of events and their exact spelling."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.audit import codes
from connect_portal.audit.errors import BadEvent

AT = datetime(2026, 11, 22, 10, 0, 0, 5, tzinfo=UTC)
EVENT = {
    "previous_hash": codes.ORIGIN,
    "at": AT,
    "tag": "people:membership:given",
    "actor": "person:12",
    "subject": "person:13",
    "data": {"role": "owner"},
}


@pytest.mark.parametrize(
    "words",
    [
        {"tag": "people:membership"},
        {"tag": "People:membership:given"},
        {"tag": "people:membership:given:twice"},
        {"actor": "person 12"},
        {"actor": ""},
        {"subject": "binding"},
        {"subject": "binding:"},
    ],
)
def test_words_outside_the_grammar_are_refused(words: dict[str, str]) -> None:
    good = {"tag": "people:membership:given", "actor": "person:12", "subject": "binding:7"}
    codes.check_words(**good)
    with pytest.raises(BadEvent):
        codes.check_words(**good | words)


def test_amounts_and_times_are_spelled_exactly() -> None:
    ahead = timezone(timedelta(hours=2))
    given = {
        "fee": Decimal("-0.000000000000000001"),
        "size": Decimal("1E+3"),
        "at": datetime(2026, 11, 22, 12, tzinfo=ahead),
        "pairs": ("BTC-USDT",),
    }
    assert codes.plain(given) == {
        "fee": "-0.000000000000000001",
        "size": "1000",
        "at": "2026-11-22T10:00:00.000000Z",
        "pairs": ["BTC-USDT"],
    }


@pytest.mark.parametrize(
    "value",
    [0.1, Decimal("NaN"), b"bytes", object(), "nul \x00", "half \ud83d", datetime(2026, 1, 1)],  # noqa: DTZ001
)
def test_what_cannot_be_kept_exactly_is_refused(value: object) -> None:
    with pytest.raises(BadEvent):
        codes.plain({"value": value})


@pytest.mark.parametrize("name", ["password", "secret", "API_Secret", "passphrase", "access_token"])
def test_a_name_that_promises_a_secret_is_refused_at_any_depth(name: str) -> None:
    with pytest.raises(BadEvent):
        codes.plain({"keys": [{name: "x"}]})


@pytest.mark.parametrize("field", ["previous_hash", "at", "tag", "actor", "subject", "data"])
def test_the_hash_changes_with_every_field(field: str) -> None:
    other = {
        "previous_hash": "1" * 64,
        "at": AT + timedelta(microseconds=1),
        "tag": "people:membership:taken",
        "actor": "person:1",
        "subject": "person:14",
        "data": {"role": "viewer"},
    }
    assert codes.event_hash(**EVENT) != codes.event_hash(**EVENT | {field: other[field]})


def test_the_hash_is_the_published_one() -> None:
    assert codes.event_hash(**EVENT) == (
        "848e6f0cdfaf0729db04488ded6ea1a2d7886aff31749a46dee382498a45ad1f"
    )


names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8).filter(
    lambda name: not codes._SECRET_NAMES.fullmatch(name.lower())
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
)


@given(st.dictionaries(names, values, max_size=4))
def test_spelling_twice_changes_nothing(data: dict[str, object]) -> None:
    once = codes.plain(data)
    assert codes.plain(once) == once
