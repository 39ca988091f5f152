"""Grants and what a token opens, with a live exchange that makes the keys behind them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from connect_portal.audit.models import Event
from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.enums import PLAY_MONEY, Scope
from connect_portal.authorizations.errors import (
    AccountTaken,
    ClientNotOpen,
    NotYourAccount,
    NotYourBinding,
    TokenExpired,
    TokenFrozen,
    TokenRefused,
    TokenRevoked,
    VenueAway,
)
from connect_portal.authorizations.limits import Limits
from connect_portal.authorizations.models import (
    AccessToken,
    Client,
    Grant,
    RedirectURI,
    VenueKey,
)
from connect_portal.authorizations.tasks import sweep
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import ConnectCode, Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import KeyRefused
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Environment
from tests import cast
from tests.authorizations.oauth import client_of, granted, token_of
from tests.faults import proxy as faults
from tests.faults.proxy import Proxy
from tests.institutions.road import Road
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_row(acme: Institution) -> Client:
    """Acme's OAuth client."""
    return client_of(acme)[0]


@pytest.fixture
def grant(exchange: Sandbox, alice: Person, client_row: Client) -> Grant:
    """Alice's grant to Acme: read and trade."""
    return granted(alice, client_row)


def test_a_token_opens_the_account_with_a_key_made_for_the_grant_alone(
    grant: Grant, acme: Institution, alice: Person
) -> None:
    opened = queries.bearer(token_of(grant))
    assert (opened.grant_id, opened.institution_id) == (grant.pk, acme.pk)
    assert (opened.person_id, opened.connect_code) == (alice.pk, "ACMEcode1")
    assert opened.scopes == {"read_only", "trade"}
    report = venue().probe(opened.credentials)
    assert report.uid == opened.uid == grant.venue_account.uid
    assert report.permissions == {"read_only", "trade"}


def test_a_token_carries_the_limits_of_its_grant(
    exchange: Sandbox, alice: Person, client_row: Client
) -> None:
    limits = Limits(frozenset({"BTC-USD", "ETH-USD"}), Decimal("250.5"), None)
    grant = granted(alice, client_row, limits=limits)
    assert queries.bearer(token_of(grant)).limits == limits
    told = Event.objects.get(tag="authorizations:grant:granted").data["limits"]
    assert told == {
        "pairs": ["BTC-USD", "ETH-USD"],
        "most_per_order": "250.5",
        "most_per_day": None,
    }


@pytest.mark.parametrize("column", ["most_per_order", "most_per_day"])
def test_a_limit_in_the_table_is_above_zero(grant: Grant, column: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.update(**{column: 0})


def test_a_test_clients_first_consent_finds_play_money_and_the_next_no_more(
    exchange: Sandbox, alice: Person, acme: Institution
) -> None:
    test_client = actions.open_test_client(acme.pk, actor=cast.ACTOR)
    for _ in range(2):
        opened = queries.bearer(token_of(granted(alice, test_client)))
        AccessToken.objects.all().delete()
        money = venue().desk(opened.credentials, Environment.DEMO).balances()
        assert {one.currency: one.total for one in money} == PLAY_MONEY


def test_a_read_only_grant_has_a_key_that_cannot_trade(
    exchange: Sandbox, alice: Person, client_row: Client
) -> None:
    grant = granted(alice, client_row, Scope.READ_ONLY)
    assert venue().probe(grant.credentials()).permissions == {"read_only"}


def test_what_a_token_opens_is_found_by_one_query(
    grant: Grant, django_assert_num_queries: object
) -> None:
    token = token_of(grant)
    with django_assert_num_queries(1):  # type: ignore[operator]
        queries.bearer(token)


@pytest.mark.parametrize("text", ["", "cxat_unknown", "\x00", "я" * 500])
def test_a_text_that_is_no_token_is_invalid(text: str, db: None) -> None:
    with pytest.raises(TokenRefused) as refused:
        queries.bearer(text)
    assert refused.value.venue_code == "53000"


def test_a_token_dies_with_its_hour_and_with_its_grant(grant: Grant) -> None:
    token = token_of(grant)
    AccessToken.objects.update(expires=now())
    with pytest.raises(TokenExpired):
        queries.bearer(token)
    AccessToken.objects.update(expires=now() + timedelta(hours=1))
    Grant.objects.update(expires_at=now())
    with pytest.raises(TokenExpired) as refused:
        queries.bearer(token)
    assert refused.value.venue_code == "53002"


def test_a_token_of_an_ended_grant_is_revoked(grant: Grant, alice: Person) -> None:
    token = token_of(grant)
    actions.end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)
    with pytest.raises(TokenRevoked) as refused:
        queries.bearer(token)
    assert refused.value.venue_code == "53003"


def test_a_suspended_institution_and_a_deactivated_person_freeze_the_token(
    grant: Grant, alice: Person
) -> None:
    token = token_of(grant)
    ConnectCode.objects.update(state="suspended")
    with pytest.raises(TokenFrozen) as refused:
        queries.bearer(token)
    assert refused.value.venue_code == "53004"
    ConnectCode.objects.update(state="active")
    assert queries.bearer(token)
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(TokenFrozen):
        queries.bearer(token)


def test_ending_destroys_our_copy_and_deletes_the_key_at_the_venue(
    grant: Grant, alice: Person
) -> None:
    key = grant.credentials()
    actions.end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)
    ended = Grant.objects.get()
    assert (ended.state, ended.ended_by, ended.sealed_credentials) == ("ended", "user", None)
    actions.delete_due()
    with pytest.raises(KeyRefused):
        venue().probe(key)
    assert VenueKey.objects.get().deleted_at is not None
    tags = Event.objects.filter(subject=f"grant:{grant.pk}").values_list("tag", flat=True)
    assert list(tags) == ["authorizations:grant:granted", "authorizations:grant:ended"]


def test_a_key_that_the_venue_would_not_delete_is_deleted_later(
    grant: Grant, alice: Person, proxy: Proxy
) -> None:
    actions.end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)
    proxy.spoil(f"/sandbox/v1/accounts/{grant.venue_account.uid}", faults.DOWN, times=5)
    assert actions.delete_due() == 0
    key = VenueKey.objects.get()
    assert (key.deleted_at, key.attempts, bool(key.trouble)) == (None, 1, True)
    proxy.clear()
    VenueKey.objects.update(delete_at=now())
    assert actions.delete_due() == 1


def test_a_grant_is_ended_by_its_person_alone_and_once(
    grant: Grant, alice: Person, mallory: Person
) -> None:
    with pytest.raises(NotYourBinding):
        actions.end_grant(grant.pk, owner_id=mallory.pk, actor=mallory.actor)
    actions.end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)
    with pytest.raises(NotYourBinding):
        actions.end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)


def test_consenting_anew_replaces_the_grant_and_its_tokens(
    grant: Grant, alice: Person, client_row: Client
) -> None:
    token = token_of(grant)
    newer = granted(alice, client_row, Scope.READ_ONLY)
    assert newer.venue_account == grant.venue_account, "the account opened before is used again"
    older = Grant.objects.get(pk=grant.pk)
    assert (older.state, older.ended_by) == ("ended", "superseded")
    with pytest.raises(TokenRevoked):
        queries.bearer(token)


def test_a_consent_that_fails_half_way_leaves_no_key_at_the_venue(
    exchange: Sandbox, alice: Person, client_row: Client, proxy: Proxy
) -> None:
    account = actions.account_to_use(alice.pk, None, actor=alice.actor)
    proxy.spoil(f"/sandbox/v1/accounts/{account.uid}/keys", faults.CUT, times=5)
    with pytest.raises(VenueAway):
        granted(alice, client_row)
    assert not Grant.objects.exists()
    proxy.clear()
    VenueKey.objects.update(delete_at=now())
    assert actions.delete_due() == 1
    assert sandbox_operator.account(account.uid)["keys"] == []


def test_a_suspended_institution_gets_no_grant_and_no_key(
    exchange: Sandbox, alice: Person, client_row: Client
) -> None:
    ConnectCode.objects.update(state="suspended")
    with pytest.raises(ClientNotOpen):
        granted(alice, client_row)
    assert not VenueKey.objects.exists()


def test_an_account_of_another_person_cannot_be_given(
    exchange: Sandbox, alice: Person, bob: Person, client_row: Client
) -> None:
    theirs = actions.account_to_use(bob.pk, None, actor=bob.actor)
    with pytest.raises(NotYourAccount):
        granted(alice, client_row, account_id=theirs.pk)
    with pytest.raises(AccountTaken):
        actions.adopt_account(alice.pk, theirs.venue, theirs.uid, actor=cast.ACTOR)


def test_a_grant_counts_as_standing_and_opens_the_account_for_sync(
    grant: Grant, alice: Person, acme: Institution
) -> None:
    account_id = grant.venue_account_id
    (standing,) = queries.standings(account_id)
    assert (standing.institution_id, standing.until) == (acme.pk, None)
    assert queries.working_account_ids() == [account_id]
    (access,) = queries.accesses([account_id])
    assert access.source == f"grant:{grant.pk}"
    assert access.credentials == grant.credentials()
    assert queries.live_bindings_count(acme.pk) == 1
    assert queries.live_bindings_counts([acme.pk]) == {acme.pk: 1}

    ended = actions.end_grant(grant.pk, owner_id=alice.pk, actor=alice.actor)
    (standing,) = queries.standings(account_id)
    assert standing.until == ended.ended_at
    assert queries.working_account_ids() == queries.accesses([account_id]) == []
    assert queries.live_bindings_count(acme.pk) == 0


def test_a_grant_whose_key_the_venue_refuses_ends(grant: Grant) -> None:
    actions.degrade(f"grant:{grant.pk}", trouble="API key is gone", actor="system:sync")
    assert Grant.objects.get().ended_by == "venue"


def test_a_grant_that_ran_out_is_ended_as_of_then_by_the_sweep(grant: Grant) -> None:
    over = now() - timedelta(minutes=5)
    Grant.objects.update(granted_at=over - timedelta(days=30), expires_at=over)
    (standing,) = queries.standings(grant.venue_account_id)
    assert standing.until == over, "before any sweep"
    assert actions.end_expired() == 1
    ended = Grant.objects.get()
    assert (ended.ended_by, ended.ended_at) == ("expired", over)
    assert actions.end_expired() == 0


def test_old_tokens_are_forgotten_and_young_ones_kept(grant: Grant) -> None:
    token_of(grant)
    actions.forget_old_tokens()
    assert AccessToken.objects.count() == 1
    AccessToken.objects.update(expires=now() - timedelta(days=8))
    actions.forget_old_tokens()
    assert not AccessToken.objects.exists()


def test_secrets_and_keys_are_not_in_the_database_in_clear(
    exchange: Sandbox, alice: Person, acme: Institution
) -> None:
    client, secret = client_of(acme)
    grant = granted(alice, client)
    assert len(secret) == 128
    assert secret not in str(Client.objects.values())
    assert grant.credentials().secret.encode() not in bytes(grant.sealed_credentials or b"")


def test_a_redirect_uri_is_never_approved_by_the_one_who_named_it(client_row: Client) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.approve_redirect(
            client_row.pk, "https://x.example/", proposed_by="person:1", approved_by="person:1"
        )


def test_provisioning_twice_makes_one_client(acme: Institution) -> None:
    actions.provision(acme.pk)
    actions.provision(acme.pk)
    assert Client.objects.get().institution == acme
    assert not RedirectURI.objects.exists(), "it named none"
    assert not Client.objects.get().secrets.exists(), "its owner makes one"


def test_technical_access_brings_a_client_answered_where_the_application_said(db: None) -> None:
    application = Road.make().until(Step.SANDBOX_TEST)
    assert application.institution is not None
    actions.provision(application.institution.pk)
    redirects = RedirectURI.objects.filter(client__institution=application.institution)
    assert [redirect.uri for redirect in redirects] == application.redirect_uris


def test_the_sweep_brings_the_client_whose_wake_up_was_lost(db: None) -> None:
    application = Road.make().until(Step.SANDBOX_TEST)
    assert not Client.objects.exists()
    for _ in range(2):
        sweep()
    assert Client.objects.get().institution == application.institution
