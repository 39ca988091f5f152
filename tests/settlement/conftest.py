"""Fixtures of this room's tests: institutions that earn, and Alice's account bound to Acme."""

import pytest

from connect_portal.authorizations.models import VenueAccount
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests.settlement.making import live
from tests.trades.making import bound_account


@pytest.fixture
def live_acme(acme: Institution) -> Institution:
    """Acme, live at level 1 (a quarter of the fee) since noon."""
    return live(acme)


@pytest.fixture
def account(live_acme: Institution, alice: Person) -> VenueAccount:
    """Alice's venue account, bound to Acme since noon."""
    return bound_account(alice, live_acme)
