"""Many writers at once: numbers without gaps, sums without loss, no deadlock."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.trades.actions.ingest import record_fills
from connect_portal.trades.models import Attribution, MinuteRollup
from tests.trades.making import bound_account, fill


@pytest.mark.django_db(transaction=True)
def test_eight_writers_with_overlapping_pages_number_every_fill_once_without_gaps(
    acme: Institution, zenith: Institution, alice: Person
) -> None:
    accounts = [
        bound_account(alice, *rivals, uid=str(uid))
        for uid, rivals in enumerate([(acme, zenith), (acme,), (zenith,), (zenith, acme)])
    ]

    def write(turn: int) -> None:
        try:
            for start in range(0, 60, 10):
                page = [fill(number) for number in range(start, start + 15)]
                record_fills(accounts[turn % 4].pk, page)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as writers:
        for outcome in [writers.submit(write, turn) for turn in range(8)]:
            outcome.result()

    for institution in (acme, zenith):
        mine = Attribution.objects.filter(institution=institution).order_by("sequence")
        numbers = list(mine.values_list("sequence", flat=True))
        assert numbers == list(range(1, 3 * 65 + 1))
        summed = MinuteRollup.objects.filter(institution=institution)
        assert sum(row.fills for row in summed) == 3 * 65
