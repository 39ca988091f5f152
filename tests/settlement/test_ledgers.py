"""Drawn ledgers (`ledgers/*.txt`): what happens, then every statement and balance it leads to.

A line is `contract level N`, `fill BILL DAY PAIR FEE CURRENCY`, `close DAY`, and then what must
stand in the books. Further words are for the reader. The contract is live from 2026-11-18 on.
"""

from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from connect_portal.authorizations.models import VenueAccount
from connect_portal.institutions.models import Institution
from connect_portal.kit.money import plain
from connect_portal.people.models import Person
from connect_portal.settlement import queries
from connect_portal.settlement.actions.closing import close_day
from connect_portal.settlement.models import Statement
from tests import cast
from tests.settlement.making import balances, day, live, trade, verify_ledger
from tests.trades.making import bound_account

LEDGERS = sorted((Path(__file__).parent / "ledgers").glob("*.txt"))
LIVE_SINCE = datetime(2026, 11, 18, tzinfo=UTC)
BOUND_SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("drawn", LEDGERS, ids=lambda path: path.stem)
def test_a_drawn_ledger_comes_out_as_drawn(drawn: Path, acme: Institution, alice: Person) -> None:
    account = bound_account(alice, acme, since=BOUND_SINCE)
    lines = [line.split() for line in drawn.read_text().splitlines() if line[:1] not in "#"]
    for words in lines:
        happen(words, acme, account)
    expected = [" ".join(words) for words in lines if words[0] in ("statement", "balance")]
    assert sorted(statements() + books()) == sorted(expected)
    assert lines[-1] == ["the", "world", "sums", "to", "zero"]
    assert "the world sums to zero" in verify_ledger()


def happen(words: list[str], acme: Institution, account: VenueAccount) -> None:
    """Do what a line of the drawing says."""
    match words:
        case ["contract", "level", level]:
            live(acme, level=int(level), since=LIVE_SINCE)
        case ["fill", bill, its_day, pair, fee, currency, *_]:
            at = datetime.combine(day(its_day), time(12), UTC)
            trade(
                account,
                int(bill),
                instrument=pair,
                fee=Decimal(fee),
                fee_currency=currency,
                filled_at=at,
            )
        case ["close", its_day]:
            close_day(day(its_day), actor=cast.ACTOR)
        case ["statement" | "balance" | "the", *_]:
            pass
        case _:
            raise ValueError(f"no such line in a ledger: {words}")


def statements() -> list[str]:
    """Every statement's sums as drawings write them."""
    return [
        f"statement {paper.number} {paper.day} {total.currency} exact {plain(total.exact)} "
        f"payable {plain(total.payable)} carried {plain(total.carried)}"
        for paper in Statement.objects.all()
        for total in queries.totals(paper)
    ]


def books() -> list[str]:
    """Every balance as drawings write it."""
    return [f"balance {name} {plain(balance)}" for name, balance in balances().items()]
