"""Fixtures: one live exchange behind the fault proxy, and people with accounts and keys on it.

A folder's conftest imports the fixtures it offers.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from pytest_django import Settings

from connect_portal.authorizations.models import Binding, VenueAccount
from connect_portal.celery import app as celery_app
from connect_portal.institutions.models import Institution
from connect_portal.kit import clock
from connect_portal.people.models import Person
from connect_portal.trades.models import Attribution, Fill, MinuteRollup
from connect_portal.venue.types import Credentials
from tests.faults.proxy import Proxy, proxied
from tests.sandbox.conftest import OPERATOR_KEY, Sandbox, Trader, start_sandbox, stop_sandbox
from tests.sandbox.signing import get, order, signed

PAIR = "BTC-USDT"
PRICE = "40000"
FILLS = "/api/v5/trade/fills"


@pytest.fixture(scope="session")
def running_exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The exchange process with a quiet market."""
    running = start_sandbox(tmp_path_factory.mktemp("exchange"), "quiet")
    yield running
    assert stop_sandbox(running) == 0


@pytest.fixture(scope="session")
def running_proxy(running_exchange: Sandbox) -> Iterator[Proxy]:
    """The way to it."""
    with proxied(running_exchange.base_url) as proxy:
        yield proxy


@pytest.fixture
def proxy(running_proxy: Proxy, settings: Settings) -> Proxy:
    """The proxy without rules, as the portal's venue."""
    running_proxy.clear()
    settings.VENUE_URL, settings.VENUE_WS_URL = running_proxy.base_url, running_proxy.ws_url
    settings.SANDBOX_OPERATOR_KEY = OPERATOR_KEY
    return running_proxy


@pytest.fixture
def exchange(proxy: Proxy, running_exchange: Sandbox) -> Sandbox:
    """The exchange as its own clients reach it, the portal by way of the proxy."""
    return running_exchange


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker for this test, and no time lost in finding out."""
    options = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
    monkeypatch.setitem(celery_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setitem(celery_app.conf, "broker_transport_options", options)
    monkeypatch.setattr(celery_app, "_pool", None)
    monkeypatch.setattr(celery_app.amqp, "_producer_pool", None)


def rich_trader(exchange: Sandbox, perm: str = "read_only,trade") -> Trader:
    """A new account with money on both sides of the pair."""
    return exchange.trader(str(uuid4()), perm=perm, BTC="1000", USDT="100000000")


def credentials(trader: Trader) -> Credentials:
    """What the trader would type into our form."""
    return Credentials(trader.api_key, trader.secret, trader.passphrase)


def bound(owner: Person, trader: Trader, *institutions: Institution) -> VenueAccount:
    """The trader's account with its key bound since a moment ago, without any wake-up."""
    account = VenueAccount.objects.create(venue="sandbox", uid=trader.uid, owner=owner)
    for institution in institutions:
        binding = Binding(
            venue_account=account,
            institution=institution,
            state="bound",
            permissions=["read_only", "trade"],
            probed_at=clock.now(),
            bound_at=clock.now(),
        )
        binding.keep(credentials(trader))
        if institution != institutions[0]:
            # A key is bound for one institution: any other stands here as with its own.
            own = f"{trader.api_key} {institution.pk}"
            binding.key_fingerprint = sha256(own.encode()).hexdigest()
        binding.save()
    return account


def rest_all(exchange: Sandbox, maker: Trader, asks: list[dict[str, str]]) -> None:
    """Place every ask, those again for which the exchange found the maker too fast."""
    while asks:
        answer = signed(exchange, maker, "POST", "/api/v5/trade/batch-orders", asks).json()
        codes = [row["sCode"] for row in answer["data"]]
        assert set(codes) <= {"0", "50011"}, answer
        asks = [ask for ask, code in zip(asks, codes, strict=True) if code != "0"]
        time.sleep(0.2 if asks else 0)


def trade(
    exchange: Sandbox, maker: Trader, taker: Trader, tag: str = "ACMEcode1", times: int = 1
) -> None:
    """The maker sells, the taker buys with ``tag``: ``times`` fills for each."""
    for start in range(0, times, 20):
        asks = [
            {"instId": PAIR, "tdMode": "cash", "side": "sell", "ordType": "limit"}
            | {"sz": "0.001", "px": PRICE, "tag": "ZENITH2"}
            for _ in range(min(20, times - start))
        ]
        rest_all(exchange, maker, asks)
    size = format(Decimal("0.001") * times, "f")
    placed = order(exchange, taker, "buy", size, PRICE, tag=tag)
    assert placed["sCode"] == "0", placed


def fills_at_venue(exchange: Sandbox, trader: Trader) -> list[dict[str, Any]]:
    """Every fill of the account, read past the proxy."""
    rows: list[dict[str, Any]] = []
    older = ""
    while True:
        page = get(exchange, trader, f"trade/fills-history?instType=SPOT{older}")
        rows += page
        if len(page) < 100:
            return rows
        older = f"&after={page[-1]['billId']}"


def assert_mirrored(exchange: Sandbox, trader: Trader, account: VenueAccount) -> None:
    """Each fill of the venue is in the mirror exactly once, with equal sums and roll-ups."""
    there = fills_at_venue(exchange, trader)
    here = list(Fill.objects.filter(venue_account=account))
    assert Counter(row.bill_id for row in here) == Counter(row["billId"] for row in there)
    assert sum(row.size for row in here) == sum(Decimal(row["fillSz"]) for row in there)
    assert sum(row.fee for row in here) == sum(Decimal(row["fee"]) for row in there)
    assert {row.bill_id: row.tag for row in here} == {row["billId"]: row["tag"] for row in there}
    assert_rolled_up()


def assert_rolled_up() -> None:
    """The minute sums of every institution are those of its attributed fills, no more, no less."""
    expected: dict[tuple[Any, ...], list[Any]] = {}
    for row in Attribution.objects.select_related("fill"):
        minute = row.fill.filled_at.replace(second=0, microsecond=0)
        key = (row.institution_id, minute, row.fill.instrument, row.fill.fee_currency, row.reason)
        sums = expected.setdefault(key, [0, Decimal(0), Decimal(0)])
        sums[0] += 1
        sums[1] += row.fill.price * row.fill.size
        sums[2] += row.fill.fee
    found = {
        (r.institution_id, r.minute, r.instrument, r.fee_currency, r.reason): [
            r.fills,
            r.volume,
            r.fee,
        ]
        for r in MinuteRollup.objects.all()
    }
    assert found == expected


def eventually(holds: Callable[[], bool], within: float = 20.0) -> None:
    """Wait until something comes true that another task or process does."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.03)


def environment(proxy: Proxy) -> dict[str, str]:
    """The environment of a process of ours on the test's own database and venue."""
    database = connection.settings_dict
    url = django_settings.REDIS_URL
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    return os.environ | {
        "DATABASE_URL": address,
        "REDIS_URL": url,
        "VENUE_URL": proxy.base_url,
        "VENUE_WS_URL": proxy.ws_url,
        "SANDBOX_OPERATOR_KEY": OPERATOR_KEY,
    }
