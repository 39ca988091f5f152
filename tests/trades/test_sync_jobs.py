"""Who reads when: leases, lost wake-ups, and workers that die in the middle."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils.timezone import now

from connect_portal.authorizations import actions as authorizations
from connect_portal.authorizations.models import Binding, VenueAccount
from connect_portal.celery import app
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.trades import tasks
from connect_portal.trades.actions.sync import LEASE, catch_up, lease_due
from connect_portal.trades.models import Cursor, Fill
from tests.faults import proxy as faults
from tests.faults.exchange import (
    FILLS,
    assert_mirrored,
    bound,
    environment,
    eventually,
    rich_trader,
    trade,
)
from tests.faults.proxy import Proxy
from tests.sandbox.conftest import Sandbox, Trader
from tests.trades.making import bound_account

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def trader(exchange: Sandbox) -> Trader:
    """Alice at the exchange."""
    return rich_trader(exchange)


@pytest.fixture
def account(trader: Trader, alice: Person, acme: Institution) -> VenueAccount:
    """Alice's account, bound for Acme."""
    return bound(alice, trader, acme)


def let_leases_run_out() -> None:
    Cursor.objects.update(due_at=now() - timedelta(seconds=1))


def test_two_workers_never_lease_the_same_account(alice: Person, acme: Institution) -> None:
    accounts = {bound_account(alice, acme, uid=str(7000 + number)).pk for number in range(40)}
    Cursor.objects.bulk_create(Cursor(venue_account_id=pk) for pk in accounts)

    def lease(_: int) -> list[int]:
        try:
            return lease_due(limit=15)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        claimed = [pk for claim in workers.map(lease, range(4)) for pk in claim]
    claimed += lease_due()
    assert sorted(claimed) == sorted(accounts)
    assert lease_due() == []


def test_a_lease_that_ran_out_is_given_again(alice: Person, acme: Institution) -> None:
    account = bound_account(alice, acme)
    assert lease_due() == [account.pk]
    assert lease_due() == []
    assert Cursor.objects.get().due_at <= now() + LEASE
    let_leases_run_out()
    assert lease_due() == [account.pk]


def test_an_account_without_a_working_key_is_never_due(alice: Person, acme: Institution) -> None:
    bound_account(alice, acme)
    source = f"binding:{Binding.objects.get().pk}"
    authorizations.degrade(source, trouble="gone", actor="system:tests")
    assert lease_due() == []


def test_a_lease_begins_anew_with_the_reading_so_that_waiting_in_line_costs_none(
    proxy: Proxy, account: VenueAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connect_portal.venue.okx.reader.TOTAL_TIMEOUT_S", 1.0)
    assert lease_due() == [account.pk]
    let_leases_run_out()
    hang = proxy.spoil(FILLS, faults.HANG)
    with ThreadPoolExecutor(1) as other:
        reading = other.submit(catch_up, [account.pk])
        eventually(lambda: hang.times == 0)
        assert lease_due() == []
        reading.result()


@pytest.mark.usefixtures("no_broker")
def test_a_sweep_whose_wake_ups_are_lost_finds_its_work_again(
    exchange: Sandbox, trader: Trader, account: VenueAccount
) -> None:
    maker = rich_trader(exchange)
    trade(exchange, maker, trader)
    tasks.sweep()
    assert not Fill.objects.exists()
    assert lease_due() == [], "the account is leased, though nobody was told"
    let_leases_run_out()
    for pk in lease_due():
        tasks.catch_up([pk])
    assert_mirrored(exchange, trader, account)


def test_a_wake_up_lasts_no_longer_than_the_lease_it_speaks_of(account: VenueAccount) -> None:
    app.control.purge()
    tasks.sweep()
    with app.connection_for_read() as broker:
        message = broker.SimpleQueue("celery").get(timeout=5)
        message.ack()
    assert message.headers["task"] == "trades.catch_up"
    assert datetime.fromisoformat(message.headers["expires"]) <= now() + LEASE


@contextmanager
def worker(proxy: Proxy, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A real Celery worker as a session of its own; what is left of it is killed at the end."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "connect_portal", "worker", "-c", "1"],
            cwd=ROOT,
            env=environment(proxy),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def test_a_worker_killed_in_the_middle_of_a_reading_is_followed_by_the_next(
    proxy: Proxy, exchange: Sandbox, trader: Trader, account: VenueAccount, tmp_path: Path
) -> None:
    app.control.purge()
    maker = rich_trader(exchange)
    trade(exchange, maker, trader, times=130)
    hang = proxy.spoil(FILLS, faults.HANG, only_later_pages=True)
    with worker(proxy, tmp_path / "first.log") as first:
        tasks.sweep()
        eventually(lambda: hang.times == 0, within=40)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert Fill.objects.count() == 100, "the first page stands, whole"
    assert Cursor.objects.get().newest_bill_id == ""
    assert lease_due() == [], "still leased to the dead"

    let_leases_run_out()
    with worker(proxy, tmp_path / "second.log") as second:
        tasks.sweep()
        eventually(lambda: Cursor.objects.exclude(newest_bill_id="").exists(), within=40)
        eventually(lambda: Cursor.objects.exclude(read_at=None).exists())
        second.terminate()
        assert second.wait(20) == 0
    assert_mirrored(exchange, trader, account)
