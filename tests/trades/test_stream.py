"""The stream: heard at the exchange, recorded here without any sweep."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connect_portal.audit.queries import events_about
from connect_portal.authorizations import actions as authorizations
from connect_portal.authorizations.models import Binding
from connect_portal.institutions.models import Institution
from connect_portal.kit import feed
from connect_portal.people.models import Person
from connect_portal.trades import stream as stream_module
from connect_portal.trades.models import Cursor, Fill, Order
from connect_portal.venue.okx.ws import OrdersChannel
from tests.faults import proxy as faults
from tests.faults.exchange import (
    FILLS,
    assert_mirrored,
    bound,
    credentials,
    environment,
    eventually,
    rich_trader,
    trade,
)
from tests.faults.proxy import Proxy
from tests.sandbox.conftest import Sandbox, Trader

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Nothing here may be owed to the wake-up of a binding.
    pytest.mark.usefixtures("no_broker"),
]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def maker(exchange: Sandbox) -> Trader:
    """The other side of every trade."""
    return rich_trader(exchange)


@pytest.fixture
def trader(exchange: Sandbox) -> Trader:
    """Alice at the exchange."""
    return rich_trader(exchange)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice a silent line, and come back, in a moment rather than in half a minute."""
    patience = dict.fromkeys(("silence_s", "pong_s", "first_wait_s"), 0.3)
    monkeypatch.setattr(OrdersChannel.__init__, "__kwdefaults__", patience)
    monkeypatch.setattr("connect_portal.venue.okx.ws.OPEN_TIMEOUT_S", 1.0)


@contextmanager
def streaming() -> Iterator[None]:
    """The stream in a thread of its own, ended as SIGTERM ends it."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(stream_module.stream())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
        left = [task.get_name() for task in asyncio.all_tasks(loop)]
        loop.close()
    assert task.cancelled()
    assert left == [], "the stream left something running"


def fills_are(number: int) -> Callable[[], bool]:
    return lambda: Fill.objects.count() == number


def listened(proxy: Proxy, logins: int = 1) -> None:
    """Wait until so many logins have been made and followed by a first look."""
    eventually(lambda: proxy.logins == logins and Cursor.objects.exclude(read_at=None).exists())


def test_a_pushed_fill_is_recorded_without_any_sweep(
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    alice: Person,
    acme: Institution,
) -> None:
    account = bound(alice, trader, acme)
    with streaming():
        listened(proxy)
        trade(exchange, maker, trader, times=3)
        eventually(fills_are(3))
        assert_mirrored(exchange, trader, account)
        eventually(lambda: Order.objects.filter(state="filled").count() == 1)


def test_a_listing_that_lags_behind_the_push_is_looked_at_again(
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    alice: Person,
    acme: Institution,
) -> None:
    bound(alice, trader, acme)
    with streaming():
        listened(proxy)
        lag = proxy.spoil(FILLS, faults.EMPTY, times=3)
        trade(exchange, maker, trader)
        eventually(fills_are(1))
        assert lag.times == 0


def test_a_push_that_comes_after_the_look_that_saw_its_trade_costs_no_further_looks(
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    alice: Person,
    acme: Institution,
) -> None:
    bound(alice, trader, acme)
    with streaming():
        listened(proxy)
        proxy.asked.clear()
        trade(exchange, maker, trader, times=10)
        eventually(fills_are(10))
        trade(exchange, maker, trader)
        eventually(fills_are(11))
        looks = [target for target in proxy.asked_by(trader.api_key) if target.startswith(FILLS)]
        assert len(looks) <= 11, "no more looks than pushes"


def test_bindings_are_followed_as_they_come_and_no_longer_when_they_go(
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    alice: Person,
    acme: Institution,
) -> None:
    with streaming():
        binding = authorizations.bind_key(
            owner_id=alice.pk,
            institution_id=acme.pk,
            credentials=credentials(trader),
            actor=alice.actor,
        )
        listened(proxy)
        trade(exchange, maker, trader)
        eventually(fills_are(1))

        authorizations.unbind(binding.pk, owner_id=alice.pk, actor=alice.actor)
        eventually(lambda: not proxy.sockets)
        proxy.asked.clear()
        trade(exchange, maker, trader)
        other = rich_trader(exchange)
        bound(alice, other, acme)
        feed.ring(authorizations.STANDING_TOPIC, 0)
        trade(exchange, maker, other)
        eventually(fills_are(2))
        assert proxy.asked_by(trader.api_key) == []
        assert Fill.objects.filter(venue_account=binding.venue_account).count() == 1


@pytest.mark.parametrize("break_line", [Proxy.drop_sockets, Proxy.fall_silent])
def test_after_a_broken_or_silent_line_nothing_is_missed(
    break_line: Callable[[Proxy], None],
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    alice: Person,
    acme: Institution,
) -> None:
    account = bound(alice, trader, acme)
    with streaming():
        listened(proxy)
        break_line(proxy)
        trade(exchange, maker, trader, times=2)
        eventually(lambda: proxy.logins > 1)
        proxy.silent = False
        eventually(fills_are(2))
        trade(exchange, maker, trader)
        eventually(fills_are(3))
        assert_mirrored(exchange, trader, account)


def test_a_key_deleted_at_the_venue_degrades_its_binding_once(
    proxy: Proxy, exchange: Sandbox, trader: Trader, alice: Person, acme: Institution
) -> None:
    bound(alice, trader, acme)
    with streaming():
        listened(proxy)
        exchange.operate("DELETE", f"/accounts/{trader.uid}/keys/{trader.api_key}")
        eventually(lambda: Binding.objects.get().state == "degraded")
        eventually(lambda: not proxy.sockets)
    binding = Binding.objects.get()
    assert [event.tag for event in events_about(f"binding:{binding.pk}")] == [
        "authorizations:binding:degraded"
    ]


def test_sigterm_ends_the_process_cleanly(
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    alice: Person,
    acme: Institution,
    tmp_path: Path,
) -> None:
    bound(alice, trader, acme)
    log = tmp_path / "stream.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "manage.py", "stream"],
            cwd=ROOT,
            env=environment(proxy),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        listened(proxy)
        trade(exchange, maker, trader)
        eventually(fills_are(1))
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(10) == 0
    finally:
        child.kill()
        child.wait()
    assert "Traceback" not in log.read_text()
    assert "never retrieved" not in log.read_text()
