"""Whatever befalls a key, in whatever order, its binding is in the state that the rules give it."""

import itertools
import json
from datetime import timedelta
from typing import ClassVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.enums import LIVE_STATES, BindingState
from connect_portal.authorizations.errors import NotYourBinding
from connect_portal.authorizations.key_errors import KeyCannotTrade, KeyMayTooMuch
from connect_portal.authorizations.models import Binding
from connect_portal.authorizations.rules import MOVES
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.kit.errors import Refusal
from connect_portal.people.models import Person
from connect_portal.venue.types import Credentials
from tests import cast
from tests.faults import proxy as faults
from tests.faults.exchange import credentials, rich_trader
from tests.faults.proxy import Fault, Proxy
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import get

pytestmark = pytest.mark.django_db(transaction=True)

CONFIG = "/api/v5/account/config"
SAYS = {
    "sound": "bound",
    "gone": "degraded",
    "reads only": "degraded",
    "withdraws": "quarantined",
    "away": None,
    "busy": None,
    "muddled": None,
}
"""What the venue says of a key, and the state of a live binding after it; None leaves it."""
WORDS = {"reads only": "read_only", "withdraws": "read_only,trade,withdraw"}
FAULTS = {"gone": faults.KEY_GONE, "away": faults.DOWN, "busy": faults.THROTTLED}
REFUSED: dict[str, type[Refusal]] = {"reads only": KeyCannotTrade, "withdraws": KeyMayTooMuch}


class KeyLife(RuleBasedStateMachine):
    """One person, one account, one institution, and a venue that says what it likes."""

    exchange: ClassVar[Sandbox]
    proxy: ClassVar[Proxy]
    acme: ClassVar[Institution]

    @initialize()
    def begin(self) -> None:
        """Somebody with a key that is bound nowhere."""
        self.owner: Person = cast.person(f"Owner-{uuid4()}")
        self.key: Credentials = credentials(rich_trader(self.exchange))
        trader = Trader("", self.key.api_key, self.key.secret)
        (self.config,) = get(self.exchange, trader, "account/config")
        self.states: list[str] = []

    def venue_says(self, says: str) -> None:
        """Answer as the exchange does, without its limit of five questions in two seconds."""
        config = self.config | ({"perm": WORDS[says]} if says in WORDS else {})
        body = json.dumps({"code": "0", "msg": "", "data": [config]}).encode()
        fault = faults.HTML if says == "muddled" else FAULTS.get(says, Fault(200, body))
        self.proxy.clear()
        self.proxy.spoil(CONFIG, fault, times=9)

    @property
    def rows(self) -> list[Binding]:
        return list(Binding.objects.filter(venue_account__owner=self.owner).order_by("pk"))

    @rule(says=st.sampled_from(sorted(SAYS)))
    def bind(self, says: str) -> None:
        """Bind the key, of which the venue says something."""
        self.venue_says(says)
        if says != "sound":
            with pytest.raises(REFUSED.get(says, Refusal)):
                self._bind()
            return
        self._bind()
        self.states = ["unbound"] * len(self.states) + ["bound"]

    def _bind(self) -> None:
        actions.bind_key(
            owner_id=self.owner.pk,
            institution_id=self.acme.pk,
            credentials=self.key,
            actor=self.owner.actor,
        )

    @precondition(lambda self: bool(self.states))
    @rule(says=st.sampled_from(sorted(SAYS)))
    def look_after(self, says: str) -> None:
        """The guardian comes by."""
        self.venue_says(says)
        mine = Binding.objects.filter(venue_account__owner=self.owner)
        Binding.objects.exclude(pk__in=mine).update(next_probe_at=now() + timedelta(days=1))
        mine.update(next_probe_at=now() - timedelta(seconds=1))
        actions.look_after_keys()
        state = SAYS[says]
        if state is not None and self.states[-1] in LIVE_STATES:
            self.states[-1] = state

    @precondition(lambda self: bool(self.states))
    @rule()
    def sync_is_refused(self) -> None:
        """Reading finds that the key does not work."""
        actions.degrade(f"binding:{self.rows[-1].pk}", trouble="refused", actor=cast.ACTOR)
        if self.states[-1] == "bound":
            self.states[-1] = "degraded"

    @precondition(lambda self: bool(self.states))
    @rule()
    def end(self) -> None:
        """The owner ends it."""
        try:
            actions.unbind(self.rows[-1].pk, owner_id=self.owner.pk, actor=self.owner.actor)
        except NotYourBinding:
            assert self.states[-1] == "unbound", "only what has ended cannot be ended"
        self.states[-1] = "unbound"

    @invariant()
    def is_as_the_rules_say(self) -> None:
        """States, copies of keys and spans of leave agree."""
        rows = self.rows
        assert [row.state for row in rows] == self.states
        for row in rows:
            assert (row.sealed_credentials is not None) == (row.state in LIVE_STATES)
            assert row.sealed_credentials is None or row.credentials() == self.key
        if rows:
            spans = queries.standings(rows[0].venue_account_id)
            assert [span.until is None for span in spans] == [row.is_live for row in rows]
            assert all(
                one.until and one.until <= other.since for one, other in itertools.pairwise(spans)
            )


def test_a_binding_lives_as_the_rules_say(
    exchange: Sandbox, proxy: Proxy, acme: Institution
) -> None:
    KeyLife.exchange, KeyLife.proxy, KeyLife.acme = exchange, proxy, acme
    run_state_machine_as_test(
        KeyLife,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_what_has_ended_never_comes_back() -> None:
    assert MOVES[BindingState.UNBOUND] == frozenset()
    assert MOVES[BindingState.QUARANTINED] == {BindingState.UNBOUND}
