"""PostgreSQL really dies under orders: one of its processes is killed, which ends and recovers all.

https://www.postgresql.org/docs/current/app-postgres.html (crash of a server process)
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests
from django.db import OperationalError, connection

from connect_portal.gateway.models import Decision
from tests.faults.exchange import eventually
from tests.gateway.caller import ORDER, Caller, limit_buy
from tests.gateway.conftest import fresh_id
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import signed

pytestmark = pytest.mark.django_db(transaction=True)

BUYS = {
    "BTC-USDT": ("0.001", "20000"),
    "ETH-USDT": ("0.01", "1000"),
    "SOL-USDT": ("0.1", "50"),
    "XRP-USDT": ("10", "0.5"),
}
"""Size and price of what each client buys, far below the market."""
PACE_S = 0.035
"""Of one client: its pair stays below the venue's rate."""
PATIENCE_S = 60


@pytest.fixture
def durable(transactional_db: None) -> Iterator[None]:
    """A database that writes at each commit, as far as the machine lives, though a throw-away one
    does not."""
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
    yield
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" RESET synchronous_commit')


@pytest.mark.usefixtures("durable")
def test_a_database_that_crashes_under_orders_lets_none_out_that_it_does_not_know(
    acme_caller: Caller, exchange: Sandbox, trader: Trader
) -> None:
    told: dict[str, str] = {}
    stop = threading.Event()
    with ThreadPoolExecutor(len(BUYS)) as clients:
        running = [clients.submit(_place_orders, acme_caller, pair, told, stop) for pair in BUYS]
        try:
            eventually(lambda: "0" in told.copy().values())
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as mine:
                mine.execute("CHECKPOINT")  # what the test made before is not what it is about
            _crash()
            eventually(lambda: list(told.copy().values())[-1] == "0")
        finally:
            stop.set()
        for one in running:
            one.result()
    _eventually_up()
    assert set(told.values()) == {"0", "50001"}
    at_venue = set().union(*(_open_orders(exchange, trader, pair) for pair in BUYS))
    assert {name for name, code in told.items() if code == "0"} <= at_venue
    assert not {name for name, code in told.items() if code == "50001"} & at_venue
    known = Decision.objects.filter(client_order_id__in=at_venue, allowed=True)
    assert set(known.values_list("client_order_id", flat=True)) == at_venue


def _open_orders(exchange: Sandbox, trader: Trader, pair: str) -> set[str]:
    """The client's names of the orders that rest at the venue, page by page."""
    pending = f"/api/v5/trade/orders-pending?instType=SPOT&instId={pair}"
    names: set[str] = set()
    page = signed(exchange, trader, "GET", pending).json()["data"]
    while page:
        names |= {row["clOrdId"] for row in page}
        page = signed(exchange, trader, "GET", f"{pending}&after={page[-1]['ordId']}").json()[
            "data"
        ]
    return names


def _place_orders(caller: Caller, pair: str, told: dict[str, str], stop: threading.Event) -> None:
    """Place orders until told to stop; keep the code of each by its name."""
    with requests.Session() as session:
        mine = Caller(caller.base_url, caller.token, session)
        while not stop.wait(PACE_S):
            name = fresh_id()
            size, price = BUYS[pair]
            order = limit_buy(clOrdId=name, instId=pair, sz=size, px=price)
            answer = mine.post(ORDER, order).json()
            told[name] = answer["data"][0]["sCode"] if answer["data"] else answer["code"]


def _crash() -> None:
    """Kill the process of the server that is at work on a decision, and wait until all is back."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(os.environ["DATABASE_URL"], dbname=name) as mine:
        mine.execute("LOCK TABLE gateway_decision")  # so that no decision is over before
        eventually(lambda: _deciding(mine))
        os.kill(_deciding(mine)[0][0], signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            mine.execute("SELECT pg_sleep(60)")  # the server ends us as well
    _eventually_up()


def _deciding(mine: psycopg.Connection) -> list[tuple[int]]:
    return mine.execute("SELECT pid FROM pg_locks WHERE NOT granted").fetchall()


def _eventually_up() -> None:
    """Ask until the server answers, and our own pool has no connection left that broke."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            Decision.objects.exists()
            return
        except OperationalError:
            assert time.monotonic() < until
            connection.close()
            time.sleep(0.05)
