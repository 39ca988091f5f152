"""The plain book, rule by rule."""

import pytest

from tests.benchmarks.plain_book import PlainBook

BUY, SELL = True, False


@pytest.fixture
def book() -> PlainBook:
    """Two asks at 101, the older one for 5, and one at 102."""
    made = PlainBook()
    for order, px, size in ((1, 101, 5), (2, 101, 7), (3, 102, 9)):
        made.limit(order, SELL, px, size)
    return made


def test_a_limit_takes_the_best_price_first_and_the_oldest_order_at_it(book: PlainBook) -> None:
    assert book.limit(9, BUY, 102, 13) == [(1, 9, 101, 5), (2, 9, 101, 7), (3, 9, 102, 1)]


def test_a_limit_stops_at_its_price_and_rests_with_what_is_left(book: PlainBook) -> None:
    assert book.limit(9, BUY, 101, 15) == [(1, 9, 101, 5), (2, 9, 101, 7)]
    assert book.limit(10, SELL, 100, 4) == [(9, 10, 101, 3)]


def test_a_partly_filled_order_keeps_its_place(book: PlainBook) -> None:
    book.limit(8, BUY, 101, 2)
    assert book.limit(9, BUY, 101, 4) == [(1, 9, 101, 3), (2, 9, 101, 1)]


def test_a_market_order_takes_at_any_price_and_never_rests(book: PlainBook) -> None:
    assert book.market(9, BUY, 100) == [(1, 9, 101, 5), (2, 9, 101, 7), (3, 9, 102, 9)]
    assert book.limit(10, SELL, 1, 1) == []


def test_a_market_order_at_an_empty_book_does_nothing() -> None:
    assert PlainBook().market(1, SELL, 5) == []


def test_bids_are_taken_from_the_highest_down() -> None:
    book = PlainBook()
    for order, px in ((1, 98), (2, 99), (3, 97)):
        book.limit(order, BUY, px, 1)
    assert book.limit(9, SELL, 98, 3) == [(2, 9, 99, 1), (1, 9, 98, 1)]


def test_a_cancelled_order_trades_no_more(book: PlainBook) -> None:
    assert book.cancel(1)
    assert book.limit(9, BUY, 101, 1) == [(2, 9, 101, 1)]


def test_a_filled_or_unknown_order_cannot_be_cancelled(book: PlainBook) -> None:
    book.limit(9, BUY, 101, 5)
    assert not book.cancel(1)
    assert not book.cancel(77)
