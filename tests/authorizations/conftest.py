"""The live exchange behind the fault proxy, the portal before it, and who meets there to speak
OAuth: Acme's server (and one written for OKX), Zenith's, and Alice's browser."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests.authorizations.oauth import CALLBACK, CLIENT_ID, Browser, Program, client_of
from tests.authorizations.okx import Integration
from tests.faults.exchange import exchange, no_broker, proxy, running_exchange, running_proxy
from tests.portal import served
from tests.sandbox.conftest import Sandbox

__all__ = ["exchange", "no_broker", "proxy", "running_exchange", "running_proxy"]


@pytest.fixture
def site(transactional_db: None, exchange: Sandbox, settings: Settings) -> Iterator[str]:
    """The web process before an exchange, known by its own address."""
    with served() as base_url:
        settings.PUBLIC_URL = base_url.replace("127.0.0.1", "localhost")
        yield settings.PUBLIC_URL


@pytest.fixture
def program(site: str, acme: Institution) -> Program:
    """Acme's server."""
    return Program(site, CLIENT_ID, client_of(acme, client_id=CLIENT_ID)[1])


@pytest.fixture
def rival_server(site: str, zenith: Institution) -> Program:
    """Zenith's server."""
    uri = "https://zenith.example/callback"
    return Program(site, "zenith", client_of(zenith, uri, client_id="zenith")[1])


@pytest.fixture
def visitor(program: Program, alice: Person) -> Browser:
    """Alice, signed in."""
    return Browser(program.site).sign_in(alice)


@pytest.fixture
def pair(visitor: Browser, program: Program) -> dict[str, str]:
    """The tokens of a whole right exchange."""
    answer = program.redeem(visitor.allow()["code"])
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def okx(site: str, acme: Institution) -> Integration:
    """Acme's server, written for OKX."""
    client, secret = client_of(acme)
    return Integration(site, client.client_id, secret, CALLBACK, (site,))


@pytest.fixture
def okx_visitor(okx: Integration, alice: Person) -> Browser:
    """Alice, signed in there."""
    return Browser(okx.host).sign_in(alice)
