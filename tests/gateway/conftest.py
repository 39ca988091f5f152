"""Fixtures: the portal served on a real socket before a live exchange, and a grant to trade with.

The exchange stands behind the fault proxy, so a test may spoil what lies between.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.db import OperationalError
from django.db.models import QuerySet

from connect_portal.authorizations.actions.accounts import adopt_account
from connect_portal.authorizations.actions.clients import open_client
from connect_portal.authorizations.actions.grants import consent
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.models import AccessToken, Grant
from connect_portal.authorizations.oauth.generators import access_token
from connect_portal.gateway.models import Outcome, Unanswered
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from tests import cast
from tests.faults.exchange import (
    eventually,
    exchange,
    proxy,
    rich_trader,
    running_exchange,
    running_proxy,
)
from tests.faults.proxy import Proxy
from tests.gateway.caller import Caller
from tests.portal import served
from tests.sandbox.conftest import Sandbox, Trader

__all__ = ["exchange", "proxy", "running_exchange", "running_proxy"]


@pytest.fixture
def trader(exchange: Sandbox) -> Trader:
    """Alice's account at the exchange with a key of hers."""
    return rich_trader(exchange)


@pytest.fixture
def maker(exchange: Sandbox) -> Trader:
    """Somebody to trade against."""
    return rich_trader(exchange)


@pytest.fixture
def grant(transactional_db: None, acme: Institution, alice: Person, trader: Trader) -> Grant:
    """Alice's leave for Acme to read and trade, with its own key at the exchange."""
    return granted(alice, acme, trader, Scope.READ_ONLY, Scope.TRADE)


def granted(person: Person, institution: Institution, trader: Trader, *scopes: Scope) -> Grant:
    """What a consent leaves behind."""
    account = adopt_account(person.pk, cast.VENUE, trader.uid, actor=cast.ACTOR)
    return consent(
        person_id=person.pk,
        client_id=open_client(institution.pk, actor=cast.ACTOR).pk,
        account_id=account.pk,
        scopes=scopes,
        days=90,
        actor=cast.ACTOR,
    )


def token_for(grant: Grant, **changes: Any) -> str:
    """An access token of the grant, good for what the grant allows."""
    token = access_token(None)
    facts = {"scope": " ".join(grant.scopes), "expires": grant.expires_at} | changes
    AccessToken.objects.create(
        grant=grant, application=grant.client, token=token, created=now(), **facts
    )
    return token


@pytest.fixture
def portal(transactional_db: None, proxy: Proxy) -> Iterator[str]:
    """The web process before this exchange."""
    with served() as base_url:
        yield base_url


@pytest.fixture
def acme_caller(portal: str, grant: Grant) -> Iterator[Caller]:
    """Acme's program with Alice's token."""
    with requests.Session() as session:
        yield Caller(portal, token_for(grant), session)


def outcomes() -> QuerySet[Outcome]:
    """What was noted, once nothing is on its way any more: an order that was accepted is noted
    after its answer."""
    eventually(lambda: not Unanswered.objects.exists())
    return Outcome.objects.order_by("pk")


def fresh_id() -> str:
    """A client order id that was never used."""
    return uuid4().hex


async def away(*_: object) -> None:
    """What a database that went away does."""
    raise OperationalError("the connection is closed")
