"""Every connection of an institution ended at once."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connect_portal.audit import queries as audit
from connect_portal.audit.models import Event
from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.bearers import bearer
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.errors import TokenRevoked
from connect_portal.authorizations.models import (
    Binding,
    Cancellation,
    Client,
    Grant,
    VenueAccount,
    VenueKey,
)
from connect_portal.authorizations.tasks import sweep
from connect_portal.institutions.actions import issue_code
from connect_portal.institutions.enums import CodeState
from connect_portal.institutions.models import ConnectCode, Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import KeyRefused
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Credentials, NewOrder
from tests import cast
from tests.authorizations.oauth import client_of, granted, token_of
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme_client(acme: Institution) -> Client:
    """Acme's OAuth client."""
    return client_of(acme)[0]


def connections(number: int, owner: Person, client: Client) -> None:
    """So many grants and so many bindings, without a venue."""
    uids = [str(uuid4())[:32] for _ in range(number)]
    accounts = VenueAccount.objects.bulk_create(
        VenueAccount(owner=owner, venue=cast.VENUE, uid=uid) for uid in uids
    )
    keys = VenueKey.objects.bulk_create(
        VenueKey(label=f"connect {uid}", venue=cast.VENUE, uid=uid) for uid in uids
    )
    grants = [
        Grant(
            institution=client.institution,
            client=client,
            person=owner,
            venue_account=account,
            venue_key=key,
            scopes=["trade"],
            expires_at=now() + timedelta(days=90),
        )
        for account, key in zip(accounts, keys, strict=True)
    ]
    bindings = [
        Binding(
            venue_account=account, institution=client.institution, state="bound", permissions=[]
        )
        for account in accounts
    ]
    for row in (*grants, *bindings):
        row.keep(Credentials(str(uuid4()), "secret", "passphrase"))
    Grant.objects.bulk_create(grants)
    Binding.objects.bulk_create(bindings)


def order(tag: str) -> NewOrder:
    """One that rests."""
    return NewOrder(
        instrument="SOL-USDT",
        client_order_id=f"o{uuid4().hex[:8]}",
        tag=tag,
        side="buy",
        kind="limit",
        size=Decimal(2),
        price=Decimal("1.5"),
    )


def end(institution: Institution, *, cancel_orders: bool = False) -> int:
    """End them all; how many statements that took."""
    with CaptureQueriesContext(connection) as seen:
        actions.end_all(
            institution.pk, reason="a leak", actor=cast.ACTOR, cancel_orders=cancel_orders
        )
    return len(seen)


def test_everything_ends_at_once_and_is_told_to_the_trail(
    alice: Person, acme: Institution, acme_client: Client, zenith: Institution
) -> None:
    connections(3, alice, acme_client)
    connections(1, alice, client_of(zenith)[0])
    end(acme)
    for table, over in ((Grant, "ended"), (Binding, "unbound")):
        ended = table.objects.filter(institution=acme)
        rows = ended.values_list("state", "ended_by", "sealed_credentials")
        assert set(rows) == {(over, "exchange", None)}
        assert not table.objects.filter(institution=zenith, state=over).exists()
    assert queries.live_bindings_count(acme.pk) == 0
    assert VenueKey.objects.filter(delete_at__lte=now()).count() == 3
    assert Event.objects.filter(tag="authorizations:grant:ended").count() == 3
    assert Event.objects.filter(tag="authorizations:binding:unbound").count() == 3
    whole = Event.objects.get(tag="authorizations:institution:connections_ended")
    assert whole.data == {"grants": 3, "bindings": 3, "cancels": 0, "reason": "a leak"}
    assert audit.verify().intact


@pytest.mark.parametrize("cancel_orders", [False, True])
def test_many_connections_take_as_many_statements_as_one(
    alice: Person, acme: Institution, acme_client: Client, *, cancel_orders: bool
) -> None:
    connections(1, alice, acme_client)
    one = end(acme, cancel_orders=cancel_orders)
    connections(300, alice, acme_client)
    many = end(acme, cancel_orders=cancel_orders)
    assert many == one
    assert many < 25
    assert Cancellation.objects.count() == (301 if cancel_orders else 0)


def test_the_next_request_of_a_token_is_refused_and_the_keys_die_at_the_venue(
    exchange: Sandbox, alice: Person, acme: Institution, acme_client: Client
) -> None:
    grant = granted(alice, acme_client)
    token = token_of(grant)
    key = grant.credentials()
    made = actions.bind_new_key(owner_id=alice.pk, institution_id=acme.pk, actor=alice.actor)
    end(acme)
    with pytest.raises(TokenRevoked):
        bearer(token)
    assert actions.delete_due() == 2
    for credentials in (key, made.credentials):
        with pytest.raises(KeyRefused):
            venue().probe(credentials)


def test_open_orders_with_the_code_are_canceled_first_where_that_is_wished(
    exchange: Sandbox, alice: Person, bob: Person, acme: Institution, acme_client: Client
) -> None:
    grants = [granted(person, acme_client) for person in (alice, bob)]
    desks = [venue().desk(grant.credentials()) for grant in grants]
    for grant, desk in zip(grants, desks, strict=True):
        sandbox_operator.fund(grant.venue_account.uid, "start", "USDT", Decimal(1000))
        for tag in ("ACMEcode1", ""):
            desk.place(order(tag))
    ended = actions.end_all(acme.pk, reason="a leak", actor=cast.ACTOR, cancel_orders=True)
    assert ended.cancels == 2
    assert actions.delete_due() == 0, "the keys are still needed"
    assert actions.cancel_due() == 2
    assert [[one.tag for one in desk.open_orders(100)] for desk in desks] == [[""], [""]]
    assert actions.delete_due() == 2
    for grant in grants:
        trail = Event.objects.filter(subject=f"grant:{grant.pk}").order_by("pk")
        tags = trail.values_list("tag", "data")
        assert tags[1] == (
            "authorizations:grant:ended",
            {"by": "exchange", "cancels_orders": True},
        )
        assert tags[2] == (
            "authorizations:grant:orders_canceled",
            {"canceled": 1, "trouble": ""},
        )


def test_nothing_is_canceled_through_a_key_that_somebody_bound_nor_by_one_that_reads(
    exchange: Sandbox, alice: Person, bob: Person, acme: Institution, acme_client: Client
) -> None:
    granted(bob, acme_client, Scope.READ_ONLY)
    behind = granted(alice, acme_client)
    binding = Binding(
        venue_account=behind.venue_account, institution=acme, state="bound", permissions=["trade"]
    )
    binding.keep(behind.credentials())
    binding.save()
    Grant.objects.filter(pk=behind.pk).update(
        bound_key=binding, venue_key=None, sealed_credentials=None
    )
    end(acme, cancel_orders=True)
    assert not Cancellation.objects.exists()
    binding.refresh_from_db()
    assert binding.sealed_credentials is None


@pytest.mark.parametrize(
    ("cancel_orders", "said"), [(True, "for you are canceled"), (False, "for you stay open")]
)
def test_the_letter_says_what_becomes_of_open_orders(
    alice: Person,
    acme: Institution,
    acme_client: Client,
    mailoutbox: list[EmailMultiAlternatives],
    said: str,
    *,
    cancel_orders: bool,
) -> None:
    connections(1, alice, acme_client)
    end(acme, cancel_orders=cancel_orders)
    actions.send_waiting()
    texts = [str(letter.body) for letter in mailoutbox]
    assert [said in text for text in texts] == [True, False], "the second is about a key"


def test_each_person_gets_a_letter_for_each_connection(
    alice: Person,
    acme: Institution,
    acme_client: Client,
    mailoutbox: list[EmailMultiAlternatives],
) -> None:
    connections(1, alice, acme_client)
    end(acme)
    actions.send_waiting()
    assert [letter.to for letter in mailoutbox] == [[alice.email]] * 2
    assert "delete it there now" in " ".join(str(letter.body) for letter in mailoutbox)


def test_again_ends_only_what_came_since(
    alice: Person, acme: Institution, acme_client: Client
) -> None:
    connections(2, alice, acme_client)
    end(acme)
    again = actions.end_all(acme.pk, reason="again", actor=cast.ACTOR)
    assert (again.grants, again.bindings) == (0, 0)
    assert Event.objects.filter(tag="authorizations:binding:unbound").count() == 2


def test_the_sweep_ends_what_an_institution_that_left_still_has(
    alice: Person, acme: Institution, acme_client: Client, zenith: Institution
) -> None:
    connections(2, alice, acme_client)
    connections(1, alice, client_of(zenith)[0])
    ConnectCode.objects.filter(institution=acme).update(state="retired")
    sweep()
    assert set(Grant.objects.values_list("institution__name", "state")) == {
        ("Acme", "ended"),
        ("Zenith", "active"),
    }
    assert not Binding.objects.filter(institution=acme).exclude(state="unbound").exists()
    whole = Event.objects.get(tag="authorizations:institution:connections_ended")
    assert (whole.actor, whole.data["grants"]) == ("system:offboarding", 2)
    sweep()
    assert Event.objects.filter(tag=whole.tag).count() == 1


def test_who_came_back_under_a_new_code_keeps_its_connections(
    alice: Person, acme: Institution, acme_client: Client
) -> None:
    connections(1, alice, acme_client)
    ConnectCode.objects.filter(institution=acme).update(state="retired")
    issue_code(
        acme.pk, venue=cast.VENUE, actor=cast.ACTOR, code="ACMEagain", state=CodeState.ACTIVE
    )
    assert actions.end_of_departed() == 0
    assert Grant.objects.get().state == "active"


def test_an_operator_ends_them_by_a_command(
    alice: Person, acme: Institution, acme_client: Client
) -> None:
    connections(2, alice, acme_client)
    out = StringIO()
    call_command("end_connections", acme.slug, reason="key leak", stdout=out)
    assert "Acme: 2 grants and 2 bindings ended" in out.getvalue()
    connections(1, alice, acme_client)
    call_command("end_connections", acme.slug, reason="leak", cancel_orders=True, stdout=out)
    assert "open orders of 1 grants are canceled first" in out.getvalue()
    with pytest.raises(CommandError, match="no institution"):
        call_command("end_connections", "nobody", reason="key leak")
