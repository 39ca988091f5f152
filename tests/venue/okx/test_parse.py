"""What each payload of the library means to us."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from connect_portal.venue.errors import KeyRefused, MalformedAnswer, Refused
from connect_portal.venue.okx import parse
from connect_portal.venue.transport import Answer
from connect_portal.venue.types import KeyReport, VenueFill, VenueOrder, VenuePush
from tests.venue.okx.payload import answer, payload, situations


def sole_fill(situation: str) -> VenueFill:
    page = parse.fills_page(answer(situation), limit=100)
    assert page.malformed == ()
    (fill,) = page.rows
    return fill


def sole_order(situation: str) -> VenueOrder:
    page = parse.orders_page(answer(situation), limit=100)
    assert page.malformed == ()
    (order,) = page.rows
    return order


def test_a_fill_becomes_our_row_with_every_field() -> None:
    fill = sole_fill("fill_taker_buy")
    assert fill == VenueFill(
        bill_id="1963500000000000201",
        trade_id="744100031",
        order_id="1963500000000000101",
        client_order_id="acme0001",
        instrument="BTC-USDT",
        quote_currency="USDT",
        side="buy",
        price=Decimal("64250.1"),
        size=Decimal("0.015"),
        fee=Decimal("-0.000015"),
        fee_currency="BTC",
        liquidity="taker",
        tag="ABCD",
        filled_at=datetime(2026, 11, 22, 10, 0, 0, 120_000, tzinfo=UTC),
    )
    assert fill.base_currency == "BTC"


def test_a_tiny_fee_keeps_its_last_digit() -> None:
    assert sole_fill("fill_tiny_fee").fee == Decimal("-0.0000001")


@pytest.mark.parametrize(
    ("situation", "tag"), [("fill_empty_tag", ""), ("fill_foreign_tag", "6b9ad766b55dBCDE")]
)
def test_a_tag_is_told_as_it_came(situation: str, tag: str) -> None:
    assert sole_fill(situation).tag == tag


def test_a_maker_rebate_is_a_positive_fee() -> None:
    fill = sole_fill("fill_maker_rebate")
    assert (fill.fee, fill.fee_currency, fill.liquidity) == (Decimal("0.2"), "USDT", "maker")


def test_unknown_fields_are_let_pass() -> None:
    assert sole_fill("fill_unknown_fields") == sole_fill("fill_taker_buy")


def test_the_quote_is_the_dollar_paid_in_or_the_one_of_the_instrument() -> None:
    assert sole_fill("fill_paid_in_another_dollar").quote_currency == "USDC"
    assert sole_fill("fill_without_quote_field").quote_currency == "USDT"


@pytest.mark.parametrize("situation", situations("fill_malformed_"))
def test_a_fill_not_understood_is_set_aside_with_its_text(situation: str) -> None:
    page = parse.fills_page(answer(situation), limit=100)
    assert page.rows == ()
    (row,) = page.malformed
    assert row.reason
    assert json.loads(row.raw) == json.loads(payload(situation))["data"][0]


def test_one_malformed_row_leaves_the_others_standing() -> None:
    page = parse.fills_page(answer("fills_one_of_three_malformed"), limit=3)
    assert [fill.bill_id[-1] for fill in page.rows] == ["3", "1"]
    (row,) = page.malformed
    assert "tag" in row.reason
    assert page.oldest == "1963500000000000201"
    assert not page.is_last


def test_the_walk_goes_on_from_the_smallest_key_malformed_rows_included() -> None:
    page = parse.fills_page(answer("fills_out_of_order_last_malformed"), limit=100)
    assert page.oldest == "998"
    assert page.is_last


def test_an_empty_page_is_the_last_and_has_no_key() -> None:
    page = parse.fills_page(Answer(200, b'{"code":"0","msg":"","data":[]}'), limit=100)
    assert (page.rows, page.malformed, page.oldest, page.is_last) == ((), (), None, True)


@pytest.mark.parametrize("situation", situations("envelope_"))
def test_a_body_that_is_not_the_envelope_is_refused_whole(situation: str) -> None:
    with pytest.raises(MalformedAnswer):
        parse.fills_page(answer(situation), limit=100)


def test_a_refused_key_keeps_the_venues_number() -> None:
    with pytest.raises(KeyRefused) as refused:
        parse.open_envelope(answer("refused_key_invalid", status=401))
    assert refused.value.venue_code == "50111"
    assert refused.value.message == "Invalid OK-ACCESS-KEY"


def test_an_unknown_address_is_refused_for_good() -> None:
    with pytest.raises(Refused):
        parse.open_envelope(answer("refused_not_found", status=404))


def test_a_live_order_becomes_our_row_with_every_field() -> None:
    moment = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert sole_order("order_live_limit") == VenueOrder(
        order_id="1963500000000000301",
        client_order_id="acme0002",
        algo_id="",
        instrument="ETH-USDT",
        side="buy",
        kind="limit",
        state="live",
        price=Decimal(2000),
        size=Decimal("0.5"),
        size_unit="base",
        filled_size=Decimal(0),
        average_price=None,
        fee=Decimal(0),
        fee_currency="ETH",
        tag="ABCD",
        created_at=moment,
        updated_at=moment,
        cancel_reason="",
    )


def test_an_order_says_nothing_where_the_venue_says_nothing() -> None:
    order = sole_order("order_live_average_zero")
    assert (order.average_price, order.fee) == (None, None)
    assert sole_order("order_market_sell").price is None


def test_a_partial_fill_has_an_average() -> None:
    order = sole_order("order_partially_filled")
    assert (order.state, order.filled_size) == ("partially_filled", Decimal("0.2"))
    assert order.average_price == Decimal("1999.5")


@pytest.mark.parametrize(
    ("situation", "unit"),
    [
        ("order_market_buy_in_quote", "quote"),
        ("order_market_buy_in_base", "base"),
        ("order_market_sell", "base"),
        ("order_limit_with_echoed_unit", "base"),
    ],
)
def test_only_a_market_order_can_be_sized_in_quote(situation: str, unit: str) -> None:
    assert sole_order(situation).size_unit == unit


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        ("order_canceled_post_only", "post_only_would_take"),
        ("order_canceled_for_a_new_reason", "other_77"),
        ("order_canceled_by_protection", "other_38"),
    ],
)
def test_a_canceled_order_says_why(situation: str, reason: str) -> None:
    order = sole_order(situation)
    assert (order.state, order.cancel_reason) == ("canceled", reason)


def test_a_child_names_its_algo_order() -> None:
    assert sole_order("order_child_of_algo").algo_id == "1963500000000000400"


@pytest.mark.parametrize("situation", situations("order_malformed_"))
def test_an_order_not_understood_is_set_aside(situation: str) -> None:
    page = parse.orders_page(answer(situation), limit=100)
    assert (page.rows, len(page.malformed)) == ((), 1)
    assert page.oldest == "1963500000000000301"


def test_a_key_report_names_rights_and_addresses() -> None:
    assert parse.sole_row(answer("config_withdraw_bound"), parse.key_report) == KeyReport(
        uid="447000000000000001",
        permissions=frozenset({"read_only", "trade", "withdraw"}),
        ips=("203.0.113.7", "2001:db8::/32"),
        label="bound key",
    )
    unbound = parse.sole_row(answer("config_read_trade_unbound"), parse.key_report)
    assert unbound.permissions == {"read_only", "trade"}
    assert not unbound.bound_to_ips


@pytest.mark.parametrize("situation", situations("config_malformed_"))
def test_rights_that_are_not_told_are_never_assumed(situation: str) -> None:
    with pytest.raises(MalformedAnswer):
        parse.sole_row(answer(situation), parse.key_report)


def test_a_push_names_order_fill_and_instrument() -> None:
    (raw,) = json.loads(payload("push_fill"))["data"]
    assert parse.push(Raw(json.dumps(raw).encode())) == VenuePush(
        order_id="1963500000000000301",
        trade_id="55",
        instrument="ETH-USDT",
        at=datetime(2026, 11, 22, 10, 0, 1, 5_000, tzinfo=UTC),
    )


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?", fullmatch=True).filter(str.isascii))
def test_any_plain_decimal_comes_back_digit_for_digit(text: str) -> None:
    assert format(parse.decimal(text), "f") == text


@pytest.mark.parametrize(
    "text", ["", " 1", "1_000", "1e5", "NaN", "Infinity", "+1", "1.", ".5", "٣", "1\n", "9" * 41]
)
def test_anything_but_a_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a plain decimal"):
        parse.decimal(text)


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_a_moment_is_exact_to_the_millisecond(ms: int) -> None:
    elapsed = parse.moment(str(ms)) - datetime(1970, 1, 1, tzinfo=UTC)
    assert elapsed == timedelta(milliseconds=ms)


@given(st.binary(max_size=300))
def test_no_body_breaks_the_reader_in_any_other_way(body: bytes) -> None:
    try:
        parse.fills_page(Answer(200, body), limit=100)
    except MalformedAnswer as refused:
        assert refused.retryable  # noqa: PT017 - most bodies are refused, a lucky one may be read
