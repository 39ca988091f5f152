"""What a client does wrong is seen at a live exchange, and said with what to change."""

from contextlib import suppress

import ccxt
import pytest
from pytest_django import Settings

from connect_portal.certification import actions
from connect_portal.certification.enums import RunState, Trial
from connect_portal.certification.models import Run
from connect_portal.institutions.enums import Channel
from tests.certification.playing import PAIR, PRICE, Player, play_api

pytestmark = pytest.mark.django_db(transaction=True)

ONE = {"symbol": PAIR, "type": "limit", "side": "buy", "price": PRICE}


def test_a_client_with_its_librarys_own_tag_is_told_which_library_writes_it(player: Player) -> None:
    player.client.options.pop("brokerId")
    player.client.options["brokerId"] = ccxt.okx().options["brokerId"]
    player.order()
    missed = player.look()["order"]
    assert missed.state == "missed"
    assert "6b9ad766b55dBCDE" in missed.seen
    assert "ccxt" in missed.change
    assert f"'{player.run.code}'" in missed.change


def test_a_client_order_id_without_the_tag_beside_it_is_told_of_ccxts_trap(player: Player) -> None:
    player.order(clientOrderId=player.own_id("mine")["clientOrderId"])
    missed = player.look()["order"]
    assert (missed.state, "no tag" in missed.seen) == ("missed", True)
    assert "clientOrderId" in missed.change


def test_a_batch_with_one_order_without_the_tag_is_missed_until_a_whole_one_comes(
    player: Player,
) -> None:
    untagged = {"clientOrderId": player.own_id("b2")["clientOrderId"]}
    orders = [
        ONE | {"amount": player.size(), "params": player.own_id("b1")},
        ONE | {"amount": player.size(), "params": untagged},
    ]
    player.client.create_orders(orders)
    missed = player.look()["batch"]
    assert missed.state == "missed"
    assert missed.seen.startswith("1 of the 2 orders")
    player.client.create_orders([ONE | {"amount": player.size()} for _ in range(2)])
    assert player.states()["batch"] == "passed"


def test_an_order_sent_again_under_a_new_id_after_an_unknown_outcome_is_missed(
    player: Player,
) -> None:
    player.order()
    player.look()
    with suppress(ccxt.RateLimitExceeded):
        player.order()
    player.client.create_order(PAIR, "limit", "buy", 0.002, PRICE)
    assert player.states()["too_many"] == "passed"
    size = player.size()
    before = len(player.client.fetch_open_orders(PAIR))
    with pytest.raises(ccxt.RequestTimeout):
        player.client.create_order(PAIR, "limit", "buy", size, PRICE)
    player.client.create_order(PAIR, "limit", "buy", size, PRICE)
    missed = player.look()["unknown"]
    assert missed.state == "missed"
    assert "new client order id" in missed.seen
    assert len(player.client.fetch_open_orders(PAIR)) - before == 2, "one wish, two orders"

    actions.try_again(player.institution.pk, Channel.API, Trial.UNKNOWN, person=player.person)
    player.look()
    size = player.size()
    own = player.own_id("again")
    with pytest.raises(ccxt.RequestTimeout):
        player.client.create_order(PAIR, "limit", "buy", size, PRICE, own)
    with pytest.raises(ccxt.ExchangeError, match="51016"):
        player.client.create_order(PAIR, "limit", "buy", size, PRICE, own)
    assert player.states()["unknown"] == "passed"


def test_a_client_that_hammers_after_the_end_is_missed_and_connects_anew(
    player: Player, settings: Settings
) -> None:
    settings.CERTIFICATION_QUIET_S = 5
    play_api(player)
    player.log_in()
    player.look()
    player.client.enableRateLimit = False
    for _ in range(12):
        with pytest.raises(ccxt.AuthenticationError):
            player.client.fetch_balance()
    missed = player.look()["farewell"]
    assert missed.state == "missed", missed.seen
    assert "12 requests" in missed.seen
    assert Run.objects.get().state == RunState.RUNNING

    _, key = actions.new_key(player.institution.pk, person=player.person)
    assert player.states()["farewell"] == "waiting"
    player.client.apiKey, player.client.secret = key.api_key, key.secret
    player.client.password = key.passphrase
    player.client.fetch_balance()
    player.look()
    with pytest.raises(ccxt.AuthenticationError):
        player.client.fetch_balance()
    player.look()
    settings.CERTIFICATION_QUIET_S = 0
    assert player.states()["farewell"] == "passed"
    assert Run.objects.get().state == RunState.GREEN
