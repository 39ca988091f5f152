"""The data files load, agree with each other, and say what the published pages say."""

import re
from decimal import Decimal

from connect_portal import facts

GROUP_ONE = {"BTC", "DOGE", "ETH", "PEPE", "PUMP", "SOL", "SUI", "XRP", "ADA", "LTC"}


# --- pairs --------------------------------------------------------------------------------------
def test_pairs_are_at_least_forty_against_both_dollar_tokens() -> None:
    quotes = [pair.quote for pair in facts.pairs().values()]
    assert quotes.count("USDT") + quotes.count("USDC") >= 40
    assert min(quotes.count("USDT"), quotes.count("USDC")) >= 15


def test_a_pair_is_named_by_its_two_currencies() -> None:
    for name, pair in facts.pairs().items():
        assert name == pair.inst_id == f"{pair.base}-{pair.quote}"


def test_of_the_retired_dollar_books_only_the_one_of_usdt_stayed() -> None:
    assert [name for name, pair in facts.pairs().items() if pair.quote == "USD"] == ["USDT-USD"]
    assert "BTC-USD" not in facts.pairs()


def test_a_usdc_book_is_quoted_in_dollars_too_and_every_other_in_its_quote_only() -> None:
    for pair in facts.pairs().values():
        expected = ("USD", "USDC") if pair.quote == "USDC" else (pair.quote,)
        assert pair.quote_ccy_list == expected


def test_every_coin_has_a_price_in_usdt() -> None:
    bases = {pair.base for pair in facts.pairs().values()} - set(facts.DOLLARS)
    assert all(f"{base}-USDT" in facts.pairs() for base in bases)


def test_the_numbers_of_pairs_are_unique_and_known_ones_never_change() -> None:
    pairs = facts.pairs()
    assert len({pair.inst_id_code for pair in pairs.values()}) == len(pairs)
    assert pairs["BTC-USDC"].inst_id_code == 20459
    assert pairs["BTC-USDT"].inst_id_code == 20450


def test_one_lot_at_one_tick_is_a_whole_amount_of_eighteen_places() -> None:
    for pair in facts.pairs().values():
        lot_value = (pair.tick_size * pair.lot_size).scaleb(18)
        assert lot_value == lot_value.to_integral_value() >= 1


def test_every_pair_says_whether_its_figures_are_public() -> None:
    assert {pair.source for pair in facts.pairs().values()} == {"okx", "example"}
    assert facts.pairs()["BTC-USDC"].source == "okx"


def test_minimum_size_is_a_whole_number_of_lots_and_prices_start_on_a_tick() -> None:
    for pair in facts.pairs().values():
        assert pair.min_size % pair.lot_size == 0
        assert pair.start_price % pair.tick_size == 0


# --- fees ---------------------------------------------------------------------------------------
def test_every_group_of_a_pair_has_a_name_and_rates_in_every_tier() -> None:
    tiers = {tier for tier, _ in facts.us_fee_table()}
    assert len(tiers) == 10
    for group in {pair.group for pair in facts.pairs().values()}:
        assert group in facts.fee_groups()
        assert all((tier, group) in facts.us_fee_table() for tier in tiers)


def test_no_fee_group_is_without_a_pair() -> None:
    used = {pair.group for pair in facts.pairs().values()}
    assert used == facts.fee_groups().keys() == {group for _, group in facts.us_fee_table()}


def test_group_one_is_the_published_list_and_pengu_is_in_group_two() -> None:
    by_name: dict[str, set[str]] = {}
    for pair in facts.pairs().values():
        by_name.setdefault(facts.fee_groups()[pair.group], set()).add(pair.base)
    assert by_name["Group 1"] <= GROUP_ONE
    assert by_name["Group 2"] == {"PENGU"}
    assert by_name["Stablecoins"] == {"USDT", "RLUSD", "USDG"}
    assert not by_name["Group 3"] & (by_name["Group 1"] | by_name["Group 2"])


def test_stablecoin_pairs_charge_takers_four_basis_points_and_makers_nothing() -> None:
    rates = [rate for (_, group), rate in facts.us_fee_table().items() if group == "11"]
    assert {(rate.maker, rate.taker) for rate in rates} == {(Decimal(0), Decimal("-0.0004"))}


def test_regular_us_rates_charge_twenty_and_thirty_five_basis_points() -> None:
    regular = facts.us_fee_table()["Regular", "12"]
    assert (regular.maker, regular.taker) == (Decimal("-0.002"), Decimal("-0.0035"))


def test_higher_tiers_never_pay_more() -> None:
    for group in facts.fee_groups():
        rates = [rate for (_, its), rate in facts.us_fee_table().items() if its == group]
        assert [rate.taker for rate in rates] == sorted(rate.taker for rate in rates)
        assert [rate.maker for rate in rates] == sorted(rate.maker for rate in rates)
        assert len(rates) == 10


def test_a_tier_is_reached_by_one_threshold_of_assets_and_one_of_volume() -> None:
    for tier in {tier for tier, _ in facts.us_fee_table()}:
        rates = [rate for (its, _), rate in facts.us_fee_table().items() if its == tier]
        assert len({(rate.assets, rate.volume_30d) for rate in rates}) == 1


def test_higher_tiers_need_more() -> None:
    rates = [rate for (_, group), rate in facts.us_fee_table().items() if group == "12"]
    assert [rate.assets for rate in rates] == sorted({rate.assets for rate in rates})
    assert [rate.volume_30d for rate in rates] == sorted({rate.volume_30d for rate in rates})


# --- the rest -----------------------------------------------------------------------------------
def test_known_libraries_are_named_by_the_tag_they_send() -> None:
    assert facts.sdk_default_tags()["6b9ad766b55dBCDE"] == "ccxt"
    assert facts.sdk_default_tags()["CLI"] == "OKX trade CLI"


def test_a_file_names_its_source_and_the_day_it_was_read() -> None:
    assert facts.source_of("us_fees.csv").startswith("Source: the US fee schedule on https://")
    for name in ("us_fees.csv", "pairs.csv", "countries.csv", "fee_groups.csv"):
        assert "https://" in facts.source_of(name)
        assert re.search(r"read 2026-11-\d\d", facts.source_of(name))


def test_every_country_has_its_code_of_two_letters() -> None:
    assert len(facts.countries()) == 249
    assert all(len(code) == 2 and code.isupper() for code in facts.countries())
    assert (facts.countries()["US"], facts.countries()["NL"]) == ("United States", "Netherlands")
