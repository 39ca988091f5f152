"""The live line: told at once, told once, and only to those it belongs to."""

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.trades.actions.ingest import record_fills
from tests.monitoring.streams import Stream
from tests.portal import served
from tests.trades.making import bound_account, fill

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(transactional_db: None) -> Iterator[str]:
    with served() as base_url:
        yield base_url


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-sequence="(\d+)"', text)]


def test_a_fill_is_told_to_an_open_page_with_its_row_its_number_and_the_new_sums(
    site: str, acme: Institution, ada: Person, alice: Person
) -> None:
    account = bound_account(alice, acme)
    page = Stream(site, ada, "acme")
    assert page.next("tiles").text.count("tile-number") == 5
    record_fills(account.pk, [fill(1, filled_at=now())])
    told = page.next("fills")
    assert told.number == 1
    assert "BTC-USDT" in told.text
    assert "ACMEcode1" in told.text
    assert "c1" in told.text
    assert 'data value="1"' in page.next("tiles").text
    page.close()


def test_a_page_that_comes_back_with_its_last_number_misses_nothing_and_hears_nothing_twice(
    site: str, acme: Institution, ada: Person, alice: Person
) -> None:
    account = bound_account(alice, acme)
    record_fills(account.pk, [fill(number) for number in range(1, 4)])
    first = Stream(site, ada, "acme", last_event_id=1)
    assert numbers(first.next("fills").text) == [3, 2]
    first.close()
    record_fills(account.pk, [fill(number) for number in range(4, 7)])
    again = Stream(site, ada, "acme", last_event_id=3)
    assert numbers(again.next("fills").text) == [6, 5, 4]
    again.close()


def test_a_page_that_drops_at_random_while_fills_pour_in_ends_with_each_exactly_once(
    site: str, acme: Institution, ada: Person, alice: Person
) -> None:
    account = bound_account(alice, acme)
    most = 120

    def pour() -> None:
        try:
            for number in range(1, most + 1, 3):
                record_fills(account.pk, [fill(number + more) for more in range(3)])
        finally:
            connection.close()

    heard: list[int] = []
    chance = random.Random(7)
    with ThreadPoolExecutor(1) as writer:
        pouring = writer.submit(pour)
        while len(heard) < most:
            page = Stream(site, ada, "acme", last_event_id=max(heard, default=0))
            for _ in range(chance.randint(1, 4)):
                if len(heard) < most:
                    heard += sorted(numbers(page.next("fills").text))
            page.close()
        pouring.result()
    assert heard == list(range(1, most + 1))


def test_more_pages_than_the_pool_has_connections_hold_none_of_them(
    site: str, acme: Institution, ada: Person, alice: Person
) -> None:
    account = bound_account(alice, acme)
    pages = [Stream(site, ada, "acme") for _ in range(30)]
    for page in pages:
        page.next("tiles")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] < 12
    record_fills(account.pk, [fill(1)])
    assert [page.next("fills").number for page in pages] == [1] * 30
    for page in pages:
        page.close()


def test_only_members_of_an_institution_may_listen_to_it(
    site: str, ada: Person, rival: Person, mallory: Person, alice: Person
) -> None:
    assert Stream(site, ada, "acme").answer.status == 200
    assert Stream(site, rival, "acme").answer.status == 403
    assert Stream(site, mallory, "acme").answer.status == 403
    assert Stream(site, alice, "nobody").answer.status == 403
    assert Stream(site, None, "acme").answer.status == 401


def test_a_last_event_id_that_is_no_number_is_refused_in_a_sentence(site: str, ada: Person) -> None:
    answer = Stream(site, ada, "acme", last_event_id=-1).answer
    assert answer.status == 400
    assert b"number" in answer.read()
