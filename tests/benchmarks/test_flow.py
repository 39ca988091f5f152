"""The stream of the races: what it promises, and that every engine agrees on it."""

from collections import Counter
from itertools import islice

import pytest

from tests.benchmarks import engines, ours
from tests.benchmarks.flow import ACCOUNTS, CANCEL, LIMIT, MARKET, Command, commands, limits
from tests.benchmarks.laps import Engine, lap
from tests.benchmarks.plain_book import PlainBook

BOOKS = 12


@pytest.fixture(scope="module")
def stream() -> list[Command]:
    """Enough of it to count shares."""
    return list(commands(40_000, books=BOOKS))


def test_equal_seeds_give_equal_streams_and_others_do_not(stream: list[Command]) -> None:
    first = stream[:500]
    assert list(islice(commands(books=BOOKS), 500)) == first
    assert list(islice(commands(books=BOOKS, seed=5), 500)) != first


def test_the_kinds_have_their_shares(stream: list[Command]) -> None:
    counted = Counter(command.kind for command in stream)
    shares = {kind: count / len(stream) for kind, count in counted.items()}
    assert shares == pytest.approx({LIMIT: 0.65, MARKET: 0.05, CANCEL: 0.30}, abs=0.01)


def test_about_a_tenth_of_the_limits_cross(stream: list[Command]) -> None:
    books = [PlainBook() for _ in range(BOOKS)]
    crossed = []
    for _, order, _, at, buys, px, size in (one for one in stream if one.kind == LIMIT):
        crossed.append(bool(books[at].limit(order, buys, px, size)))
    assert sum(crossed) / len(crossed) == pytest.approx(0.10, abs=0.02)


def test_a_cancel_aims_once_at_a_limit_of_the_same_account_and_book(stream: list[Command]) -> None:
    limit_of = {one.order: one for one in stream if one.kind == LIMIT}
    aims = [one for one in stream if one.kind == CANCEL]
    assert len({aim.order for aim in aims}) == len(aims)
    assert all(limit_of[aim.order][1:5] == aim[1:5] for aim in aims)


def test_every_account_and_book_takes_part_and_nobody_trades_with_himself(
    stream: list[Command],
) -> None:
    assert {one.account for one in stream} == set(range(ACCOUNTS))
    assert {one.book for one in stream} == set(range(BOOKS))
    assert {one.account for one in stream if one.buys}.isdisjoint(
        one.account for one in stream if not one.buys
    )


def test_limits_without_crossing_all_rest() -> None:
    book = PlainBook()
    fills = [
        book.limit(one.order, one.buys, one.px, one.size)
        for one in limits(2_000, books=1, crossing=False)
    ]
    assert not any(fills)


@pytest.mark.parametrize(
    "engine", [ours.BookAlone, ours.BookWithOwners, ours.BookAndMoney, ours.WholeExchange]
)
def test_every_engine_of_ours_makes_the_fills_of_the_plain_book(engine: type[Engine]) -> None:
    stream = list(commands(3_000, books=len(ours.pairs())))
    expected, made = lap(engines.Plain(), stream), lap(engine(), stream)
    assert (made["hash"], made["fills"]) == (expected["hash"], expected["fills"])
    assert made["fills"] > 100
