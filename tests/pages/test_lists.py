"""Every page with a list asks the database as often for thirty rows as for one."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pages.growing import LISTS
from tests.pages.visits import PAGES


def queries(client: Client, address: str) -> list[str]:
    """What a visit asks the database."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return [one["sql"] for one in asked.captured_queries]


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_thirty_rows_cost_as_many_queries_as_one(client: Client, name: str) -> None:
    address = PAGES[name].address(name, client)
    LISTS[name](1)
    queries(client, address)
    few = queries(client, address)
    LISTS[name](29)
    many = queries(client, address)
    assert len(many) == len(few), "\n".join(many)
