"""A person's connections: limits changed, open orders canceled with the end, who is told."""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.core import mail
from django.test import Client as Visitor

from connect_portal.audit.models import Event
from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.errors import NotYourBinding, ProofNeeded
from connect_portal.authorizations.limits import Limits
from connect_portal.authorizations.models import (
    Binding,
    Cancellation,
    Client,
    Grant,
    Letter,
    UsedFrom,
    VenueKey,
)
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import KeyRefused
from connect_portal.venue.registry import venue
from connect_portal.venue.types import NewOrder, TokenPair, VenueToken
from tests import cast
from tests.authorizations.oauth import client_of, grant_without_a_venue, granted
from tests.faults import proxy as faults
from tests.faults.proxy import Proxy
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db

STANDING = Limits(frozenset({"BTC-USDT", "ETH-USDT"}), Decimal(500), None)


@pytest.fixture
def client_row(acme: Institution) -> Client:
    """Acme's OAuth client."""
    return client_of(acme)[0]


@pytest.fixture
def grant(alice: Person, client_row: Client) -> Grant:
    """Alice's grant to Acme with limits, as it looks on a page."""
    grant = grant_without_a_venue(alice, client_row)
    Grant.objects.update(pairs=sorted(STANDING.pairs), most_per_order=STANDING.most_per_order)
    return grant


@pytest.fixture
def trading(exchange: Sandbox, alice: Person, client_row: Client) -> Grant:
    """Alice's grant to Acme at a live exchange: two orders of Acme's are open, one of her own."""
    grant = granted(alice, client_row)
    sandbox_operator.fund(grant.venue_account.uid, "start", "USDT", Decimal(1000))
    desk = venue().desk(grant.credentials())
    for number, tag in enumerate(("ACMEcode1", "ACMEcode1", "")):
        order = {"side": "buy", "kind": "limit", "size": Decimal(2), "price": Decimal("1.5")}
        desk.place(
            NewOrder(instrument="SOL-USDT", client_order_id=f"o{number}", tag=tag, **order)  # type: ignore[arg-type]
        )
    return grant


# --- limits -------------------------------------------------------------------------------------


def test_limits_are_narrowed_at_once_and_the_trail_says_from_what_to_what(
    grant: Grant, alice: Person
) -> None:
    narrower = Limits(frozenset({"BTC-USDT"}), Decimal(100), Decimal(900))
    actions.change_limits(grant.pk, narrower, owner_id=alice.pk, may_widen=False, actor=alice.actor)
    assert Grant.objects.get().limits == narrower
    data = Event.objects.get(tag="authorizations:grant:limits_changed").data
    assert data["from"]["most_per_order"] == "500"
    assert data["to"] == {
        "pairs": ["BTC-USDT"],
        "most_per_order": "100",
        "most_per_day": "900",
    }


@pytest.mark.parametrize(
    "wider",
    [
        Limits(frozenset(), Decimal(500)),
        Limits(frozenset({"BTC-USDT", "SOL-USDT"}), Decimal(500)),
        Limits(STANDING.pairs, None),
        Limits(STANDING.pairs, Decimal("500.01")),
    ],
)
def test_limits_are_widened_only_after_a_fresh_sign_in(
    grant: Grant, alice: Person, wider: Limits
) -> None:
    with pytest.raises(ProofNeeded):
        actions.change_limits(
            grant.pk, wider, owner_id=alice.pk, may_widen=False, actor=alice.actor
        )
    assert Grant.objects.get().limits == STANDING
    actions.change_limits(grant.pk, wider, owner_id=alice.pk, may_widen=True, actor=alice.actor)
    assert Grant.objects.get().limits == wider


def test_nobody_else_changes_limits(grant: Grant, mallory: Person) -> None:
    with pytest.raises(NotYourBinding):
        actions.change_limits(
            grant.pk, STANDING, owner_id=mallory.pk, may_widen=True, actor=mallory.actor
        )


def test_the_page_asks_an_old_session_to_sign_in_before_it_widens(
    exchange: Sandbox, grant: Grant, alice: Person, client: Visitor
) -> None:
    client.force_login(alice)
    page = f"/user/grants/{grant.pk}/limits/"
    narrower = {"pairs": ["BTC-USDT"], "most_per_order": "500", "most_per_day": ""}
    assert client.post(page, narrower)["Location"] == f"/user/grants/{grant.pk}/"
    assert Grant.objects.get().pairs == ["BTC-USDT"]

    wider = narrower | {"most_per_order": "800"}
    asks = client.post(page, wider)["Location"]
    assert asks.startswith("/accounts/reauthenticate/?next=%2Fuser%2Fgrants%2F")
    assert Grant.objects.get().most_per_order == 500
    client.post(asks, {"password": cast.PASSWORD})
    assert 'value="800"' in client.get(page).content.decode()
    assert client.post(page, wider)["Location"] == f"/user/grants/{grant.pk}/"
    assert Grant.objects.get().most_per_order == 800


def test_the_page_keeps_a_pair_that_the_venue_does_not_list_now(
    grant: Grant, alice: Person, client: Visitor, settings: object
) -> None:
    client.force_login(alice)
    settings.VENUE_URL = "http://127.0.0.1:1"  # type: ignore[attr-defined]
    page = f"/user/grants/{grant.pk}/limits/"
    assert client.get(page).context["form"]["pairs"].value() == ["BTC-USDT", "ETH-USDT"]
    assert client.post(page, {"pairs": ["ETH-USDT"], "most_per_order": "1"}).status_code == 302
    assert Grant.objects.get().pairs == ["ETH-USDT"]


# --- the end ------------------------------------------------------------------------------------


def test_ending_cancels_the_open_orders_that_carry_the_code_before_the_key_goes(
    trading: Grant, alice: Person, no_broker: None
) -> None:
    key = trading.credentials()
    actions.end_grant(trading.pk, owner_id=alice.pk, actor=alice.actor, cancel_orders=True)
    assert Grant.objects.get().sealed_credentials is None
    assert actions.delete_due() == 0, "the key is still needed"
    assert actions.cancel_due() == 1
    assert [order.tag for order in venue().desk(key).open_orders(100)] == [""]
    row = Cancellation.objects.get()
    assert (row.canceled, row.trouble, row.sealed_credentials) == (2, "", None)
    assert actions.delete_due() == 1
    with pytest.raises(KeyRefused):
        venue().probe(key)
    assert actions.cancel_due() == 0


def test_orders_stay_open_where_the_person_did_not_ask(trading: Grant, alice: Person) -> None:
    desk = venue().desk(trading.credentials())
    actions.end_grant(trading.pk, owner_id=alice.pk, actor=alice.actor)
    assert not Cancellation.objects.exists()
    assert len(desk.open_orders(100)) == 3
    assert actions.delete_due() == 1


def test_an_exchange_that_is_away_delays_the_canceling_and_not_the_end(
    trading: Grant, alice: Person, proxy: Proxy, no_broker: None
) -> None:
    proxy.spoil("/api/v5/trade/", faults.DOWN, times=50)
    actions.end_grant(trading.pk, owner_id=alice.pk, actor=alice.actor, cancel_orders=True)
    assert Grant.objects.get().state == "ended"
    assert actions.cancel_due() == 0
    assert Cancellation.objects.get().trouble
    proxy.clear()
    Cancellation.objects.update(due_at=now())
    assert actions.cancel_due() == 1
    assert Cancellation.objects.get().canceled == 2


def test_what_cannot_be_canceled_in_time_is_given_up_and_the_key_goes_all_the_same(
    trading: Grant, alice: Person, proxy: Proxy, no_broker: None
) -> None:
    actions.end_grant(trading.pk, owner_id=alice.pk, actor=alice.actor, cancel_orders=True)
    proxy.spoil("/api/v5/trade/", faults.DOWN, times=50)
    Cancellation.objects.update(until=now() + timedelta(seconds=1))
    assert actions.cancel_due() == 0
    row = Cancellation.objects.get()
    assert row.done_at is not None
    assert row.trouble
    assert row.sealed_credentials is None
    assert actions.delete_due() == 1


def test_orders_behind_a_bound_key_are_canceled_with_it_and_no_copy_of_it_is_made(
    trading: Grant, alice: Person, no_broker: None
) -> None:
    key = trading.credentials()
    binding = Binding(
        venue_account=trading.venue_account,
        institution=trading.institution,
        state="bound",
        permissions=["read_only", "trade"],
    )
    binding.keep(key)
    binding.save()
    Grant.objects.update(bound_key=binding, venue_key=None, sealed_credentials=None)
    actions.end_grant(trading.pk, owner_id=alice.pk, actor=alice.actor, cancel_orders=True)
    assert Cancellation.objects.get().sealed_credentials is None
    assert actions.cancel_due() == 1
    assert [order.tag for order in venue().desk(key).open_orders(100)] == [""]


def test_a_token_of_the_venue_is_kept_for_the_canceling_and_not_its_refresh_token(
    grant: Grant, alice: Person
) -> None:
    grant = Grant.objects.get()
    grant.keep_pair(TokenPair("access", "refresh", now() + timedelta(hours=1)))
    grant.save()
    actions.end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor, cancel_orders=True)
    row = Cancellation.objects.get()
    assert row.kept_texts() == ["access"]
    assert row.account_key() == VenueToken("access", row.until)


def test_a_grant_that_only_reads_has_no_orders_to_cancel(
    exchange: Sandbox, alice: Person, client_row: Client
) -> None:
    grant = granted(alice, client_row, Scope.READ_ONLY)
    actions.end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor, cancel_orders=True)
    assert not Cancellation.objects.exists()
    assert VenueKey.objects.get().delete_at is not None


def test_its_owners_are_told_the_number_of_the_connection_and_nothing_of_the_person(
    grant: Grant, alice: Person, ada: Person, ben: Person, no_broker: None
) -> None:
    actions.end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)
    actions.send_waiting()
    (letter,) = mail.outbox
    assert letter.to == [ada.email]
    assert letter.subject == f"Connection {grant.pk} was ended by its user"
    html = letter.alternatives[0][0]  # type: ignore[attr-defined]
    for body in (letter.body, html):
        assert f"connection {grant.pk}" in body
        assert "Alice" not in body
        assert alice.email not in body
        assert grant.venue_account.uid not in body


def test_an_end_for_another_reason_tells_nobody(grant: Grant, ada: Person) -> None:
    actions.end_for("institution", grant.pk, actor=ada.actor)  # type: ignore[arg-type]
    assert not Letter.objects.exists()


# --- the pages ----------------------------------------------------------------------------------


def test_the_page_of_an_ended_grant_says_what_became_of_its_orders(
    trading: Grant, alice: Person, client: Visitor, no_broker: None
) -> None:
    client.force_login(alice)
    page = f"/user/grants/{trading.pk}/"
    assert "Cancel its open orders" in client.get(f"{page}end/").content.decode()
    assert client.post(f"{page}end/", {"cancel_orders": "on"})["Location"] == page
    assert "are being canceled" in client.get(page).content.decode()
    actions.cancel_due()
    assert "2 open orders canceled when it ended" in client.get(page).content.decode()


def test_the_receipt_is_on_a_page_of_its_own(
    exchange: Sandbox, alice: Person, mallory: Person, client_row: Client, client: Visitor
) -> None:
    grant = granted(alice, client_row, limits=STANDING)
    client.force_login(alice)
    page = unescape(client.get(f"/user/grants/{grant.pk}/receipt/").content.decode())
    assert "pairs: BTC-USDT, ETH-USDT" in page
    assert grant.receipt.sha256 in page
    client.force_login(mallory)
    for below in ("", "receipt/", "limits/", "end/"):
        assert client.get(f"/user/grants/{grant.pk}/{below}").status_code == 404


# --- where it was used from ---------------------------------------------------------------------


def test_the_addresses_a_grant_was_used_from_are_few_and_noted_to_the_minute(
    grant: Grant,
) -> None:
    for number in range(12):
        actions.note_use(grant.pk, f"192.0.2.{number}")
    for nonsense in ("", "unknown", "192.0.2.11, 10.0.0.1", "::ffff:192.0.2.11"):
        actions.note_use(grant.pk, nonsense)
    assert UsedFrom.objects.count() == 10
    newest = queries.used_from(grant).first()
    assert newest is not None
    assert newest.address == "192.0.2.11"
    actions.note_use(grant.pk, newest.address)
    assert queries.used_from(grant).get(pk=newest.pk).last_at == newest.last_at
    UsedFrom.objects.filter(pk=newest.pk).update(last_at=now() - timedelta(minutes=2))
    actions.note_use(grant.pk, newest.address)
    assert queries.used_from(grant).get(pk=newest.pk).last_at >= newest.last_at
    assert UsedFrom.objects.count() == 10
