"""A run begins, watches a real client at a live exchange, moves the application on, and ends."""

import hashlib
import json
from datetime import timedelta
from threading import Thread
from typing import Any

import ccxt
import pytest
from django.test import Client
from pytest_django import Settings

from connect_portal.audit.queries import verify
from connect_portal.certification import actions
from connect_portal.certification.actions.ending import finish
from connect_portal.certification.enums import RunState
from connect_portal.certification.errors import (
    AlreadyRunning,
    ExchangeAway,
    NotDeveloper,
    NotOffered,
)
from connect_portal.certification.models import Run
from connect_portal.institutions.actions import propose
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import CertifiedTooLongAgo
from connect_portal.institutions.models import Institution
from connect_portal.institutions.moves import Event
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue import sandbox_operator
from connect_portal.venue.types import Environment
from tests import cast
from tests.certification.playing import Player, begin, play_api
from tests.faults.proxy import DOWN, Proxy
from tests.institutions.road import Road
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_well_behaved_client_turns_every_check_green_and_the_run_with_them(
    player: Player, settings: Settings
) -> None:
    play_api(player)
    states = player.states()
    assert {key for key, state in states.items() if state != "passed"} == {"socket", "farewell"}
    player.log_in()
    player.look()
    with pytest.raises(ccxt.AuthenticationError):
        player.client.fetch_balance()
    assert player.look()["farewell"].seen.startswith("Refused with 50111; watching")
    settings.CERTIFICATION_QUIET_S = 0
    player.look()

    assert player.run.state == RunState.GREEN
    assert player.run.sha256 == hashlib.sha256(player.run.report.encode()).hexdigest()
    told = json.loads(player.run.report)
    assert {one["result"] for one in told["channels"]["api"]} == {"passed"}
    assert told["requests"]
    assert sandbox_operator.keys(player.run.uid, environment=Environment.DEMO) == []
    assert verify().intact


def test_looking_again_and_at_once_adds_nothing(player: Player) -> None:
    begun = player.run.last_request
    player.order()
    player.look()
    seen = player.run.evidence.count()
    Run.objects.update(last_request=begun)
    player.look()
    assert player.run.evidence.count() == seen
    assert not actions.look(player.run.pk), "somebody looked within a second"


def test_of_two_who_begin_at_once_one_run_begins(
    acme: Institution, ada: Person, exchange: Sandbox
) -> None:
    said: list[Any] = []

    def start() -> None:
        try:
            said.append(actions.start(acme.pk, person=ada)[0].pk)
        except AlreadyRunning as refusal:
            said.append(refusal.code)

    both = [Thread(target=start) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert Run.objects.count() == 1
    assert "certification.running" in said


def test_a_viewer_begins_nothing_and_neither_does_anybody_while_the_exchange_is_away(
    acme: Institution, ada: Person, ben: Person, proxy: Proxy
) -> None:
    with pytest.raises(NotDeveloper):
        actions.start(acme.pk, person=ben)
    proxy.spoil("/sandbox", DOWN, times=-1)
    with pytest.raises(ExchangeAway):
        actions.start(acme.pk, person=ada)
    assert not Run.objects.exists()


def test_a_real_venue_offers_no_run_and_its_page_says_so(
    client: Client, acme: Institution, ada: Person, settings: Settings
) -> None:
    settings.VENUE_NAME = "okx-us"
    with pytest.raises(NotOffered):
        actions.start(acme.pk, person=ada)
    page = cast.sign_in(client, ada).get("/institution/acme/certification/")
    assert "Not offered here" in page.content.decode()


def test_a_run_that_is_not_finished_in_time_expires_with_a_report(player: Player) -> None:
    Run.objects.update(ends_at=now())
    player.look()
    assert (player.run.state, bool(player.run.sha256)) == (RunState.EXPIRED, True)
    with pytest.raises(ccxt.AuthenticationError):
        player.client.fetch_balance()


def test_a_green_run_moves_the_application_on_and_going_live_needs_a_fresh_one(
    exchange: Sandbox,
) -> None:
    road = Road.make()
    application = road.until(Step.SANDBOX_TEST)
    assert application.institution is not None
    run = begin(application.institution, road.applicant).run
    assert finish(run.pk, RunState.GREEN, actor=cast.ACTOR)
    application.refresh_from_db()
    assert application.step == Step.GO_LIVE_REVIEW
    move = application.moves.get(event=Event.CERTIFY)
    run.refresh_from_db()
    assert (move.person, move.evidence["report"]) == (None, run.sha256)

    application.moves.filter(pk=move.pk).update(at=move.at - timedelta(days=31))
    theo = {"person": road.technical, "actor": road.technical.actor}
    with pytest.raises(CertifiedTooLongAgo):
        propose(application.pk, Event.APPROVE_LIVE, **theo)
    road.go(application, Event.RETURN_TEST)
    again = begin(application.institution, road.applicant).run
    finish(again.pk, RunState.GREEN, actor=cast.ACTOR)
    application.refresh_from_db()
    road.go(application, Event.APPROVE_LIVE)
    assert application.step == Step.ONLINE_TEST
