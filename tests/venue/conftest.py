"""Fixtures of the venue client's tests."""

from collections.abc import Iterator

import pytest

from connect_portal.venue.okx.venue import OkxVenue
from connect_portal.venue.types import Credentials
from tests.venue.scripted import ScriptedVenue, scripted_venue


@pytest.fixture
def server() -> Iterator[ScriptedVenue]:
    """The far side."""
    with scripted_venue() as running:
        yield running


@pytest.fixture
def place(server: ScriptedVenue) -> OkxVenue:
    """Our side, pointed at the far side."""
    return OkxVenue(name="okx", base_url=server.base_url, ws_url=server.ws_url)


@pytest.fixture
def key() -> Credentials:
    """Alice's key."""
    return Credentials("0a1b2c3d-0000-4000-8000-000000000001", "ALICESECRET", "Pass-word-1")
