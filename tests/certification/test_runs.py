"""A run watches a real client at a live exchange, and ticks what it sees."""

import pytest

from connect_portal.certification.enums import RunState
from tests.certification.playing import Player

pytestmark = pytest.mark.django_db(transaction=True)


def test_checks_turn_green_from_what_a_real_client_trades(player: Player) -> None:
    player.client.fetch_balance()
    assert player.states()["signature"] == "passed"
    assert player.states()["order"] == "waiting"
    player.order()
    states = player.states()
    assert states["order"] == "passed", player.look()["order"].seen
    assert states["batch"] == "waiting"
    assert player.run.state == RunState.RUNNING
