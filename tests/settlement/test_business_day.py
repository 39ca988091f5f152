"""A whole business day on the live exchange: trade, move the clock, read, close, prove."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.settlement import queries, tasks
from connect_portal.settlement.actions import accrual
from connect_portal.settlement.models import Accrual, Statement
from connect_portal.trades.actions.sync import catch_up
from connect_portal.trades.models import Cursor, Order
from connect_portal.venue import business_clock
from tests.faults.exchange import assert_mirrored, bound, rich_trader, trade
from tests.sandbox.conftest import OPERATOR_KEY, Sandbox, start_sandbox, stop_sandbox
from tests.settlement.making import live, verify_ledger

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def exchange(tmp_path: Path, settings: Settings) -> Iterator[Sandbox]:
    """An exchange for this test alone, because a moved clock does not come back."""
    running = start_sandbox(tmp_path / "exchange", "quiet")
    settings.VENUE_URL, settings.VENUE_WS_URL = running.base_url, running.ws_url
    settings.SANDBOX_OPERATOR_KEY = OPERATOR_KEY
    business_clock.forget()
    yield running
    business_clock.forget()
    stop_sandbox(running)


def command(*words: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*words, stdout=out)
    business_clock.forget()
    return out.getvalue()


def midnight(days: int) -> datetime:
    """The start of the day, so many days from today."""
    return datetime.combine(now().date(), time(), UTC) + timedelta(days=days)


def test_a_day_is_traded_passed_read_and_settled(
    exchange: Sandbox, acme: Institution, alice: Person
) -> None:
    live(acme, since=now())
    maker, trader = rich_trader(exchange), rich_trader(exchange)
    exchange.operate("POST", f"/accounts/{trader.uid}/level", {"level": "Regular"})
    account = bound(alice, trader, acme)
    today = now().date().isoformat()
    trade(exchange, maker, trader, times=3)
    with pytest.raises(CommandError, match="is not over yet"):
        command("close_day", "--day", today)

    command("clock", "--to", midnight(1).isoformat())
    trade(exchange, maker, trader, times=2)
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)
    assert "1 new statements" in command("close_day", "--day", today)
    assert "0 new statements" in command("close_day", "--day", today)

    (paper,) = Statement.objects.all()
    (line,) = queries.lines(paper)
    assert (paper.day.isoformat(), line.fills, line.currency) == (today, 3, "BTC")
    assert line.exact == Decimal("0.001") * Decimal("0.0035") * Decimal("0.25") * 3
    assert sum(queries.unstated_sums(acme.pk).values()) == line.exact / 3 * 2
    assert "the world sums to zero" in verify_ledger()


def test_reading_goes_on_after_a_month_has_passed_at_once(
    exchange: Sandbox, acme: Institution, alice: Person
) -> None:
    maker, trader = rich_trader(exchange), rich_trader(exchange)
    account = bound(alice, trader, acme)
    trade(exchange, maker, trader)
    catch_up([account.pk])
    trade(exchange, maker, trader)
    command("clock", "--to", midnight(31).isoformat())
    trade(exchange, maker, trader)
    for _ in range(2):
        catch_up([account.pk])
        assert_mirrored(exchange, trader, account)
    cursor = Cursor.objects.get()
    assert (cursor.failures, cursor.trouble) == (0, "")
    newest_of_yore = Order.objects.order_by("placed_at")[1]
    assert cursor.newest_order_id == newest_of_yore.order_id


def test_the_clock_closes_the_days_that_are_over_and_leaves_late_fills_time(
    exchange: Sandbox, acme: Institution, alice: Person
) -> None:
    live(acme, since=now())
    maker, trader = rich_trader(exchange), rich_trader(exchange)
    account = bound(alice, trader, acme)
    trade(exchange, maker, trader)
    catch_up([account.pk])
    accrual.accrue_all()
    assert Accrual.objects.count() == 1
    command("clock", "--to", midnight(1).isoformat())
    tasks.close_yesterday()
    assert not Statement.objects.exists()
    command("clock", "--to", (midnight(1) + tasks.LATE_FILLS_COME_WITHIN).isoformat())
    tasks.close_yesterday()
    assert Statement.objects.get().proposed_by is None


def test_the_clock_is_told_and_only_moves_forward(exchange: Sandbox) -> None:
    assert command("clock").endswith("0:00:00 ahead of the wall clock\n")
    told = command("clock", "--to", f"{midnight(9):%Y-%m-%dT%H:%M}")
    assert told.startswith(f"{midnight(9):%Y-%m-%d} 00:00:0")
    with pytest.raises(CommandError, match="only moves forward"):
        command("clock", "--to", midnight(8).isoformat())


def test_a_real_venue_has_no_clock_to_move(settings: Settings) -> None:
    settings.VENUE_NAME = "okx"
    assert command("clock").endswith("UTC, the wall clock\n")
    with pytest.raises(CommandError, match="moves on the sandbox only; this venue is 'okx'"):
        command("clock", "--to", "2027-01-01")
