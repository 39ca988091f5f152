"""Reading a body strictly, and writing again only what must change."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire import bodies

ORDER = b'{ "instId":"BTC-USDT","sz":1.50, "new":{"a":[1e9999,null]} ,"clOrdId":"x1"}'
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


def read(raw: bytes, most: int = 20) -> bodies.Body:
    return bodies.read(raw, Operation.PLACE, most)


def test_a_body_that_need_not_change_goes_on_as_it_came() -> None:
    raw = b'[ {"tag" : "ACMEcode1","sz":1.50}]'
    assert read(raw).with_tags(["ACMEcode1"]) is raw
    assert read(ORDER).with_tags([""]) is ORDER


def test_filling_a_tag_keeps_every_other_value_byte_for_byte() -> None:
    written = read(ORDER).with_tags(["ACMEcode1"])
    assert b'"sz":1.50' in written
    assert b'{"a":[1e9999,null]}' in written
    assert written.endswith(b'"clOrdId":"x1","tag":"ACMEcode1"}')


def test_refused_items_are_left_out_and_the_order_of_the_rest_stays() -> None:
    raw = b'[{"sz":"1"},{"sz":"2"},{"sz":"3"}]'
    written = read(raw).with_tags(["A", None, "A"])
    assert written == b'[{"sz":"1","tag":"A"},{"sz":"3","tag":"A"}]'


def test_what_was_weighed_is_written_over_what_came() -> None:
    body = read(b'[{"clOrdId":"a","newSz":0.5,"reqId":7},{"clOrdId":"b"}]')
    pinned = body.pinned([{"ordId": "5", "newSz": "0.5", "newPx": "9"}, {}])
    assert pinned.with_tags(["", ""]) == (
        b'[{"clOrdId":"a","newSz":"0.5","reqId":7,"ordId":"5","newPx":"9"},{"clOrdId":"b"}]'
    )
    assert [item.asked for item in pinned.items] == [item.asked for item in body.items]
    assert body.pinned([{}, {}]) is body


def test_ids_of_strategies_name_no_order() -> None:
    raw = b'{"algoId":"5","algoClOrdId":"a"}'
    (asked,) = (item.asked for item in read(raw).items)
    assert (asked.order_id, asked.client_order_id) == ("", "")
    (asked,) = (item.asked for item in bodies.read(raw, Operation.STRATEGY, 1).items)
    assert (asked.order_id, asked.client_order_id) == ("5", "a")


@given(st.lists(st.dictionaries(texts, values, max_size=5), min_size=1, max_size=20))
def test_filling_tags_changes_nothing_but_tags(items: list[dict[str, Any]]) -> None:
    written = read(json.dumps(items).encode()).with_tags(["A"] * len(items))
    assert json.loads(written) == [item | {"tag": "A"} for item in items]


@given(st.binary() | texts.map(str.encode))
def test_any_bytes_are_read_or_refused_in_the_words_of_the_wire(raw: bytes) -> None:
    with suppress(Refused):
        assert read(raw).items


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "50000"),
        (b" \n", "50000"),
        (b"[]", "50000"),
        (b"null", "50002"),
        (b'"text"', "50002"),
        (b"[1]", "50002"),
        (b"{", "50002"),
        (b'{"tag":"ACMEcode1","tag":"ZENITH2"}', "50002"),
        (b'{"tag":"ACMEcode1","t\\u0061g":"ZENITH2"}', "50002"),
        (b'{"a":[{"b":1,"b":2}]}', "50002"),
        (b'{"sz":NaN}', "50002"),
        (b'{"sz":-Infinity}', "50002"),
        (b'{"sz":01}', "50002"),
        (b'{"sz":"\xff"}', "50002"),
        ('{"sz":"1"}'.encode("utf-16"), "50002"),
        (b'\xef\xbb\xbf{"sz":"1"}', "50002"),
        (b"[" * 200_000, "50002"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "50002"),
        (b"[" + b"{}," * 20 + b"{}]", "50025"),
    ],
)
def test_a_body_with_no_or_two_meanings_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(raw)
    assert refused.value.code == code


def test_numbers_of_any_length_are_nobodys_trouble_here() -> None:
    raw = b'{"sz":' + b"9" * 100_000 + b"}"
    assert b"9" * 100_000 in read(raw).with_tags(["A"])


@pytest.mark.parametrize("field", bodies.STRATEGY_FIELDS)
@pytest.mark.parametrize(
    ("value", "is_strategy"),
    [('[{"slTriggerPx":"1"}]', True), ('"1"', True), ("[{}]", True), ("1", True)]
    + [(nothing, False) for nothing in ("null", '""', "[]")],
)
def test_what_hangs_a_strategy_on_an_order_is_seen(
    field: str, value: str, is_strategy: bool
) -> None:
    (item,) = read(f'{{"{field}":{value}}}'.encode()).items
    assert item.asked.is_strategy == is_strategy
