"""Completing asks the exchange, too: does it pay for a connected user, and did any order lose its
tag? A live sandbox answers."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from connect_portal.authorizations.actions import ask_rebates
from connect_portal.authorizations.models import Binding, RebateAnswer
from connect_portal.institutions.actions import move
from connect_portal.institutions.actions.own_key import set_venue_key
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import Application, Institution
from connect_portal.institutions.moves import OBSERVATION, Event
from connect_portal.kit.clock import iso, now
from connect_portal.monitoring.observing import Need, observation
from connect_portal.people.models import Person
from connect_portal.trades.actions.ingest import record_fills
from connect_portal.venue import sandbox_operator
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.types import Credentials
from tests.faults.exchange import exchange, proxy, running_exchange, running_proxy
from tests.institutions.handing_in import FIELDS, hand_in, ready
from tests.institutions.road import Road
from tests.monitoring.test_observing import complete, traded
from tests.sandbox.conftest import Sandbox
from tests.trades.making import bound_account, fill

__all__ = ["exchange", "proxy", "running_exchange", "running_proxy"]

pytestmark = pytest.mark.django_db

PASSPHRASE = "Harbor-2026-aA1!"
PAYS, TAGS = "The exchange pays for a connected user", "No order that is named after the code"


@pytest.fixture
def road() -> Road:
    """The people of an application."""
    return Road.make()


@pytest.fixture
def observed(road: Road, exchange: Sandbox) -> Application:
    """Harbor, eight days after its first fill, with a key that reads its account."""
    uid = sandbox_operator.open_account("harbor", "Harbor")
    draft = ready(road.applicant, FIELDS | {"venue_account_uid": uid})
    set_venue_key(road.applicant, draft.pk, _key_of(uid))
    application = road.along(hand_in(draft), Step.ONLINE_TEST)
    came = now() - OBSERVATION - timedelta(days=1)
    told = {"evidence": {"fill": 1, "at": iso(came)}, "at": came}
    move(application.pk, Event.FIRST_FILL, person=None, actor="system:tests", **told)
    application.refresh_from_db()
    traded(application, 100, 0)
    return application


@pytest.fixture
def connect(alice: Person) -> Callable[[Institution | None], str]:
    """Let Alice bind a real key for an institution; her account's uid."""

    def bind(place: Institution | None) -> str:
        assert place is not None
        uid = sandbox_operator.open_account("alice", "Alice")
        bound_account(alice, place, uid=uid)
        binding = Binding.objects.get()
        binding.keep(_key_of(uid, "read_only", "trade"))
        binding.save()
        return uid

    return bind


def _key_of(uid: str, *permissions: str) -> Credentials:
    return sandbox_operator.create_key(uid, "key", PASSPHRASE, permissions or ("read_only",))


def need(application: Application, words: str) -> Need:
    """What completing still asks of it."""
    seen = observation(application, business_now())
    assert seen is not None
    return next(one for one in seen.needs if one.words.startswith(words))


def test_completing_waits_until_the_exchange_says_that_it_pays(
    road: Road, observed: Application, connect: Callable[[Institution | None], str]
) -> None:
    assert not need(observed, PAYS).is_met
    assert "asked within some minutes" in complete(road, observed)
    assert ask_rebates() == 1
    assert "No user is connected" in need(observed, PAYS).stands
    RebateAnswer.objects.all().delete()

    uid = connect(observed.institution)
    sandbox_operator.set_client(uid, managed=True)
    assert (ask_rebates(), ask_rebates()) == (1, 0), "it is not asked at every look"
    assert "none for managed sub-accounts" in complete(road, observed)
    RebateAnswer.objects.update(asked_at=business_now() - timedelta(minutes=16))

    sandbox_operator.set_client(uid, managed=False)
    assert ask_rebates() == 1
    assert "It pays a rebate" in need(observed, PAYS).stands
    assert complete(road, observed) == ""
    assert observed.moves.latest("pk").evidence["rebate"]
    assert ask_rebates() == 0, "it is observed no longer"


def test_a_refusal_of_the_exchange_is_shown_in_its_words(
    observed: Application, connect: Callable[[Institution | None], str]
) -> None:
    connect(observed.institution)
    binding = Binding.objects.get()
    binding.keep(Credentials("0a1b2c3d-0000-4000-8000-000000000001", "x", "y"))
    binding.save()
    assert ask_rebates() == 1
    assert "The exchange did not answer" in need(observed, PAYS).stands


def test_one_order_named_after_the_code_that_lost_its_tag_is_too_many(
    road: Road, observed: Application, connect: Callable[[Institution | None], str]
) -> None:
    connect(observed.institution)
    ask_rebates()
    assert need(observed, TAGS).is_met
    code = observed.codes.get().code
    at = now() - timedelta(hours=1)
    account = Binding.objects.get().venue_account
    named = {"client_order_id": f"{code}order1", "tag": "", "filled_at": at}
    record_fills(account.pk, [fill(1, **named), fill(2, tag="", filled_at=at)])
    assert "Fills of such orders in the window: 1" in complete(road, observed)
