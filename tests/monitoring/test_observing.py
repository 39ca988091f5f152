"""Completing an institution: the window over, and enough of its users' fills with the code."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from connect_portal.institutions.actions import move
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import OBSERVATION, Event
from connect_portal.kit.clock import iso, now
from connect_portal.monitoring.actions import prove
from connect_portal.monitoring.errors import NotObserved
from connect_portal.monitoring.observing import observation
from connect_portal.trades.models import MinuteRollup
from tests import cast
from tests.institutions.road import Road

pytestmark = pytest.mark.django_db


@pytest.fixture
def road() -> Road:
    """The people of an application."""
    return Road.make()


@pytest.fixture
def live(road: Road) -> Application:
    """Harbor, live, whose first fill came eight days ago: its window is over."""
    application = road.until(Step.ONLINE_TEST)
    came = now() - OBSERVATION - timedelta(days=1)
    told = {"evidence": {"fill": 1, "at": iso(came)}, "at": came}
    move(application.pk, Event.FIRST_FILL, person=None, actor="system:tests", **told)
    application.refresh_from_db()
    return application


def traded(application: Application, tagged: int, others: int, *, days_ago: float = 1) -> None:
    """So many fills of connected users, in one minute."""
    at = (now() - timedelta(days=days_ago)).replace(second=0, microsecond=0)
    for reason, fills in (("own_code", tagged), ("no_tag", others)):
        MinuteRollup.objects.create(
            institution_id=application.institution_id,
            minute=at,
            instrument="BTC-USDT",
            quote_currency="USDT",
            fee_currency="USDT",
            reason=reason,
            fills=fills,
            volume=fills,
            fee=0,
        )


def complete(road: Road, application: Application) -> str:
    """Try to complete it; the refusal's sentence, empty where it worked."""
    try:
        prove(application, Event.COMPLETE, person=road.manager)
    except NotObserved as refusal:
        return refusal.text
    return ""


@pytest.mark.parametrize(
    ("tagged", "others", "said"),
    [
        (9500, 500, ""),
        (9499, 501, "94.99 %: 9499 with the code, 501 without"),
        (94_999, 5_001, "94.99 %: 94999 with the code, 5001 without"),
        (1, 0, ""),
        (0, 0, "Nothing was traded in the window"),
        (0, 3, "0.00 %"),
    ],
)
def test_completing_needs_ninety_five_percent_of_the_fills_with_the_code(
    road: Road, live: Application, tagged: int, others: int, said: str
) -> None:
    traded(live, tagged, others)
    answer = complete(road, live)
    assert said in answer
    assert bool(answer) == bool(said)
    live.refresh_from_db()
    assert live.step == (Step.MONITORING if said else Step.ACTIVE)


def test_the_history_keeps_what_it_rested_on(road: Road, live: Application) -> None:
    traded(live, 19, 1)
    complete(road, live)
    kept = live.moves.latest("pk").evidence
    assert (kept["coverage"], kept["tagged"], kept["others"]) == ("95.00", 19, 1)
    assert datetime.fromisoformat(kept["since"]) < now() - OBSERVATION


def test_what_was_traded_before_the_window_does_not_count(road: Road, live: Application) -> None:
    traded(live, 0, 500, days_ago=9)
    traded(live, 3, 0)
    assert complete(road, live) == ""


def test_completing_waits_for_the_end_of_the_window_and_extending_begins_another(
    road: Road, live: Application
) -> None:
    traded(live, 10, 0)
    road.alone(live, Event.EXTEND)
    live.refresh_from_db()
    assert "The observation window is over: It ends" in complete(road, live)
    assert "Nothing was traded in the window" in complete(road, live)


def test_the_console_says_what_is_missing_and_offers_no_button_until_nothing_is(
    road: Road, live: Application, client: Client
) -> None:
    cast.sign_in(client, road.manager)
    page = f"/console/applications/{live.pk}/fills/"
    traded(live, 9, 1)
    said = client.get(page).content.decode()
    assert "90.00 %: 9 with the code, 1 without." in said
    assert said.count("Missing") == 1
    answer = client.post(page)
    assert answer.status_code == 422
    assert "Not complete yet." in answer.content.decode()


def test_other_steps_are_not_observed(road: Road) -> None:
    assert observation(road.until(Step.ACTIVE), now()) is None
