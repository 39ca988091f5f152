"""A venue that makes no keys for us and has no consent of its own: the person's bound key for the
same institution opens the account behind a grant. The venue is the exchange under another name."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pytest_django import Settings

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.actions import binding_states
from connect_portal.authorizations.errors import KeyMissing, TokenFrozen
from connect_portal.authorizations.models import Binding, Client, Grant, VenueAccount, VenueKey
from connect_portal.institutions.actions import issue_code
from connect_portal.institutions.enums import CodeState
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests import cast
from tests.authorizations.oauth import CALLBACK, client_of, granted, token_of
from tests.authorizations.okx import Integration
from tests.faults.exchange import credentials, rich_trader
from tests.portal import served
from tests.sandbox.conftest import Sandbox, Trader

pytestmark = pytest.mark.django_db(transaction=True)

BALANCE = "/api/v5/account/balance"
ORDER = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "sz": "0.001",
    "px": "20000",
}


@dataclass
class Scene:
    """Alice's account at that venue, and Acme on both channels."""

    alice: Person
    acme: Institution
    client: Client
    trader: Trader
    server: Integration

    def bind(self, trader: Trader | None = None) -> Binding:
        """Alice binds a key of hers for Acme."""
        return actions.bind_key(
            owner_id=self.alice.pk,
            institution_id=self.acme.pk,
            credentials=credentials(trader or self.trader),
            actor=self.alice.actor,
        )

    def grant(self) -> Grant:
        """Alice consents on that account."""
        return granted(self.alice, self.client, account_id=VenueAccount.objects.get().pk)


def another_key(exchange: Sandbox, trader: Trader) -> Trader:
    """One more key of the same account."""
    body = {"label": "newer", "passphrase": trader.passphrase, "perm": "read_only,trade"}
    key = exchange.operate("POST", f"/accounts/{trader.uid}/keys", body)
    return Trader(trader.uid, key["apiKey"], key["secretKey"], trader.passphrase)


@pytest.fixture
def scene(
    transactional_db: None,
    exchange: Sandbox,
    settings: Settings,
    acme: Institution,
    alice: Person,
) -> Iterator[Scene]:
    """The portal before the exchange, which it knows as a venue like any other."""
    settings.VENUE_NAME = "okx"
    issue_code(acme.pk, venue="okx", actor=cast.ACTOR, state=CodeState.ACTIVE, code="ACMEcode1")
    client, secret = client_of(acme)
    trader = rich_trader(exchange)
    with served() as base_url:
        server = Integration(base_url, client.client_id, secret, CALLBACK, (base_url,))
        yield Scene(alice, acme, client, trader, server)


def test_trade_with_the_bound_key_behind_the_grant(scene: Scene) -> None:
    scene.bind()
    token = token_of(scene.grant())
    placed = scene.server.call(token, "POST", "/api/v5/trade/order", ORDER).json()
    assert placed["data"][0]["sCode"] == "0", placed
    grant = Grant.objects.get()
    assert (grant.sealed_credentials, grant.venue_key) == (None, None)
    assert not VenueKey.objects.exists()
    (access,) = queries.accesses([grant.venue_account_id])
    assert access.source == f"binding:{Binding.objects.get().pk}"


def test_consent_without_a_bound_key_is_refused(scene: Scene) -> None:
    actions.adopt_account(scene.alice.pk, "okx", scene.trader.uid, actor=cast.ACTOR)
    with pytest.raises(KeyMissing):
        scene.grant()


def test_unbind_ends_what_rests_on_the_key(scene: Scene) -> None:
    binding = scene.bind()
    token = token_of(scene.grant())
    actions.unbind(binding.pk, owner_id=scene.alice.pk, actor=scene.alice.actor)
    assert scene.server.call(token, "GET", BALANCE).json()["code"] == "53003"
    assert (Grant.objects.get().state, Grant.objects.get().ended_by) == ("ended", "user")


def test_bind_another_key_keeps_the_grant(scene: Scene, exchange: Sandbox) -> None:
    scene.bind()
    token = token_of(scene.grant())
    newer = another_key(exchange, scene.trader)
    rebound = scene.bind(newer)
    assert Grant.objects.get().bound_key == rebound
    assert scene.server.call(token, "GET", BALANCE).json()["code"] == "0"


def test_a_key_put_aside_freezes_the_grant_until_a_sound_one_is_bound(
    scene: Scene, exchange: Sandbox
) -> None:
    binding = scene.bind()
    token = token_of(scene.grant())
    binding_states.quarantine(binding.pk, trouble="It may withdraw now.", actor=cast.ACTOR)
    with pytest.raises(TokenFrozen):
        queries.bearer(token)
    scene.bind(another_key(exchange, scene.trader))
    assert scene.server.call(token, "GET", BALANCE).json()["code"] == "0"


def test_end_the_grant_leaves_the_bound_key(scene: Scene) -> None:
    scene.bind()
    grant = scene.grant()
    actions.end_grant(grant.pk, owner_id=scene.alice.pk, actor=scene.alice.actor)
    assert Binding.objects.get().state == "bound"
