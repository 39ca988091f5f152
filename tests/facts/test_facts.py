"""The data files load, agree with each other, and say what the published pages say."""

from decimal import Decimal

from connect_portal import facts


def test_every_pair_has_a_fee_group_with_regular_rates() -> None:
    for pair in facts.pairs().values():
        assert ("Regular", pair.group) in facts.us_fee_table()


def test_pairs_are_about_a_dozen_with_unique_numbers_and_no_retired_dollar_book() -> None:
    pairs = facts.pairs()
    assert {"BTC-USDT", "ETH-USDT", "SOL-USDT", "BTC-USDC", "ETH-USDC"} <= pairs.keys()
    assert "BTC-USD" not in pairs
    assert len({pair.inst_id_code for pair in pairs.values()}) == len(pairs) == 12


def test_minimum_size_is_a_whole_number_of_lots_and_prices_start_on_a_tick() -> None:
    for pair in facts.pairs().values():
        assert pair.min_size % pair.lot_size == 0
        assert pair.start_price % pair.tick_size == 0


def test_regular_us_rates_charge_twenty_and_thirty_five_basis_points() -> None:
    regular = facts.us_fee_table()["Regular", "12"]
    assert (regular.maker, regular.taker) == (Decimal("-0.002"), Decimal("-0.0035"))


def test_higher_tiers_never_pay_more() -> None:
    for group in ("12", "13", "14"):
        rates = [rate for (_, its), rate in facts.us_fee_table().items() if its == group]
        assert [rate.taker for rate in rates] == sorted(rate.taker for rate in rates)
        assert [rate.maker for rate in rates] == sorted(rate.maker for rate in rates)
        assert len(rates) == 10


def test_known_libraries_are_named_by_the_tag_they_send() -> None:
    assert facts.sdk_default_tags()["6b9ad766b55dBCDE"] == "ccxt"
    assert facts.sdk_default_tags()["CLI"] == "OKX trade CLI"


def test_a_file_names_its_source_and_the_day_it_was_read() -> None:
    assert facts.source_of("us_fees.csv").startswith("Source: the US fee schedule on https://")
    for name in ("us_fees.csv", "pairs.csv", "countries.csv"):
        assert "https://" in facts.source_of(name)
        assert "read 2026-11-22" in facts.source_of(name)


def test_every_country_has_its_code_of_two_letters() -> None:
    assert len(facts.countries()) == 249
    assert all(len(code) == 2 and code.isupper() for code in facts.countries())
    assert (facts.countries()["US"], facts.countries()["NL"]) == ("United States", "Netherlands")
