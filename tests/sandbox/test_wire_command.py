"""`manage.py wire` prints every endpoint, channel, operation and known difference there is."""

from io import StringIO

from django.core.management import call_command

from connect_portal import facts
from connect_portal.sandbox.wire.differences import DIFFERENCES
from connect_portal.sandbox.wire.endpoints import ENDPOINTS
from connect_portal.sandbox.wire.ws.operations import OPERATIONS
from connect_portal.sandbox.wire.ws.topics import CHANNELS


def test_wire_prints_all_that_is_served() -> None:
    printed = StringIO()
    call_command("wire", stdout=printed)
    words = set(printed.getvalue().split())
    assert {*ENDPOINTS, *CHANNELS, *OPERATIONS, *DIFFERENCES} <= words


def test_wire_says_who_may_ask_how_often() -> None:
    printed = StringIO()
    call_command("wire", stdout=printed)
    lines = [line.split(maxsplit=3) for line in printed.getvalue().splitlines() if line]
    assert ["POST", "/api/v5/trade/order", "trade", "60/2 s per instId"] in lines


def test_the_documentation_shows_the_table_as_it_is() -> None:
    printed = StringIO()
    call_command("wire", "--csv", stdout=printed)
    assert (facts.HERE / "wire.csv").read_text() == printed.getvalue(), "manage.py wire --csv"
