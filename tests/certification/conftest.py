"""Fixtures: a run of Acme at a live exchange, and Acme's client, ccxt, with the key of that run."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests.certification.playing import Player, begin
from tests.faults.exchange import exchange, proxy, running_exchange, running_proxy
from tests.sandbox.conftest import Sandbox

__all__ = ["exchange", "proxy", "running_exchange", "running_proxy"]


@pytest.fixture(autouse=True)
def _soon_quiet(settings: Settings) -> None:
    settings.CERTIFICATION_QUIET_S = 1


@pytest.fixture
def player(acme: Institution, ada: Person, exchange: Sandbox) -> Iterator[Player]:
    """Acme's client in a run on the API channel."""
    Institution.objects.filter(pk=acme.pk).update(channels=["api"])
    acme.refresh_from_db()
    return begin(acme, ada)
