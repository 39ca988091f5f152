"""Race: the desk of a programme with 10,000 institutions, against the same desk with 100.

Two databases of one server, a web process each as `make run` starts it. An account manager opens
everybody's desk, fifty rows, again and again; what counts is the 95th percentile from the request
to the whole page. Applications are spread evenly over every step, so that most of them wait for
something: ten thousand institutions make a desk of eight thousand applications.
"""

import http.client
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from django.db import connection
from django.test import Client

from connect_portal.institutions.enums import BEFORE_QUALIFIED, Channel, Step
from connect_portal.institutions.models import Application, Institution
from connect_portal.institutions.rules import turn
from connect_portal.kit.clock import now
from connect_portal.kit.runtime.ports import HOST
from connect_portal.people.models import Person
from tests import cast
from tests.benchmarks.rounds import durability, in_turns, told
from tests.benchmarks.services import web_process

FEW, MANY = 100, 10_000
PAGES = 60
ROUNDS = 6
TARGET: Final = "/console/?queue=all"
SHOWN: Final = 50


class Desk:
    """The desk at one web process."""

    def __init__(self, port: int, session: str, target: str = TARGET) -> None:
        self.port, self.session, self.target = port, session, target
        self.seen: list[float] = []

    def run(self, number: int) -> float:
        """The 95th percentile of one round, in milliseconds."""
        caller = http.client.HTTPConnection(HOST, self.port, timeout=60)
        headers = {"Host": "localhost", "Cookie": f"sessionid={self.session}"}
        took = []
        for _ in range(PAGES):
            start = time.perf_counter()
            caller.request("GET", self.target, headers=headers)
            answer = caller.getresponse()
            page = answer.read()
            took.append((time.perf_counter() - start) * 1_000)
            assert answer.status == 200, page
            assert page.count(b'<th scope="row"><a') >= SHOWN, "the desk is not full"
        caller.close()
        if number:
            self.seen += took
        return percentile(took, 95)

    @property
    def spread(self) -> list[float]:
        """The median and the 95th percentile of all rounds."""
        return [round(percentile(self.seen, which), 1) for which in (50, 95)]


def races() -> Iterator[dict[str, Any]]:
    """The one."""
    morgan = cast.staff("Desk-Morgan")
    session = cast.sign_in(Client(SERVER_NAME="localhost"), morgan).cookies["sessionid"].value
    fill(0, FEW, morgan)
    with small_copy() as address:
        fill(FEW, MANY, morgan)
        with web_process() as port, web_process_of(address) as small_port:
            ours, yardstick = Desk(port, session), Desk(small_port, session)
            rounds = list(in_turns(ROUNDS, ours.run, yardstick.run))
    yield told(
        "desk_p95_of_10000", "ms", "lower", rounds, goal=1.5, institutions=MANY,
        yardstick_institutions=FEW, pages_per_round=PAGES, ours_p50_p95=ours.spread,
        yardstick_p50_p95=yardstick.spread, clock="from the request to the whole page",
        database=durability(),
    )  # fmt: skip


def fill(have: int, want: int, manager: Person) -> None:
    """Make ``want`` institutions out of ``have``, each with its application."""
    steps = [step for step in Step if step not in BEFORE_QUALIFIED]
    before = [step for step in BEFORE_QUALIFIED if step != Step.DRAFT]
    chance, at = random.Random(have), now()
    places = [
        Institution(name=f"Bench {n}", slug=f"bench-{n}", kind="bot_platform", channels=["api"])
        for n in range(have, want)
    ]
    places = Institution.objects.bulk_create(places, batch_size=1_000)
    rows = []
    for number, place in enumerate(places):
        step = chance.choice(steps if number % 4 else before)
        came = at - timedelta(minutes=chance.randint(1, 20_000))
        rows.append(
            Application(
                applicant=manager,
                institution=place if step in steps else None,
                company=place.name,
                kind=place.kind,
                channels=[Channel.API],
                country="US",
                step=step,
                submitted_at=came,
                moved_at=came + timedelta(minutes=5),
                due_at=came + timedelta(days=2) if number % 3 else None,
                paused_at=came if step == Step.INFO_REQUESTED else None,
                waits_for=turn(step) or "",
                assignee=manager if number % 5 else None,
            )
        )
    Application.objects.bulk_create(rows, batch_size=1_000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def small_copy() -> Iterator[str]:
    """A copy of the database as it is now; yields its address."""
    address = os.environ["DATABASE_URL"]
    name = urlsplit(address).path.strip("/")
    elsewhere = address.replace(f"/{name}", "/postgres")
    connection.close()  # a database is copied while nobody is in it
    with psycopg.connect(elsewhere, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        server.execute(f'CREATE DATABASE "few" TEMPLATE "{name}"')
    try:
        yield address.replace(f"/{name}", "/few")
    finally:
        with psycopg.connect(elsewhere, autocommit=True) as server:
            server.execute('DROP DATABASE "few" WITH (FORCE)')


@contextmanager
def web_process_of(address: str) -> Iterator[int]:
    """A web process on the database at ``address``; yields its port."""
    own = os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = address
    try:
        with web_process() as port:
            yield port
    finally:
        os.environ["DATABASE_URL"] = own


def percentile(values: list[float], which: int) -> float:
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * which // 100)]
