"""Every connection of an institution ended at once."""

from datetime import timedelta
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
from connect_portal.authorizations.errors import TokenRevoked
from connect_portal.authorizations.models import Binding, Client, Grant, VenueAccount, VenueKey
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue.errors import KeyRefused
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Credentials
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


def end(institution: Institution) -> int:
    """End them all; how many statements that took."""
    with CaptureQueriesContext(connection) as seen:
        actions.end_all(institution.pk, reason="a leak", actor=cast.ACTOR)
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
    assert whole.data == {"grants": 3, "bindings": 3, "reason": "a leak"}
    assert audit.verify().intact


def test_many_connections_take_as_many_statements_as_one(
    alice: Person, acme: Institution, acme_client: Client
) -> None:
    connections(1, alice, acme_client)
    one = end(acme)
    connections(2_000, alice, acme_client)
    many = end(acme)
    assert many == one
    assert many < 20


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


def test_an_operator_ends_them_by_a_command(
    alice: Person, acme: Institution, acme_client: Client
) -> None:
    connections(2, alice, acme_client)
    out = StringIO()
    call_command("end_connections", acme.slug, reason="key leak", stdout=out)
    assert "Acme: 2 grants and 2 bindings ended" in out.getvalue()
    with pytest.raises(CommandError, match="no institution"):
        call_command("end_connections", "nobody", reason="key leak")
