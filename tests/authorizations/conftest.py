"""The live exchange behind the fault proxy, and Acme's server written for OKX."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests.authorizations.oauth import CALLBACK, Browser, client_of
from tests.authorizations.okx import Integration
from tests.faults.exchange import exchange, no_broker, proxy, running_exchange, running_proxy
from tests.portal import served
from tests.sandbox.conftest import Sandbox

__all__ = ["exchange", "no_broker", "proxy", "running_exchange", "running_proxy"]


@pytest.fixture
def okx(
    transactional_db: None, exchange: Sandbox, settings: Settings, acme: Institution
) -> Iterator[Integration]:
    """Acme's server before the web process, which is known by its own address."""
    client, secret = client_of(acme)
    with served() as base_url:
        settings.PUBLIC_URL = host = base_url.replace("127.0.0.1", "localhost")
        yield Integration(host, client.client_id, secret, CALLBACK, (host,))


@pytest.fixture
def okx_visitor(okx: Integration, alice: Person) -> Browser:
    """Alice, signed in there."""
    return Browser(okx.host).sign_in(alice)
