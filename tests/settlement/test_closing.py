"""Closing days: once, in order, whole or not at all, and the same whatever the order of events."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.audit.queries import events_about
from connect_portal.authorizations.models import VenueAccount
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.settlement import queries, rules
from connect_portal.settlement.actions import accrual
from connect_portal.settlement.actions.closing import close_day, issue
from connect_portal.settlement.codes import EXACT
from connect_portal.settlement.errors import AlreadyIssued, DayNotOver, NotFinance, OwnStatement
from connect_portal.settlement.models import (
    Accrual,
    LedgerLine,
    StatedAccrual,
    Statement,
    StatementLine,
)
from connect_portal.terms.rates import commission
from tests import cast
from tests.settlement import papers
from tests.settlement.making import DAY, NEXT_DAY, balances, live, trade, verify_ledger
from tests.trades.making import bound_account

QUARTER = Decimal("0.25")


@pytest.mark.django_db
def test_a_statement_says_who_when_and_what_came_before(
    live_acme: Institution, account: VenueAccount
) -> None:
    trade(account, 1)
    trade(account, 2, days=1)
    made = close_day(NEXT_DAY, actor=cast.ACTOR)
    assert [(paper.number, paper.day) for paper in made] == [(1, DAY), (2, NEXT_DAY)]
    assert [paper.previous_hash for paper in made] == ["0" * 64, made[0].hash]
    (event,) = events_about(f"statement:{made[0].pk}")
    assert (event.tag, event.data["hash"]) == ("settlement:statement:closed", made[0].hash)
    assert event.data["payable"] == {"USDT": "0.01"}


@pytest.mark.django_db
def test_closing_again_changes_nothing(live_acme: Institution, account: VenueAccount) -> None:
    trade(account, 1, 2, 3)
    close_day(DAY, actor=cast.ACTOR)
    before = (list(Statement.objects.values()), list(LedgerLine.objects.values()))
    assert close_day(DAY, actor=cast.ACTOR) == []
    assert close_day(DAY - timedelta(days=3), actor=cast.ACTOR) == []
    assert (list(Statement.objects.values()), list(LedgerLine.objects.values())) == before


@pytest.mark.django_db
def test_a_day_is_not_closed_before_it_is_over() -> None:
    today = now().date()
    with pytest.raises(DayNotOver) as refused:
        close_day(today, actor=cast.ACTOR)
    assert refused.value.details["until"] == rules.end_of(today)
    assert f"{today + timedelta(days=1)} 00:00 UTC" in refused.value.text


@pytest.mark.django_db
def test_only_finance_closes_and_nobody_issues_what_they_closed(
    live_acme: Institution, account: VenueAccount, morgan: Person
) -> None:
    trade(account, 1)
    with pytest.raises(NotFinance):
        close_day(DAY, actor=morgan.actor, proposed_by=morgan)
    both = papers.finn()
    (paper,) = close_day(DAY, actor=both.actor, proposed_by=both)
    both.staff_role = "compliance"
    both.save()
    with pytest.raises(OwnStatement):
        issue(paper.pk, confirmed_by=both, at=now())
    cora = papers.cora()
    issue(paper.pk, confirmed_by=cora, at=now())
    with pytest.raises(AlreadyIssued, match="Statement 1 was issued by Cora"):
        issue(paper.pk, confirmed_by=cora, at=now())


@pytest.mark.django_db(transaction=True)
def test_many_who_close_at_once_make_one_statement_each_institution(
    live_acme: Institution, account: VenueAccount, zenith: Institution, alice: Person
) -> None:
    live(zenith)
    both = bound_account(alice, live_acme, zenith, uid="7002")
    trade(account, *range(1, 30))
    trade(both, *range(1, 30), tag="ZENITH2")

    def close() -> None:
        close_day(DAY, actor=cast.ACTOR)
        accrual.accrue_all()
        connection.close()

    closers = [threading.Thread(target=close) for _ in range(4)]
    for closer in closers:
        closer.start()
    for closer in closers:
        closer.join()
    assert sorted(Statement.objects.values_list("institution__name", "number")) == [
        ("Acme", 1),
        ("Zenith", 1),
    ]
    verify_ledger()


INSTITUTIONS, FILLS = 12, 150


@pytest.mark.django_db(transaction=True)
def test_a_close_killed_half_way_is_finished_by_running_it_again(alice: Person) -> None:
    everybody = [
        live(cast.institution(f"House {number}", code=f"HOUSE{number}"))
        for number in range(INSTITUTIONS)
    ]
    for number, institution in enumerate(everybody):
        account = bound_account(alice, institution, uid=str(number))
        trade(account, *range(1, FILLS + 1), tag=f"HOUSE{number}", fee=Decimal(-number - 1))
    closer = closing_process()
    while not Statement.objects.exists():
        assert closer.poll() is None, "it ended without a statement"
        time.sleep(0.005)
    closer.send_signal(signal.SIGKILL)
    closer.wait(20)
    early = dict(Statement.objects.values_list("institution_id", "hash"))
    assert 0 < len(early) < INSTITUTIONS

    assert closing_process().wait(120) == 0
    papers_made = dict(Statement.objects.values_list("institution_id", "hash"))
    assert papers_made.keys() == {institution.pk for institution in everybody}
    assert early.items() <= papers_made.items()
    assert StatedAccrual.objects.count() == Accrual.objects.count() == INSTITUTIONS * FILLS
    expected = QUARTER * FILLS * sum(range(1, INSTITUTIONS + 1))
    assert balances() == {"expense USDT": -expected, "payable USDT": expected}
    verify_ledger()


def closing_process() -> "subprocess.Popen[bytes]":
    """`manage.py close_day` as its own process on the test's database."""
    database = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(
        **connection.settings_dict
    )
    command = [sys.executable, "manage.py", "close_day", "--day", DAY.isoformat()]
    return subprocess.Popen(
        command, env=os.environ | {"DATABASE_URL": database}, stdout=subprocess.DEVNULL
    )


FILLS_IN_STORY = 10
fees = st.decimals(min_value=-50, max_value=1, places=18)
currencies = st.sampled_from(("BTC", "USDT"))
traded = st.tuples(st.just("trade"), st.integers(1, FILLS_IN_STORY), st.integers(0, 1), currencies)
closed = st.tuples(st.just("close"), st.integers(-2, 0))
stories = st.lists(st.one_of(traded, st.tuples(st.just("accrue")), closed), max_size=16)


@given(story=stories, fees=st.lists(fees, min_size=FILLS_IN_STORY, max_size=FILLS_IN_STORY))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.django_db
def test_any_order_of_events_ends_in_books_that_are_whole(
    story: list[tuple[Any, ...]],
    fees: list[Decimal],
    live_acme: Institution,
    account: VenueAccount,
) -> None:
    start_afresh()
    expected = {"BTC": Decimal(0), "USDT": Decimal(0)}
    known: set[int] = set()
    for event in story:
        match event:
            case ("trade", number, days, currency):
                fee = fees[number - 1]
                trade(account, number, days=days, fee=fee, fee_currency=currency)
                if number not in known:
                    expected[currency] = EXACT.add(expected[currency], commission(fee, QUARTER))
                known.add(number)
            case ("accrue",):
                accrual.accrue_all()
            case ("close", days):
                close_day(DAY + timedelta(days=days), actor=cast.ACTOR)
    close_day(NEXT_DAY, actor=cast.ACTOR)

    verify_ledger()
    assert not queries.unstated(live_acme.pk).exists()
    for currency, exact in expected.items():
        assert_settled(currency, exact)
    chain = list(Statement.objects.order_by("number"))
    assert [paper.number for paper in chain] == list(range(1, len(chain) + 1))
    assert all(after.previous_hash == before.hash for before, after in pairwise(chain))


def assert_settled(currency: str, exact: Decimal) -> None:
    """Everything earned is payable or carried, nothing is left, and little is carried."""
    books = balances()
    payable, carried, spent, accrued = (
        books.get(f"{kind} {currency}", Decimal(0))
        for kind in ("payable", "carry", "expense", "accrued")
    )
    assert EXACT.add(payable, carried) == spent.copy_negate() == exact
    assert accrued == 0
    lines = StatementLine.objects.filter(currency=currency).count()
    assert abs(carried) * 2 <= lines * Decimal(1).scaleb(-rules.payout_places(currency))


def start_afresh() -> None:
    """Forget all news and everything settled, as somebody who may."""
    tables = (
        "statedaccrual", "statementline", "statement", "ledgerline", "transfer", "ledgeraccount",
        "accrual", "cursor",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET session_replication_role = replica")
        for table in tables:
            cursor.execute(f"DELETE FROM settlement_{table}")
        for table in ("attribution", "minuterollup", "feedhead", "fill"):
            cursor.execute(f"DELETE FROM trades_{table}")
        cursor.execute("SET session_replication_role = origin")
